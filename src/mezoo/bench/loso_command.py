"""What ``mezoo bench loso`` does: measure the folds of a run, print and write it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from mezoo.bench.loso import fold_cost, matmul_rate, network_floor, recipes_of
from mezoo.bench.machine import machine
from mezoo.bench.tables import LosoResults, print_loso, write_json
from mezoo.controls import leakcheck_of
from mezoo.workflow import RECIPES


def loso_command(
    recipes: Sequence[str], *, protocol: str = "", floors: Sequence[str] = (), out: Path | None = None
) -> LosoResults:
    """Measure the first fold of recipes on an experiment of the run in this folder, print it and write it.

    Parameters
    ----------
    recipes : sequence of str
        Names; all recipes for recognition when empty.
    protocol : str
        Experiment; the first of the run when empty.
    floors : sequence of str
        Recipes whose full-size network is held against the arithmetic of one clip.
    out : Path, optional
        JSON file.

    Raises
    ------
    ConfigError
        An unknown recipe or experiment, or inputs that are not made yet.
    """
    results = LosoResults(machine(), {"protocol": protocol, "recipes": list(recipes)})
    for path in tqdm(recipes_of(RECIPES, recipes), desc="loso", unit="recipe"):
        checked = leakcheck_of(path.stem, protocol)
        results.folds.append(fold_cost(path, checked.folds[0], checked.classes, demo=checked.demo))
    if floors:
        rate = matmul_rate()
        results.gflop_per_second = rate / 1e9
        results.floors = [network_floor(RECIPES / f"{name}.yaml", rate) for name in floors]
    print_loso(results)
    if out:
        write_json(results, out)
    return results
