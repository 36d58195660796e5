"""Networks that score single frames as spotters: fit on the training subjects of a fold, frozen afterwards.

SOFTNet, MEAN, MTSN and SMEConvNet. What they share: rows without expression are thinned out, half the mean length of
the training expressions is the width of labels and curves (the codes take it from all subjects), and the threshold
and the epoch of ``inner`` are chosen on subjects left out of a second training (the codes: on the tested ones).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.evaluation.spotting import TYPES
from mezoo.learning.frame_samples import BOTH, as_inputs, draw_samples
from mezoo.learning.spotter import FitJob, Spotter, choose, half_lengths, validation_subjects
from mezoo.learning.spotting_recipe import CurveRecipe, FrameScorerRecipe, MtsnRecipe
from mezoo.learning.videos import FeatureVideo, LabelledVideo
from mezoo.learning.weights import Spec, size_of, spec_of, unflatten
from mezoo.models import create
from mezoo.models.feature_matrix import contrast_curve, pick_apexes
from mezoo.models.frame_scorer import FrameScorer
from mezoo.models.frame_targets import (
    Labels,
    class_labels,
    hard_and_soft_labels,
    overlap_labels,
)
from mezoo.models.mtsn_proposals import spot_both
from mezoo.models.peak_picking import moving_mean, pick_peaks
from mezoo.models.proposals import Proposals

#: Frames scored together.
_BLOCK = 256
#: (frames, D) of a network by the type that it tells; `BOTH` where one tells both.
Scores = Mapping[str, NDArray[np.float32]]


def _smoothed(scores: NDArray[np.float32], k: int) -> NDArray[np.float64]:
    return moving_mean(scores[:, 0], window=2 * k)


def _matrix(scores: NDArray[np.float32], k: int) -> NDArray[np.float64]:
    return contrast_curve(scores, k=k)


class Method(NamedTuple):
    """What differs between the networks: what they learn, and the curve in which expressions show."""

    labels: Labels
    curve: Callable[[NDArray[np.float32], int], NDArray[np.float64]]
    pick: Callable[..., Proposals] = pick_peaks


METHODS = {
    "softnet": Method(overlap_labels, _smoothed),
    "mean": Method(overlap_labels, _smoothed),
    "mtsn": Method(hard_and_soft_labels, _smoothed),
    "smeconvnet": Method(class_labels, _matrix, pick_apexes),
}


class Trained(NamedTuple):
    """One network of a fold: its weights at each look, and their layout."""

    weights: NDArray[np.float32]
    losses: NDArray[np.float32]
    spec: Spec


def fit_frames(
    writer: ArtifactWriter, videos: Sequence[LabelledVideo], recipe: FrameScorerRecipe, job: FitJob
) -> None:
    """Train on all given videos, and once more without the validation subjects to choose ``inner``.

    Parameters
    ----------
    writer : ArtifactWriter
        Gets the weights of every look, those of all networks side by side, and the fold's half lengths.
    videos : sequence of LabelledVideo
        Of the training subjects of the fold.
    recipe : FrameScorerRecipe
    job : FitJob
    """
    trained = _train(videos, recipe, replace(job, folder=job.folder / "main"))
    weights = np.hstack([one.weights for one in trained.values()])
    writer.write("weights", weights, axes="(look, parameter)")
    losses = np.hstack([one.losses for one in trained.values()])
    losses = np.hstack([losses.sum(axis=1, keepdims=True), losses])
    writer.write("losses", losses, axes=f"(epoch, ({', '.join(['total', *trained])}))")
    writer.attrs["specs"] = json.dumps({name: one.spec for name, one in trained.items()})
    writer.attrs["half_lengths"] = json.dumps(half_lengths(videos))
    inner = _choose_inner(videos, recipe, replace(job, folder=job.folder / "inner"))
    writer.attrs["inner"] = json.dumps(inner)


def _train(videos: Sequence[LabelledVideo], recipe: FrameScorerRecipe, job: FitJob) -> dict[str, Trained]:
    from mezoo.learning.frame_training import (
        train_frames,  # Lightning is slow to import; prediction needs none
    )

    found = {}
    for number, (name, seen) in enumerate(recipe.layout(job.layout).networks.items()):
        rng = np.random.default_rng([job.seed, number])
        samples = draw_samples(videos, recipe, name, seen, METHODS[recipe.model].labels, rng)
        torch.manual_seed(job.seed)
        network = cast(FrameScorer, create(recipe.model, **recipe.options))
        store = train_frames(
            network,
            samples,
            recipe,
            seed=job.seed,
            folder=job.folder / name,
            accelerator=job.accelerator,
        )
        found[name] = Trained(store.read("weights"), store.read("losses"), spec_of(network.state_dict()))
    return found


def _choose_inner(
    videos: Sequence[LabelledVideo], recipe: FrameScorerRecipe, job: FitJob
) -> dict[str, object] | None:
    """Look and threshold that are best on subjects left out of a second training."""
    validation = validation_subjects(videos, share=recipe.inner_share, seed=job.seed)
    if not validation:
        return None
    held = [video for video in videos if video.data.person in validation]
    kept = [video for video in videos if video.data.person not in validation]
    trained = _train(kept, recipe, job)
    scorers = FrozenScorers(
        recipe, job.layout, half_lengths(kept), {n: one.spec for n, one in trained.items()}
    )

    def candidates() -> Iterator[tuple[int, float]]:
        for look in range(len(recipe.look_epochs)):
            scorers.load({name: one.weights[look] for name, one in trained.items()})
            yield from ((look, threshold) for threshold in recipe.thresholds)

    def spot_with(video: FeatureVideo, candidate: tuple[int, float]) -> dict[str, Proposals]:
        return scorers.spot(video, threshold=candidate[1])

    (look, threshold), f1 = choose(held, candidates(), spot_with)
    return {"look": look, "threshold": threshold, "f1": f1, "subjects": validation}


class FrozenScorers:
    """The networks of a fold; scores of a video are computed once per set of weights."""

    def __init__(
        self, recipe: FrameScorerRecipe, layout: str, halves: Mapping[str, int], specs: Mapping[str, Spec]
    ) -> None:
        self._recipe, self._layout, self._halves, self._specs = recipe, layout, halves, specs
        self._networks = {
            name: cast(FrameScorer, create(recipe.model, **recipe.options)).eval() for name in specs
        }
        self._cache: dict[str, Scores] = {}

    def load(self, rows: Mapping[str, NDArray[np.float32]]) -> None:
        """Take the weights of one look of each network."""
        for name, row in rows.items():
            self._networks[name].load_state_dict(unflatten(row, self._specs[name]))
        self._cache.clear()

    def scores(self, video: FeatureVideo) -> Scores:
        """Scores of all rows, per network; a row without a face has those of the row before."""
        if video.key not in self._cache:
            self._cache[video.key] = {name: self._score(name, video) for name in self._networks}
        return self._cache[video.key]

    @torch.inference_mode()
    def _score(self, name: str, video: FeatureVideo) -> NDArray[np.float32]:
        parts = [video.features[seen] for seen in self._recipe.layout(self._layout).networks[name]]
        n = min(map(len, parts))
        rows = np.flatnonzero(np.all([part.valid[:n] for part in parts], axis=0))
        images = [torch.from_numpy(part.read(rows)) for part in parts]
        found = [
            self._networks[name].scores(*as_inputs([part[start : start + _BLOCK] for part in images])).numpy()
            for start in range(0, len(rows), _BLOCK)
        ]
        if not found:
            return np.zeros((n, 1), np.float32)
        before = np.maximum(np.searchsorted(rows, np.arange(n), side="right") - 1, 0)
        return np.concatenate(found)[before]

    def curves(self, video: FeatureVideo) -> dict[str, NDArray[np.float64]]:
        """Curve in which expressions of a type show, per type that is told."""
        scores, curve = self.scores(video), METHODS[self._recipe.model].curve
        own = {kind: scores.get(kind, scores.get(BOTH)) for kind in TYPES}
        return {
            kind: curve(values, self._halves[kind])
            for kind, values in own.items()
            if values is not None and len(values)
        }

    def spot(self, video: FeatureVideo, *, threshold: float | None = None) -> dict[str, Proposals]:
        """Spot one video; `threshold` replaces the recipe's."""
        if isinstance(self._recipe, MtsnRecipe):
            values = self._recipe.layout(self._layout)
            return spot_both(
                self.scores(video)[BOTH][:, 0],
                half_lengths=self._halves,
                reach=values.reach,
                fps=video.fps,
                threshold=values.threshold if threshold is None else threshold,
                margin=values.margin,
            )
        assert isinstance(self._recipe, CurveRecipe)
        p = self._recipe.threshold if threshold is None else threshold
        curves = self.curves(video)
        return {kind: pick_peaks(curves.get(kind, np.zeros(0)), k=self._halves[kind], p=p) for kind in TYPES}


