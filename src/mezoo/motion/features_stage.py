"""Stage ``features``: any feature of the registry, from cached flow and the landmarks of the faces."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mezoo.artifact import Artifact, ArtifactWriter, Stream
from mezoo.catalog_items import read_events
from mezoo.errors import ConfigError, DataError
from mezoo.motion.apex_stage import MissingApex, check_missing_apex
from mezoo.motion.event_flows import KeptFrames, locate_events, write_events
from mezoo.motion.feature_items import Item, apex_items, field_items, locate_pairs, onset_items, pair_items
from mezoo.motion.features import FEATURES, Feature
from mezoo.motion.mdmo_stage import check_faces
from mezoo.stage import check_stage, produce

#: What a flow artifact of events tells of each.
_PER_EVENT = ("onset", "apex", "offset", "reference")


def features_file(
    source: str | Path,
    faces: str | Path,
    out: str | Path,
    *,
    feature: str,
    labels: str | Path | None = None,
    missing_apex: MissingApex = "middle",
    **options: Any,
) -> None:
    """Compute one feature of a video and write a features artifact.

    The artifact holds the outputs of the feature (`features.FEATURES`), 0 where not ``valid`` bool, and

    - with one result per event (E, ...): ``onset``, ``apex``, ``offset``, ``reference`` int32 (E) and the
      attributes ``events`` and ``reasons`` as in the stage ``flow_onset``;
    - with one result per stored field (N, ...): ``index`` int32 (N), frame number as in the source; for
      ``flow_onset`` also ``event`` int16 (N) and what is stored per event.

    Parameters
    ----------
    source : Path
        Flow artifact of the stage that the feature names; ``flow_pair`` with ``keep="full"``.
    faces : Path
        The faces artifact the flow was computed from.
    out : Path
        Features artifact.
    feature : str
        Name of a feature.
    labels : Path, optional
        Event table of the video, ``results/catalog/<dataset>/labels/<video>.csv``, for a feature that needs it
        (`features.Feature.needs_labels`); an event without an offset ends at its apex.
    missing_apex : {'middle', 'skip', 'spotted'}
        What an apex that is not coded means to such a feature, as in the stage ``flow_apex``.
    **options
        Options of the feature; its defaults where absent.

    Raises
    ------
    ConfigError
        Unknown feature or option, flow of another stage or in windows, or no event table where one is needed.
        A `DataError` (no usable event or field among some) becomes a failed artifact.
    """
    entry = _entry(feature, options, labels)
    check_missing_apex(missing_apex)
    # the default is not named, so that files made before there was a choice are still up to date
    told = {"missing_apex": missing_apex} if entry.needs_labels and missing_apex != "middle" else {}
    inputs = {"source": source, "faces": faces}
    if labels is not None and entry.needs_labels:
        inputs["labels"] = labels

    def make(writer: ArtifactWriter) -> None:
        with Artifact(source) as flow, Artifact(faces) as crops:
            _check_source(flow, entry)
            check_faces(flow, faces)
            run = _Run(writer, entry, options, flow)
            if "labels" in inputs:
                _write_pair_events(run, crops, inputs["labels"], missing_apex)
            elif entry.per == "event":
                _write_events(run, crops)
            else:
                _write_fields(run, crops)

    produce(out, stage="features", params={"feature": feature, **told, **options}, inputs=inputs, make=make)


def _entry(feature: str, options: Mapping[str, Any], labels: str | Path | None) -> Feature:
    if feature not in FEATURES:
        raise ConfigError(f"feature '{feature}'", f"one of {', '.join(FEATURES)}", "Correct the name")
    entry = FEATURES[feature]
    parameters = inspect.signature(entry.function).parameters.values()
    known = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.name not in entry.reads]
    if unknown := [name for name in options if name not in known]:
        raise ConfigError(
            f"option '{unknown[0]}' of {feature}", f"one of {', '.join(known)}", "Correct the settings"
        )
    if entry.needs_labels and labels is None:
        raise ConfigError(
            f"{feature} without the events of the video", "their table labels/<video>.csv", "Give --labels"
        )
    return entry


def _check_source(flow: Artifact, entry: Feature) -> None:
    check_stage(flow, entry.source, expected=f"one of {entry.source}, of which this feature is made")
    keep, stride = flow.params.get("keep", "full"), flow.params.get("stride", 1)
    if keep != "full" or stride != 1:
        raise ConfigError(
            f"flow_pair with keep '{keep}' and stride {stride}",
            "whole fields of neighbouring frames",
            "Set flow.keep to 'full' and flow.stride to 1",
            file=flow.path,
        )


def _write_fields(run: _Run, faces: Artifact) -> None:
    run.compute(field_items(run.flow), axis="N")
    if run.entry.source == "flow_pair":
        index = faces["index"][: len(run.flow["valid"])]
        run.writer.write("index", index, axes="(N) of the first frame", units="frame number")
    else:
        _copy(run, ("event", "index", *_PER_EVENT), ("events", "reasons"))


def _write_events(run: _Run, faces: Artifact) -> None:
    items = apex_items if run.entry.source == "flow_apex" else onset_items
    run.writer.attrs["reasons"] = run.compute(items(run.flow, faces, run.entry), axis="E")
    _copy(run, _PER_EVENT, ("events",))


def _write_pair_events(run: _Run, faces: Artifact, labels: str | Path, missing_apex: MissingApex) -> None:
    kept = KeptFrames(faces)
    found = locate_events(
        read_events(labels), kept, lambda event, kept: locate_pairs(event, kept, missing_apex)
    )
    reasons = run.compute(pair_items(run.flow, kept, found, missing_apex), axis="E")
    for item, reason in zip(found, reasons, strict=True):
        item.reason = reason
    write_events(run.writer, faces, found, np.array([not reason for reason in reasons], np.int64))


def _copy(run: _Run, names: tuple[str, ...], lists: tuple[str, ...]) -> None:
    for name in names:
        data = run.flow[name]
        run.writer.write(name, data[:], axes=data.attrs["axes"], units=data.attrs["units"])
    run.writer.attrs.update({name: run.flow.attrs[name] for name in lists})


class _Run:
    """One feature of one video, and the streams of its outputs."""

    def __init__(
        self, writer: ArtifactWriter, entry: Feature, options: Mapping[str, Any], flow: Artifact
    ) -> None:
        self.writer, self.entry, self.flow = writer, entry, flow
        self._options = options
        self._streams: dict[str, Stream] = {}
        self._nothing: dict[str, np.ndarray] = {}

    def compute(self, items: Iterator[Item], *, axis: str) -> list[str]:
        """Compute and write the results of all items; returns why there is none of each, else empty."""
        reasons: list[str] = []
        valid: list[bool] = []
        for item in items:
            values, reason = self._result(item)
            if values and not self._streams:  # only now the options have told the shapes
                self._open({name: np.shape(value) for name, value in values.items()}, axis, len(valid))
            for name, stream in self._streams.items():
                stream.append((values or self._nothing)[name])
            reasons.append(reason)
            valid.append(bool(values))
        if valid and not any(valid):
            raise DataError(
                f"no result for any of {len(valid)} {'events' if axis == 'E' else 'fields'} ({reasons[0]})",
                "at least one",
                "Look at the faces of this video, or list it under exclude",
                file=self.flow.path,
            )
        if not valid:
            image = self.flow["flow"].shape[1:3]
            self._open(
                {name: output.of_image(*image) for name, output in self.entry.outputs.items()}, axis, 0
            )
        self.writer.write("valid", np.array(valid, bool), axes=f"({axis})")
        return reasons

    def _result(self, item: Item) -> tuple[dict[str, np.ndarray] | None, str]:
        if item.flow is None:
            return None, item.reason
        try:
            result = self.entry.function(item.flow, **item.reads, **self._options)
        except DataError as error:
            return None, error.found
        return (result._asdict() if hasattr(result, "_asdict") else {"feature": result}), ""

    def _open(self, shapes: Mapping[str, tuple[int, ...]], axis: str, n_before: int) -> None:
        """Open the streams, with zeros for the items before the first that has a result."""
        for name, output in self.entry.outputs.items():
            stream = self.writer.stream(
                name,
                shape=shapes[name],
                dtype=output.dtype,
                axes=f"({axis}, {output.axes})",
                units=output.units,
            )
            self._streams[name], self._nothing[name] = stream, np.zeros(shapes[name], output.dtype)
            for _ in range(n_before):
                stream.append(self._nothing[name])
