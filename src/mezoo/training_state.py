"""The state of an unfinished training, kept on the disk so that a killed one goes on. Imports torch."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from mezoo.checkpoint import write_checkpoint

_LOG = logging.getLogger("mezoo")


def keep_state(path: Path, state: Mapping[str, Any], *, job: str = "") -> None:
    """Put a state on the disk, whole.

    Parameters
    ----------
    path : Path
    state : mapping
        Tensors and plain data.
    job : str
        All that the training depends on; empty where `path` can belong to this training alone.
    """
    write_checkpoint(path, {**state, "job": job})


def kept_state(path: Path, *, job: str = "") -> dict[str, Any] | None:
    """Read what `keep_state` wrote for this job.

    Returns
    -------
    dict or None
        On the CPU. None if there is nothing, or nothing to go on from: a line in the log says so.
    """
    if not path.is_file():
        return None
    content = whole_state(path)
    if content is None:
        return None
    if isinstance(content, dict) and content.get("job") == job:
        return content
    other = isinstance(content, dict) and "job" in content
    _begin_anew(path, "belongs to another training" if other else "cannot be read")
    return None


def whole_state(path: Path, *, weights_only: bool = True) -> Any | None:
    """Read a state, on the CPU; None for a torn one, e.g. of a disk that lost power, and a line in the log.

    Parameters
    ----------
    path : Path
        An existing file.
    weights_only : bool
        Whether it holds tensors and plain data alone; Lightning keeps more in ours.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=weights_only)
    except Exception:  # a dozen kinds for a torn file
        _begin_anew(path, "cannot be read")
        return None


def _begin_anew(path: Path, why: str) -> None:
    _LOG.warning("%s %s: this training begins anew", path, why)
