"""Clips whose motion is known by construction, and networks whose weights follow a rule."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Small networks are not worth a second thread, and tests run side by side."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def moving_clip() -> Callable[..., np.ndarray]:
    """Make a texture that moves by `speed` (px to the right, px down) per frame, at any times; uint8."""

    def make(times, speed=(2.0, -1.0), shape=(48, 64), colour=False) -> np.ndarray:
        rng = np.random.default_rng(0)
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
        angle, phase = rng.uniform(0, 2 * np.pi, (2, 3 if colour else 1, 30))
        length = rng.uniform(7, 40, 30)
        frames = []
        for t in times:
            u, v = x - speed[0] * t, y - speed[1] * t
            along = np.multiply.outer(u, np.cos(angle)) + np.multiply.outer(v, np.sin(angle))  # (H, W, C, 30)
            frames.append(128 + 9 * np.cos(2 * np.pi * along / length + phase).sum(-1))
        clip = np.clip(np.rint(frames), 0, 255).astype(np.uint8)
        return clip if colour else clip[..., 0]

    return make


@pytest.fixture(scope="session")
def draw_state() -> Callable[..., dict[str, torch.Tensor]]:
    """Draw a state dict by the rule of the reference numbers: each tensor from its name alone."""

    def draw(shapes: Mapping[str, list[int]], prefix: str = "", exceptions=()) -> dict[str, torch.Tensor]:
        state = {}
        for key, shape in shapes.items():
            if key.endswith("num_batches_tracked"):
                state[key] = torch.zeros((), dtype=torch.int64)
                continue
            rng = np.random.default_rng(zlib.crc32(f"0:{prefix}{key}".encode()))
            if key.endswith("running_var"):
                value = 0.5 + rng.random(shape)
            elif len(shape) >= 2:
                value = rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
            else:
                value = key.endswith("weight") + 0.1 * rng.standard_normal(shape)
            for rule in exceptions:
                if re.search(rule["pattern"], prefix + key):
                    value = value.astype(np.float32) * np.float32(rule["scale"]) + np.float32(rule["add"])
            state[key] = torch.from_numpy(np.asarray(value, np.float32))
        return state

    return draw


@pytest.fixture(scope="session")
def official_state(shared: Path, draw_state) -> Callable[[str], dict[str, torch.Tensor]]:
    """Make the state dict of one model of the reference numbers, with its official key names."""
    folder = shared / "oracles" / "rife"
    keys = json.loads((folder / "keys.json").read_text())
    rule = json.loads((folder / "weight_rule.json").read_text())

    def make(model: str) -> dict[str, torch.Tensor]:
        return draw_state(keys[model], rule["key_prefix"].get(model, ""), rule["exceptions"][model])

    return make


@pytest.fixture(scope="session")
def oracle(shared: Path) -> Callable[[str], Mapping[str, np.ndarray]]:
    """Open a file of the reference numbers of RIFE."""
    return lambda name: np.load(shared / "oracles" / "rife" / f"{name}.npz")


@pytest.fixture(scope="session")
def wave_images() -> list[torch.Tensor]:
    """Two images by formula, (1, 3, 64, 96), for the reference numbers that are kept in the tests."""
    y, x = np.mgrid[:64, :96]
    images = [
        [0.5 + 0.2 * np.sin((x + d) / 5 + k) + 0.2 * np.cos((y - d / 2) / (4 + k) + k) for k in range(3)]
        for d in (0.0, 1.5)
    ]
    return [torch.from_numpy(np.stack(image)[None].astype(np.float32)) for image in images]


@pytest.fixture(scope="session")
def neutral_weights(tmp_path_factory) -> Path:
    """Write a tiny RIFEm without flow and residual: its new frame is the mean of both neighbours."""
    from mezoo.interpolate.rife_net import RIFE

    torch.manual_seed(0)
    network = RIFE(any_time=True, widths=(8, 8, 8), base=2, teacher=True)
    state = network.state_dict()
    for key, value in state.items():
        if "lastconv" in key or key.startswith("unet.conv."):
            value.zero_()
    path = tmp_path_factory.mktemp("weights") / "flownet.pkl"
    torch.save({f"module.{key}": value for key, value in state.items()}, path)
    return path
