"""Flow within annotated expressions: what the stages ``flow_onset`` and ``flow_apex`` share.

Event tables hold the corpus's own frame numbers; here they become positions among the frames that the faces
artifact kept. At a lowered frame rate (``target_fps``) the frame of an annotation may not be among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.catalog_items import EventRecord
from mezoo.errors import ConfigError, DataError
from mezoo.motion import head_motion as head
from mezoo.motion.apex_spotting import looked_at, spot_apex
from mezoo.motion.backends import Backend
from mezoo.motion.pair_flows import pair_flows
from mezoo.motion.strain import DIFFERENCES, Differences, optical_strain

HeadMotion = Literal["keep", "remove"]
HEAD_MOTIONS = ("keep", "remove")


class KeptFrames:
    """The frames of a faces artifact by the corpus's own numbers.

    Attributes
    ----------
    numbers : ndarray, int64, shape (T,)
        Ascending.
    valid : ndarray, bool, shape (T,)
    """

    def __init__(self, faces: Artifact) -> None:
        self.numbers = faces["index"][:].astype(np.int64)
        self.valid = faces["valid"][:].astype(bool)
        # the last kept frame stands for those up to the next one that would have been kept
        step = int(np.median(np.diff(self.numbers))) if len(self.numbers) > 1 else 1
        self._end = int(self.numbers[-1]) + step
        self._faces = faces
        self._spotted: dict[tuple[int, int], int] = {}

    def first_from(self, number: int, what: str) -> int:
        """Position of the first kept frame at or after a number; `DataError` when the video holds none."""
        position = int(np.searchsorted(self.numbers, number))
        if number < self.numbers[0] or position == len(self.numbers):
            raise self._outside(number, what)
        return position

    def last_until(self, number: int, what: str) -> int:
        """Position of the last kept frame at or before a number; `DataError` outside the video."""
        if not self.numbers[0] <= number < self._end:
            raise self._outside(number, what)
        return int(np.searchsorted(self.numbers, number, side="right")) - 1

    def nearest(self, number: int, what: str) -> int:
        """Position of the kept frame nearest to a number, the earlier of two; `DataError` outside the video."""
        before = self.last_until(number, what)
        after = min(before + 1, len(self.numbers) - 1)
        return min(before, after, key=lambda t: abs(int(self.numbers[t]) - number))

    def spotted_apex(self, onset: int, offset: int) -> int:
        """Position of the apex between two positions by `apex_spotting.spot_apex`; searched once.

        Raises
        ------
        DataError
            The onset frame, or all later ones, show no valid face, or no motion can be told.
        """
        if (onset, offset) not in self._spotted:
            rows = onset + looked_at(offset - onset + 1)
            rows = rows[self.valid[rows]]
            if len(rows) < 2 or rows[0] != onset:
                number = int(self.numbers[onset])
                raise DataError(
                    f"no valid face in frame {number}, or in none after it",
                    "faces of which the apex is searched",
                    "Leave the event out",
                )
            frames = np.stack([self._faces["frames"][t] for t in rows])
            found = spot_apex(frames, self._faces["landmarks"][onset])
            self._spotted[onset, offset] = int(rows[found])
        return self._spotted[onset, offset]

    def _outside(self, number: int, what: str) -> DataError:
        return DataError(
            f"{what} {number} lies outside the frames {self.numbers[0]}-{self.numbers[-1]}",
            "a frame of the video",
            "Correct the coding file",
        )


@dataclass
class EventPairs:
    """The frame pairs of one event: positions of the reference and of the moving frames.

    ``reason`` says why a pair cannot be used; it counts when none of them can.
    """

    event: EventRecord
    reference: int = -1
    moving: Sequence[int] = ()
    reason: str = ""


Locate = Callable[[EventRecord, KeptFrames], tuple[int, Sequence[int]]]


def locate_events(events: Sequence[EventRecord], kept: KeptFrames, locate: Locate) -> list[EventPairs]:
    """Find the frames of each event; a `DataError` of `locate` becomes the reason of its event."""
    found = []
    for event in events:
        try:
            reference, moving = locate(event, kept)
        except DataError as error:
            found.append(EventPairs(event, reason=error.found))
            continue
        reason = ""
        if not kept.valid[reference] or not kept.valid[list(moving)].any():
            bad = [moving[0], moving[-1]] if kept.valid[reference] else [reference]
            numbers = "-".join(str(kept.numbers[t]) for t in dict.fromkeys(bad))
            reason = f"no valid face in frame {numbers}"
        found.append(EventPairs(event, reference, moving, reason))
    return found


def onset_of(event: EventRecord, kept: KeptFrames) -> int:
    """Position of the reference frame; `DataError` without an onset inside the video."""
    if event.onset is None:
        raise DataError("no onset is coded", "an onset", "Correct the coding file")
    return kept.first_from(event.onset, "onset")


def check_choices(head_motion: str, strain: str) -> None:
    """Raise `ConfigError` unless both are known."""
    if head_motion not in HEAD_MOTIONS or strain not in DIFFERENCES:
        raise ConfigError(
            f"head_motion {head_motion!r} and strain {strain!r}",
            f"one of {', '.join(HEAD_MOTIONS)}, and one of {', '.join(DIFFERENCES)}",
            "Correct flow.head_motion or flow.strain",
        )


def event_flows(
    faces: Artifact,
    found: Sequence[EventPairs],
    method: Backend,
    *,
    head_motion: HeadMotion,
    strain: Differences,
) -> Iterator[tuple[int, int, tuple[np.ndarray, np.ndarray] | None]]:
    """Compute flow and strain of every pair of every event, in order.

    Parameters
    ----------
    faces : Artifact
        Faces artifact.
    found : sequence of EventPairs
        Of `locate_events`. An event gets its reason when the motion of the head cannot be told.
    method : Backend
    head_motion : {'keep', 'remove'}
    strain : {'central', 'backward'}

    Yields
    ------
    event, moving : int
        Position of the event in `found`, and of the moving frame.
    fields : tuple of ndarray, or None
        Flow float32 (H, W, 2) and strain float32 (H, W); None where a face is not valid.
    """
    valid = faces["valid"][:].astype(bool)
    rows = [(k, item.reference, t) for k, item in enumerate(found) for t in item.moving]
    pairs = ((r, t) if valid[r] and valid[t] else None for _, r, t in rows)
    landmarks_of, landmarks = -1, np.zeros((68, 2), np.float32)
    for (k, r, t), flow in zip(rows, pair_flows(faces["frames"], pairs, method), strict=True):
        if flow is not None and head_motion == "remove":
            if r != landmarks_of:
                landmarks_of, landmarks = r, faces["landmarks"][r]
            try:
                flow = head.remove(flow, landmarks)
            except DataError as error:
                found[k].reason, flow = error.found, None
        yield k, t, None if flow is None else (flow, optical_strain(flow, differences=strain))


def write_events(
    writer: ArtifactWriter, faces: Artifact, found: Sequence[EventPairs], usable: np.ndarray
) -> None:
    """Write which events there are: frame numbers as coded, ids, and why an event cannot be used.

    Parameters
    ----------
    writer : ArtifactWriter
    faces : Artifact
    found : sequence of EventPairs
    usable : ndarray, int, shape (E,)
        Number of pairs of each event that could be used.

    Raises
    ------
    DataError
        There are events, and none of them can be used.
    """
    if found and not usable.any():
        reasons = "; ".join(f"{item.event.event}: {item.reason}" for item in found[:3])
        raise DataError(
            f"none of {len(found)} events can be used ({reasons}{'; ...' * (len(found) > 3)})",
            "an event inside the video with valid faces",
            "Look at the audit of this corpus, or list the video under exclude",
            file=faces.path,
        )
    for name in ("onset", "apex", "offset"):
        coded = [getattr(item.event, name) for item in found]
        frames = np.array([-1 if number is None else number for number in coded], np.int32)
        writer.write(name, frames, axes="(E)", units="frame number, -1 = not coded")
    writer.write("reference", _reference_numbers(faces, found), axes="(E)", units="frame number, -1 = none")
    writer.attrs["events"] = [item.event.event for item in found]
    writer.attrs["reasons"] = [
        "" if n else item.reason for item, n in zip(found, usable.tolist(), strict=True)
    ]


def _reference_numbers(faces: Artifact, found: Sequence[EventPairs]) -> np.ndarray:
    numbers = faces["index"][:]
    return np.array([numbers[item.reference] if item.moving else -1 for item in found], np.int32)
