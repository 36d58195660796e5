"""Networks that score frames as spotters: fit on the training subjects of a fold, frozen afterwards.

AUW-GCN (Yin et al., ICME 2023) and ABPN (Leng et al., ACM MM 2022), which share clips, targets, losses and
proposals. Everything that a network depends on (channel statistics, graph, epoch and threshold of ``inner``)
comes from the training subjects; the official codes take the graph from all subjects and the epoch from the
tested one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.errors import ConfigError, DataError
from mezoo.evaluation.spotting import TYPES
from mezoo.learning.spotter import FitJob, Spotter, choose, validation_subjects
from mezoo.learning.spotting_recipe import AbpnRecipe, AuwgcnRecipe, NetworkLayout, SpottingNetworkRecipe
from mezoo.learning.videos import FeatureVideo, LabelledVideo, shuffle_events
from mezoo.learning.weights import EpochStore, Spec, spec_of, unflatten
from mezoo.models.abpn import ABPN, normalise_first_rois
from mezoo.models.au_graph import adjacency
from mezoo.models.auwgcn import AUWGCN, probabilities
from mezoo.models.auwgcn_clips import channel_statistics, has_expression, normalise, pad_context, segment
from mezoo.models.auwgcn_labels import frame_labels
from mezoo.models.auwgcn_layout import CHANNELS, CONTEXT, END, OFFICIAL_MEAN, OFFICIAL_STD, START
from mezoo.models.auwgcn_losses import LOSSES
from mezoo.models.auwgcn_proposals import ProposalSettings, spot
from mezoo.models.auwgcn_targets import Targets, training_targets
from mezoo.models.proposals import Proposals

#: Arrays that a network needs besides its weights, by the name under which the artifact keeps them.
Constants = dict[str, NDArray[np.float32]]


class Network(NamedTuple):
    """What differs between the networks."""

    constants: Callable[[Sequence[LabelledVideo], Any], Constants]
    axes: Mapping[str, str]  # of the constants
    build: Callable[[Constants, Any], nn.Module]
    normalise: Callable[..., NDArray[np.float32]]  # in prediction: (features, recipe, mean=, std=)


def _graph(videos: Sequence[LabelledVideo], recipe: AuwgcnRecipe) -> Constants:
    graph = adjacency(
        recipe.adjacency,
        events=[units for video in videos for units in video.aus],
        mapping=recipe.au_mapping,
        asset=recipe.adjacency_file,
    )
    if not graph.any():
        raise ConfigError(
            "an empty AU graph: no action unit of the training events moves a ROI",
            "events with AU 1, 2, 12, 14, 25 or 26, which the graph of AUW-GCN knows",
            "Set adjacency: identity in the recipe; with an empty graph the network sees nothing",
        )
    return {"graph": graph}


def _normalise_abpn(features: NDArray, recipe: AbpnRecipe, **constants: NDArray) -> NDArray[np.float32]:
    official = recipe.prediction_normalisation == "official"
    return normalise_first_rois(features, **constants) if official else normalise(features, **constants)


NETWORKS = {
    "auwgcn": Network(
        constants=_graph,
        axes={"graph": "(ROI, ROI)"},
        build=lambda constants, recipe: AUWGCN(
            adjacency=constants["graph"], learn_adjacency=recipe.adjacency == "learned"
        ),
        normalise=lambda features, recipe, **constants: normalise(features, **constants),
    ),
    "abpn": Network(
        constants=lambda videos, recipe: {},
        axes={},
        build=lambda constants, recipe: ABPN(roi_weights=recipe.roi_weights),
        normalise=_normalise_abpn,
    ),
}


@dataclass(frozen=True, eq=False)
class Trained:
    """One finished training and the constants that belong to it."""

    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    constants: Constants
    store: EpochStore
    spec: Spec


def fit_network(
    writer: ArtifactWriter, videos: Sequence[LabelledVideo], recipe: SpottingNetworkRecipe, job: FitJob
) -> None:
    """Train on all given videos, and once more without the validation subjects to choose ``inner``.

    Parameters
    ----------
    writer : ArtifactWriter
        Gets the weights of every epoch and the fold's constants.
    videos : sequence of LabelledVideo
        Of the training subjects of the fold.
    recipe : SpottingNetworkRecipe
        Of one of `NETWORKS`.
    job : FitJob
    """
    if recipe.label_control == "shuffle_videos":
        videos = shuffle_events(videos, seed=job.seed)
    main = _train(videos, recipe, replace(job, folder=job.folder / "main"))
    writer.write("weights", main.store.read("weights"), axes="(epoch, parameter)")
    writer.write("losses", main.store.read("losses"), axes=f"(epoch, ({', '.join(LOSSES)}))")
    writer.write("mean", main.mean, axes="(dx, dy)", units="px")
    writer.write("std", main.std, axes="(dx, dy)", units="px")
    for name, axes in NETWORKS[recipe.model].axes.items():
        writer.write(name, main.constants[name], axes=axes)
    writer.attrs["spec"] = json.dumps(main.spec)
    inner = _choose_inner(videos, recipe, replace(job, folder=job.folder / "inner"))
    writer.attrs["inner"] = json.dumps(inner)


def _train(videos: Sequence[LabelledVideo], recipe: SpottingNetworkRecipe, job: FitJob) -> Trained:
    from mezoo.learning.training import train  # Lightning takes 3 s to import; prediction needs none

    mean, std = _statistics(videos, recipe)
    features, targets = _clips(videos, recipe, mean, std)
    constants = NETWORKS[recipe.model].constants(videos, recipe)
    torch.manual_seed(job.seed)
    network = NETWORKS[recipe.model].build(constants, recipe)
    spec = spec_of(network.state_dict())
    store = train(
        network,
        features,
        targets,
        recipe,
        macro_weight=recipe.layout(job.layout).macro_weight,
        seed=job.seed,
        folder=job.folder,
        accelerator=job.accelerator,
    )
    return Trained(mean, std, constants, store, spec)


def _statistics(
    videos: Sequence[LabelledVideo], recipe: SpottingNetworkRecipe
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    if recipe.normalisation == "official":
        return np.asarray(OFFICIAL_MEAN, np.float32), np.asarray(OFFICIAL_STD, np.float32)
    return channel_statistics([video.data.features[video.data.valid] for video in videos])


def _clips(
    videos: Sequence[LabelledVideo],
    recipe: SpottingNetworkRecipe,
    mean: NDArray[np.float32],
    std: NDArray[np.float32],
) -> tuple[NDArray[np.float32], Targets]:
    """Clips of all videos that hold an expression, and their targets."""
    clips, labels = [], []
    for video in videos:
        rows = frame_labels(video.onset, video.apex, video.offset, video.kind, n_frames=len(video.data.index))
        marks = segment(rows)
        kept = has_expression(marks)
        clips.append(segment(video.data.features)[kept])
        labels.append(marks[kept])
    if not sum(map(len, clips)):
        raise DataError(
            "no training clip holds an expression", "at least one", "Check events.csv of the catalog"
        )
    targets = training_targets(np.concatenate(labels), mode=recipe.targets)
    return normalise(np.concatenate(clips), mean=mean, std=std), targets


def _choose_inner(
    videos: Sequence[LabelledVideo], recipe: SpottingNetworkRecipe, job: FitJob
) -> dict[str, object] | None:
    """Epoch and apex threshold that are best on subjects left out of a second training."""
    validation = validation_subjects(videos, share=recipe.inner_share, seed=job.seed)
    if not validation:
        return None
    values = recipe.layout(job.layout)
    held = [video for video in videos if video.data.person in validation]
    trained = _train([video for video in videos if video.data.person not in validation], recipe, job)
    network = FrozenNetwork(recipe, trained.mean, trained.std, trained.constants, trained.spec)
    weights = trained.store.read("weights")

    def candidates() -> Iterator[tuple[int, float]]:
        for epoch in range(min(values.first_epoch, recipe.epochs - 1), recipe.epochs):
            network.load(weights[epoch])
            yield from ((epoch, threshold) for threshold in recipe.thresholds)

    def spot_with(video: FeatureVideo, candidate: tuple[int, float]) -> dict[str, Proposals]:
        return network.spot(video, values, threshold=candidate[1])

    (epoch, threshold), f1 = choose(held, candidates(), spot_with)
    return {"epoch": epoch, "threshold": threshold, "f1": f1, "subjects": validation}


class FrozenNetwork:
    """A network with its constants; probabilities of a video are computed once per set of weights."""

    def __init__(
        self,
        recipe: SpottingNetworkRecipe,
        mean: NDArray[np.float32],
        std: NDArray[np.float32],
        constants: Constants,
        spec: Spec,
    ) -> None:
        self._recipe, self._mean, self._std, self._spec = recipe, mean, std, spec
        self._kind = NETWORKS[recipe.model]
        self._network = self._kind.build(constants, recipe)
        self._network.eval()
        self._cache: dict[str, NDArray[np.float32]] = {}

    def load(self, row: NDArray[np.float32]) -> None:
        """Take the weights of one epoch."""
        self._network.load_state_dict(unflatten(row, self._spec))
        self._cache.clear()

    @torch.inference_mode()
    def probabilities(self, video: FeatureVideo) -> NDArray[np.float32]:
        """Probabilities (10, T) of a whole video."""
        if video.key not in self._cache:
            padded = self._kind.normalise(
                pad_context(video.features), self._recipe, mean=self._mean, std=self._std
            )
            logits = self._network(torch.from_numpy(padded)[None])[..., CONTEXT:-CONTEXT]
            self._cache[video.key] = probabilities(logits)[0].numpy()
        return self._cache[video.key]

    def spot(
        self, video: FeatureVideo, values: NetworkLayout, *, threshold: float | None = None
    ) -> dict[str, Proposals]:
        """Spot one video; `threshold` replaces the recipe's apex thresholds."""
        settings = {kind: _settings(getattr(values, kind), threshold) for kind in TYPES}
        return spot(self.probabilities(video), settings=settings)


