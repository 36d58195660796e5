"""A strip per annotated expression of a corpus: see `mezoo.report.strip_picture` for what it shows.

Flow is our TV-L1 between the onset and the apex or offset without the motion of the head
(`mezoo.motion.head_motion`), which would hide the expression. Faces are personal
data: strips inherit the licence of the corpus.
"""

from __future__ import annotations

import csv
import io
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from mezoo.artifact import Artifact
from mezoo.atomic import new_folder
from mezoo.catalog_items import EventRecord, read_events
from mezoo.errors import DamagedError, DataError
from mezoo.motion import head_motion
from mezoo.motion.backends import Backend, get_backend
from mezoo.motion.event_flows import KeptFrames, onset_of
from mezoo.report.strip_picture import Moment, Strip, draw_strip

#: Columns of ``strips.csv``.
COLUMNS = ("file", "dataset", "subject", "video", "event", "type", "emotion", "aus", "reason")
INDEX = "strips.csv"
#: Larger faces are reduced to this side in px before their flow is computed: cells are smaller still.
_LARGEST_SIDE = 240
_QUALITY = 76
_log = logging.getLogger(__name__)


def draw_strips(labels: Sequence[Path], faces: Path, out: Path) -> None:
    """Draw the strips of a corpus into a fresh folder.

    Parameters
    ----------
    labels : sequence of Path
        Event tables of the videos.
    faces : Path
        Folder of the artifacts of the stage ``faces``.
    out : Path
        Folder that appears when everything is drawn: one WebP per event, and ``strips.csv`` with `COLUMNS`,
        ``reason`` saying why an event cannot be shown.
    """
    tables = [(Path(faces) / f"{Path(path).stem}.h5", read_events(path)) for path in labels]
    method = get_backend("native")
    rows: list[dict[str, str]] = []
    with (
        new_folder(out) as work,
        tqdm(
            desc="strips", total=sum(len(events) for _, events in tables), unit="event", disable=None
        ) as bar,
    ):
        for path, events in tables:
            for event, strip in _strips(path, events, method):
                name = f"{len(rows):04d}_{re.sub(r'[^A-Za-z0-9._-]+', '_', event.event)}.webp"
                _save(work / name, draw_strip(strip))
                rows.append(_row(name, event, strip.reason))
                bar.update()
            if events:
                _log.info("%s: %d of %d", path.stem, len(rows), bar.total)
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        (work / INDEX).write_text(text.getvalue(), encoding="utf-8", newline="")


def _save(path: Path, picture: np.ndarray) -> None:
    content = cv2.imencode(".webp", picture[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])[1]
    path.write_bytes(content.tobytes())


def _row(name: str, event: EventRecord, reason: str) -> dict[str, str]:
    own = {column: str(getattr(event, column)) for column in COLUMNS if hasattr(event, column)}
    return {"file": name, **own, "reason": reason}


def _strips(
    path: Path, events: Sequence[EventRecord], method: Backend
) -> Iterator[tuple[EventRecord, Strip]]:
    """Yield the strip of each event of one video; what cannot be shown has a reason."""
    if not events:
        return
    with Artifact(path) as faces:
        kept = KeptFrames(faces) if faces.ok else None
        for event in events:
            fps = _recorded_fps(faces, kept)
            title = " · ".join((event.dataset, event.subject, event.video, event.event))
            facts = _facts(event, fps)
            try:
                if kept is None:
                    raise DataError(faces.reason, "a face", "See `mezoo status`")
                yield event, _strip(faces, kept, event, title, facts, fps, method)
            except DamagedError:
                raise
            except DataError as error:
                yield event, Strip(title, facts, event.type, reason=error.found)


def _recorded_fps(faces: Artifact, kept: KeptFrames | None) -> float:
    """Frames per second of the corpus's own numbering; NaN when unknown."""
    if kept is None or len(kept.numbers) < 2:
        return float("nan")
    return float(faces.attrs["fps"]) * float(np.median(np.diff(kept.numbers)))


