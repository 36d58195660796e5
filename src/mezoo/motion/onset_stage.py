"""Stage ``flow_onset``: flow and strain from the onset frame of each annotated expression to all its frames.

Flow that is referred to the onset grows towards the apex and keeps its direction, which flow between
neighbouring frames does not (Zhang et al., "Short and long range relation based spatio-temporal transformer
for micro-expression recognition", IEEE Trans. Affective Computing 13 (2022) 1973-1985).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.catalog_items import EventRecord, read_events
from mezoo.errors import DataError
from mezoo.motion.backends import Backend
from mezoo.motion.event_flows import (
    HeadMotion,
    KeptFrames,
    check_choices,
    event_flows,
    locate_events,
    onset_of,
    write_events,
)
from mezoo.motion.pair_flows import Accelerator, Profile, check_frames, flow_method
from mezoo.motion.strain import Differences
from mezoo.stage import produce


def flow_onset_file(
    faces: str | Path,
    labels: str | Path,
    out: str | Path,
    *,
    backend: str = "native",
    scales: int = 5,
    profile: Profile = "exact",
    accelerator: Accelerator = "auto",
    head_motion: HeadMotion = "keep",
    strain: Differences = "central",
) -> None:
    """Compute the flow of all events of a video from their onsets and write a flow artifact.

    The reference of an event is the first kept frame at or after its onset, and the last moving frame the
    last kept one at or before its offset (all frames are kept unless the faces have a lower frame rate). An
    event without a coded offset ends at its apex, as in the convention of MEGC 2020. Over all N moving frames
    of all events, in the order of the table, the artifact holds

    - ``flow`` float16 (N, H, W, 2) and ``strain`` float16 (N, H, W), 0 where not ``valid`` bool (N);
    - ``event`` int16 (N), position in the list of events, and ``index`` int32 (N), number of the moving frame;

    and over the E events ``onset``, ``apex``, ``offset`` int32 (E) as coded, -1 where they are not,
    ``reference`` int32 (E), number of the reference frame, and the attributes ``events`` and ``reasons`` (JSON
    lists: ids, and why an event cannot be used, else empty). An event outside the video has no rows. A
    video without events gives an artifact without rows.

    Parameters
    ----------
    faces : Path
        Faces artifact.
    labels : Path
        Event table of the video, ``results/catalog/<dataset>/labels/<video>.csv``.
    out : Path
        Flow artifact.
    backend, scales, profile, accelerator : see `pair_flows.flow_method`
    head_motion : {'keep', 'remove'}
        Whether the motion of the head is taken out (`head_motion.remove`), before the strain is formed.
    strain : {'central', 'backward'}
        Differences of `strain.optical_strain`.

    Raises
    ------
    ConfigError
        Wrong usage. A `DataError` (no frames, no usable event among some) becomes a failed artifact.
    """
    check_choices(head_motion, strain)
    method, params = flow_method(backend, scales=scales, profile=profile, accelerator=accelerator)

    def make(writer: ArtifactWriter) -> None:
        with Artifact(faces) as source:
            check_frames(source)
            _write(source, read_events(labels), writer, method, head_motion, strain)

    produce(
        out,
        stage="flow_onset",
        params=params | {"head_motion": head_motion, "strain": strain},
        inputs={"faces": faces, "labels": labels},
        make=make,
    )


def locate_frames(event: EventRecord, kept: KeptFrames) -> tuple[int, Sequence[int]]:
    """Positions of the onset of an event and of its later frames; `DataError` when it cannot be used."""
    reference = onset_of(event, kept)
    end, what = (event.apex, "apex") if event.offset is None else (event.offset, "offset")
    if end is None:
        raise DataError("neither offset nor apex is coded", "an offset", "Correct the coding file")
    moving = range(reference + 1, kept.last_until(end, what) + 1)
    if not moving:
        raise DataError(
            f"no frame between onset {event.onset} and {what} {end}", "one", "Correct the coding file"
        )
    return reference, moving


def _write(
    faces: Artifact,
    events: list[EventRecord],
    writer: ArtifactWriter,
    method: Backend,
    head_motion: HeadMotion,
    differences: Differences,
) -> None:
    kept, (height, width) = KeptFrames(faces), faces["frames"].shape[1:]
    found = locate_events(events, kept, locate_frames)
    flow = writer.stream(
        "flow", shape=(height, width, 2), dtype="float16", axes="(N, H, W, (dx, dy))", units="px"
    )
    strain = writer.stream("strain", shape=(height, width), dtype="float16", axes="(N, H, W)", units="px/px")
    position = writer.stream("event", shape=(), dtype="int16", axes="(N) position in the list of events")
    index = writer.stream("index", shape=(), dtype="int32", axes="(N)", units="frame number, moving frame")
    valid = writer.stream("valid", shape=(), dtype="bool", axes="(N)")
    nothing = np.zeros((height, width, 2), np.float16)
    usable = np.zeros(len(found), np.int64)
    for k, t, fields in event_flows(faces, found, method, head_motion=head_motion, strain=differences):
        flow.append(nothing if fields is None else fields[0])
        strain.append(nothing[..., 0] if fields is None else fields[1])
        position.append(k)
        index.append(kept.numbers[t])
        valid.append(fields is not None)
        usable[k] += fields is not None
    write_events(writer, faces, found, usable)
