"""Spotting in a video of one's own: training-free, or with a frozen model of the workflow.

The result is a list of intervals, a timeline, an annotated video, a page that plays it, and a note that says
what was trained on what and what a score means.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import Artifact
from mezoo.atomic import write_bytes, write_text
from mezoo.errors import ConfigError, DataError
from mezoo.evaluation.spotting import TYPES
from mezoo.faces.detect import load_models
from mezoo.learning.spotter import Spotter
from mezoo.learning.spotters import load_spotter
from mezoo.learning.videos import FeatureVideo, read_features
from mezoo.models.proposals import Proposals
from mezoo.motion import flow_pair_file, get_backend, mdmo_file
from mezoo.report.annotate import LONGEST, FaceTrack, annotate
from mezoo.report.figures import in_order, unit_of
from mezoo.report.own.clock import Clock
from mezoo.report.own.even import at_rate, where_seen
from mezoo.report.own.face import choose_person, survey, write_faces
from mezoo.report.own.page import Page, write_page
from mezoo.report.own.pictures import Picture, pictures
from mezoo.report.own.reel import FOLDER_FPS, Reel
from mezoo.report.own.untrained import UntrainedPeaks
from mezoo.report.tables import is_demo
from mezoo.report.timeline import Timeline, TimelinePlot, score_text

#: Columns of ``intervals.csv``.
COLUMNS = ("type", "onset", "apex", "offset", "onset_s", "apex_s", "offset_s", "score")
#: Relative difference of frame rates above which the user is told.
_RATE_TOLERANCE = 0.15
#: Intervals whose pictures are drawn, those with the highest scores: each takes about 60 kB.
_PICTURED = 40


@dataclass(frozen=True)
class Model:
    """A spotter and what is known of its training; without training the peak picker of motion."""

    name: str
    spotter: Spotter | None = None
    datasets: tuple[str, ...] = ()
    n_subjects: int = 0
    settings: dict[str, Any] | None = None

    @property
    def synthetic(self) -> bool:
        """Whether it was trained, on nothing but synthetic faces."""
        return self.spotter is not None and all(is_demo(name) for name in self.datasets)

    @property
    def warning(self) -> str:
        """What must be said wherever its results are shown; empty for a model of real faces."""
        return "model trained on synthetic faces only (demo)" if self.synthetic else ""

    def params(self, stage: str) -> dict[str, Any]:
        """Give the settings of a stage under which training features were made; without training our own."""
        if self.settings is None:
            return {"profile": "stream"} if stage == "flow_pair" else {}
        return {key: value for key, value in self.settings.get(stage, {}).items() if key != "method"}


@dataclass(frozen=True, eq=False)
class Features:
    """What the stages made of the video."""

    reel: Reel
    data: FeatureVideo
    track: FaceTrack
    reasons: dict[str, NDArray[np.bool_]]
    n_people: int


def spot_video(
    video: Path, out: Path, *, model: Path | None = None, face: int = 1, fps: float | None = None
) -> None:
    """Find micro- and macro-expressions in one video.

    Parameters
    ----------
    video : Path
        A video file in any container, or a folder of frames.
    out : Path
        Folder for ``intervals.csv`` (frame numbers and seconds of the original video, both ends included),
        ``timeline.png``, ``annotated.mp4``, ``index.html`` and ``note.txt``.
    model : Path, optional
        Artifact of the stage ``fit``; peaks of motion, without any training, when absent.
    face : int
        Which face is followed, 1 is the largest.
    fps : float, optional
        Frames per second of a folder of frames; 30 when absent.

    Raises
    ------
    ConfigError
        There is no such model, or no such face.
    DataError
        The video cannot be read, or no face can be followed in it.
    """
    video, out = Path(video), Path(out)
    loaded, clock = _load(model), Clock()
    if not video.exists():
        raise DataError(
            "there is no such file", "a video or a folder of images", "Check the path", file=video
        )
    with _work_folder(out) as work:
        features = _features(video, work, loaded, face, fps or FOLDER_FPS, clock)
        with clock.step("spot"):
            spotter = loaded.spotter or UntrainedPeaks(features.data.fps)
            spotted = spotter.spot(features.data, spotter.last)
            found = {kind: where_seen(spotted[kind], features.data.valid) for kind in TYPES}
            timeline = _timeline(features, found, spotter, loaded)
            rows = _rows(features, found)
        with clock.step("pictures", len(rows)) as progress:
            drawn = _pictures(work / "faces.h5", features, rows, progress)
    with clock.step("annotated film", len(features.reel)) as progress:
        annotate(
            features.reel.frames(longest=LONGEST, gray=False),
            timeline,
            features.track,
            rows,
            out / "annotated.mp4",
            width=features.reel.size[1],
            rate=features.reel.rate,
            warning=loaded.warning,
            progress=progress,
        )
    _write_intervals(out / "intervals.csv", rows)
    write_bytes(out / "timeline.png", TimelinePlot().draw(timeline))
    notes = _notes(video, features, loaded)
    write_text(out / "note.txt", "\n".join(notes) + "\n")
    speed = clock.lines(features.reel.n_read)
    levels = spotter.levels(features.data) if isinstance(spotter, UntrainedPeaks) else {}
    write_page(
        out / "index.html",
        Page(video.name, timeline, features.reel.rate, features.reasons, rows, drawn, levels, notes, speed),
    )
    _summary(video, out, rows, loaded, speed)


@contextmanager
def _work_folder(out: Path) -> Iterator[Path]:
    """Make the folder of the results and one for what lies between; neither is left behind by a failure."""
    if out.exists() and not out.is_dir():
        raise ConfigError("-o names a file", "a folder for the results", "Give another name", file=out)
    new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=".work-", dir=out) as folder:
            yield Path(folder)
    except BaseException:
        if new:
            out.rmdir()
        raise


def _load(path: Path | None) -> Model:
    if path is None:
        return Model("motion peaks, nothing trained")
    if not path.is_file():
        raise ConfigError(
            "there is no trained model",
            "a model.h5 that mezoo fit wrote",
            "Leave --model away, or run `snakemake --cores all results/models/auwgcn/everybody/model.h5` first",
            file=path,
        )
    with Artifact(path) as artifact:
        if artifact.stage != "fit":
            raise ConfigError(
                f"an artifact of the stage '{artifact.stage}'",
                "a model.h5 that mezoo fit wrote",
                "Give results/models/<recipe>/everybody/model.h5",
                file=path,
            )
        attrs = artifact.attrs
        if json.loads(attrs["recipe"])["features"] != "mdmo":
            raise ConfigError(
                f"{attrs['name']}, which looks at images of flow or faces",
                "a model of MDMO features",
                "Give the model of another recipe, e.g. auwgcn",
                file=path,
            )
        subjects, names = json.loads(attrs["subjects"]), json.loads(attrs["datasets"])
        settings = json.loads(attrs["settings"])
        return Model(attrs["name"], load_spotter(artifact), tuple(names), len(subjects), settings)


# ------------------------------------------------------------------ stages


def _features(video: Path, work: Path, model: Model, face: int, fps: float, clock: Clock) -> Features:
    """Follow the face, then flow and MDMO with the settings under which a model's features were made."""
    paths, models = {name: work / f"{name}.h5" for name in ("faces", "flow", "mdmo")}, load_models()
    target = model.spotter.fps if model.spotter else None
    with clock.step("read, find faces") as progress:
        found = survey(video, models, target=target, fps=fps, progress=progress)
        person = choose_person(found, face)
    with clock.step("follow the face", len(found.reel)) as progress:
        own = {key: model.params("faces")[key] for key in ("size", "margin") if key in model.params("faces")}
        track, reasons = write_faces(
            found,
            person,
            paths["faces"],
            models,
            **{"size": None, **own},
            trained=model.spotter is not None,
            progress=progress,
        )
    with clock.step("optical flow"):
        flow_pair_file(paths["faces"], paths["flow"], **model.params("flow_pair"))
    with clock.step("face regions"):
        mdmo_file(paths["flow"], paths["faces"], paths["mdmo"], **model.params("mdmo"))
        data = read_features(paths["mdmo"])
    if data is None:
        raise _failed(paths["mdmo"], video)
    return Features(found.reel, at_rate(data, target or data.fps), track, reasons, len(found.people))


