"""What ``mezoo bench effect`` does: spot with and without magnification, print and write both scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mezoo.bench.effect import EffectPlan, effect
from mezoo.bench.progress import progress
from mezoo.config import Config
from mezoo.errors import ConfigError
from mezoo.plan import corpora, require_spotted, spotted
from mezoo.report.tables import print_table


def effect_command(
    config: Config,
    out: Path,
    *,
    results: Path = Path("results"),
    recipes: Path = Path("workflow/recipes"),
    method: str = "phase",
    factors: Sequence[float] = (1.0, 2.0, 4.0),
) -> None:
    """Spot expressions in all long videos of a run, with and without magnification; print and write the tables.

    Parameters
    ----------
    config : Config
        Its corpora, recipes, seeds and settings are taken.
    out : Path
        Folder for everything made; what is there already is not made again.
    results : Path
        Folder of the run, where faces and labels of these corpora are.
    recipes : Path
        Folder of the recipes.
    method : {'eulerian', 'phase'}
    factors : sequence of float
        Total factors of at least 1; 1, no magnification, is always among them.

    Raises
    ------
    ConfigError
        A factor cannot be used, or no corpus has long videos.
    DataError
        Faces or labels are absent.
    """
    if not all(1 <= factor < 1000 for factor in factors):
        raise ConfigError(f"factors {list(factors)}", "total factors from 1 to 1000", "Change --factors")
    found = corpora(config)
    require_spotted(found)
    files = [recipes / f"{name}.yaml" for name in config.recipes]
    plan = EffectPlan(config, spotted(found), files, results, out, method, sorted({1.0, *factors}))
    out.mkdir(parents=True, exist_ok=True)
    with progress(plan.n_steps) as done:
        tables = effect(plan, done=done)
    for table in tables:
        print_table([table])
