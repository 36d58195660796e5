"""The HDF5 artifact: one file per item and stage, whole or absent, checked on every read.

A file is written under a temporary name in its own folder, flushed to the disk and renamed, so a
reader sees a finished file or none. Every dataset is chunked along its first axis (one frame per
chunk), shuffled, compressed and protected by a checksum; attributes are protected by the checksums
of HDF5's own metadata (file format of HDF5 1.10 and later).

The layout of each stage is documented in ``docs/artifacts.md``.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np

from mezoo import __version__
from mezoo.atomic import publish, temporary_for
from mezoo.errors import DamagedError, DataError
from mezoo.stage_versions import STAGE_VERSIONS

#: Bytes per chunk aimed at when single items are small (e.g. an index): larger chunks read faster.
_CHUNK_BYTES = 32 * 1024
#: What h5py raises when checksums or structures do not hold (a KeyError for a damaged object header).
_READ_ERRORS = (OSError, RuntimeError, KeyError, ValueError)
_COMPRESSION = hdf5plugin.Blosc(cname="zstd", clevel=3, shuffle=hdf5plugin.Blosc.NOSHUFFLE)


def _chunk_length(item_bytes: int) -> int:
    return max(1, _CHUNK_BYTES // max(1, item_bytes))


def _storage(item_bytes: int, shape: tuple[int, ...]) -> dict[str, Any]:
    return {
        "chunks": (_chunk_length(item_bytes), *shape),
        "shuffle": True,
        "fletcher32": True,
        **_COMPRESSION,
    }


class Stream:
    """A dataset that grows along its first axis while a stage runs.

    Items are collected until a chunk is full, so that short items do not rewrite a chunk each.
    """

    def __init__(self, dataset: h5py.Dataset) -> None:
        self._dataset = dataset
        self._length = 0
        self._pending: list[np.ndarray] = []

    def append(self, item: np.ndarray | float | int | bool) -> None:
        """Append one item of the stream's item shape."""
        array = np.asarray(item, dtype=self._dataset.dtype)
        if array.shape != self._dataset.shape[1:]:
            raise ValueError(f"item of shape {array.shape} in a stream of {self._dataset.shape[1:]}")
        self._pending.append(array.copy())
        if len(self._pending) >= self._dataset.chunks[0]:
            self.flush()

    def extend(self, block: np.ndarray) -> None:
        """Append a block of items, shape (n, *item shape)."""
        for item in block:
            self.append(item)

    def flush(self) -> None:
        """Write the collected items."""
        if not self._pending:
            return
        stop = self._length + len(self._pending)
        self._dataset.resize(stop, axis=0)
        self._dataset[self._length : stop] = np.stack(self._pending)
        self._length = stop
        self._pending.clear()


