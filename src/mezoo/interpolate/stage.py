"""Stage ``interpolated``: each annotated expression as a clip of one length, by any method.

Networks want clips of one length: all of an expression spread evenly (10 to 128 frames, by the temporal
interpolation model in most papers), or SLSTT's frames around the apex (see `schedule`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.catalog_items import EventRecord, read_events
from mezoo.errors import ConfigError, DataError
from mezoo.interpolate.clips import even_positions
from mezoo.interpolate.registry import Interpolator, get_interpolator
from mezoo.interpolate.rife_origin import trained_on
from mezoo.interpolate.schedule import Order, slstt_schedule
from mezoo.motion.apex_stage import MissingApex, apex_source, check_missing_apex, locate_apex
from mezoo.motion.event_flows import EventPairs, KeptFrames, locate_events, write_events
from mezoo.motion.onset_stage import locate_frames
from mezoo.motion.pair_flows import check_frames
from mezoo.stage import produce

Schedule = Literal["even", "slstt", "slstt_paper"]
#: Schedules around the apex, and the order in which they fill gaps.
_ORDERS: dict[str, Order] = {"slstt": "code", "slstt_paper": "paper"}


def interpolated_file(
    faces: str | Path,
    labels: str | Path,
    out: str | Path,
    *,
    method: str = "tim",
    length: int = 32,
    schedule: Schedule = "even",
    missing_apex: MissingApex = "middle",
    weights: str | Path | None = None,
    accelerator: str = "auto",
) -> None:
    """Bring all events of a video to one length and write an artifact of clips.

    Over the E events, in the order of the table, the artifact holds

    - ``frames`` uint8 (E, length, H, W), 0 where not ``valid`` bool (E);
    - ``position`` float32 (E, length), the time of each frame as a frame number of the video (a fraction is a
      time between two frames), -1 where not valid;
    - what ``flow_onset`` holds per event; the onset frame is ``reference`` also where it is not in the clip;

    and the attributes ``events`` and ``reasons``; for ``slstt`` ``apex_source``; for weights of `rife_train`
    ``weights_trained_on``. The parameters tell method, its settings and the digest of its weights. One event is
    in memory at a time. All frames that a clip is made of need a valid face.

    Parameters
    ----------
    faces : Path
        Faces artifact.
    labels : Path
        Event table of the video, ``results/catalog/<dataset>/labels/<video>.csv``.
    out : Path
        Artifact of clips.
    method : str
        See `get_interpolator`.
    length : int
        Frames of each clip, at least 2; odd for ``slstt``.
    schedule : {'even', 'slstt', 'slstt_paper'}
        From onset to offset (without one, to the apex) in even steps; or consecutive kept frames around the
        apex, missing ones made in the order of SLSTT's code or of its paper (see `slstt_schedule`).
    missing_apex : {'middle', 'skip', 'spotted'}
        What an apex that is not coded means for ``slstt``, as in the stage ``flow_apex``.
    weights : Path, optional
        For a learned method.
    accelerator : {'auto', 'cpu', 'gpu'}
        Where a learned method computes.

    Raises
    ------
    ConfigError
        Wrong usage. A `DataError` (no frames, no usable event among some) becomes a failed artifact.
    """
    check_missing_apex(missing_apex)
    _check(schedule, length)
    chosen = get_interpolator(method)
    settings = learned_settings(chosen, weights, accelerator)
    params = {"length": length, "schedule": schedule, **chosen.describe(**settings)}
    params |= {"missing_apex": missing_apex} if schedule in _ORDERS else {}

    def places(event: EventRecord, kept: KeptFrames) -> NDArray[np.float64]:
        return _places(event, kept, length, schedule, missing_apex)

    def locate(event: EventRecord, kept: KeptFrames) -> tuple[int, Sequence[int]]:
        return _locate(event, kept, places(event, kept))

    def make(writer: ArtifactWriter) -> None:
        with Artifact(faces) as source:
            check_frames(source)
            kept = KeptFrames(source)
            found = locate_events(read_events(labels), kept, locate)
            times = [None if item.reason else places(item.event, kept) for item in found]
            _write(source, kept, found, times, length, writer, chosen, settings)
            if schedule in _ORDERS:
                writer.attrs["apex_source"] = [apex_source(item, missing_apex) for item in found]
            if (corpora := trained_on(weights)) is not None:
                writer.attrs["weights_trained_on"] = corpora

    produce(out, stage="interpolated", params=params, inputs={"faces": faces, "labels": labels}, make=make)


def _check(schedule: str, length: int) -> None:
    if schedule != "even" and schedule not in _ORDERS:
        raise ConfigError(
            f"schedule {schedule!r}", "even, slstt or slstt_paper", "Correct interpolate.schedule"
        )
    if length < 2 or (schedule in _ORDERS and length % 2 == 0):
        raise ConfigError(
            f"clips of {length} frames by the schedule {schedule}",
            "at least 2 frames, and an odd number around the apex",
            "Correct interpolate.length",
        )


def learned_settings(
    method: Interpolator, weights: str | Path | None, accelerator: str = "auto"
) -> dict[str, Any]:
    """Parameters of a method that learns; none for any other, and `ConfigError` when it is given weights."""
    if "weights" in method.defaults:
        return {"weights": None if weights is None else str(weights), "accelerator": accelerator}
    if weights is not None:
        raise ConfigError(f"weights for {method.name}", "none: it learns nothing", "Leave them out")
    return {}


def _places(
    event: EventRecord, kept: KeptFrames, length: int, schedule: str, missing_apex: MissingApex
) -> NDArray[np.float64]:
    """Find the times of the frames of a clip, in kept frames; `DataError` when the event cannot be used."""
    if schedule == "even":
        onset, later = locate_frames(event, kept)
        return onset + even_positions(later[-1] - onset + 1, length)
    onset, (apex,) = locate_apex(event, kept, missing_apex)
    offset = apex if event.offset is None else kept.last_until(event.offset, "offset")
    return slstt_schedule(onset, apex, offset, order=_ORDERS[schedule], length=length)


def _locate(event: EventRecord, kept: KeptFrames, places: np.ndarray) -> tuple[int, Sequence[int]]:
    """Positions of the onset frame and of all frames that the clip is made of."""
    made_of = range(int(np.floor(places[0])), int(np.ceil(places[-1])) + 1)
    bad = [kept.numbers[t] for t in made_of if not kept.valid[t]]
    if bad:
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise DataError(
            f"no valid face in frame {bad[0]}{more}", "valid faces in all of a clip", "Leave the event out"
        )
    return kept.first_from(int(event.onset or 0), "onset"), made_of


def _write(
    faces: Artifact,
    kept: KeptFrames,
    found: list[EventPairs],
    times: list[NDArray[np.float64] | None],
    length: int,
    writer: ArtifactWriter,
    method: Interpolator,
    settings: dict[str, Any],
) -> None:
    shape = (length, *faces["frames"].shape[1:])
    frames = writer.stream(
        "frames", shape=shape, dtype="uint8", axes="(E, frame of the clip, H, W)", units="grey level"
    )
    position = writer.stream(
        "position", shape=(length,), dtype="float32", axes="(E, frame of the clip)", units="frame number"
    )
    nothing = np.zeros(shape, np.uint8)
    for item, places in zip(found, times, strict=True):
        if places is None:
            frames.append(nothing)
            position.append(np.full(length, -1))
            continue
        first, stop = item.moving[0], item.moving[-1] + 1
        frames.append(method.at(faces["frames"][first:stop], places - first, **settings))
        position.append(np.interp(places, np.arange(len(kept.numbers)), kept.numbers))
    usable = np.array([places is not None for places in times], bool)
    write_events(writer, faces, found, usable)
    writer.write("valid", usable, axes="(E)")
