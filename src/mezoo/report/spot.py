"""Spotting in a video of one's own: the same stages and the same frozen model as in the workflow.

The result is a list of intervals, a timeline, an annotated video and a note that says what the model has
seen and what its scores mean.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from mezoo.artifact import Artifact
from mezoo.atomic import write_bytes, write_text
from mezoo.catalog_items import VideoRecord, write_video
from mezoo.errors import ConfigError, DataError
from mezoo.evaluation.spotting import TYPES
from mezoo.faces import faces
from mezoo.learning.spotter import Spotter
from mezoo.learning.spotters import load_spotter
from mezoo.learning.videos import FeatureVideo, read_features
from mezoo.models.proposals import Proposals
from mezoo.motion import flow_pair_file, mdmo_file
from mezoo.report.annotate import FaceTrack, annotate
from mezoo.report.figures import in_order, unit_of
from mezoo.report.tables import is_demo
from mezoo.report.timeline import Timeline, TimelinePlot, score_text
from mezoo.video import VideoSource, open_video

#: Columns of ``intervals.csv``.
COLUMNS = ("type", "onset", "apex", "offset", "onset_s", "apex_s", "offset_s", "score")
_BAR = "{desc:<28}|{bar:24}| {n_fmt}/{total_fmt} {elapsed}"
#: Relative difference of frame rates above which the user is told.
_RATE_TOLERANCE = 0.15


@dataclass(frozen=True)
class Model:
    """A frozen spotter and what is known of its training."""

    spotter: Spotter
    name: str
    datasets: list[str]
    n_subjects: int
    settings: dict[str, Any]

    @property
    def synthetic(self) -> bool:
        """Whether it has seen nothing but synthetic faces."""
        return all(is_demo(name) for name in self.datasets)

    @property
    def warning(self) -> str:
        """What must be said wherever its results are shown; empty for a model of real faces."""
        return "model trained on synthetic faces only (demo)" if self.synthetic else ""


@dataclass(frozen=True, eq=False)
class Features:
    """What the stages made of the video."""

    data: FeatureVideo
    track: FaceTrack
    variable_fps: bool


def spot_video(video: Path, out: Path, *, model: Path) -> None:
    """Find micro- and macro-expressions in one video.

    Parameters
    ----------
    video : Path
        A video file, or a folder of frames (then taken to have the model's frame rate).
    out : Path
        Folder for ``intervals.csv`` (frame numbers and seconds of the original video, both ends included),
        ``timeline.png``, ``annotated.mp4`` and ``note.txt``.
    model : Path
        Artifact of the stage ``fit``.

    Raises
    ------
    ConfigError
        There is no such model.
    DataError
        The video cannot be read, or no face can be followed in it.
    """
    video, out = Path(video), Path(out)
    loaded = _load(Path(model))
    source = open_video(video)
    fps = source.fps or loaded.spotter.fps
    out.mkdir(parents=True, exist_ok=True)
    with tqdm(total=5, bar_format=_BAR, disable=None) as bar:
        with tempfile.TemporaryDirectory(prefix=".work-", dir=out) as work:
            features = _features(video, Path(work), fps, loaded, bar)
        bar.set_description_str("spot")
        found = loaded.spotter.spot(features.data, loaded.spotter.last)
        timeline = _timeline(video, fps, features.data, found, loaded)
        rows = _rows(features.data, found, timeline)
        _write_intervals(out / "intervals.csv", rows)
        write_bytes(out / "timeline.png", TimelinePlot().draw(timeline))
        write_text(out / "note.txt", _note(video, source, fps, features, loaded))
        bar.update()
        bar.set_description_str("draw the annotated video")
        annotate(source, timeline, features.track, rows, out / "annotated.mp4", warning=loaded.warning)
        bar.update()
        bar.set_description_str("done")
    _summary(video, out, rows, loaded)


def _load(path: Path) -> Model:
    if not path.is_file():
        raise ConfigError(
            "there is no trained model",
            "a model.h5 that mezoo fit wrote",
            "Run `make demo` first, or `snakemake --cores all results/models/auwgcn/everybody/model.h5`",
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
        subjects, names = json.loads(attrs["subjects"]), json.loads(attrs["datasets"])
        settings = json.loads(attrs["settings"])
        return Model(load_spotter(artifact), attrs["name"], names, len(subjects), settings)


# ------------------------------------------------------------------ stages


def _features(video: Path, work: Path, fps: float, model: Model, bar: tqdm) -> Features:
    """Run faces, flow and MDMO with the settings under which the model's training features were made."""
    record, paths = work / "video.json", {name: work / f"{name}.h5" for name in ("faces", "flow", "mdmo")}
    where = str(video.resolve())
    write_video(record, VideoRecord("own", video.stem, "somebody", where, fps, None, None, None, "long"))
    bar.set_description_str("face and landmarks")
    faces(record, paths["faces"], target_fps=model.spotter.fps, **model.settings.get("faces", {}))
    track, variable_fps = _track(paths["faces"], video)
    bar.update()
    bar.set_description_str("optical flow")
    method = {key: value for key, value in model.settings.get("flow_pair", {}).items() if key != "method"}
    flow_pair_file(paths["faces"], paths["flow"], **method)
    bar.update()
    bar.set_description_str("ROI features")
    mdmo_file(paths["flow"], paths["faces"], paths["mdmo"], **model.settings.get("mdmo", {}))
    data = read_features(paths["mdmo"])
    if data is None:
        raise _failed(paths["mdmo"], video)
    bar.update()
    return Features(data, track, variable_fps)


def _track(path: Path, video: Path) -> tuple[FaceTrack, bool]:
    """Box and landmarks in pixels of the whole frame, and whether the frame rate varies."""
    with Artifact(path) as artifact:
        if not artifact.ok:
            raise _failed(path, video)
        box, scale = artifact["box"][:], float(artifact.attrs["scale"])
        # pixel centres: the crop was resized about its corner
        landmarks = (artifact["landmarks"][:] + 0.5) / scale - 0.5 + box[:2]
        track = FaceTrack(artifact["index"][:], box, landmarks, artifact["valid"][:].astype(bool))
        return track, bool(artifact.attrs["variable_fps"])


def _failed(path: Path, video: Path) -> DataError:
    with Artifact(path) as artifact:
        reason = artifact.reason.split(" [")[0].removeprefix(f"own/{video.stem}: ")
    return DataError(
        f"the video cannot be analysed: {reason.rstrip('.')}",
        "one face that is seen from the front for most of the video",
        "Cut the video to the part that shows the face",
        file=video,
    )


# ------------------------------------------------------------------ results


def _timeline(
    video: Path, fps: float, data: FeatureVideo, found: dict[str, Proposals], model: Model
) -> Timeline:
    curves = model.spotter.curves(data)
    title = " · ".join(part for part in (video.name[-48:], model.name, model.warning) if part)
    return Timeline(
        title=title,
        frames=data.index,
        fps=fps,
        curves=in_order(curves),
        unit=unit_of(curves),
        found={kind: _frames(data, found[kind]) for kind in TYPES},
        invalid=~data.valid,
    )


def _frames(data: FeatureVideo, found: Proposals) -> NDArray[np.int64]:
    return np.stack([data.frame(found.onset), data.frame(found.offset)], axis=1)


def _rows(data: FeatureVideo, found: dict[str, Proposals], timeline: Timeline) -> list[dict]:
    """Intervals of both types in the order of time, as `COLUMNS`."""
    rows = []
    for kind, proposals in found.items():
        columns = [data.frame(getattr(proposals, name)).tolist() for name in ("onset", "apex", "offset")]
        for onset, apex, offset, score in zip(*columns, proposals.score.tolist(), strict=True):
            frames = {"onset": onset, "apex": apex, "offset": offset}
            seconds = {f"{name}_s": timeline.seconds(frame) for name, frame in frames.items()}
            rows.append({"type": kind, **frames, **seconds, "score": score})
    return sorted(rows, key=lambda row: (row["onset"], row["offset"], row["type"]))


def _write_intervals(path: Path, rows: list[dict]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(f"{row[name]:.4g}" if name == "score" else _cell(row[name]) for name in COLUMNS)
    write_text(path, text.getvalue())


def _cell(value: str | int | float) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _note(video: Path, source: VideoSource, fps: float, features: Features, model: Model) -> str:
    """Say what the results rest on."""
    data = features.data
    lines = [
        f"Video: {video.name}, {fps:.4g} frames per second"
        + ("" if source.fps else " (assumed: a folder of frames states none)"),
        f"Analysed: {len(data.index) + 1} frames (every {_ordinal(data.stride)}), {data.fps:.4g} per second; "
        f"face usable in {data.valid.mean():.0%} of the frame pairs",
        f"Model: {model.name}, trained on {model.n_subjects} subjects of {', '.join(model.datasets)} at "
        f"{model.spotter.fps:.4g} frames per second",
        "",
    ]
    if model.synthetic:
        lines.append(
            "DEMO: this model was trained on synthetic faces only. On real people its intervals show that the "
            "software runs; they are no findings."
        )
    if abs(data.fps / model.spotter.fps - 1) > _RATE_TOLERANCE:
        lines.append(
            f"FRAME RATE: the model expects {model.spotter.fps:.4g} frames per second and got {data.fps:.4g}; "
            "lengths of intervals and the split into micro and macro are off by that ratio."
        )
    if features.variable_fps:
        lines.append("FRAME RATE: it varies in this file; frame numbers are exact, seconds are not.")
    lines += [
        "Scores order the intervals of one model; they are no probabilities.",
        "An interval says that the face moved much as in annotated examples. It does not tell what a person "
        "feels, thinks or hides.",
    ]
    return "\n".join(lines) + "\n"


def _ordinal(stride: int) -> str:
    return "frame" if stride == 1 else f"{stride}th frame"


def _summary(video: Path, out: Path, rows: list[dict], model: Model) -> None:
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
    print(f"Written: {out}/intervals.csv, timeline.png, annotated.mp4, note.txt")
