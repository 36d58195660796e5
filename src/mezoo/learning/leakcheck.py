"""Look for ways in which the held-out subject may have reached the training of a recogniser.

Four checks, none of which trusts the code that it checks:

- *sandbox*: a fold is trained again in a folder that holds the files of its training subjects and nothing else. The
  model must equal, byte for byte, the one trained where everything lies. A scale, a graph of action
  units, class weights, an epoch or a parameter of augmentation that had looked at the held-out subject would differ.
- *subjects*: no model names a subject that it is tested on.
- *copies*: no clip stands under two subjects, by the digests of the arrays themselves.
- *random labels*: trained on labels drawn at random, each class equally often, the recipe must recognise the held-out
  subjects at chance: the lower bound of its average recall must not exceed one divided by the number of classes. The
  classes are then interchangeable, so that chance is exact. Labels that are merely given to other clips keep the
  frequencies of the classes, and a sound classifier may answer the frequent class more often for some kinds of clips
  than for others, which is not chance where kind and class go together.
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
from numpy.typing import NDArray
from scipy.stats import t

from mezoo.artifact import Artifact
from mezoo.datasets.protocol_labels import read_protocol_labels
from mezoo.errors import MezooError
from mezoo.evaluation.bootstrap import Interval
from mezoo.evaluation.recognition import confusion_matrix
from mezoo.inputs.pack import Pack
from mezoo.learning.clips import read_inputs
from mezoo.learning.recipe import for_recognition, load_recipe
from mezoo.learning.recogniser_fit import fit_recogniser
from mezoo.learning.recogniser_predict import load_recogniser

#: Coverage of the interval: chance lies below its lower bound about once in a hundred times.
_LEVEL = 0.98
#: How often every fold is trained on random labels: the spread of chance is taken from the repeats of a fold.
_REPEATS = 3
#: The same where the first repeats look like a leak.
_AGAIN = 9


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
            yield self.random_labels(Path(folder))

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

    def random_labels(self, folder: Path) -> Finding:
        """Train every fold on labels that mean nothing, and score the held-out subjects.

        What looks like a leak is drawn anew, with more repeats, before it is called one: of a hundred sound recipes
        the first draw would accuse one.
        """
        for seed, repeats in ((self.seed + 1, _REPEATS), (self.seed + 1 + _REPEATS, _AGAIN)):
            tables = self._drawn(folder, seed, repeats)
            recall = recall_of_repeats(tables)
            chance = 1 / int((tables.sum(axis=(0, 1, 3)) > 0).sum())
            if recall.low <= chance + 1e-9:
                break
        detail = (
            f"average recall {recall.value:.3f} [{recall.low:.3f}, {recall.high:.3f}], chance {chance:.3f}; "
            f"labels drawn {repeats} times"
        )
        return Finding("random labels", recall.low <= chance + 1e-9, detail)

    def _drawn(self, folder: Path, seed: int, repeats: int) -> NDArray[np.int64]:
        """Confusion matrices of each fold and repeat, (F, R, K, K)."""
        recipe = self._random(folder)
        labels = range(len(self.classes))
        tables = np.zeros((len(self.folds), repeats, len(labels), len(labels)), np.int64)
        for number, fold in enumerate(self.folds):
            for repeat in range(repeats):
                model = folder / "random.h5"
                self._fit(recipe, fold, model, seed=seed + number * (_REPEATS + _AGAIN) + repeat)
                found, target = self._predictions(model, fold, recipe)
                tables[number, repeat] = confusion_matrix(target, found, classes=labels)
        return tables

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

    def _random(self, folder: Path) -> Path:
        recipe = for_recognition(load_recipe(self.recipe, demo=self.demo))
        path = folder / f"{self.recipe.stem}_random.yaml"
        values = recipe.model_dump(mode="json") | {"label_control": "random", "inner_share": 0.0}
        path.write_text(yaml.safe_dump(values), encoding="utf-8")
        return path

    def _predictions(self, model: Path, fold: FoldFiles, path: Path) -> tuple[list[int], list[int]]:
        """Classes of the held-out clips by the look `last`, and their true classes, in one order."""
        with Artifact(model) as artifact:
            recipe = for_recognition(load_recipe(path))
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


def recall_of_repeats(tables: NDArray[np.int64]) -> Interval:
    """Average recall of all folds, with an interval from what the repeats of each fold differ by.

    The clips, and so the number of each class, are the same in every repeat: the average recall is a sum over folds,
    and what is drawn (labels, weights, batches) is independent from one training to the next.

    Parameters
    ----------
    tables : ndarray, int, shape (F, R, K, K)
        Confusion matrix (true, found) of each fold and repeat; R >= 2.

    Returns
    -------
    Interval
        Of Student's distribution, with the degrees of freedom of Welch and Satterthwaite.
    """
    support = tables.sum(axis=(0, 1, 3)) / tables.shape[1]
    known = support > 0
    hits = np.diagonal(tables, axis1=2, axis2=3)[..., known]
    parts = (hits / support[known]).mean(axis=2)
    variances = parts.var(axis=1, ddof=1) / tables.shape[1]
    value, variance = float(parts.mean(axis=1).sum()), float(variances.sum())
    if variance == 0:
        return Interval(value, value, value)
    freedom = variance**2 / float((variances**2).sum()) * (tables.shape[1] - 1)
    margin = float(t.ppf((1 + _LEVEL) / 2, freedom)) * variance**0.5
    return Interval(value, value - margin, value + margin)


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
