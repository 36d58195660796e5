"""Recognition in a video of one's own: the class of each expression, by a frozen model of the workflow.

Faces, flow and inputs come from the stages that made those of the training, with the same settings, so that a clip of
a corpus gets the numbers that the workflow gives it. The result is a table, and a note that says what was trained on
what, what a probability means, and what must not be concluded.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mezoo.artifact import Artifact
from mezoo.atomic import write_text
from mezoo.catalog_items import EventRecord, write_event_table
from mezoo.errors import ConfigError, DataError
from mezoo.evaluation.spotting import TYPES
from mezoo.faces import faces as find_faces
from mezoo.inputs.clip import Clip
from mezoo.inputs.pack import ClipId
from mezoo.learning.fresh_inputs import settings_for
from mezoo.learning.trained_recogniser import Recognised, TrainedRecogniser
from mezoo.learning.videos import read_features
from mezoo.motion import flow_pair_file, mdmo_file
from mezoo.report.own.even import where_seen
from mezoo.report.own.intervals import FrameClock, Interval, interval_of, read_intervals
from mezoo.report.own.reel import FOLDER_FPS
from mezoo.report.own.untrained import UntrainedPeaks
from mezoo.report.tables import is_demo
from mezoo.video import open_video

#: Columns of ``predictions.csv`` before the probabilities; ``reason`` follows them.
COLUMNS = (
    *("video", "interval", "type", "onset", "apex", "offset"),
    *("onset_s", "apex_s", "offset_s", "apex_source", "class"),
)
_WHO = {"dataset": "own", "subject": "somebody"}


@dataclass(frozen=True)
class Asked:
    """Which expressions are to be recognised.

    Attributes
    ----------
    file : Path, optional
        CSV, see `own.intervals.read_intervals`.
    places : mapping
        One expression: ``onset``, ``apex``, ``offset`` -> frame or seconds (``0.4s``).
    spot : bool
        Whether the training-free spotter looks for them. Without any of these the whole clip is one.
    """

    file: Path | None = None
    places: Mapping[str, str] | None = None
    spot: bool = False


def recognise_videos(
    videos: Sequence[Path],
    out: Path,
    *,
    model: Path,
    asked: Asked | None = None,
    fps: float | None = None,
    weights: Mapping[str, Path] | None = None,
) -> None:
    """Recognise the expressions in some videos.

    Parameters
    ----------
    videos : sequence of Path
        Video files in any container, or folders of frames, with one face.
    out : Path
        Folder for ``predictions.csv`` and ``note.txt``.
    model : Path
        Artifact of the stage ``fit_recogniser``.
    asked : Asked, optional
        Which expressions.
    fps : float, optional
        Frames per second of folders of frames; 30 when absent.
    weights : mapping, optional
        ``magnet`` and ``slstt`` -> file, for models whose inputs are made with them.

    Raises
    ------
    ConfigError
        There is no such model or interval, or two videos have one name.
    DataError
        No video can be analysed. One of several is told in the table.
    """
    asked, trained = asked or Asked(), TrainedRecogniser(model)
    if sum(map(bool, (asked.file, asked.places, asked.spot))) > 1:
        raise ConfigError(
            "intervals given in two ways", "one of --intervals, --onset and its like, --spot", "Choose one"
        )
    if len({video.stem for video in videos}) < len(videos):
        raise ConfigError("two videos of one name", "names that differ", "Call it once for each")
    rows: list[dict[str, str]] = []
    seen: list[str] = []
    failed: list[DataError] = []
    out.mkdir(parents=True, exist_ok=True)
    for video in videos:
        with tempfile.TemporaryDirectory(prefix=".work-", dir=out) as folder:
            try:
                own = OwnVideo(video, Path(folder), trained, fps)
                found, known = own.recognise(own.intervals(asked), weights or {})
            except DataError as error:
                failed.append(error)
                rows.append({"video": video.stem, "reason": error.found})
                continue
        rows += found
        seen += [f"{video.stem} {name}" for name in known]
    if len(failed) == len(videos):
        raise failed[0]
    notes = _notes(trained, rows, seen, asked)
    _write(out / "predictions.csv", rows, trained)
    write_text(out / "note.txt", "\n".join(notes) + "\n")
    _summary(rows, trained, out)


class OwnVideo:
    """The faces of one video, found with the settings of a training.

    Parameters
    ----------
    path : Path
    folder : Path
        For artifacts.
    trained : TrainedRecogniser
    fps : float, optional
        Of a folder of frames.

    Raises
    ------
    DataError
        The video cannot be read, or shows no face.
    """

    def __init__(self, path: Path, folder: Path, trained: TrainedRecogniser, fps: float | None) -> None:
        if not path.exists():
            raise DataError(
                "there is no such file", "a video or a folder of images", "Check the path", file=path
            )
        self.path, self._folder, self._trained = path, folder, trained
        rate = open_video(path).fps or fps or FOLDER_FPS
        self.faces, self._table = folder / "video.h5", folder / "video.csv"
        record = {**_WHO, "video": "video", "path": str(path), "fps": rate}
        settings = next((known["faces"] for known in trained.settings if "faces" in known), {})
        find_faces(record, self.faces, **settings_for(find_faces, settings))
        with Artifact(self.faces) as artifact:
            if not artifact.ok:
                raise DataError(
                    artifact.reason.split(". Expected")[0].rstrip("."),
                    "one face that is seen from the front for most of the video",
                    "Cut the video to the part that shows the face",
                    file=path,
                )
            numbers, self._valid = artifact["index"][:], artifact["valid"][:].astype(bool)
        self._numbers = numbers
        self.clock = FrameClock(int(numbers[0]), int(numbers[-1]), rate)

    def intervals(self, asked: Asked) -> list[Interval]:
        """List the expressions to be recognised."""
        if asked.file is not None:
            return read_intervals(asked.file, self.path.stem, self.clock)
        if asked.places:
            return [interval_of(asked.places, self.clock, name="1")]
        if asked.spot:
            return self._spotted()
        shown = self._numbers[self._valid]
        if len(shown) < 2:
            raise DataError("a face in one frame", "in two or more", "Give a longer video", file=self.path)
        return [Interval("1", int(shown[0]), None, int(shown[-1]))]

    def recognise(
        self, intervals: Sequence[Interval], weights: Mapping[str, Path]
    ) -> tuple[list[dict[str, str]], list[str]]:
        """Give a row of the table for each interval, and the names of those the model was trained on."""
        if not intervals:
            return [], []
        events = [
            EventRecord("own", "video", "somebody", i.name, i.onset, i.apex, i.offset) for i in intervals
        ]
        write_event_table(self._table, events)
        found = self._trained.recognise(
            [self.faces], [self._table], self._folder / "stages", **_WHO, weights=weights
        )
        with Artifact(self.faces) as artifact:
            apexes = [_apex(event, artifact) for event in events]
        rows = [self._row(interval, apex, found) for interval, apex in zip(intervals, apexes, strict=True)]
        return rows, sorted(clip.event for clip in found.seen)

    def _spotted(self) -> list[Interval]:
        flow, mdmo = self._folder / "flow.h5", self._folder / "mdmo.h5"
        flow_pair_file(self.faces, flow, profile="stream")
        mdmo_file(flow, self.faces, mdmo)
        data = read_features(mdmo)
        if data is None:
            raise DataError(
                "no motion can be measured", "a face in neighbouring frames", "Give another video"
            )
        spotter, found = UntrainedPeaks(data.fps), []
        for kind in TYPES:
            peaks = where_seen(spotter.spot(data, spotter.last)[kind], data.valid)
            onset, apex, offset = (
                data.frame(getattr(peaks, name)).tolist() for name in ("onset", "apex", "offset")
            )
            found += [
                Interval("", first, peak, last, kind)
                for first, peak, last in zip(onset, apex, offset, strict=True)
                if first < peak
            ]
        ordered = sorted(found, key=lambda one: (one.onset, one.offset, one.kind))
        return [
            Interval(str(k), one.onset, one.apex, one.offset, one.kind)
            for k, one in enumerate(ordered, start=1)
        ]

    def _row(self, interval: Interval, apex: int | None, found: Recognised) -> dict[str, str]:
        clip = ClipId(**_WHO, video="video", event=interval.name)
        row = {"video": self.path.stem, "interval": interval.name, "type": interval.kind}
        for name, number in (("onset", interval.onset), ("apex", apex), ("offset", interval.offset)):
            row[name] = "" if number is None else str(number)
            row[f"{name}_s"] = "" if number is None else f"{self.clock.seconds(number):.3f}"
        if apex is not None:
            row["apex_source"] = "spotted" if interval.apex is None else "given"
        if clip in found.reasons:
            return {**row, "reason": found.reasons[clip]}
        probability = found.probability[clip]
        row["class"] = self._trained.classes[int(probability.argmax())]
        values = zip(self._trained.classes, probability.tolist(), strict=True)
        return {**row, **{f"p_{name}": f"{value:.6f}" for name, value in values}}


def _apex(event: EventRecord, faces: Artifact) -> int | None:
    """Give the number of the apex frame that inputs see; None when the expression cannot be used."""
    clip = Clip(event, {"faces": faces}, "spotted")
    try:
        return int(clip.kept.numbers[clip.apex])
    except DataError:
        return None


# ------------------------------------------------------------------ words


def _notes(
    trained: TrainedRecogniser, rows: Sequence[dict[str, str]], seen: Sequence[str], asked: Asked
) -> list[str]:
    """Say what the results rest on, a sentence or two per line."""
    used = [row for row in rows if row.get("class")]
    lines = [
        f"{len(used)} of {len(rows)} intervals recognised; predictions.csv tells why the others were not."
        if len(used) < len(rows)
        else f"{len(used)} interval{'s' * (len(used) != 1)} recognised.",
        f"Model: {trained.name}, trained on {trained.n_clips} clips of {len(trained.subjects)} subjects of "
        f"{', '.join(trained.datasets)}, for the classes {', '.join(trained.classes)}.",
    ]
    if all(map(is_demo, trained.datasets)):
        lines.append(
            "DEMO: this model was trained on synthetic faces only. On real people its classes show that the "
            "software runs; they are no findings."
        )
    if seen:
        lines.append(
            f"KNOWN: the model was trained on these very frames, so that nothing is tested: {', '.join(seen)}."
        )
    if asked.spot:
        lines.append(
            "Intervals: peaks of motion, nothing trained; speech, blinks and swallowing count as movements."
        )
    if any(row.get("apex_source") == "spotted" for row in rows):
        lines.append(
            "Apex: where none was given, the frame in which brows and mouth have moved furthest since the onset."
        )
    kind = (
        "A probability is the network's softmax: it orders the classes of one interval."
        if trained.is_network
        else "A probability is the score of a support vector machine brought to a sum of 1."
    )
    return [
        *lines,
        f"{kind} It is not calibrated: 0.9 does not mean right nine times in ten. One of the classes is always "
        "chosen, also where the face shows none of them or no expression at all.",
        "A class says which annotated examples of the training the motion resembles. It does not tell what a "
        "person feels, thinks or hides, and nothing about deception may be inferred from it.",
    ]


def _write(path: Path, rows: Sequence[dict[str, str]], trained: TrainedRecogniser) -> None:
    columns = [*COLUMNS, *(f"p_{name}" for name in trained.classes), "reason"]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def _summary(rows: Sequence[dict[str, str]], trained: TrainedRecogniser, out: Path) -> None:
    for row in rows:
        place = f"{row['video']:<16}"
        if row.get("onset_s"):
            place += f" {float(row['onset_s']):8.2f} s - {float(row['offset_s']):.2f} s"
        said = (
            f"{row['class']} ({float(row['p_' + row['class']]):.2f})"
            if row.get("class")
            else f"not recognised: {row['reason']}"
        )
        print(f"{place}  {said}")
    if not rows:
        print("No interval was found.")
    if all(map(is_demo, trained.datasets)):
        print(f"NOTE: model trained on synthetic faces only (demo); see {out / 'note.txt'}")
    print(f"Written: {out}/predictions.csv, note.txt")
