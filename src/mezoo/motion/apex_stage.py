"""Stage ``flow_apex``: one flow field per annotated expression, from its onset frame to its apex frame.

The input of the light networks and of the classic features: components, magnitude, orientation and optical
strain of onset-apex flow, e.g. Liong et al., "Less is more: micro-expression recognition from video using apex
frame", Signal Processing: Image Communication 62 (2018) 82-92.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from mezoo.artifact import Artifact, ArtifactWriter, Stream
from mezoo.catalog_items import EventRecord, read_events
from mezoo.errors import ConfigError, DataError
from mezoo.motion.backends import Backend
from mezoo.motion.event_flows import (
    EventPairs,
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

MissingApex = Literal["middle", "skip", "spotted"]
_MISSING_APEX = get_args(MissingApex)


def flow_apex_file(
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
    missing_apex: MissingApex = "middle",
) -> None:
    """Compute the onset-apex flow of all events of a video and write a flow artifact.

    The reference of an event is the first kept frame at or after its onset, the moving frame the kept one
    nearest to its apex (all frames are kept unless the faces have a lower frame rate). Over the E events, in
    the order of the table, the artifact holds

    - ``flow`` float16 (E, H, W, 2); ``strain``, ``rho`` (magnitude, px) and ``theta`` (atan2(dy, dx), rad in
      (-pi, pi]) float16 (E, H, W), all 0 where not ``valid`` bool (E);
    - ``onset``, ``apex``, ``offset`` int32 (E) as coded, -1 where they are not; ``reference`` and ``index``
      int32 (E), numbers of the two frames, -1 for an event outside the video;

    and the attributes ``events``, ``reasons`` and ``apex_source`` (JSON lists: ids; why an event cannot be used,
    else empty; ``coded``, ``middle``, ``spotted`` or empty). A video without events gives an artifact with E = 0.

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
        Whether the motion of the head is taken out (`head_motion.remove`), before the rest is formed.
    strain : {'central', 'backward'}
        Differences of `strain.optical_strain`.
    missing_apex : {'middle', 'skip', 'spotted'}
        What an apex that is not coded (SMIC) means: the middle frame, floor((n - 1) / 2) of the n frames from
        onset to offset counted from 0, as in ATNet (Peng et al., FG 2019, released lists), an unusable event, or
        the frame that `apex_spotting.spot_apex` finds.

    Raises
    ------
    ConfigError
        Wrong usage. A `DataError` (no frames, no usable event among some) becomes a failed artifact.
    """
    check_choices(head_motion, strain)
    check_missing_apex(missing_apex)
    method, params = flow_method(backend, scales=scales, profile=profile, accelerator=accelerator)
    params |= {"head_motion": head_motion, "strain": strain, "missing_apex": missing_apex}

    def locate(event: EventRecord, kept: KeptFrames) -> tuple[int, Sequence[int]]:
        return locate_apex(event, kept, missing_apex)

    def make(writer: ArtifactWriter) -> None:
        with Artifact(faces) as source:
            check_frames(source)
            found = locate_events(read_events(labels), KeptFrames(source), locate)
            _write(source, found, writer, method, head_motion, strain, missing_apex)

    produce(out, stage="flow_apex", params=params, inputs={"faces": faces, "labels": labels}, make=make)


def check_missing_apex(missing_apex: str) -> None:
    """Raise `ConfigError` unless it is known."""
    if missing_apex not in _MISSING_APEX:
        raise ConfigError(
            f"missing_apex {missing_apex!r}", "middle, skip or spotted", "Correct flow.missing_apex"
        )


def locate_apex(event: EventRecord, kept: KeptFrames, missing_apex: MissingApex) -> tuple[int, Sequence[int]]:
    """Positions of the onset of an event and of its apex; `DataError` when it cannot be used."""
    reference, apex = onset_of(event, kept), event.apex
    if apex is None:
        if missing_apex == "skip" or event.onset is None or event.offset is None:
            raise DataError("no apex is coded", "an apex", "Set flow.missing_apex to 'middle'")
        if missing_apex == "spotted":
            return reference, [_spotted(event, kept, reference)]
        apex = event.onset + (event.offset - event.onset) // 2
    moving = kept.nearest(apex, "apex")
    if moving <= reference:
        raise DataError(
            f"apex {apex} is not after the onset {event.onset}", "a later frame", "Correct the coding file"
        )
    return reference, [moving]


def _spotted(event: EventRecord, kept: KeptFrames, onset: int) -> int:
    offset = kept.last_until(event.offset or 0, "offset")
    if offset <= onset:
        raise DataError(
            f"no frame from onset {event.onset} to offset {event.offset}", "one", "Correct the coding file"
        )
    return kept.spotted_apex(onset, offset)


def _write(
    faces: Artifact,
    found: list[EventPairs],
    writer: ArtifactWriter,
    method: Backend,
    head_motion: HeadMotion,
    differences: Differences,
    missing_apex: MissingApex,
) -> None:
    streams = _open(writer, *faces["frames"].shape[1:])
    nothing = np.zeros((*faces["frames"].shape[1:], 2), np.float32)
    usable = np.zeros(len(found), np.int64)
    fields_of = event_flows(faces, found, method, head_motion=head_motion, strain=differences)
    for k, item in enumerate(found):
        fields = next(fields_of)[2] if item.moving else None
        usable[k] = fields is not None
        flow, strain = (nothing, nothing[..., 0]) if fields is None else fields
        rho, theta = polar(flow)
        for name, values in (("flow", flow), ("strain", strain), ("rho", rho), ("theta", theta)):
            streams[name].append(values)
    write_events(writer, faces, found, usable)
    numbers = faces["index"][:]
    index = np.array([numbers[item.moving[0]] if item.moving else -1 for item in found], np.int32)
    writer.write("index", index, axes="(E)", units="frame number, moving frame; -1 = none")
    writer.write("valid", usable > 0, axes="(E)")
    writer.attrs["apex_source"] = [apex_source(item, missing_apex) for item in found]


def _open(writer: ArtifactWriter, height: int, width: int) -> dict[str, Stream]:
    axes, units = "(E, H, W)", {"strain": "px/px", "rho": "px", "theta": "rad"}
    flow = writer.stream(
        "flow", shape=(height, width, 2), dtype="float16", axes="(E, H, W, (dx, dy))", units="px"
    )
    others = {
        name: writer.stream(name, shape=(height, width), dtype="float16", axes=axes, units=unit)
        for name, unit in units.items()
    }
    return {"flow": flow, **others}


def apex_source(item: EventPairs, missing_apex: MissingApex) -> str:
    """Where the apex of an event comes from: ``coded``, ``middle``, ``spotted``, or empty without one."""
    if not item.moving:
        return ""
    return missing_apex if item.event.apex is None else "coded"


def polar(flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Magnitude and orientation of flow.

    Parameters
    ----------
    flow : ndarray, float32, shape (..., 2)
        (dx right, dy down) in px.

    Returns
    -------
    rho, theta : ndarray, float32, shape (...)
        Magnitude in px; atan2(dy, dx) in rad, (-pi, pi], 0 where nothing moves.
    """
    # the sum turns -0 into 0: atan2(-0, -1) is -pi, and atan2(0, -0) is pi
    dx, dy = flow[..., 0] + np.float32(0), flow[..., 1] + np.float32(0)
    return np.hypot(dx, dy), np.arctan2(dy, dx)