class FrameSpotter(Spotter):
    """Frozen networks; their looks are the epochs that the recipe keeps."""

    def __init__(self, artifact: Artifact, recipe: FrameScorerRecipe) -> None:
        specs = json.loads(artifact.attrs["specs"])
        halves: dict[str, Any] = json.loads(artifact.attrs["half_lengths"])
        self._scorers = FrozenScorers(recipe, artifact.attrs["layout"], halves, specs)
        ends = np.cumsum([size_of(spec) for spec in specs.values()])
        parts = np.split(artifact["weights"][:], ends[:-1], axis=1)
        self._weights = dict(zip(specs, parts, strict=True))
        self._inner = json.loads(artifact.attrs["inner"])
        self.looks = list(range(len(recipe.look_epochs)))
        self.last = self.looks[-1]
        self.has_inner = self._inner is not None
        self.fps = float(artifact.attrs["fps"])
        self._loaded = -1

    def _load(self, look: int) -> FrozenScorers:
        if look != self._loaded:
            self._scorers.load({name: rows[look] for name, rows in self._weights.items()})
            self._loaded = look
        return self._scorers

    def spot(self, video: FeatureVideo, look: int) -> dict[str, Proposals]:
        """Spot with the weights of one look and the recipe's threshold."""
        return self._load(look).spot(video)

    def spot_inner(self, video: FeatureVideo) -> dict[str, Proposals]:
        """Spot with the look and threshold that validation subjects chose."""
        return self._load(self._inner["look"]).spot(video, threshold=self._inner["threshold"])

    def curves(self, video: FeatureVideo) -> dict[str, NDArray[np.float32]]:
        """Curves of the last look, per type."""
        curves = self._load(self.last).curves(video)
        return {f"{kind} score": curve.astype(np.float32) for kind, curve in curves.items()}
