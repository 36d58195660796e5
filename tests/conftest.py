"""Fixtures of the whole suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference data that is not part of the project; tests that need it skip without it."""
    folder = Path(os.environ.get("MEZOO_SHARED", ROOT.parent / "shared"))
    if not (folder / "oracles").is_dir():
        pytest.skip("reference data absent: put it beside the repository or set MEZOO_SHARED")
    return folder


@pytest.fixture(scope="session")
def common(tmp_path_factory) -> Path:
    """A folder that all worker processes of the suite share; demo corpora are written there once.

    Whoever writes a corpus waits for another process that does, and draws only what is not there yet.
    """
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
