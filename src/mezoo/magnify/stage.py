"""Stage ``magnified``: the frames of each annotated expression with their motion made larger, by any method.

Everything is relative to the onset: a clip that is magnified together with the seconds before it would carry the
motion of the head into the expression.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mezoo.artifact import Artifact, ArtifactWriter, Stream
from mezoo.catalog_items import EventRecord, read_events
from mezoo.errors import ConfigError
from mezoo.magnify.registry import Magnifier, get_magnifier
from mezoo.motion.event_flows import EventPairs, KeptFrames, locate_events, write_events
from mezoo.motion.onset_stage import locate_frames
from mezoo.motion.pair_flows import check_frames
from mezoo.stage import produce

#: Settings for clips that begin at the onset, where the method has them: all motion since then counts.
_PRESET = "micro_expression_from_onset"

Told = dict[str, np.ndarray]


def magnified_file(
    faces: str | Path,
    labels: str | Path,
    out: str | Path,
    *,
    method: str = "lagrangian",
    factor: float = 4.0,
    weights: str | Path | None = None,
) -> None:
    """Magnify all events of a video relative to their onsets and write a magnified artifact.

    Events are located as in the stage ``flow_onset``, but their first row is the onset frame, which stays as it
    is. Over all N frames of all events, in the order of the table, the artifact holds

    - ``frames`` uint8 (N, H, W), 0 where not ``valid`` bool (N): this face and that of the onset;
    - ``event`` int16 (N), position in the list of events, and ``index`` int32 (N), number of the frame;
    - ``hole_ratio`` float32 (N) where the method tells it;

    and what ``flow_onset`` holds per event. The parameters tell everything about method and weights. One event is
    in memory at a time.

    Parameters
    ----------
    faces : Path
        Faces artifact.
    labels : Path
        Event table of the video, ``results/catalog/<dataset>/labels/<video>.csv``.
    out : Path
        Magnified artifact.
    method : str
        Name of a method, see `get_magnifier`; its settings are those of its preset
        ``micro_expression_from_onset``, or its defaults, and do not depend on the frame rate.
    factor : float
        Total factor m.
    weights : Path, optional
        For a learned method.

    Raises
    ------
    ConfigError
        Wrong usage. A `DataError` (no frames, no usable event among some) becomes a failed artifact.
    """
    magnifier = get_magnifier(method)
    chosen = onset_settings(magnifier) | ({"weights": str(weights)} if weights else {})
    check_factors([factor])

    def make(writer: ArtifactWriter) -> None:
        with Artifact(faces) as source:
            check_frames(source)
            _write(source, read_events(labels), writer, magnifier, factor, chosen)

    produce(
        out,
        stage="magnified",
        params={"factor": factor, **magnifier.describe(**chosen)},
        inputs={"faces": faces, "labels": labels} | ({"weights": weights} if weights else {}),
        make=make,
    )


def onset_settings(magnifier: Magnifier) -> dict[str, Any]:
    """Parameters of a method for a clip that begins at the onset."""
    return dict(magnifier.presets[_PRESET].params) if _PRESET in magnifier.presets else {}


def check_factors(factors: Sequence[float]) -> None:
    """Raise `ConfigError` unless all are finite, at least 0, and there is one."""
    if not factors or not all(0 <= factor < math.inf for factor in factors):
        raise ConfigError(
            f"magnification factors {list(factors)}",
            "total factors of at least 0; 1 is no change",
            "Correct them",
        )


def _write(
    faces: Artifact,
    events: list[EventRecord],
    writer: ArtifactWriter,
    magnifier: Magnifier,
    factor: float,
    chosen: dict[str, Any],
) -> None:
    kept, size = KeptFrames(faces), faces["frames"].shape[1:]
    found = locate_events(events, kept, locate_frames)
    streams = _open(writer, size)
    usable = np.zeros(len(found), np.int64)
    told: list[tuple[int, Told]] = []
    for k, item in enumerate(found):
        clip, valid, more = _magnify_event(faces, kept, item, magnifier, factor, chosen)
        streams["frames"].extend(clip)
        streams["event"].extend(np.full(len(clip), k))
        streams["index"].extend(kept.numbers[_rows(item)])
        streams["valid"].extend(valid)
        told.append((len(clip), more))
        usable[k] = valid.sum()
    for name in dict.fromkeys(name for _, more in told for name in more):
        values = np.concatenate([more.get(name, np.zeros(n, np.float32)) for n, more in told])
        writer.write(name, values, axes="(N)", units="share of the pixels")
    write_events(writer, faces, found, usable)


def _open(writer: ArtifactWriter, size: tuple[int, ...]) -> dict[str, Stream]:
    return {
        "frames": writer.stream("frames", shape=size, dtype="uint8", axes="(N, H, W)", units="grey level"),
        "event": writer.stream("event", shape=(), dtype="int16", axes="(N) position in the list of events"),
        "index": writer.stream("index", shape=(), dtype="int32", axes="(N)", units="frame number"),
        "valid": writer.stream("valid", shape=(), dtype="bool", axes="(N)"),
    }


def _rows(item: EventPairs) -> slice:
    """Positions of an event among the kept frames, its onset first; none when it lies outside the video."""
    return slice(item.reference, item.moving[-1] + 1) if item.moving else slice(0, 0)


def _magnify_event(
    faces: Artifact,
    kept: KeptFrames,
    item: EventPairs,
    magnifier: Magnifier,
    factor: float,
    chosen: dict[str, Any],
) -> tuple[np.ndarray, np.ndarray, Told]:
    """Frames (n, H, W), which of them are valid, and what the method tells of each."""
    rows = _rows(item)
    clip = faces["frames"][rows]
    if not item.moving or item.reason:
        return np.zeros_like(clip), np.zeros(len(clip), bool), {}
    # frames without landmarks are pictures of the same face in most cases: the method needs them all in a row
    magnified, more = magnifier.measured(clip, _fps(faces), factor, **chosen)
    valid = kept.valid[rows] & kept.valid[item.reference]
    magnified[~valid] = 0
    return magnified, valid, more


def _fps(faces: Artifact) -> float:
    """Kept frames per second; 1 where unknown, since the settings for an onset do not depend on it."""
    fps = float(faces.attrs.get("fps", math.nan))
    return fps if fps > 0 else 1.0
