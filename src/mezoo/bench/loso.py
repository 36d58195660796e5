"""What a fold of recognition costs: seconds per fold and epoch, the share spent on data, memory, and the floor.

A fold is run as the workflow runs it, in a process of its own. An epoch is timed inside this process, and its share of
data is the time that the same batches take when nothing learns from them. The floor of a network is the
arithmetic of one clip, forward and backward, divided by the rate at which this machine multiplies matrices.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from mezoo.bench.processes import run_step
from mezoo.learning.batches import PreparedClips, TrainingBatches
from mezoo.learning.clips import ClipSet, read_inputs, training_clips
from mezoo.learning.leakcheck import FoldFiles
from mezoo.learning.recipe import for_recognition, load_recipe
from mezoo.learning.recognition_recipe import NetworkRecipe

#: Epochs on which the share of data is measured.
_EPOCHS = 5
_SIDE = 1024  # of the matrices multiplied


@dataclass(frozen=True)
class FoldCost:
    """One recipe.

    Attributes
    ----------
    recipe : str
    clips : int
        Training clips of the fold.
    fold : float
        Seconds of the command ``fit-recogniser``, start and second training for `inner` included.
    epoch, data : float or None
        Seconds of an epoch, and of its batches alone; None for a recipe without epochs.
    memory : int
        Peak resident memory of the command, bytes.
    parameters : int or None
    """

    recipe: str
    clips: int
    fold: float
    epoch: float | None
    data: float | None
    memory: int
    parameters: int | None


@dataclass(frozen=True)
class NetworkFloor:
    """The full-size network of a recipe on one clip.

    Attributes
    ----------
    model : str
    gflop : float
        Multiplications and additions of forward and backward, in 1e9.
    seconds : float
        Measured, one thread.
    floor : float
        Seconds that the arithmetic alone would take at the rate of `matmul_rate`.
    """

    model: str
    gflop: float
    seconds: float
    floor: float


def fold_cost(recipe: Path, fold: FoldFiles, classes: Sequence[str], *, demo: bool) -> FoldCost:
    """Measure one fold of one recipe."""
    settings = for_recognition(load_recipe(recipe, demo=demo))
    clips = training_clips(
        read_inputs(fold.packs, settings.inputs), fold.labels, classes, max_failed_share=1.0
    )
    with tempfile.TemporaryDirectory(prefix="mezoo-bench-") as folder:
        arguments = ["fit-recogniser", str(recipe), *(["--demo"] if demo else [])]
        for option, values in (("--packs", fold.packs), ("--labels", fold.labels), ("--classes", classes)):
            arguments += [option, *map(str, values)]
        step = run_step([*arguments, "--accelerator", "cpu"], Path(folder) / "model.h5")
        epoch = data = parameters = None
        if isinstance(settings, NetworkRecipe):
            epoch, data, parameters = _epoch(settings, clips, Path(folder))
    return FoldCost(recipe.stem, len(clips), step.seconds, epoch, data, step.memory, parameters)


def _epoch(recipe: NetworkRecipe, clips: ClipSet, folder: Path) -> tuple[float, float, int]:
    """Seconds of an epoch, of its batches alone, and the number of parameters."""
    from mezoo.learning.augmentations import augmentation
    from mezoo.learning.recogniser_network import ragged_inputs
    from mezoo.learning.recogniser_training import TrainedNetwork, train_network
    from mezoo.models import create

    few = recipe.model_copy(update={"epochs": _EPOCHS, "looks": 1})
    one = recipe.model_copy(update={"epochs": 1, "looks": 1})

    def train(some: NetworkRecipe, name: str) -> TrainedNetwork:
        return train_network(clips, some, seed=0, folder=folder / name, accelerator="cpu", pretrained=None)

    train(one, "warm")
    alone = _seconds(lambda: train(one, "one"))
    start = time.perf_counter()
    trained = train(few, "few")
    # what every training does once is in both
    epoch = max(0.0, time.perf_counter() - start - alone) / (_EPOCHS - 1)
    prepared = PreparedClips(clips.inputs, clips.clips, trained.scaler, ragged_inputs(recipe))
    batches = TrainingBatches(
        clips,
        prepared,
        batch_size=recipe.batch_size,
        balance=recipe.balance,
        augment=augmentation(recipe.augment),
        seed=0,
    )
    data = _seconds(lambda: [_used(batches, epoch) for epoch in range(_EPOCHS)]) / _EPOCHS
    network = create(recipe.model, n_classes=len(clips.classes), **recipe.options)
    return epoch, data, sum(weights.numel() for weights in network.parameters())


def _used(batches: TrainingBatches, epoch: int) -> int:
    batches.set_epoch(epoch)
    return sum(len(batch.target) for batch in batches)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def matmul_rate() -> float:
    """Multiplications and additions per second of a product of float32 matrices on one thread, the best of five."""
    import torch

    a, b = torch.rand(_SIDE, _SIDE), torch.rand(_SIDE, _SIDE)
    a @ b
    return 2 * _SIDE**3 / min(_seconds(lambda: a @ b) for _ in range(5))


def network_floor(recipe: Path, rate: float, *, length: int = 64) -> NetworkFloor:
    """Count the arithmetic of the full-size network of a recipe and time it, forward and backward, on one clip.

    Parameters
    ----------
    recipe : Path
    rate : float
        Of `matmul_rate`.
    length : int
        Frames of the clip where a network takes any number.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from mezoo.inputs import request
    from mezoo.models import create

    settings = for_recognition(load_recipe(recipe))
    assert isinstance(settings, NetworkRecipe)
    network = create(settings.model, n_classes=3, **settings.options).eval()
    inputs: list[torch.Tensor | list[torch.Tensor]] = []
    for kind in map(request, settings.inputs):
        clip = torch.rand([length if side == "T" else int(side) for side in kind.shape])
        inputs.append([clip] if kind.ragged else clip[None])

    def both() -> None:
        network(*inputs).square().sum().backward()

    with FlopCounterMode(display=False) as counter:
        both()
    seconds = min(_seconds(both) for _ in range(2))
    flop = counter.get_total_flops()
    return NetworkFloor(settings.model, flop / 1e9, seconds, flop / rate)


def recipes_of(folder: Path, names: Sequence[str]) -> list[Path]:
    """Files of recipes for recognition; all of them when no name is given."""
    chosen = [folder / f"{name}.yaml" for name in names] if names else sorted(folder.glob("*.yaml"))
    return [path for path in chosen if yaml.safe_load(path.read_text()).get("task") == "recognition"]