def _failed(path: Path, video: Path) -> DataError:
    with Artifact(path) as artifact:
        reason = artifact.reason.split(". Expected")[0]
    return DataError(
        f"the video cannot be analysed: {reason.rstrip('.')}",
        "one face that is seen from the front for most of the video",
        "Cut the video to the part that shows the face",
        file=video,
    )


# ------------------------------------------------------------------ results


def _timeline(features: Features, found: dict[str, Proposals], spotter: Spotter, model: Model) -> Timeline:
    """Curves and intervals in frame numbers of a video with an even rate."""
    reel, data = features.reel, features.data
    curves = spotter.curves(data)
    first = int(reel.numbers[0])

    def numbers(ticks: NDArray[np.integer]) -> NDArray[np.int64]:
        return first + ticks.astype(np.int64) * reel.stride

    return Timeline(
        title=" · ".join(part for part in (reel.path.name[-48:], model.name, model.warning) if part),
        frames=numbers(data.index),
        fps=reel.fps,
        curves=in_order(curves),
        unit=unit_of(curves),
        found={
            kind: numbers(np.stack([data.index[found[kind].onset], data.index[found[kind].offset]], axis=1))
            for kind in TYPES
        },
        invalid=~data.valid,
    )


def _rows(features: Features, found: dict[str, Proposals]) -> list[dict]:
    """Intervals of both types in the order of time, as `COLUMNS`; begin, apex and end also as ticks."""
    rows = []
    data, reel = features.data, features.reel
    for kind, proposals in found.items():
        columns = [data.index[getattr(proposals, name)].tolist() for name in ("onset", "apex", "offset")]
        for onset, apex, offset, score in zip(*columns, proposals.score.tolist(), strict=True):
            ticks = {"onset": onset, "apex": apex, "offset": offset}
            frames = {name: int(reel.numbers[tick]) for name, tick in ticks.items()}
            seconds = {f"{name}_s": tick / reel.rate for name, tick in ticks.items()}
            places = {"begin": onset, "peak": apex, "end": offset}
            rows.append({"type": kind, **frames, **seconds, "score": score, **places})
    return sorted(rows, key=lambda row: (row["onset"], row["offset"], row["type"]))