def _facts(event: EventRecord, fps: float) -> str:
    """Emotion, action units and duration; both ends count."""
    parts = [event.emotion, f"AU {event.aus}" if event.aus else ""]
    last, what = (event.offset, "") if event.offset is not None else (event.apex, "onset to apex ")
    if event.onset is not None and last is not None:
        n = last - event.onset + 1
        parts.append(f"{what}{n} frame{'s' * (n != 1)}" + (f", {1000 * n / fps:.0f} ms" if fps > 0 else ""))
    return " · ".join(part for part in parts if part)


# ------------------------------------------------------------------ one event


@dataclass(frozen=True)
class _Place:
    """A moment of an event: its name, the number as coded, and the position of the frame that is shown."""

    name: str
    number: int
    position: int


def _strip(
    faces: Artifact, kept: KeptFrames, event: EventRecord, title: str, facts: str, fps: float, method: Backend
) -> Strip:
    onset, apex, offset = _places(event, kept)
    for place in (onset, apex, offset):
        if place is not None and not kept.valid[place.position]:
            raise DataError(
                f"no valid face in frame {kept.numbers[place.position]} ({place.name})",
                "a face",
                "See the video",
            )
    images = {p.position: faces["frames"][p.position] for p in (onset, apex, offset) if p is not None}
    landmarks = faces["landmarks"][onset.position]
    flows = [
        None if p is None else _flow(images[onset.position], images[p.position], landmarks, method)
        for p in (apex, offset)
    ]
    moments = [
        Moment(None, ("offset", "not coded"))
        if p is None
        else _moment(p, images[p.position], kept, onset, fps)
        for p in (onset, apex, offset)
    ]
    return Strip(title, facts, event.type, moments, to_apex=flows[0], to_offset=flows[1])


def _places(event: EventRecord, kept: KeptFrames) -> tuple[_Place, _Place, _Place | None]:
    first = onset_of(event, kept)
    assert event.onset is not None, "onset_of raises without one"
    offset = None
    if event.offset is not None:
        offset = _Place("offset", event.offset, kept.last_until(event.offset, "offset"))
    if event.apex is not None:
        apex = _Place("apex", event.apex, kept.nearest(event.apex, "apex"))
    elif event.offset is not None:
        middle = event.onset + (event.offset - event.onset) // 2
        apex = _Place("middle", middle, kept.nearest(middle, "middle"))
    else:
        raise DataError("neither apex nor offset is coded", "one of them", "Correct the coding file")
    return _Place("onset", event.onset, first), apex, offset


def _moment(place: _Place, image: np.ndarray, kept: KeptFrames, onset: _Place, fps: float) -> Moment:
    """Image and words; where frames were left out, the one that is shown may have another number."""
    notes = ["no apex coded"] if place.name == "middle" else []
    if place is not onset and fps > 0:
        notes.append(f"{1000 * (place.number - onset.number) / fps:+.0f} ms")
    shown = int(kept.numbers[place.position])
    if shown != place.number:
        notes.append(f"shown: {shown}")
    return Moment(image, (f"{place.name} {place.number}", ", ".join(notes)))


def _flow(first: np.ndarray, second: np.ndarray, landmarks: np.ndarray, method: Backend) -> np.ndarray:
    """Flow in px of the crop, on a crop of at most `_LARGEST_SIDE` px, without the motion of the head."""
    factor = min(1.0, _LARGEST_SIDE / max(first.shape))
    if factor < 1:
        size = (round(first.shape[1] * factor), round(first.shape[0] * factor))
        first, second = (cv2.resize(image, size, interpolation=cv2.INTER_AREA) for image in (first, second))
    flow = head_motion.remove(method(first, second), (landmarks + 0.5) * factor - 0.5)
    return flow / np.float32(factor)
