"""Model cards: what each trained recipe is, what it was trained on, what it scores and what it is not for.

After Mitchell et al., "Model cards for model reporting", FAT* 2019. The same facts make a section of the page and one
Markdown file per recipe.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mezoo.artifact import Artifact
from mezoo.atomic import write_text
from mezoo.html import environment
from mezoo.learning.pooling import SELECTIONS
from mezoo.report.headline import TEST_SELECTED
from mezoo.report.references import cited, method, reference_text
from mezoo.report.tables import interval, is_demo, number, seed_spread

USE = {
    "spotting": "Finding candidates for micro- and macro-expressions in videos of faces, for a person who looks at each"
    " of them; comparing methods under one protocol.",
    "recognition": "Sorting clips of single micro-expressions into the classes of a protocol, to compare methods under"
    " that protocol.",
}
NOT_FOR = (
    "No inference about deception, intention or feeling; no decision about any person. The labels tell which muscles"
    " moved and what was shown to the subjects, not what they felt."
)
LIMITS = (
    "Few subjects of few origins, in frontal view and even light of a laboratory: expect worse results with other"
    " cameras, poses and people, and differences between groups of people that nobody has measured.",
    "A score orders the answers of one model. It is no probability, and scores of different models cannot be compared.",
)
SYNTHETIC = (
    "Trained and tested on synthetic faces alone. The numbers show that the software works; they say nothing about real"
    " people, and the weights are of no use on them."
)


@dataclass(frozen=True)
class Card:
    """Facts about one trained recipe.

    Attributes
    ----------
    recipe : str
    task : {"spotting", "recognition"}
    method : dict
        See `mezoo.report.references.method`.
    inputs : list of str
    stored : int or None
        Numbers in the state of the network: trained ones, and statistics of normalisation; None without a network.
    values : dict
        Every value of the recipe, those for synthetic corpora where it was trained on them.
    trained : list of dict
        What a model of it was trained on: name, corpora, subjects, n and unit (videos or clips), seed.
    scores : list of dict
        One per dataset or protocol and selection: where, selection, test_selected, metric, value (text with its
        interval), others (name -> text), used (text).
    """

    recipe: str
    task: str
    method: dict[str, Any]
    inputs: list[str]
    stored: int | None
    values: dict[str, Any]
    trained: list[dict[str, Any]]
    scores: list[dict[str, Any]]

    @property
    def demo(self) -> bool:
        """Whether it was trained on synthetic faces alone."""
        return all(is_demo(name) for row in self.trained for name in row["corpora"])

    @property
    def limits(self) -> tuple[str, ...]:
        """What its numbers do not say."""
        return (SYNTHETIC, *LIMITS) if self.demo else LIMITS

    @property
    def epochs(self) -> str:
        """Epochs of the training, a dash where there are none."""
        return str(self.values.get("epochs", "–"))

    @property
    def pretrained(self) -> str:
        """Backbone that the training starts from, or nothing."""
        return self.values.get("pretrained") or ""

    @property
    def sources(self) -> list[str]:
        """Its papers, for people."""
        return [reference_text(key) for key in self.method["cites"]] or [self.method["paper"] or "no paper"]

    @property
    def recipe_text(self) -> str:
        """Every value of the recipe as JSON."""
        return json.dumps(self.values, indent=1, sort_keys=True)


def spotting_cards(models: Sequence[Path], table: pd.DataFrame) -> list[Card]:
    """Make the cards of spotting recipes.

    Parameters
    ----------
    models : sequence of Path
        Models trained on everybody, one per recipe.
    table : DataFrame
        See `mezoo.report.spotting_tables.spotting_table`.
    """
    ours = table[(table["origin"] == "mezoo") & table["selection"].isin(SELECTIONS)]
    cards = []
    for path in models:
        with Artifact(path) as artifact:
            attrs = artifact.attrs
            values = json.loads(attrs["recipe"])
            trained = {
                "name": "all subjects",
                "corpora": json.loads(attrs["datasets"]),
                "subjects": len(json.loads(attrs["subjects"])),
                "n": int(attrs["n_videos"]),
                "unit": "videos",
                "seed": int(attrs["seed"]),
            }
            own = ours[ours["recipe"] == attrs["name"]]
            cards.append(
                Card(
                    recipe=attrs["name"],
                    task="spotting",
                    method=method(attrs["name"], values["model"]),
                    inputs=[values["features"]] if "features" in values else values.get("inputs", []),
                    stored=_size(artifact),
                    values=values,
                    trained=[trained],
                    scores=[_spotting_score(row) for row in own.to_dict("records")],
                )
            )
    return cards


def _size(artifact: Artifact) -> int | None:
    return int(artifact["weights"].shape[1]) if "weights" in artifact else None


def _spotting_score(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "where": row["dataset"],
        "selection": row["selection"],
        "test_selected": row["selection"] in TEST_SELECTED,
        "metric": "F1",
        "value": f"{number(row['f1_all'])} {interval(row['lower'], row['upper'])}{seed_spread(row['seed_sd'])}",
        "others": {f"F1 {kind}": number(row[f"f1_{kind}"]) for kind in ("micro", "macro")},
        "used": f"{row['n_used']} of {row['n_expected']} videos",
    }


def recognition_cards(models: Sequence[Path], table: pd.DataFrame) -> list[Card]:
    """Make the cards of recognition recipes.

    Parameters
    ----------
    models : sequence of Path
        ``models/<recipe>/<experiment>/<fold>/<seed>/model.h5``, one for each recipe and experiment.
    table : DataFrame
        See `mezoo.report.recognition_tables.recognition_table`.
    """
    ours = table[table["origin"] == "mezoo"]
    found: dict[str, dict[str, Any]] = {}
    for path in models:
        with Artifact(path) as artifact:
            attrs = artifact.attrs
            persons = json.loads(attrs["subjects"])
            facts = found.setdefault(
                attrs["name"],
                {"values": json.loads(attrs["recipe"]), "stored": _size(artifact), "trained": []},
            )
            facts["trained"].append(
                {
                    "name": f"{Path(path).parents[2].name}, without fold {Path(path).parents[1].name}",
                    "corpora": sorted({person.split("/")[0] for person in persons}),
                    "subjects": len(persons),
                    "n": int(attrs["n_clips"]),
                    "unit": "clips",
                    "seed": int(attrs["seed"]),
                }
            )
    return [
        Card(
            recipe=name,
            task="recognition",
            method=method(name, facts["values"]["model"]),
            inputs=facts["values"]["inputs"],
            scores=[_recognition_score(row) for row in ours[ours["recipe"] == name].to_dict("records")],
            **facts,
        )
        for name, facts in found.items()
    ]


def _recognition_score(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "where": f"{row['protocol']}: {row['dataset']}",
        "selection": row["selection"],
        "test_selected": row["selection"] in TEST_SELECTED,
        "metric": "UF1",
        "value": f"{number(row['uf1'])} {interval(row['lower'], row['upper'])}{seed_spread(row['seed_sd'])}",
        "others": {"UAR": number(row["uar"]), "accuracy": number(row["accuracy"])},
        "used": f"{row['n_used']} of {row['n_expected']} clips",
    }


def write_cards(cards: Sequence[Card], folder: Path) -> None:
    """Write ``<recipe>.md`` for each card."""
    template = environment("mezoo.report").get_template("card.md.j2")
    for card in cards:
        text = template.render(card=card, use=USE[card.task], not_for=NOT_FOR)
        write_text(Path(folder) / f"{card.recipe}.md", text.strip() + "\n")


def citations(cards: Sequence[Card]) -> list[str]:
    """Keys of the papers of all cards, each once."""
    return cited("".join(f"[@{key}]" for card in cards for key in card.method["cites"]))