class ArtifactWriter:
    """Write one artifact; on leaving the ``with`` block it appears under its name, whole.

    Parameters
    ----------
    path : Path
        The final name. Its folder is made when absent.
    stage : str
        A key of `STAGE_VERSIONS`.
    params : mapping
        The settings the numbers depend on (must be JSON-able).
    inputs : mapping of str to str
        Name of each input -> its digest.

    Notes
    -----
    When the block raises, the temporary file is removed and nothing appears.
    """

    def __init__(
        self, path: str | Path, *, stage: str, params: Mapping[str, Any], inputs: Mapping[str, str]
    ) -> None:
        self.path = Path(path)
        self.attrs: dict[str, Any] = {}
        self._root = {
            "schema": f"mezoo.{stage}/1",
            "stage_version": STAGE_VERSIONS[stage],
            "params": json.dumps(params, sort_keys=True),
            "inputs": json.dumps(inputs, sort_keys=True),
            "mezoo_version": __version__,
        }
        self._status, self._reason = "ok", ""
        self._streams: list[Stream] = []

    def __enter__(self) -> ArtifactWriter:
        self._temporary = temporary_for(self.path)
        # 'v110' puts a checksum on every piece of metadata, so a flipped bit there is noticed too
        self._h5 = h5py.File(self._temporary, "w", libver=("v110", "v110"), track_order=False)
        return self

    def __exit__(self, kind, value, traceback) -> None:
        try:
            if kind is None:
                self._finish()
            else:
                self._h5.close()
        finally:
            self._temporary.unlink(missing_ok=True)

    def _finish(self) -> None:
        for stream in self._streams:
            stream.flush()
        root = {**self._root, "status": self._status, "reason": self._reason, **self.attrs}
        for key, value in root.items():
            plain = isinstance(value, str | int | float | bool | np.generic)
            self._h5.attrs[key] = value if plain else json.dumps(value)
        self._h5.close()
        publish(self._temporary, self.path)

    def write(self, name: str, array: np.ndarray, *, axes: str, units: str = "") -> None:
        """Write a whole dataset of one or more axes; `axes` and `units` become its attributes."""
        array = np.asarray(array)
        item_bytes = array.dtype.itemsize * int(np.prod(array.shape[1:], dtype=np.int64))
        storage = _storage(item_bytes, array.shape[1:]) if array.size else {}
        if storage:
            storage["chunks"] = (min(storage["chunks"][0], array.shape[0]), *array.shape[1:])
        dataset = self._h5.create_dataset(name, data=array, track_times=False, **storage)
        dataset.attrs["axes"], dataset.attrs["units"] = axes, units

    def write_plain(self, name: str, array: np.ndarray, *, axes: str, units: str = "") -> None:
        """Write a whole dataset as its bare bytes, so that `Artifact.memory_map` can map it.

        Many processes that train on the same clips then share one copy in memory. In place of the checksums of
        chunks one of the whole is kept, which is checked whenever the dataset is opened.
        """
        array = np.ascontiguousarray(array)
        dataset = self._h5.create_dataset(name, data=array, track_times=False)
        dataset.attrs["axes"], dataset.attrs["units"] = axes, units
        dataset.attrs["crc32"] = zlib.crc32(array.data) if array.size else 0

    def stream(self, name: str, *, shape: tuple[int, ...], dtype: Any, axes: str, units: str = "") -> Stream:
        """Open a dataset (T, *shape) that grows item by item."""
        item_bytes = np.dtype(dtype).itemsize * int(np.prod(shape, dtype=np.int64))
        dataset = self._h5.create_dataset(
            name,
            shape=(0, *shape),
            maxshape=(None, *shape),
            dtype=dtype,
            track_times=False,
            **_storage(item_bytes, shape),
        )
        dataset.attrs["axes"], dataset.attrs["units"] = axes, units
        self._streams.append(Stream(dataset))
        return self._streams[-1]

    def fail(self, reason: str) -> None:
        """Mark the artifact as failed; used by `write_failed`."""
        self._status, self._reason = "failed", reason


def write_failed(
    path: str | Path,
    *,
    stage: str,
    params: Mapping[str, Any],
    inputs: Mapping[str, str],
    reason: str,
    identity: Mapping[str, Any] | None = None,
) -> None:
    """Write a whole, valid artifact that says that this item failed, and why."""
    with ArtifactWriter(path, stage=stage, params=params, inputs=inputs) as writer:
        writer.attrs.update(identity or {})
        writer.fail(reason)


class CheckedDataset:
    """A dataset whose read errors (checksums, truncated files) name the file and the dataset."""

    def __init__(self, dataset: h5py.Dataset, path: Path) -> None:
        self._dataset, self._path = dataset, path
        self.shape: tuple[int, ...] = dataset.shape
        self.dtype: np.dtype = dataset.dtype
        self.attrs: dict[str, str] = dict(dataset.attrs)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        try:
            return self._dataset[key]
        except _READ_ERRORS as error:
            raise damaged(self._path, f"dataset '{self._dataset.name}'") from error


def damaged(path: Path, what: str) -> DamagedError:
    """Return the error for bytes that are not those that were written."""
    return DamagedError(
        f"{what} cannot be read back: its checksum does not match",
        "the bytes that were written",
        "Delete the file and run the same command again",
        file=path,
    )


