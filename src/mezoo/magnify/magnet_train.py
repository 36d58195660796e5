"""Train a small MagNet on made scenes, in minutes on one core, and check it before it may be used.

After Oh et al., ECCV 2018, section 4 (distance to the magnified scene, Adam). Deviations, for a network of
88,000 parameters that sees thousands of small scenes instead of millions of photographs:

- the residual form of `magnet_net`, which leaves a still frame as it is from the first step on;
- the root mean square error of each scene instead of L1: while the network cannot tell the motion yet, the
  median of what is right is no motion at all, and L1 keeps it there (half the gain after the same time); one
  root for the whole batch would hardly count small motion;
- no regularisers of texture and shape (the perturbed colours of B and target teach the same);
- the learning rate falls linearly to 0 at the end, and the weights are averaged over the last steps.

Scenes depend on seed and step alone, so a training that was killed goes on from its last state to the same
weights. A state and its settings lie beside the result until it is finished.

Weights that fail `magnet_check` are not written.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from mezoo.errors import ConfigError, DataError
from mezoo.magnify.magnet_check import GAIN_RANGE, check_table, why_unusable
from mezoo.magnify.magnet_net import LAYOUTS, MagNet
from mezoo.magnify.magnet_scenes import SceneParams, Scenes
from mezoo.magnify.magnet_weights import LoadedMagNet, save_magnet
from mezoo.running import alone_in
from mezoo.stage_versions import STAGE_VERSIONS
from mezoo.training_state import keep_state, kept_state


@dataclass(frozen=True)
class Profile:
    """How long and on what.

    Attributes
    ----------
    layout : str
        Key of `LAYOUTS`.
    steps, batch, size : int
        Optimiser steps, scenes per step, side of a scene in px.
    learning_rate : float
        Of Adam.
    warmup : int
        Steps of linear rise.
    fall : float
        Share of the steps over which the learning rate falls to 0.
    average : float
        Share of the old average that each step keeps.
    scenes : SceneParams
    """

    steps: int
    layout: str = "small_residual"
    batch: int = 4
    size: int = 48
    learning_rate: float = 1e-3
    warmup: int = 200
    fall: float = 0.4
    average: float = 0.998
    scenes: SceneParams = field(default_factory=SceneParams)


#: ``demo``: about 3 minutes of one core, grey scenes only; ``standard``: about 25 minutes, grey and colours.
PROFILES = {
    "demo": Profile(steps=2700, scenes=SceneParams(canvases=48, masks=32, grey_share=1.0, noise=1 / 255)),
    "standard": Profile(steps=12000, batch=8, fall=0.3),
}
#: Added under the root: differences of this size (1 grey level) are rounding, not error.
_NOISE_FLOOR = 0.01
#: Seconds between two states on the disk.
_SAVE_EVERY = 20.0


def train_magnet_file(out: str | Path, *, profile: str | Profile = "demo", seed: int = 0) -> None:
    """Train, check and write the weights: a ``magnet`` artifact that `load_magnet` reads.

    It holds ``weights`` float32 (P) and the attributes ``layout`` (JSON) and ``training`` (JSON: that this is a
    small substitute, profile, seed, mean loss of the last steps beside that of doing nothing, the table of the
    check, versions). A training that was killed goes on when called again with the same arguments.

    Parameters
    ----------
    out : Path
    profile : str or Profile
        A key of `PROFILES`.
    seed : int
        Of initial weights and scenes.

    Raises
    ------
    ConfigError
        Unknown profile.
    DataError
        The weights failed the check; nothing is written.
    """
    if isinstance(profile, str) and profile not in PROFILES:
        raise ConfigError(f"training profile {profile!r}", f"one of {', '.join(PROFILES)}", "Choose one")
    chosen = PROFILES[profile] if isinstance(profile, str) else profile
    params = {"seed": seed, **asdict(chosen)}
    out = Path(out)
    with alone_in(out.parent):
        training = Training(chosen, seed=seed, state=out.with_name(f".{out.stem}.unfinished"))
        network = training.run()
        table = check_table(LoadedMagNet(network, {}))
        about = {"small_substitute": True, **params, **training.losses(), "torch": str(torch.__version__)}
        about["check"] = [asdict(row) for row in table]
        if reason := why_unusable(table):
            raise DataError(
                f"the trained MagNet fails its check: {reason}",
                f"gain ratios of {GAIN_RANGE[0]}-{GAIN_RANGE[1]} and frames more alike to the truth than before",
                "Train longer, or with another seed",
                file=out,
            )
        save_magnet(out, network, params=params, training=about)
        training.state.unlink(missing_ok=True)


class Training:
    """One training, from its first step or from the state that an earlier one left.

    Parameters
    ----------
    profile : Profile
    seed : int
    state : Path
        File of the unfinished training; one of another profile, seed or version is not used.
    """

    def __init__(self, profile: Profile, *, seed: int, state: Path) -> None:
        self.profile, self.state, self._seed = profile, state, seed
        torch.manual_seed(seed)
        self._network = MagNet(LAYOUTS[profile.layout])
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a quarter faster
        self._average = {name: value.clone() for name, value in self._network.state_dict().items()}
        self._optimizer = torch.optim.Adam(self._network.parameters(), lr=profile.learning_rate)
        self._losses: list[tuple[float, float]] = []  # of each step: of the network, of doing nothing
        self._job = json.dumps([asdict(profile), seed, STAGE_VERSIONS["magnet"]])
        if kept := kept_state(state, job=self._job):
            self._restore(kept)

    def run(self) -> MagNet:
        """Train to the end; return the network with the averaged weights."""
        profile, saved = self.profile, time.monotonic()
        scenes = Scenes(profile.scenes, seed=self._seed)
        done = len(self._losses)
        # disable=None: a bar on a terminal only, not in the log of a cluster job
        with tqdm(total=profile.steps, initial=done, desc="MagNet", unit="step", disable=None) as bar:
            for step in range(done, profile.steps):
                self._step(scenes, step)
                bar.update()
                if step % 100 == 99:
                    bar.set_postfix(loss=f"{self.losses()['loss']:.4f}")
                if time.monotonic() - saved > _SAVE_EVERY:
                    self.save()
                    saved = time.monotonic()
        network = MagNet(self._network.layout)
        network.load_state_dict(self._average)
        return network.eval()

    def losses(self) -> dict[str, float]:
        """Mean of `distance` over the last 200 steps: of the network, and of doing nothing."""
        loss, untouched = np.mean(self._losses[-200:], axis=0).tolist() if self._losses else (np.nan, np.nan)
        return {"loss": loss, "loss_untouched": untouched}

    def save(self) -> None:
        """Put the state on the disk, whole."""
        content = {
            "losses": self._losses,
            "network": self._network.state_dict(),
            "average": self._average,
            "optimizer": self._optimizer.state_dict(),
        }
        keep_state(self.state, content, job=self._job)

    def _restore(self, content: Mapping[str, Any]) -> None:
        self._losses = list(content["losses"])
        self._network.load_state_dict(content["network"])
        self._average = dict(content["average"])
        self._optimizer.load_state_dict(content["optimizer"])

    def _step(self, scenes: Scenes, step: int) -> None:
        profile = self.profile
        batch = scenes.batch(profile.batch, profile.size, seed=[self._seed, 1, step])
        a, b, target = (
            torch.from_numpy(part).permute(0, 3, 1, 2) for part in (batch.a, batch.b, batch.target)
        )
        gain = torch.from_numpy(batch.factor - 1)
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(profile, step)
        loss = distance(self._network(a, b, gain), target)
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._optimizer.step()
        keep = min(profile.average, step / (step + 1))  # the mean of all steps at first
        for name, value in self._network.state_dict().items():
            self._average[name].lerp_(value, 1 - keep)
        self._losses.append((loss.item(), distance(b, target).item()))


def distance(frames: Tensor, target: Tensor) -> Tensor:
    """Root mean square difference of each scene, averaged over the batch; levels in [-1, 1]."""
    return ((frames - target).square().mean(dim=(1, 2, 3)) + _NOISE_FLOOR**2).sqrt().mean()


def learning_rate(profile: Profile, step: int) -> float:
    """Learning rate of a step: linear rise, level, linear fall to 0."""
    rise = (step + 1) / profile.warmup if profile.warmup else 1.0
    fall = (profile.steps - step) / (profile.fall * profile.steps) if profile.fall else 1.0
    return profile.learning_rate * min(1.0, rise, fall)
