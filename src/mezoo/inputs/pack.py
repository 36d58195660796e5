"""The stage ``pack``: one kind of input for all expressions of one subject, in one file that is mapped into memory.

A fold reads the packs of its training subjects and no other, so the list of its files is still the leak firewall;
and because a pack is bare bytes, all folds and recipes that run at once share a single copy of it in memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mezoo.artifact import Artifact, ArtifactWriter, digest
from mezoo.catalog_items import read_events
from mezoo.errors import ConfigError, DamagedError, DataError
from mezoo.inputs.clip import Clip
from mezoo.inputs.registry import Request, request

if TYPE_CHECKING:
    from mezoo.motion.apex_stage import MissingApex


@dataclass(frozen=True)
class ClipId:
    """Whose expression: ids as in the catalog."""

    dataset: str
    subject: str
    video: str
    event: str


def pack_file(
    name: str,
    artifacts: str | Path,
    labels: Sequence[Path],
    out: str | Path,
    *,
    dataset: str,
    subject: str,
    missing_apex: MissingApex = "middle",
) -> None:
    """Compute one input for all expressions of a subject and write a pack.

    The artifact holds ``data`` (N, ...) of the usable expressions, or for clips that differ in length all frames
    end to end with ``start`` int64 (N + 1); ``row`` int32 (E), -1 where an expression cannot be used; and
    the attributes ``clips`` (video and event of each), ``reasons`` and ``marks`` (a digest of the array of each, by
    which one clip under two subjects is found), all JSON lists.

    Parameters
    ----------
    name : str
        Input with its arguments, e.g. ``apex_flow-28``.
    artifacts : Path
        Folder of the corpus, ``results/artifacts/<dataset>``.
    labels : sequence of Path
        Event tables of the videos of the subject.
    out : Path
        Pack.
    dataset, subject : str
        Ids.
    missing_apex : {'middle', 'skip', 'spotted'}
        As in the stage ``flow_apex``, for inputs that ask for the apex; others must not be told.

    Raises
    ------
    ConfigError
        Unknown input. What is wrong with an expression or a video becomes its reason.
    """
    wanted = request(name)
    files = {
        path.stem: {stage: Path(artifacts) / stage / f"{path.stem}.h5" for stage in wanted.stages}
        for path in labels
    }
    inputs = {
        str(path): digest(path)
        for path in [*labels, *(p for video in files.values() for p in video.values())]
    }
    clips: list[dict[str, str]] = []
    arrays: list[np.ndarray | None] = []
    reasons: list[str] = []
    # the default is not named, so that packs made before there was a choice are still up to date
    told = {"missing_apex": missing_apex} if missing_apex != "middle" else {}
    lineage: dict[str, object] = {"apex": told} if told else {}
    for path in labels:
        with ExitStack() as stack:
            opened = {stage: stack.enter_context(Artifact(file)) for stage, file in files[path.stem].items()}
            for artifact in opened.values():
                lineage |= artifact.lineage
            for event, array, reason in _arrays(wanted, path, opened, missing_apex):
                clips.append({"video": path.stem, "event": event})
                arrays.append(array)
                reasons.append(reason)
    with ArtifactWriter(out, stage="pack", params={"input": name, **told}, inputs=inputs) as writer:
        writer.attrs.update(dataset=dataset, subject=subject, input=name)
        writer.attrs["lineage"] = json.dumps(lineage, sort_keys=True)
        writer.attrs["clips"], writer.attrs["reasons"] = json.dumps(clips), json.dumps(reasons)
        _write(writer, wanted, arrays)


def _arrays(
    wanted: Request, labels: Path, artifacts: dict[str, Artifact], missing_apex: MissingApex
) -> Iterator[tuple[str, np.ndarray | None, str]]:
    """Yield event, array or None, and why there is none."""
    failed = next((artifact.reason for artifact in artifacts.values() if not artifact.ok), "")
    for event in read_events(labels):
        if failed:
            yield event.event, None, failed
            continue
        try:
            array = np.asarray(wanted.make(Clip(event, artifacts, missing_apex)), wanted.kind.dtype)
        except DamagedError:
            raise
        except DataError as error:
            yield event.event, None, error.found
            continue
        _check_shape(array, wanted)
        yield event.event, array, ""


def _check_shape(array: np.ndarray, wanted: Request) -> None:
    fits = len(array.shape) == len(wanted.shape) and all(
        isinstance(side, str) or side == n for side, n in zip(wanted.shape, array.shape, strict=True)
    )
    if not fits:
        raise ConfigError(
            f"input {wanted.name} gave an array of shape {array.shape}",
            f"the shape {wanted.shape} that it declares",
            "Correct its file in src/mezoo/inputs, or the artifacts it reads",
        )


def _write(writer: ArtifactWriter, wanted: Request, arrays: Sequence[np.ndarray | None]) -> None:
    kept = [array for array in arrays if array is not None]
    item = tuple(n for n in wanted.shape if not isinstance(n, str))
    shape = (0, *item)
    axes, units = wanted.kind.axes, wanted.kind.units
    if wanted.ragged:
        data = np.concatenate(kept) if kept else np.zeros(shape, wanted.kind.dtype)
        starts = np.cumsum([0, *map(len, kept)], dtype=np.int64)
        writer.write("start", starts, axes="(N + 1) first frame of each clip in data, and the end")
        writer.write_plain("data", data, axes=f"(frames of all clips) {axes}", units=units)
    else:
        data = np.stack(kept) if kept else np.zeros(shape, wanted.kind.dtype)
        writer.write_plain("data", data, axes=f"(N) {axes}", units=units)
    usable = np.array([array is not None for array in arrays], bool)
    writer.write("row", np.where(usable, np.cumsum(usable) - 1, -1).astype(np.int32), axes="(E) row in data")
    marks = [
        None if a is None else hashlib.sha256(np.ascontiguousarray(a).data).hexdigest()[:16] for a in arrays
    ]
    writer.attrs["marks"] = json.dumps(marks)


class Pack:
    """A pack, mapped into memory.

    Attributes
    ----------
    input, dataset, subject : str
    clips : list of ClipId
        All expressions of the subject.
    reasons : dict of ClipId to str
        Why an expression cannot be used.
    marks : dict of ClipId to str
        Digest of the array of each usable expression.
    settings : dict
        Settings of the stages that the input is made of: stage -> params.
    """

    def __init__(self, path: str | Path) -> None:
        with Artifact(path) as artifact:
            attrs = artifact.attrs
            self.input, self.dataset, self.subject = (str(attrs[k]) for k in ("input", "dataset", "subject"))
            self.settings = {stage: params for stage, params in artifact.lineage.items() if stage != "pack"}
            self.clips = [ClipId(self.dataset, self.subject, **clip) for clip in json.loads(attrs["clips"])]
            reasons, marks = json.loads(attrs["reasons"]), json.loads(attrs["marks"])
            self.reasons = {clip: why for clip, why in zip(self.clips, reasons, strict=True) if why}
            self.marks = {clip: mark for clip, mark in zip(self.clips, marks, strict=True) if mark}
            self._rows = dict(zip(self.clips, artifact["row"][:].tolist(), strict=True))
            self._data = artifact.memory_map("data")
            self._start = artifact["start"][:] if "start" in artifact else None

    def __contains__(self, clip: ClipId) -> bool:
        return self._rows.get(clip, -1) >= 0

    def __getitem__(self, clip: ClipId) -> np.ndarray:
        """Array of a usable expression, a view of the mapped file."""
        row = self._rows[clip]
        if row < 0:
            raise KeyError(clip)
        if self._start is None:
            return self._data[row]
        return self._data[self._start[row] : self._start[row + 1]]