class Artifact:
    """Read one artifact; use as a context manager.

    Attributes
    ----------
    ok : bool
        False when the item failed; `reason` then says why.
    status, reason, stage : str
    params, inputs, attrs : dict
        Settings, digests of the inputs, and any further root attribute.
    lineage : dict
        Settings of every stage on the way to this file, its own included: stage -> params.

    Raises
    ------
    DataError
        The file is damaged (checksum) or no mezoo artifact.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise DataError(
                "the artifact is absent", "a file", "Run the stage that writes it", file=self.path
            )
        try:
            self._h5 = h5py.File(self.path, "r", locking=False)
            root = dict(self._h5.attrs)
        except _READ_ERRORS as error:
            raise damaged(self.path, "the file") from error
        if not {"schema", "status", "inputs"} <= set(root):
            self._h5.close()
            raise DataError(
                "an HDF5 file without the attributes of an artifact",
                "a mezoo artifact",
                "Give a file that mezoo wrote",
                file=self.path,
            )
        self.stage: str = root.pop("schema").split(".", 1)[1].split("/")[0]
        self.status: str = root.pop("status")
        self.reason: str = root.pop("reason")
        self.stage_version: int = int(root.pop("stage_version"))
        self.params: dict[str, Any] = json.loads(root.pop("params"))
        self.inputs: dict[str, str] = json.loads(root.pop("inputs"))
        self.mezoo_version: str = root.pop("mezoo_version")
        self.lineage: dict[str, Any] = {**json.loads(root.pop("lineage", "{}")), self.stage: self.params}
        self.attrs: dict[str, Any] = root
        self.ok = self.status == "ok"

    def __enter__(self) -> Artifact:
        return self

    def __exit__(self, kind, value, traceback) -> None:
        self._h5.close()

    def __contains__(self, name: str) -> bool:
        return name in self._h5

    def __getitem__(self, name: str) -> CheckedDataset:
        try:
            if name in self._h5:
                if "crc32" in self._h5[name].attrs:
                    self.memory_map(name)  # checks it
                return CheckedDataset(self._h5[name], self.path)
        except _READ_ERRORS as error:
            raise damaged(self.path, f"dataset '{name}'") from error
        raise DataError(
            f"no dataset '{name}' (there are: {', '.join(self.names()) or 'none'})",
            f"a '{self.stage}' artifact that holds it",
            "Delete the file and run the stage again",
            file=self.path,
        )

    def memory_map(self, name: str) -> np.ndarray:
        """Map a dataset of `ArtifactWriter.write_plain`, read only; its checksum is checked now.

        The array stays usable when the artifact is closed.
        """
        try:
            dataset = self._h5[name]
            shape, dtype, offset = dataset.shape, dataset.dtype, dataset.id.get_offset()
            expected = int(dataset.attrs["crc32"])
        except _READ_ERRORS as error:
            raise damaged(self.path, f"dataset '{name}'") from error
        if offset is None:  # nothing was stored
            return np.zeros(shape, dtype)
        array = np.memmap(self.path, dtype, "r", offset=offset, shape=shape)
        if zlib.crc32(array.data) != expected:
            raise damaged(self.path, f"dataset '{name}'")
        return array

    def names(self) -> list[str]:
        """Names of all datasets, sorted."""
        found: list[str] = []
        try:
            self._h5.visititems(lambda name, node: found.extend([name] * isinstance(node, h5py.Dataset)))
        except _READ_ERRORS as error:
            raise damaged(self.path, "the list of datasets") from error
        return sorted(found)

    def verify(self) -> None:
        """Read every byte once; raise `DataError` at the first checksum that does not match."""
        for name in self.names():
            dataset = self[name]
            step = max(1, 8_000_000 // max(1, dataset.dtype.itemsize * int(np.prod(dataset.shape[1:]))))
            if not dataset.shape:
                _ = dataset[()]
                continue
            for start in range(0, len(dataset), step):
                _ = dataset[start : start + step]


def digest(path: str | Path) -> str:
    """Short SHA-256 of a file's bytes; artifacts of equal content are equal byte for byte."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()[:16]
