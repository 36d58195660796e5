"""Apply the frozen models of one fold to the held-out subject. Labels are never read here.

Every look is applied (each epoch, each threshold), and so is a random guesser with as many looks, so
that all selection rules can be compared later from one file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mezoo.artifact import Artifact, ArtifactWriter, digest
from mezoo.evaluation.chance import IntervalGuesser
from mezoo.evaluation.spotting import TYPES
from mezoo.learning.spotter import Spotter, read_guessers
from mezoo.learning.spotters import load_spotter
from mezoo.learning.videos import FeatureVideo, check_settings, group_by_video, read_video
from mezoo.models.proposals import Proposals

SOURCES = ("look", "inner", "chance")
_COLUMNS = ("source", "look", "video", "type", "onset", "apex", "offset")


def predict(
    model: str | Path, features: Sequence[Path], out: str | Path, *, dataset: str, subject: str
) -> None:
    """Write all intervals that the model finds in the given videos.

    Parameters
    ----------
    model : Path
        Artifact of the stage ``fit``.
    features : sequence of Path
        Feature artifacts of the videos of the held-out subject, one or more of each.
    dataset, subject : str
        The fold.
    out : Path
        The artifact: parallel datasets ``source`` (index into `SOURCES`), ``look``, ``video``, ``type``,
        ``onset``, ``apex``, ``offset`` (the corpus's frame numbers, inclusive) and ``score``; and
        ``curves/<video>/<name>`` with ``index/<video>`` for drawing. Its attribute ``protocol`` is ``loso``, or
        ``cross_corpus`` where the model has seen no video of this corpus.
    """
    inputs = {str(path): digest(path) for path in [model, *features]}
    with Artifact(model) as artifact:
        spotter, guessers = load_spotter(artifact), read_guessers(artifact)
        attrs = {key: artifact.attrs[key] for key in ("name", "recipe", "layout", "seed")}
        params, settings = artifact.params, json.loads(artifact.attrs["settings"])
        foreign = dataset not in json.loads(artifact.attrs["datasets"])
    read = {name: read_video(paths) for name, paths in group_by_video(features).items()}
    videos = [video for video in read.values() if video is not None]
    check_settings(videos, settings)
    rng = np.random.default_rng([attrs["seed"], *(ord(letter) for video in sorted(read) for letter in video)])
    with ArtifactWriter(out, stage="predict", params=params, inputs=inputs) as writer:
        protocol = "cross_corpus" if foreign else "loso"
        writer.attrs.update(attrs, dataset=dataset, subject=subject, protocol=protocol)
        writer.attrs["videos"] = json.dumps([video.video for video in videos])
        writer.attrs["failed"] = json.dumps([name for name, video in read.items() if video is None])
        writer.attrs["looks"], writer.attrs["last"] = json.dumps(spotter.looks), spotter.last
        writer.attrs["has_inner"] = spotter.has_inner
        _write_table(writer, _all_rows(spotter, videos, guessers, rng))
        for video in videos:
            writer.write(f"index/{video.video}", video.index, axes="(T)", units="frame number")
            for name, curve in spotter.curves(video).items():
                writer.write(f"curves/{video.video}/{name}", curve, axes="(T)")


def _all_rows(
    spotter: Spotter,
    videos: Sequence[FeatureVideo],
    guessers: dict[str, IntervalGuesser],
    rng: np.random.Generator,
) -> Iterator[tuple]:
    for look in spotter.looks:  # looks outside, so that the weights of an epoch are loaded once
        for number, video in enumerate(videos):
            yield from _rows("look", look, number, video, spotter.spot(video, look))
    for number, video in enumerate(videos):
        if spotter.has_inner:
            yield from _rows("inner", 0, number, video, spotter.spot_inner(video))
    for look in spotter.looks:
        for number, video in enumerate(videos):
            yield from _rows("chance", look, number, video, _guess(video, guessers, rng))


def _guess(
    video: FeatureVideo, guessers: dict[str, IntervalGuesser], rng: np.random.Generator
) -> dict[str, Proposals]:
    """Random intervals with the lengths and the rate of the training events."""
    found = {}
    for kind in TYPES:
        onset, offset = guessers[kind].guess(len(video.index), rng).T
        found[kind] = Proposals(onset, (onset + offset) // 2, offset, np.ones(len(onset)))
    return found


def _rows(
    source: str, look: int, number: int, video: FeatureVideo, found: dict[str, Proposals]
) -> Iterator[tuple]:
    for kind, proposals in found.items():
        columns = (video.frame(getattr(proposals, name)) for name in ("onset", "apex", "offset"))
        for onset, apex, offset, score in zip(*columns, proposals.score, strict=True):
            yield SOURCES.index(source), look, number, TYPES.index(kind), onset, apex, offset, score


def _write_table(writer: ArtifactWriter, rows: Iterator[tuple]) -> None:
    table = np.array(list(rows), float).reshape(-1, len(_COLUMNS) + 1)
    for column, name in enumerate(_COLUMNS):
        writer.write(name, table[:, column].astype(np.int32), axes="(interval)")
    writer.write("score", table[:, -1].astype(np.float32), axes="(interval)")
