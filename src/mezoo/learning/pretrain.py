"""Train a recogniser on stills of macro-expressions, so that its backbone knows faces: the file-to-file form.

Peng et al., "From macro to micro expression recognition", FG 2018, and what the same group released later
(MicroAttention, ATNet): stochastic gradient descent from ImageNet weights, 50,000 steps. Ours: the learning rate falls
as a half cosine.

Batches and changes of the pictures depend on the seed and the step alone, so that a training that was killed goes on
from its last state to the same weights.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mezoo.artifact import Artifact, ArtifactWriter, CheckedDataset, digest
from mezoo.errors import ConfigError
from mezoo.learning.augment_apex import apex_jitter
from mezoo.learning.pretrain_recipe import PretrainRecipe, load_pretrain_recipe
from mezoo.learning.pretrained import load_pretrained, write_pretrained
from mezoo.learning.unfinished import work_folder
from mezoo.models import create, list_models
from mezoo.models.recogniser import Recogniser
from mezoo.stage_versions import STAGE_VERSIONS
from mezoo.training_state import keep_state, kept_state

#: Seconds between two states on the disk.
_SAVE_EVERY = 20.0


def pretrain(
    recipe_path: str | Path,
    stills: str | Path,
    out: str | Path,
    *,
    seed: int = 0,
    start: str | Path | None = None,
    accelerator: str = "auto",
    demo: bool = False,
) -> None:
    """Train and write a ``pretrained`` artifact that `load_pretrained` reads; go on where a killed call stopped.

    It holds the tensors of the network under its own names and, as attributes: ``recipe``, ``seed``, ``classes``,
    ``datasets``, ``n_images``, ``n_subjects``, ``epochs``, ``loss`` and ``accuracy`` (means over the steps of the last
    epoch, on changed pictures), ``start`` (name of the file begun with, empty if none), ``not_started`` (tensors that
    it did not give) and ``torch``; digests of the files read are its inputs.

    Parameters
    ----------
    recipe_path : Path
        A file of ``workflow/pretraining``.
    stills : Path
        Artifact of `macro_stills.macro_stills_file`, pictures of the recipe's size.
    out : Path
    seed : int
        Of initial weights, order and changes of the pictures.
    start : Path, optional
        Weights to begin with, e.g. of ImageNet; see `load_pretrained`.
    accelerator : {"auto", "cpu", "gpu"}
    demo : bool
        The pictures are synthetic: the recipe's section ``demo`` replaces its values.

    Raises
    ------
    ConfigError
        A faulty recipe, pictures of another size, or too few of them.
    """
    out, recipe = Path(out), load_pretrain_recipe(recipe_path, demo=demo)
    check_network(recipe)
    inputs = {str(path): digest(path) for path in (stills, start) if path}
    params = {"recipe": recipe.model_dump(mode="json"), "seed": seed}
    job = {"params": params, "inputs": inputs, "version": STAGE_VERSIONS["pretrained"]}
    with work_folder(out, job) as folder, Artifact(stills) as source:
        check_stills(source, recipe)
        classes = json.loads(source.attrs["classes"])
        torch.manual_seed(seed)
        network = create(recipe.model, n_classes=len(classes), **recipe.options)
        assert isinstance(network, Recogniser)
        missing = load_pretrained(network, start) if start else []
        training = Training(
            recipe, network, source, seed=seed, accelerator=accelerator, state=folder / "state.pt"
        )
        losses = training.run()
        with ArtifactWriter(out, stage="pretrained", params=params, inputs=inputs) as writer:
            write_pretrained(writer, network.state_dict(), head=_head(recipe, len(classes)))
            last = losses[-training.steps_per_epoch :]
            writer.attrs |= {key: source.attrs[key] for key in ("classes", "datasets", "n_subjects")}
            writer.attrs |= {
                "recipe": recipe.model_dump_json(),
                "seed": seed,
                "n_images": len(source["target"]),
                "epochs": len(losses) / training.steps_per_epoch,
                "loss": float(np.mean([loss for loss, _ in last])),
                "accuracy": float(np.mean([hits for _, hits in last])),
                "start": Path(start).name if start else "",
                "not_started": missing,
                "torch": str(torch.__version__),
            }


def check_network(recipe: PretrainRecipe) -> None:
    """Raise `ConfigError` unless the network is a recogniser that sees one image."""
    able = {
        entry.name
        for entry in list_models("recognition")
        if [len(shape) for shape in entry.inputs.values()] == [3]
        and next(iter(entry.inputs.values()))[0] == 1
    }
    if recipe.model not in able:
        raise ConfigError(
            f"network '{recipe.model}' for pretraining",
            f"one that sees one grey image: {', '.join(sorted(able))}",
            "Train one of these; a network with the same backbone can take its weights over",
        )


def check_stills(source: Artifact, recipe: PretrainRecipe) -> None:
    """Raise `ConfigError` unless the pictures are those that the recipe asks for, and fill a batch."""
    found = f"a '{source.stage}' artifact"
    if source.stage == "stills":
        shape = source["images"].shape
        found = f"{shape[0]} pictures of {shape[-1]} px"
        if shape[-1] == recipe.size and shape[0] >= recipe.batch_size:
            return
    raise ConfigError(
        found,
        f"stills, at least {recipe.batch_size} of {recipe.size} px",
        "Make them again with the size of the recipe, or of more data",
        file=source.path,
    )


def _head(recipe: PretrainRecipe, n_classes: int) -> list[str]:
    """Names of the tensors whose shape depends on the number of classes."""
    one, other = (
        create(recipe.model, n_classes=n_classes + k, **recipe.options).state_dict() for k in (0, 1)
    )
    return [name for name in one if one[name].shape != other[name].shape]


class Training:
    """One training, from its first step or from the state that an earlier one left.

    Parameters
    ----------
    recipe : PretrainRecipe
    network : Recogniser
        Freshly initialised; changed in place.
    source : Artifact
        Open stills.
    seed : int
    accelerator : {"auto", "cpu", "gpu"}
    state : Path
        File of the unfinished training.
    """

    def __init__(
        self,
        recipe: PretrainRecipe,
        network: Recogniser,
        source: Artifact,
        *,
        seed: int,
        accelerator: str,
        state: Path,
    ) -> None:
        self._recipe, self._seed, self._state = recipe, seed, state
        self._device = device_of(accelerator)
        self._network = network.to(self._device)
        self._images: CheckedDataset = source["images"]
        self._target = torch.from_numpy(source["target"][:])
        self.steps_per_epoch = len(self._target) // recipe.batch_size
        self._optimiser = torch.optim.SGD(
            network.parameter_groups(weight_decay=recipe.weight_decay),
            lr=recipe.learning_rate,
            momentum=recipe.momentum,
        )
        self._losses: list[tuple[float, float]] = []  # of each step: loss, share of right answers
        if kept := kept_state(state):
            self._restore(kept)

    def run(self) -> list[tuple[float, float]]:
        """Train to the end; return loss and share of right answers of every step."""
        log, saved = logging.getLogger("mezoo"), time.monotonic()
        self._network.train()
        for step in range(len(self._losses), self._recipe.steps):
            self._losses.append(self._step(step))
            if step % 100 == 99:
                loss, hits = np.mean(self._losses[-100:], axis=0)
                log.info(
                    "step %d of %d: loss %.3f, right %.0f %%", step + 1, self._recipe.steps, loss, 100 * hits
                )
            if time.monotonic() - saved > _SAVE_EVERY:
                self.save()
                saved = time.monotonic()
        return self._losses

    def save(self) -> None:
        """Put the state on the disk, whole."""
        content = {
            "losses": self._losses,
            "network": self._network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }
        keep_state(self._state, content)

    def _restore(self, content: Mapping[str, Any]) -> None:
        self._losses = [tuple(pair) for pair in content["losses"]]
        self._network.load_state_dict(content["network"])
        self._optimiser.load_state_dict(content["optimiser"])

    def _step(self, step: int) -> tuple[float, float]:
        pictures, target = self._batch(step)
        torch.manual_seed(self._seed * self._recipe.steps + step)  # dropout, the same after a kill
        for group in self._optimiser.param_groups:
            group["lr"] = self._learning_rate(step) * group.get("lr_scale", 1.0)
        logits = self._network(pictures)
        loss = torch.nn.functional.cross_entropy(logits, target)
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
        return loss.item(), (logits.argmax(1) == target).float().mean().item()

    def _learning_rate(self, step: int) -> float:
        return self._recipe.learning_rate * (1 + math.cos(math.pi * step / self._recipe.steps)) / 2

    def _batch(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Pictures and classes of a step: each once per epoch, but for a rest that does not fill a batch."""
        epoch, place = divmod(step, self.steps_per_epoch)
        order = np.random.default_rng([self._seed, 0, epoch]).permutation(len(self._target))
        chosen = np.sort(order[place * self._recipe.batch_size :][: self._recipe.batch_size])
        images = self._images[chosen]
        if self._recipe.augment:
            rng = np.random.default_rng([self._seed, 1, step])
            images = np.concatenate([apex_jitter([image], rng)[0][None] for image in images])
        pictures = torch.from_numpy(images.astype(np.float32))
        return pictures.to(self._device), self._target[chosen].to(self._device)


def device_of(accelerator: str) -> torch.device:
    """Device for ``auto``, ``cpu`` or ``gpu``; `ConfigError` for another word or an absent GPU."""
    present = torch.cuda.is_available()
    if accelerator not in ("auto", "cpu", "gpu") or (accelerator == "gpu" and not present):
        raise ConfigError(
            f"accelerator '{accelerator}'", "auto, cpu, or gpu where there is one", "Choose another"
        )
    return torch.device("cuda" if present and accelerator != "cpu" else "cpu")
