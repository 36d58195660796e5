"""Look for ways in which the held-out subject may have reached the training of a recogniser.

Four checks, none of which trusts the code that it checks:

- *sandbox*: a fold is trained again in a folder that holds the files of its training subjects and nothing else. The
  model must equal, byte for byte, the one trained where everything lies. A scale, a graph of action
  units, class weights, an epoch or a parameter of augmentation that had looked at the held-out subject would differ.
- *subjects*: no model names a subject that it is tested on.
- *copies*: no clip stands under two subjects, by the digests of the arrays themselves.
- *permuted labels*: trained on labels that were given to other clips, in each fold anew, the recipe must recognise the
  held-out subjects at chance: the lower bound of its average recall, from a bootstrap over folds, must not exceed one
  divided by the number of classes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from mezoo.artifact import Artifact
from mezoo.datasets.protocol_labels import read_protocol_labels
from mezoo.errors import MezooError
from mezoo.evaluation.bootstrap import bootstrap_interval
from mezoo.evaluation.recognition import confusion_matrix, uar
from mezoo.inputs.pack import Pack
from mezoo.learning.clips import read_inputs
from mezoo.learning.recipe import for_recognition, load_recipe
from mezoo.learning.recogniser_fit import fit_recogniser
from mezoo.learning.recogniser_predict import load_recogniser

#: The bound that chance exceeds about once in a hundred times.
_LEVEL = 0.98
#: How often every fold is trained on permuted labels: clips of a class are alike, so that one permutation may by chance
#: give most of them their true label.
_REPEATS = 3


@dataclass(frozen=True)
class FoldFiles:
    """Files of one fold; paths relative to the folder of the run.

    Attributes
    ----------
    name : str
    packs, labels : list of Path
        Of the training subjects.
    held_out_packs, held_out_labels : list of Path
    """

    name: str
    packs: list[Path]
    labels: list[Path]
    held_out_packs: list[Path]
    held_out_labels: list[Path]


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    check : str
    ok : bool
    detail : str
        In words.
    """

    check: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class Leakcheck:
    """A recipe on an experiment, to be checked.

    Attributes
    ----------
    recipe : Path
    folds : sequence of FoldFiles
    classes : sequence of str
    seed : int
    demo : bool
        Whether the recipe's section ``demo`` holds.
    pretrained : Path or None
    """

    recipe: Path
    folds: Sequence[FoldFiles]
    classes: Sequence[str]
    seed: int = 0
    demo: bool = False
    pretrained: Path | None = None

    def run(self) -> Iterator[Finding]:
        """Run all checks, the quick ones first."""
        yield self.copies()
        with tempfile.TemporaryDirectory(prefix="mezoo-leakcheck-") as folder:
            yield self.sandbox(self.folds[0], Path(folder))
            yield self.permuted_labels(Path(folder))

    def copies(self) -> Finding:
        """Compare the digests of all clips of all subjects."""
        owners: dict[tuple[str, str], str] = {}
        for path in sorted({path for fold in self.folds for path in (*fold.packs, *fold.held_out_packs)}):
            pack = Pack(path)
            for clip, mark in pack.marks.items():
                person = f"{clip.dataset}/{clip.subject}"
                other = owners.setdefault((pack.input, mark), person)
                if other != person:
                    return Finding("copies", False, f"{clip.event} of {person} is also a clip of {other}")
        return Finding("copies", True, f"{len(owners)} arrays, each of one subject")

    def sandbox(self, fold: FoldFiles, folder: Path) -> Finding:
        """Train one fold twice: here, and where only the files of its training subjects lie."""
        here, alone = folder / "here.h5", folder / "alone.h5"
        self._fit(self.recipe, fold, here)
        room = folder / "room"
        for path in (
            *fold.packs,
            *fold.labels,
            self.recipe,
            *self.recipe.parent.glob("*.yaml"),
            *self._backbone,
        ):
            if not path.is_absolute() and not (room / path).exists():
                (room / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, room / path)
        try:
            with _inside(room):
                self._fit(self.recipe, fold, alone)
        except (OSError, MezooError) as error:
            return Finding(
                "sandbox", False, f"fold {fold.name} reads more than its training subjects: {error}"
            )
        if here.read_bytes() != alone.read_bytes():
            return Finding(
                "sandbox", False, f"fold {fold.name} gives another model when nobody else's files are there"
            )
        with Artifact(here) as model:
            seen = set(yaml.safe_load(model.attrs["subjects"]))
        held = {f"{p.dataset}/{p.subject}" for p in map(Pack, fold.held_out_packs)}
        if seen & held:
            return Finding(
                "sandbox", False, f"fold {fold.name} is trained on {', '.join(sorted(seen & held))}"
            )
        return Finding("sandbox", True, f"fold {fold.name} gives the same {here.stat().st_size} bytes alone")

    def permuted_labels(self, folder: Path) -> Finding:
        """Train every fold on labels that were given to other clips, and score the held-out subjects."""
        recipe = self._shuffled(folder)
        labels, tables = range(len(self.classes)), []
        for number, fold in enumerate(self.folds):
            table = np.zeros((len(labels), len(labels)), np.int64)
            for repeat in range(_REPEATS):
                model = folder / "shuffled.h5"
                self._fit(recipe, fold, model, seed=self.seed + 1 + number * _REPEATS + repeat)
                found, target = self._predictions(model, fold)
                table += confusion_matrix(target, found, classes=labels)
            tables.append(table)
        recall = bootstrap_interval(np.stack(tables), lambda c: uar(c, over="supported"), level=_LEVEL)
        chance = 1 / int((np.sum(tables, axis=(0, 2)) > 0).sum())
        detail = (
            f"average recall {recall.value:.3f} [{recall.low:.3f}, {recall.high:.3f}], chance {chance:.3f}"
        )
        return Finding("permuted labels", recall.low <= chance, detail)

    @property
    def _backbone(self) -> list[Path]:
        return [self.pretrained] if self.pretrained else []

    def _fit(self, recipe: Path, fold: FoldFiles, out: Path, *, seed: int | None = None) -> None:
        fit_recogniser(
            recipe,
            fold.packs,
            fold.labels,
            out,
            classes=self.classes,
            seed=self.seed if seed is None else seed,
            accelerator="cpu",
            max_failed_share=1.0,
            pretrained=self.pretrained,
            demo=self.demo,
        )

    def _shuffled(self, folder: Path) -> Path:
        recipe = for_recognition(load_recipe(self.recipe, demo=self.demo))
        path = folder / f"{self.recipe.stem}_shuffled.yaml"
        values = recipe.model_dump(mode="json") | {"label_control": "shuffle", "inner_share": 0.0}
        path.write_text(yaml.safe_dump(values), encoding="utf-8")
        return path

    def _predictions(self, model: Path, fold: FoldFiles) -> tuple[list[int], list[int]]:
        """Classes of the held-out clips by the look `last`, and their true classes, in one order."""
        with Artifact(model) as artifact:
            recipe = for_recognition(load_recipe(self._shuffled(model.parent)))
            frozen = load_recogniser(artifact, recipe)
            inputs = read_inputs(fold.held_out_packs, recipe.inputs)
            classes = frozen.probabilities(inputs)[frozen.looks.index(frozen.last)].argmax(axis=1)
        own = {
            (clip.dataset, clip.video, clip.event): int(k)
            for clip, k in zip(inputs.clips, classes, strict=True)
        }
        table = read_protocol_labels(fold.held_out_labels)
        rows = [
            (own[key], list(self.classes).index(row.label))
            for row in table.itertuples(index=False)
            if (key := (row.dataset, row.video, row.event)) in own
        ]
        return [k for k, _ in rows], [true for _, true in rows]


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
