"""Whether magnification helps to spot expressions: every fold with and without, the factor chosen in training.

The frames are magnified, not the flow. Magnification of the flow (Lagrangian) by m multiplies every MDMO vector by m:
peak picking sets its threshold between mean and maximum of the same video, AUW-GCN divides by the spread of its
training subjects, so neither can see it (`tests/bench/test_effect.py`).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pandas as pd

from mezoo.artifact import Artifact
from mezoo.atomic import write_text
from mezoo.config import Config
from mezoo.errors import DataError
from mezoo.learning.fit import fit
from mezoo.learning.predict import predict
from mezoo.learning.score import gather_scores, score_folds
from mezoo.magnify.faces_stage import faces_magnified_file
from mezoo.motion import flow_pair_file, mdmo_file
from mezoo.plan import Corpus, stage_settings

Done = Callable[[], object]


@dataclass(frozen=True)
class EffectPlan:
    """What is compared.

    Attributes
    ----------
    config : Config
        Settings of flow and features, seeds, share of videos that may have failed.
    corpora : mapping of str to Corpus
        Corpora of long videos.
    recipes : sequence of Path
        Files of ``workflow/recipes``.
    results : Path
        Folder with ``artifacts/<dataset>/faces`` and ``catalog/<dataset>/labels``.
    out : Path
        Folder for everything made; what is there already is not made again.
    method : {'eulerian', 'phase'}
    factors : sequence of float
        Total factors, ascending; 1 is no magnification.
    """

    config: Config
    corpora: Mapping[str, Corpus]
    recipes: Sequence[Path]
    results: Path
    out: Path
    method: str
    factors: Sequence[float]

    def name(self, factor: float) -> str:
        """Word for one factor in names of files."""
        return f"{self.method}-{factor:g}"

    def features(self, corpus: Corpus, factor: float, videos: Sequence[str]) -> list[Path]:
        """Feature artifacts of videos."""
        return [self.out / "mdmo" / self.name(factor) / corpus.name / f"{video}.h5" for video in videos]

    def labels(self, corpus: Corpus, videos: Sequence[str]) -> list[Path]:
        """Event tables of videos."""
        return [self.results / "catalog" / corpus.name / "labels" / f"{video}.csv" for video in videos]

    def fold(self, recipe: Path, corpus: Corpus, factor: float, subject: str, seed: int) -> Path:
        """Folder of the model and the intervals of one fold."""
        place = self.out / "models" / recipe.stem / corpus.name / self.name(factor)
        return place / subject / f"seed{seed}"

    @property
    def n_steps(self) -> int:
        """Number of calls of `done` in `effect`."""
        videos = sum(len(corpus.all_videos()) for corpus in self.corpora.values())
        folds = sum(len(corpus.subjects) for corpus in self.corpora.values())
        return len(self.factors) * (videos + len(self.recipes) * len(self.config.seeds) * folds)


def effect(plan: EffectPlan, *, done: Done) -> list[Path]:
    """Make features with every factor, train and test every fold with each, and choose a factor per fold.

    Parameters
    ----------
    plan : EffectPlan
    done : callable
        Called after every video and fold.

    Returns
    -------
    list of Path
        One table per recipe, ``effect_<recipe>.csv``, as of ``mezoo gather-scores``: the name of the recipe is
        followed by the factor, or by ``chosen``. Beside it ``chosen_<recipe>.csv``: factor of each fold, and what F1
        it was chosen by.

    Raises
    ------
    DataError
        Faces or labels are absent.
    """
    for corpus in plan.corpora.values():
        for factor in plan.factors:
            for video in corpus.all_videos():
                _features_of(plan, corpus, factor, video)
                done()
    return [_compare(plan, recipe, done) for recipe in plan.recipes]


def _features_of(plan: EffectPlan, corpus: Corpus, factor: float, video: str) -> None:
    (out,) = plan.features(corpus, factor, [video])
    if out.is_file():
        return
    faces = plan.results / "artifacts" / corpus.name / "faces" / f"{video}.h5"
    for path in (faces, *plan.labels(corpus, [video])):
        if not path.is_file():
            raise DataError(
                "the file is absent",
                "faces and labels of every video",
                f"Run snakemake results/catalog/{corpus.name}/faces.csv",
                file=path,
            )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=plan.out) as folder:
        if factor != 1:
            magnified = Path(folder) / "faces.h5"
            faces_magnified_file(faces, magnified, method=plan.method, factor=factor)
            faces = magnified
        flow = Path(folder) / "flow.h5"
        flow_pair_file(faces, flow, **stage_settings(plan.config, corpus, "flow_pair"))
        mdmo_file(flow, faces, out, **stage_settings(plan.config, corpus, "mdmo"))


def _compare(plan: EffectPlan, recipe: Path, done: Done) -> Path:
    scores, chosen = [], []
    for corpus in plan.corpora.values():
        tested, rows = _all_folds(plan, recipe, corpus, done)
        chosen += rows
        for name, proposals in tested.items():
            place = plan.out / "scores" / recipe.stem / corpus.name / name
            scores.append(place.with_suffix(".csv"))
            score_folds(
                proposals,
                plan.labels(corpus, corpus.all_videos()),
                recipe=f"{recipe.stem} {name}",
                dataset=corpus.name,
                predictions=place,
                out=scores[-1],
            )
    text = pd.DataFrame(chosen).to_csv(index=False, float_format="%.4f", lineterminator="\n")
    write_text(plan.out / f"chosen_{recipe.stem}.csv", text)
    out = plan.out / f"effect_{recipe.stem}.csv"
    gather_scores(scores, out)
    return out


def _all_folds(
    plan: EffectPlan, recipe: Path, corpus: Corpus, done: Done
) -> tuple[dict[str, list[Path]], list[dict[str, object]]]:
    """Intervals of all folds by factor and for the chosen one; which one that is, fold by fold."""
    tested: dict[str, list[Path]] = {"chosen": []}
    rows: list[dict[str, object]] = []
    for subject, seed in product(corpus.subjects, plan.config.seeds):
        found = {}
        for factor in plan.factors:
            intervals = _test(plan, recipe, corpus, factor, subject, seed)
            tested.setdefault(f"{factor:g}x", []).append(intervals)
            found[factor] = chosen_by(intervals.with_name("model.h5"))
            done()
        best = choose_factor(found)
        tested["chosen"].append(tested[f"{best:g}x"][-1])
        told = {f"f1_{factor:g}x": f1 for factor, f1 in found.items()}
        rows.append({"dataset": corpus.name, "subject": subject, "seed": seed, "factor": best, **told})
    return tested, rows


def _test(plan: EffectPlan, recipe: Path, corpus: Corpus, factor: float, subject: str, seed: int) -> Path:
    """Train on everybody but `subject`, spot in his videos; return the file of the intervals."""
    folder = plan.fold(recipe, corpus, factor, subject, seed)
    model, proposals = folder / "model.h5", folder / "proposals.h5"
    folder.mkdir(parents=True, exist_ok=True)
    training = corpus.training_videos(subject)
    if not model.is_file():
        fit(
            recipe,
            plan.features(corpus, factor, training),
            plan.labels(corpus, training),
            model,
            layout=corpus.layout,
            seed=seed,
            accelerator=plan.config.accelerator,
            max_failed_share=corpus.failed_share(subject, plan.config.max_failed_share),
            demo=corpus.is_demo,
        )
    if not proposals.is_file():
        own = plan.features(corpus, factor, corpus.videos[subject])
        predict(model, own, proposals, dataset=corpus.name, subject=subject)
    return proposals


def chosen_by(model: Path) -> float:
    """F1 that the selection ``inner`` reached on training subjects; 0 where there were too few to choose."""
    with Artifact(model) as artifact:
        inner = json.loads(artifact.attrs["inner"])
    return float(inner["f1"]) if inner else 0.0


def choose_factor(found: Mapping[float, float]) -> float:
    """Factor with the best F1 on training subjects; of equal ones the smallest.

    Parameters
    ----------
    found : mapping of float to float
        Factor -> F1.
    """
    return min(found, key=lambda factor: (-found[factor], factor))
