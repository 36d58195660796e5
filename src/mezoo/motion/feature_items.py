"""What a feature is made of, item by item: fields of a flow artifact, and the events they belong to.

``flow_onset`` and ``flow_apex`` know their events. ``flow_pair`` does not, so that labels never recompute it; its
pairs are found here by the event table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mezoo.artifact import Artifact, CheckedDataset
from mezoo.catalog_items import EventRecord
from mezoo.errors import DataError
from mezoo.motion.apex_stage import MissingApex, locate_apex
from mezoo.motion.event_flows import EventPairs, KeptFrames, onset_of
from mezoo.motion.features import Feature


@dataclass
class Item:
    """The arguments of a feature for one event or one stored field.

    Attributes
    ----------
    flow : ndarray, iterable of ndarray or None
        First argument; None where there is nothing to compute.
    reads : dict
        The other arguments that come from artifacts.
    reason : str
        Why there is no flow.
    """

    flow: Any = None
    reads: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


def field_items(flow: Artifact) -> Iterator[Item]:
    """Yield every stored field."""
    for k, usable in enumerate(flow["valid"][:]):
        yield Item(_field(flow["flow"], k)) if usable else Item()


def apex_items(flow: Artifact, faces: Artifact, feature: Feature) -> Iterator[Item]:
    """Yield the field of each event of ``flow_apex``."""
    reads = _reader(flow, faces, feature)
    for k, usable in enumerate(flow["valid"][:]):
        yield Item(_field(flow["flow"], k), reads(k)) if usable else Item(reason=_reasons(flow)[k])


def onset_items(flow: Artifact, faces: Artifact, feature: Feature) -> Iterator[Item]:
    """Yield the fields of each event of ``flow_onset``, read one by one."""
    fields, reads = flow["flow"], _reader(flow, faces, feature)
    event = np.where(flow["valid"][:], flow["event"][:], -1)
    for k, reason in enumerate(_reasons(flow)):
        rows = np.flatnonzero(event == k)
        flows = (_field(fields, int(n)) for n in rows)
        yield Item(flows, reads(k)) if rows.size else Item(reason=reason)


def pair_items(
    flow: Artifact, kept: KeptFrames, found: list[EventPairs], missing_apex: MissingApex
) -> Iterator[Item]:
    """Yield the fields of each event from ``flow_pair``, None for a pair without usable flow.

    Parameters
    ----------
    flow : Artifact
    kept : KeptFrames
    found : list of EventPairs
        As `locate_pairs` finds them.
    missing_apex : {'middle', 'skip', 'spotted'}
        See `apex_stage.flow_apex_file`.
    """
    fields, usable = flow["flow"], flow["valid"][:]
    for item in found:
        if not usable[list(item.moving)].any():
            yield Item(reason=item.reason or "no pair of frames with valid faces")
            continue
        flows = (_field(fields, t) if usable[t] else None for t in item.moving)
        yield Item(flows, {"onset": item.reference, "apex": _apex(item.event, kept, missing_apex)})


def locate_pairs(event: EventRecord, kept: KeptFrames, missing_apex: MissingApex) -> tuple[int, range]:
    """Position of the onset, and of the first frames of the pairs from there to the offset.

    An event without a coded offset ends at its apex.

    Raises
    ------
    DataError
        A frame is neither coded nor implied, or outside the video, or the event is one frame long.
    """
    onset = onset_of(event, kept)
    end, what = (event.apex, "apex") if event.offset is None else (event.offset, "offset")
    _apex(event, kept, missing_apex)
    last = kept.last_until(end or 0, what)
    if last <= onset:
        raise DataError(
            f"no pair of frames from onset {event.onset} to {what} {end}", "one", "Correct the coding file"
        )
    return onset, range(onset, last)


def _apex(event: EventRecord, kept: KeptFrames, missing_apex: MissingApex) -> int:
    """Position of the apex; by default the middle frame where none is coded, as in the released lists of ATNet."""
    apex = event.apex
    if apex is None and missing_apex != "middle":
        return locate_apex(event, kept, missing_apex)[1][0]
    if apex is None and event.onset is not None and event.offset is not None:
        apex = event.onset + (event.offset - event.onset) // 2
    if apex is None:
        raise DataError("neither offset nor apex is coded", "one of them", "Correct the coding file")
    return kept.nearest(apex, "apex")


def _field(stored: CheckedDataset, k: int) -> np.ndarray:
    return stored[k].astype(np.float32)


def _reasons(flow: Artifact) -> list[str]:
    return json.loads(flow.attrs["reasons"])


def _reader(flow: Artifact, faces: Artifact, feature: Feature) -> Callable[[int], dict[str, np.ndarray]]:
    """Make a function of the position of an event: what the feature reads of it beside the flow."""
    places = np.searchsorted(faces["index"][:], flow["reference"][:])
    known: dict[str, Callable[[int], np.ndarray]] = {
        "strain": lambda k: _field(flow["strain"], k),  # of flow_apex, which has one row per event
        "landmarks": lambda k: faces["landmarks"][int(places[k])],
    }
    return lambda k: {name: known[name](k) for name in feature.reads}
