"""What the spotting of one's own video says in words: the notes on the page, and the summary in the terminal."""

from __future__ import annotations

from pathlib import Path

from mezoo.evaluation.spotting import TYPES
from mezoo.learning.videos import FeatureVideo
from mezoo.report.own.model import Model
from mezoo.report.own.reel import Reel
from mezoo.report.own.stages import Features
from mezoo.report.timeline import score_text

#: Relative difference of frame rates above which the user is told.
_RATE_TOLERANCE = 0.15


def notes(video: Path, features: Features, model: Model) -> list[str]:
    """Say what the results rest on.

    Parameters
    ----------
    video : Path
    features : Features
    model : Model

    Returns
    -------
    list of str
        A sentence or two each.
    """
    reel, data = features.reel, features.data
    height, width = reel.size
    lines = [
        f"Video: {video.name}, {width}x{height}, {reel.n_read} frames, {reel.fps:.4g} per second"
        + (" (assumed: the source states none; --fps sets that of a folder)" if reel.assumed else ""),
        f"Analysed: {len(reel)} frames ({_every(reel.stride)}), {reel.rate:.4g} per second; "
        f"face usable in {data.valid.mean():.0%} of the frame pairs.",
    ]
    if features.n_people > 1:
        lines.append(f"FACES: the video shows {features.n_people}; --face chooses, 1 is the largest.")
    if reel.n_damaged:
        lines.append(f"DAMAGED: {reel.n_damaged} pieces of the video could not be decoded and are left out.")
    if reel.varying:
        lines.append("FRAME RATE: it varies in this file; frames were placed on an even grid of time.")
    lines += _about_model(reel, data, model)
    shares = {why: float(bad.mean()) for why, bad in features.reasons.items() if bad.any()}
    if shares:
        told = ", ".join(f"{why} {share:.0%}" for why, share in shares.items())
        lines.append(
            f"Left out: {told} of the frames. The landmark model guesses on covered and turned faces; these are "
            "found by its detector's doubt, the tilt and turn of the head and its speed. A hand that leaves the "
            "face half free may escape."
        )
    return [
        *lines,
        "An interval says that the face moved much, or much as in annotated examples. It does not tell what a "
        "person feels, thinks or hides, and nothing about deception.",
    ]


def _about_model(reel: Reel, data: FeatureVideo, model: Model) -> list[str]:
    if model.spotter is None:
        return [
            "Method: peaks of the motion of brows, nose and mouth, each in times of what it moves in the quietest "
            "quarter of this very video (its rest); the part that stands highest counts. Lengths are fixed (micro "
            "0.4 s, macro 1.2 s), and the threshold lies between the mean and the largest motion of this video "
            "(mean^0.45 * largest^0.55), at least twice the rest unless the video is as short as an expression. "
            "A peak is a micro-expression if the part comes back within 0.3 s around it, at least half of its way; "
            "a part that stays away has begun something longer, a macro-expression. "
            "Nothing was trained; speech, blinks and swallowing count as movements, an expression that is held does "
            "not. Left and right are those of the picture.",
            "A score is the height of the peak in times the rest; scores are no probabilities and cannot be compared "
            "between videos.",
        ]
    lines = [
        f"Model: {model.name}, trained on {model.n_subjects} subjects of {', '.join(model.datasets)} at "
        f"{model.spotter.fps:.4g} frames per second; features brought to {data.fps:.4g} per second.",
        "Scores order the intervals of one model; they are no probabilities.",
    ]
    if model.synthetic:
        lines.append(
            "DEMO: this model was trained on synthetic faces only. On real people its intervals show that the "
            "software runs; they are no findings."
        )
    if reel.rate < model.spotter.fps * (1 - _RATE_TOLERANCE):
        lines.append(
            f"FRAME RATE: the model expects {model.spotter.fps:.4g} frames per second and the video has "
            f"{reel.fps:.4g}; short movements may lie between its frames."
        )
    return lines


def _every(stride: int) -> str:
    return "every frame" if stride == 1 else f"one of {stride}"


def print_summary(
    video: Path, out: Path, rows: list[dict], model: Model, speed: list[tuple[str, float, float]]
) -> None:
    """Print what was found, how fast, and where it lies.

    Parameters
    ----------
    video, out : Path
    rows : list of dict
        Intervals in the order of time.
    model : Model
    speed : list of (str, float, float)
        Step, share of the time, frames per second; the whole last.
    """
    counts = {kind: sum(row["type"] == kind for row in rows) for kind in TYPES}
    found = " and ".join(f"{n} {kind}-expression{'s' * (n != 1)}" for kind, n in counts.items())
    print(f"{video.name}: {found}")
    for row in rows:
        span = f"{row['onset_s']:8.2f} s - {row['offset_s']:.2f} s"
        print(
            f"  {row['type']:<6}{span}  frames {row['onset']}-{row['offset']}  score {score_text(row['score'])}"
        )
    if model.warning:
        print(f"NOTE: {model.warning}; see {out / 'note.txt'}")
    shares = ", ".join(f"{name} {share:.0%}" for name, share, _ in speed[:-1])
    print(f"Speed: {speed[-1][2]:.1f} frames/s of the video; {shares}")
    print(f"Written: {out}/index.html, intervals.csv, timeline.png, annotated.mp4, note.txt")
