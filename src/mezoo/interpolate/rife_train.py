"""Train a small RIFEm on face clips, for those who have no official weights, and say what it is worth.

Huang et al., ECCV 2022 (code: train.py): Laplacian losses of network and teacher, distillation, AdamW, warm-up
and cosine decay. Deviations: a network of a ninth of the parameters, a few thousand steps on small crops,
and a time limit. At the end it rebuilds left-out frames of held-out clips, beside linear blending and flow
warping; the numbers go into the file and into the log. Imports torch.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from mezoo import __version__
from mezoo.artifact import Artifact, digest
from mezoo.checkpoint import write_checkpoint
from mezoo.errors import ConfigError
from mezoo.interpolate.quality import Render, rebuilt_psnr
from mezoo.interpolate.registry import INTERPOLATORS
from mezoo.interpolate.rife import render_with
from mezoo.interpolate.rife_losses import SHORTEST_CROP, total_loss
from mezoo.interpolate.rife_net import RIFE, SMALL_BASE, SMALL_WIDTHS
from mezoo.interpolate.rife_triplets import TripletSampler
from mezoo.running import alone_in
from mezoo.stage_versions import STAGE_VERSIONS
from mezoo.training_state import keep_state, kept_state

_LOG = logging.getLogger("mezoo")
#: Frames of each held-out clip that the check looks at, from its middle.
_CHECKED = 97
#: Steps between two lines of the log, and seconds at least between two states kept.
_REPORT, _KEEP = 50, 60.0


@dataclass(frozen=True, kw_only=True)
class RifeProfile:
    """What is trained, and for how long; the defaults take some minutes on one core.

    Attributes
    ----------
    widths, base : tuple of int, int
        Size of the network (see `RIFE`).
    steps : int
        Steps of the learning rate's decay, and at most taken.
    max_minutes : float
        Training ends then at the latest; the learning rate is not decayed to its end in that case.
    batch, crop, span, drift, bend : int, int, int, int, float
        Samples per step, side of the crops (px, a multiple of 32, at least 64), frames of the window that a
        sample is drawn from, px that its crop drifts, px that it is bent (see `TripletSampler`).
    learning_rate, weight_decay, warm_up : float, float, int
        Peak of AdamW's rate, its decay, steps to the peak. The rate ends at a hundredth.
    distillation, known_flow : float
        Weights of the distillation, and of the distance to the flow that samples are made with.
    spacings : tuple of int
        Frames between those kept when the check leaves frames out.
    """

    widths: tuple[int, ...] = SMALL_WIDTHS
    base: int = SMALL_BASE
    steps: int = 3000
    max_minutes: float = 30.0
    batch: int = 8
    crop: int = 64
    span: int = 31
    drift: int = 12
    bend: float = 3.0
    learning_rate: float = 1e-3
    weight_decay: float = 1e-3
    warm_up: int = 100
    distillation: float = 0.005
    known_flow: float = 0.01
    spacings: tuple[int, ...] = (2, 8)

    def __post_init__(self) -> None:
        """Check what the loss and the network cannot do without."""
        if self.crop < SHORTEST_CROP or self.crop % 32 or min(self.steps, self.batch) < 1:
            raise ConfigError(
                f"crop {self.crop}, {self.steps} steps of {self.batch}",
                f"crop a multiple of 32 from {SHORTEST_CROP} on, at least one step of one sample",
                "Correct the profile of train_rife",
            )


def train_rife_file(
    clips: Sequence[str | Path],
    held_out: Sequence[str | Path],
    out: str | Path,
    *,
    profile: RifeProfile | None = None,
    seed: int = 0,
) -> None:
    """Train on faces artifacts and write a file that `load_rife` reads; go on where a killed call stopped.

    The file holds ``state_dict`` and ``metadata`` (JSON: profile, seed, digests of the inputs, steps done, last
    loss, PSNR by spacing and method).

    Parameters
    ----------
    clips, held_out : sequence of Path
        Faces artifacts; those of `held_out` (other subjects) are for the check only.
    out : Path
    profile : RifeProfile, optional
    seed : int

    Raises
    ------
    ConfigError
        No usable clip, or an artifact is in both lists.
    """
    out, profile = Path(out), profile or RifeProfile()
    inputs = {str(path): digest(path) for path in [*clips, *held_out]}
    if len(inputs) < len(clips) + len(held_out):
        raise ConfigError("a clip that is trained on and held out", "two separate lists", "Split by subject")
    job = json.dumps({"profile": asdict(profile), "seed": seed, "inputs": inputs}, sort_keys=True)
    with alone_in(out.parent), ExitStack() as stack:
        known = [stack.enter_context(Artifact(path))["frames"] for path in clips]
        unseen = [_middle(stack.enter_context(Artifact(path))["frames"]) for path in held_out]
        resume = out.with_name(f".{out.name}.resume")
        version = STAGE_VERSIONS["rife"]
        network, facts = train_rife(known, profile, seed=seed, resume=resume, job=f"{version} {job}")
        network.eval()
        facts |= {"psnr": _check(network, unseen, profile)} if unseen else {}
        metadata = {"mezoo_version": __version__, **json.loads(job), **facts}
        written = {"state_dict": network.state_dict(), "metadata": json.dumps(metadata, sort_keys=True)}
        write_checkpoint(out, written)
        resume.unlink(missing_ok=True)


def train_rife(
    clips: Sequence[Any], profile: RifeProfile, *, seed: int, resume: Path | None = None, job: str = ""
) -> tuple[RIFE, dict[str, Any]]:
    """Train on clips, uint8 (T, H, W[, 3]); two runs with one seed give the same weights on one CPU.

    Parameters
    ----------
    clips : sequence of array-like
    profile : RifeProfile
    seed : int
        Of the start and of the samples.
    resume : Path, optional
        Where the state is kept once a minute; taken up if it belongs to `job`.
    job : str
        What identifies this training.

    Returns
    -------
    RIFE
        With its teacher.
    dict
        ``steps`` done, ``minutes``, ``loss`` (the last of ``losses``), ``losses`` (means of 50 steps each).
    """
    sampler = TripletSampler(
        clips, crop=profile.crop, span=profile.span, drift=profile.drift, bend=profile.bend, seed=seed
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = RIFE(any_time=True, widths=profile.widths, base=profile.base, teacher=True)
    _begin_with_the_mean(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=0.0, weight_decay=profile.weight_decay)
    step, spent, losses = _take_up(resume, job, network, optimiser)
    start = saved = time.monotonic()
    network.train()
    recent: list[float] = []
    while step < profile.steps and spent + time.monotonic() - start < 60 * profile.max_minutes:
        recent.append(_step(network, optimiser, sampler, profile, step))
        step += 1
        if step % _REPORT == 0 or step == profile.steps:
            losses.append(float(np.mean(recent)))
            recent.clear()
            _LOG.info("train_rife: step %d of %d, loss %.4f", step, profile.steps, losses[-1])
            if resume is not None and time.monotonic() - saved > _KEEP:
                saved = time.monotonic()
                state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
                keep_state(resume, state | {"spent": spent + saved - start, "losses": losses}, job=job)
    losses += [float(np.mean(recent))] if recent else []
    minutes = (spent + time.monotonic() - start) / 60
    return network, {"steps": step, "minutes": minutes, "loss": losses[-1], "losses": losses}


def _begin_with_the_mean(network: RIFE) -> None:
    """Take away flow and residual: a short training then starts at blending instead of at noise."""
    for layer in (
        network.block0.lastconv,
        network.block1.lastconv,
        network.block2.lastconv,
        network.unet.conv,
    ):
        for parameter in layer.parameters():
            nn.init.zeros_(parameter)


def _step(
    network: RIFE, optimiser: torch.optim.Optimizer, sampler: TripletSampler, profile: RifeProfile, step: int
) -> float:
    for group in optimiser.param_groups:
        group["lr"] = learning_rate(profile, step)
    image0, image1, truth, t, flow = (torch.from_numpy(part) for part in sampler.batch(step, profile.batch))
    lesson = network.learn(image0, image1, truth, t)
    loss = total_loss(lesson, truth, flow, distillation=profile.distillation, known=profile.known_flow)
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return loss.item()


def learning_rate(profile: RifeProfile, step: int) -> float:
    """Rate of a step: linear to the peak, then along a cosine to a hundredth of it."""
    if step < profile.warm_up:
        return profile.learning_rate * (step + 1) / profile.warm_up
    done = (step - profile.warm_up) / max(1, profile.steps - profile.warm_up)
    return profile.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2)


def _take_up(
    resume: Path | None, job: str, network: RIFE, optimiser: torch.optim.Optimizer
) -> tuple[int, float, list[float]]:
    state = kept_state(resume, job=job) if resume is not None else None
    if state is None:
        return 0, 0.0, []
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    _LOG.info("train_rife: going on at step %d", state["step"])
    return state["step"], state["spent"], state["losses"]


def _middle(frames: Any) -> np.ndarray:
    start = max(0, (len(frames) - _CHECKED) // 2)
    return frames[start : start + _CHECKED]


def _check(network: RIFE, clips: list[np.ndarray], profile: RifeProfile) -> dict[str, dict[str, float]]:
    """PSNR of left-out frames by spacing and method; a warning where the network loses to blending."""
    methods: dict[str, Render] = {name: INTERPOLATORS[name].at for name in ("linear", "tim", "flow_warp")}
    methods["rife"] = partial(render_with, network)
    found = {}
    for spacing in profile.spacings:
        found[str(spacing)] = values = rebuilt_psnr(clips, methods, spacing=spacing)
        text = ", ".join(f"{name} {values[name]:.2f}" for name in methods)
        _LOG.info("train_rife: PSNR (dB) of every %d-th frame left out: %s", spacing, text)
        if values["rife"] < values["linear"]:
            _LOG.warning("train_rife: at spacing %d this network is worse than linear blending", spacing)
    return found
