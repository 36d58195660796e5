"""Graph over the 12 ROIs from co-occurring action units: which parts of a face move together.

Yin et al., ICME 2023 (arXiv 2303.09114), after the AU prior of Lo et al., MIPR 2020 (arXiv 2004.08915).
Counts and normalisation as in the official script; unlike there, the recommended mode counts the training
subjects of a fold only, and takes parsed action units instead of exact text tokens. The two nose ROIs
belong to no mapped action unit, so their rows are zero unless the identity is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mezoo.errors import ConfigError
from mezoo.models.auwgcn_layout import N_ROIS

Mode = Literal["official_asset", "train_fold", "train_fold+identity", "identity", "learned"]
"""`learned` starts from the fold's graph; the network must be told to train it (``learn_adjacency=True``)."""

_MOUTH: dict[int, tuple[int, ...]] = {12: (8, 10), 14: (8, 10), 25: (9, 11), 26: (9, 11)}

MAPPINGS: dict[str, Mapping[int, Sequence[int]]] = {
    # As published. By FACS, AU1 is the inner brow raiser and AU2 the outer: the two look exchanged.
    "official": {1: (0, 1, 4, 5), 2: (2, 3)} | _MOUTH,
    "facs": {1: (2, 3), 2: (0, 1, 4, 5)} | _MOUTH,
}
"""Action unit -> ROIs it moves; all other action units are ignored."""


def cooccurrence_counts(
    events: Iterable[Iterable[int]], *, mapping: Literal["official", "facs"] = "official"
) -> NDArray[np.int64]:
    """Count how often two ROIs are moved by the action units of one event.

    Parameters
    ----------
    events : iterable of iterables of int
        Action units of each event; unmapped ones are ignored.
    mapping : {"official", "facs"}
        Which of `MAPPINGS` to use.

    Returns
    -------
    ndarray, int64, shape (12, 12)
        Symmetric. An event with one mapped action unit counts on the diagonal of its ROIs; with several,
        every pair of action units counts for all pairs of their ROIs (a pair sharing its ROIs counts twice).
        ROIs of the same action unit are never linked by it.
    """
    nodes = MAPPINGS[mapping]
    counts = np.zeros((N_ROIS, N_ROIS), np.int64)
    for event in events:
        units = [unit for unit in event if unit in nodes]
        if len(units) == 1:
            own = list(nodes[units[0]])
            counts[own, own] += 1
        for first, second in combinations(units, 2):
            block = np.ix_(nodes[first], nodes[second])
            counts[block] += 1
            counts.T[block] += 1
    return counts


def official_units(text: object) -> list[int]:
    """Read a cell as the official script does: parts between ``+`` that are exactly a mapped number.

    ``12+L14`` gives [12]. Repeats are kept. An empty cell gives an empty list.
    """
    known = {str(unit): unit for unit in MAPPINGS["official"]}
    return [known[part] for part in str(text).split("+") if part in known]


def row_normalise(counts: NDArray[np.integer]) -> NDArray[np.float32]:
    """Divide each row by its sum; rows without counts stay zero."""
    single = counts.astype(np.float32)  # like the released graphs, which this reproduces to the last bit
    return single / (single.sum(axis=1, keepdims=True) + np.float32(1e-6))


def load_asset(path: str | Path) -> NDArray[np.float32]:
    """Read a released graph, a ``.npy`` file with a float array of shape (12, 12).

    Raises
    ------
    ConfigError
        When the file is missing or holds something else.
    """
    expected, action = "a .npy file with a (12, 12) array", "Check the path of the released graph"
    try:
        asset = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ConfigError(f"the graph cannot be read ({error})", expected, action, file=path) from error
    if asset.shape != (N_ROIS, N_ROIS):
        raise ConfigError(f"the graph has shape {asset.shape}", expected, action, file=path)
    return asset.astype(np.float32)


def adjacency(
    mode: Mode,
    *,
    events: Iterable[Iterable[int]] = (),
    mapping: Literal["official", "facs"] = "official",
    asset: str | Path | None = None,
) -> NDArray[np.float32]:
    """Graph for `mezoo.models.auwgcn.AUWGCN`.

    Parameters
    ----------
    mode : str
        ``official_asset`` reads `asset` (made from all subjects, the tested one included: leaks);
        ``train_fold`` counts `events`; ``train_fold+identity`` adds self-loops, as an early version of the
        official code did; ``identity`` uses no prior; ``learned`` is ``train_fold+identity`` as a start.
    events : iterable of iterables of int
        Action units of the events of the training subjects.
    mapping : {"official", "facs"}
        Which of `MAPPINGS` to use.
    asset : path, optional
        Released graph, for ``official_asset``.

    Returns
    -------
    ndarray, float32, shape (12, 12)

    Raises
    ------
    ConfigError
        When the mode is unknown, or ``official_asset`` lacks a file.
    """
    if mode == "official_asset":
        if asset is None:
            raise ConfigError("no file for the released graph", "a path", "Give the file or use train_fold")
        return load_asset(asset)
    identity = np.eye(N_ROIS, dtype=np.float32)
    if mode == "identity":
        return identity
    if mode not in ("train_fold", "train_fold+identity", "learned"):
        raise ConfigError(f"unknown graph mode {mode!r}", "a mode listed in the documentation", "Correct it")
    counted = row_normalise(cooccurrence_counts(events, mapping=mapping))
    return counted if mode == "train_fold" else counted + identity