def _pictures(faces: Path, features: Features, rows: list[dict], progress) -> list[list[Picture]]:
    """Pictures of the strongest intervals; an empty list for the others."""
    strongest = sorted(range(len(rows)), key=lambda i: -rows[i]["score"])[:_PICTURED]
    method = get_backend("native")
    drawn: list[list[Picture]] = []
    with Artifact(faces) as artifact:
        for i, row in enumerate(rows):
            made: list[Picture] = []
            if i in strongest:
                ticks = [row["begin"], row["peak"], row["end"]]
                frames = np.stack([artifact["frames"][tick] for tick in ticks])
                onset, apex, offset = (f"{row[f'{name}_s']:.2f} s" for name in ("onset", "apex", "offset"))
                landmarks = artifact["landmarks"][row["begin"]]
                made = pictures(frames, landmarks, (onset, apex, offset), method)
            drawn.append(made)
            progress()
    return drawn


def _write_intervals(path: Path, rows: list[dict]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(f"{row[name]:.4g}" if name == "score" else _cell(row[name]) for name in COLUMNS)
    write_text(path, text.getvalue())


def _cell(value: str | int | float) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


# ------------------------------------------------------------------ words


def _notes(video: Path, features: Features, model: Model) -> list[str]:
    """Say what the results rest on, a sentence or two per line."""
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
            "Method: peaks of the motion of 12 face regions, with fixed lengths (micro 0.4 s, macro 1.2 s) and a "
            "threshold between the mean and the largest motion of this very video (mean^0.45 * largest^0.55). "
            "Nothing was trained. The two "
            "types differ by that length only, so one movement may be listed as both; speech, blinks and "
            "swallowing count as movements, and every video has a largest one.",
            "A score is the height of the peak in pixels per frame of the face crop; scores are no probabilities "
            "and cannot be compared between videos.",
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


def _summary(
    video: Path, out: Path, rows: list[dict], model: Model, speed: list[tuple[str, float, float]]
) -> None:
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
