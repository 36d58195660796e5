"""The section of the report that tells what was run: recipes, protocols, seeds and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import yaml

from mezoo.learning.pooling import ALL
from mezoo.report.cards import Card


def runs(scores: pd.DataFrame, cards: Sequence[Card]) -> list[dict[str, Any]]:
    """List what was run: a row per recipe and protocol.

    Parameters
    ----------
    scores : DataFrame
        Score tables of both tasks, joined.
    cards : sequence of Card

    Returns
    -------
    list of dict
        recipe, task, method, protocol, corpora (with the number of subjects held out), seeds, epochs.
    """
    by_recipe = {card.recipe: card for card in cards}
    own = scores[(scores["subject"] != ALL) & (scores["selection"] == "last")]
    rows = []
    for (recipe, protocol), part in own.groupby(["recipe", "protocol"], sort=False):
        card = by_recipe.get(str(recipe))
        subjects = part.groupby("dataset", sort=False)["subject"].nunique()
        rows.append(
            {
                "recipe": recipe,
                "task": card.task if card else "–",
                "method": card.method["name"] if card else "–",
                "protocol": protocol,
                "corpora": ", ".join(f"{name} ({n})" for name, n in subjects.items()),
                "seeds": ", ".join(sorted(part["seed"].astype(str).unique())),
                "epochs": card.epochs if card else "–",
            }
        )
    return rows


def settings_text(settings: Mapping[str, Any]) -> str:
    """Write the settings as in config.yaml."""
    return yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True) if settings else ""
