"""Spotting in a video of one's own: training-free, or with a frozen model of the workflow.

The result is a list of intervals, a timeline, an annotated video, a page that plays it, and a note that says
what was trained on what and what a score means.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import Artifact
from mezoo.atomic import write_bytes, write_text
from mezoo.errors import ConfigError, DataError
from mezoo.evaluation.spotting import TYPES
from mezoo.learning.spotter import Spotter
from mezoo.models.proposals import Proposals
from mezoo.motion import get_backend
from mezoo.report.annotate import LONGEST, annotate
from mezoo.report.figures import in_order, unit_of
from mezoo.report.own.clock import Clock
from mezoo.report.own.even import where_seen
from mezoo.report.own.model import Model, load_model
from mezoo.report.own.page import Page, write_page
from mezoo.report.own.pictures import Picture, pictures
from mezoo.report.own.reel import FOLDER_FPS
from mezoo.report.own.stages import Features, make_features
from mezoo.report.own.untrained import UntrainedPeaks
from mezoo.report.own.words import notes, print_summary
from mezoo.report.timeline import Timeline, TimelinePlot

#: Columns of ``intervals.csv``.
COLUMNS = ("type", "onset", "apex", "offset", "onset_s", "apex_s", "offset_s", "score")
#: Intervals whose pictures are drawn, those with the highest scores: each takes about 60 kB.
_PICTURED = 40


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
    loaded, clock = load_model(model), Clock()
    if not video.exists():
        raise DataError(
            "there is no such file", "a video or a folder of images", "Check the path", file=video
        )
    with _work_folder(out) as work:
        features = make_features(video, work, loaded, face, fps or FOLDER_FPS, clock)
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
    told = notes(video, features, loaded)
    write_text(out / "note.txt", "\n".join(told) + "\n")
    speed = clock.lines(features.reel.n_read)
    levels = spotter.levels(features.data) if isinstance(spotter, UntrainedPeaks) else {}
    write_page(
        out / "index.html",
        Page(video.name, timeline, features.reel.rate, features.reasons, rows, drawn, levels, told, speed),
    )
    print_summary(video, out, rows, loaded, speed)


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
        unit=spotter.unit if isinstance(spotter, UntrainedPeaks) else unit_of(curves),
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
