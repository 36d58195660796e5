"""What ``mezoo bench magnify`` does: magnify known motion, print and write how well."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mezoo.bench.machine import machine
from mezoo.bench.magnification import QUICK, MagnifyExtent, choose_magnifiers, costs, quality
from mezoo.bench.progress import progress
from mezoo.bench.tables import MagnifyResults, print_magnify, write_json


def magnify_command(
    *,
    runs: int = 5,
    methods: Sequence[str] = (),
    weights: Path | None = None,
    quick: bool = False,
    out: Path | None = None,
) -> MagnifyResults:
    """Measure the magnification methods on clips of known motion, print it and write it.

    Parameters
    ----------
    runs : int
        Of every timing.
    methods : sequence of str
        Names; all that can run when empty.
    weights : Path, optional
        Of MagNet.
    quick : bool
        One small clip: to try whether it works.
    out : Path, optional
        JSON file.

    Raises
    ------
    ConfigError
        A method or its weights cannot be used.
    """
    chosen = choose_magnifiers(methods, weights)
    extent = QUICK if quick else MagnifyExtent()
    settings = {"runs": runs, "methods": list(chosen), "weights": weights.name if weights else None}
    results = MagnifyResults(machine(), settings | {"quick": quick})
    with progress(extent.n_clips + 1) as done:
        results.quality = quality(chosen, extent, done=done)
        results.costs = costs(chosen, side=extent.speed_side, runs=runs)
        done()
    print_magnify(results)
    if out:
        write_json(results, out)
    return results