def _settings(settings: ProposalSettings, threshold: float | None) -> ProposalSettings:
    return settings if threshold is None else replace(settings, apex_threshold=threshold)


class NetworkSpotter(Spotter):
    """Frozen network; its looks are the epochs from the recipe's first one on."""

    def __init__(self, artifact: Artifact, recipe: SpottingNetworkRecipe) -> None:
        self._recipe = recipe
        self._values = self._recipe.layout(artifact.attrs["layout"])
        self._weights = artifact["weights"][:]
        spec = json.loads(artifact.attrs["spec"])
        constants = {name: artifact[name][:] for name in NETWORKS[recipe.model].axes}
        self._network = FrozenNetwork(recipe, artifact["mean"][:], artifact["std"][:], constants, spec)
        self._inner = json.loads(artifact.attrs["inner"])
        self.last = self._recipe.epochs - 1
        self.looks = list(range(min(self._values.first_epoch, self.last), self._recipe.epochs))
        self.fps = float(artifact.attrs["fps"])
        self.has_inner = self._inner is not None
        self._loaded = -1

    def _load(self, epoch: int) -> None:
        if epoch != self._loaded:
            self._network.load(self._weights[epoch])
            self._loaded = epoch

    def spot(self, video: FeatureVideo, look: int) -> dict[str, Proposals]:
        """Spot with the weights of one epoch and the recipe's thresholds."""
        self._load(look)
        return self._network.spot(video, self._values)

    def spot_inner(self, video: FeatureVideo) -> dict[str, Proposals]:
        """Spot with the epoch and threshold that validation subjects chose."""
        self._load(self._inner["epoch"])
        return self._network.spot(video, self._values, threshold=self._inner["threshold"])

    def curves(self, video: FeatureVideo) -> dict[str, NDArray[np.float32]]:
        """Probabilities of the last epoch for onset, apex and offset of either type."""
        self._load(self.last)
        return named_curves(self._network.probabilities(video))


def named_curves(probability: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Name the channels of probabilities (10, T) that are worth drawing."""
    curves = {}
    for kind in TYPES:
        start_end = probability[CHANNELS[kind].start_end]
        curves[f"{kind} onset"], curves[f"{kind} offset"] = start_end[START], start_end[END]
        curves[f"{kind} apex"] = probability[CHANNELS[kind].apex]
    return curves
