"""The section of the report that tells with which software and on which data its numbers were made."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mezoo import __version__

#: Packages whose version may change numbers.
_PACKAGES = (
    "numpy", "scipy", "pandas", "h5py", "hdf5plugin", "opencv-contrib-python-headless", "dlib-bin",
    "face_recognition_models", "numba", "av", "torch", "pytorch-lightning", "scikit-learn", "scikit-image",
    "snakemake", "matplotlib",
)  # fmt: skip


def software() -> Iterable[tuple[str, str]]:
    """Yield what runs here with its version."""
    yield "Python", platform.python_version()
    yield "mezoo", __version__
    for name in _PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not installed"


def data_fingerprints(audits: Sequence[Path]) -> list[dict[str, Any]]:
    """Read the fingerprint beside each audit.

    Parameters
    ----------
    audits : sequence of Path
        ``<dataset>/audit.csv``.

    Returns
    -------
    list of dict
        dataset and the keys of `mezoo.datasets.fingerprint.Fingerprint`, for catalogs that have one.
    """
    places = [(Path(path).parent.name, Path(path).with_name("fingerprint.json")) for path in audits]
    return [
        {"dataset": name, **json.loads(path.read_text(encoding="utf-8"))}
        for name, path in places
        if path.is_file()
    ]
