"""Frames between frames with a RIFE network: padding, batches, any time or mid-points of mid-points.

Huang et al., ECCV 2022, and the official inference scripts. Imports torch.

Deviations from the official scripts: the frame is padded by repeating its edge (zeros draw an artificial
edge); new frames are rounded to grey levels at the very end, not cut off after each mid-point; the rules that
skip duplicates and scene cuts are absent, because neighbouring frames of a micro-expression all but equal
each other and would count as duplicates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from mezoo.errors import ConfigError
from mezoo.interpolate.clips import to_grey_levels
from mezoo.interpolate.rife_layers import RifeNetwork
from mezoo.interpolate.rife_weights import load_rife

#: A mid-point of mid-points is taken for a time it misses by at most this (the official rule).
TOLERANCE = 0.01
#: Options that change speed and memory, not the numbers.
_SPEED = ("batch", "accelerator")
_PADDING = {"replicate": "replicate", "zeros": "constant"}


def render_rife(
    frames: NDArray[np.uint8],
    positions: NDArray[np.float64],
    *,
    weights: str | None,
    large: bool,
    recursive: bool,
    scale: float,
    flip: bool,
    padding: str,
    batch: int,
    accelerator: str,
) -> NDArray[np.uint8]:
    """Frames at `positions`.

    Parameters
    ----------
    frames : ndarray, uint8, shape (T, H, W) or (T, H, W, 3)
        Grey levels (given to all three channels, averaged afterwards) or RGB.
    positions : ndarray, float64, shape (L,)
        In frames, from 0 to T - 1.
    weights : str
        See `load_rife`.
    large : bool
        The file is of RIFE-Large.
    recursive : bool
        Take mid-points of mid-points also with a network that knows any time, as SLSTT does. Networks that
        know only the middle always do; a time is then met within `TOLERANCE` frames.
    scale : float
        Resolution of the flow: 1 for faces, 0.5 for very large frames.
    flip : bool
        Average with the result for frames turned by half a turn ("2T").
    padding : {'replicate', 'zeros'}
    batch : int
        Frames computed at once.
    accelerator : {'auto', 'cpu', 'gpu'}

    Raises
    ------
    ConfigError
        No weights, weights of no known network, or a value out of range.
    """
    _check(scale=scale, padding=padding, batch=batch)
    network = _network(weights, large)[0].to(torch_device(accelerator))
    return render_with(
        network,
        frames,
        positions,
        recursive=recursive,
        scale=scale,
        flip=flip,
        padding=padding,
        batch=batch,
    )


def render_with(
    network: RifeNetwork,
    frames: NDArray[np.uint8],
    positions: NDArray[np.float64],
    *,
    recursive: bool = False,
    scale: float = 1.0,
    flip: bool = False,
    padding: str = "replicate",
    batch: int = 8,
) -> NDArray[np.uint8]:
    """Frames at `positions` with a network that is loaded already; arguments as for `render_rife`."""
    predict = _predictor(network, scale=scale, flip=flip, padding=_PADDING[padding])
    inside = [k for k, place in enumerate(positions) if place % 1]
    out = frames[np.rint(positions).astype(np.int64)]
    with torch.inference_mode():
        if recursive or not network.any_time:
            found = _bisect(frames, [positions[k] for k in inside], predict, batch)
            results: Iterator[np.ndarray] = (found[dyadic(positions[k])] for k in inside)
        else:
            results = _directly(frames, positions[inside], predict, batch)
        for k, image in zip(inside, results, strict=True):
            out[k] = _to_frame(image, frames.ndim)
    return out


def describe_rife(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters without those of speed, and with the digest of the weights for their path."""
    kept = {key: value for key, value in params.items() if key not in _SPEED}
    return kept | _network(params["weights"], params["large"])[1]


def dyadic(position: float) -> Fraction:
    """Nearest mid-point of mid-points within `TOLERANCE`, of as few levels as possible."""
    for level in range(8):
        nearest = Fraction(round(position * 2**level), 2**level)
        if abs(nearest - position) <= TOLERANCE:
            return nearest
    raise AssertionError("level 7 is always near enough")


def _check(*, scale: float, padding: str, batch: int) -> None:
    if padding not in _PADDING or batch < 1 or scale not in (0.25, 0.5, 1, 2, 4):
        raise ConfigError(
            f"padding {padding!r}, batch {batch}, scale {scale}",
            "'replicate' or 'zeros', at least 1, and 0.25, 0.5, 1, 2 or 4",
            "Correct the parameters of rife",
        )


def _network(weights: str | None, large: bool) -> tuple[RifeNetwork, dict[str, Any]]:
    if weights is None:
        raise ConfigError(
            "the interpolation rife without weights",
            "the path of official weights or of those that train_rife writes",
            "Set weights, or take flow_warp, which needs none",
        )
    path = Path(weights).absolute()
    files = sorted(path.glob("*.pkl")) if path.is_dir() else [path]
    age = tuple(file.stat().st_mtime_ns for file in files if file.is_file())
    return _loaded(path, age, large)


@lru_cache(maxsize=2)
def _loaded(path: Path, age: tuple[int, ...], large: bool) -> tuple[RifeNetwork, dict[str, Any]]:
    """Keep the networks used last, as loading takes longer than a clip; `age` tells an overwritten file."""
    return load_rife(path, large=large)


def torch_device(accelerator: str) -> torch.device:
    """Device that the setting ``accelerator`` (auto, cpu or gpu) means; `ConfigError` without the GPU it asks for."""
    if accelerator not in ("auto", "cpu", "gpu"):
        raise ConfigError(f"accelerator {accelerator!r}", "'auto', 'cpu' or 'gpu'", "Correct it")
    if accelerator == "gpu" and not torch.cuda.is_available():
        raise ConfigError("no GPU that torch can use", "one", "Set accelerator: cpu")
    return torch.device("cuda" if accelerator != "cpu" and torch.cuda.is_available() else "cpu")


Predict = Callable[[Tensor, Tensor, Tensor], Tensor]


def _predictor(network: RifeNetwork, *, scale: float, flip: bool, padding: str) -> Predict:
    """Make (image0, image1, t) -> image, all (B, 3, H, W) in [0, 1] on the CPU, of any size."""
    device = next(network.parameters()).device
    multiple = int(network.multiple / min(scale, 1))

    def predict(image0: Tensor, image1: Tensor, t: Tensor) -> Tensor:
        height, width = image0.shape[-2:]
        border = (0, -width % multiple, 0, -height % multiple)
        a, b = (F.pad(image.to(device), border, padding) for image in (image0, image1))
        t = t.to(device)
        out = network(a, b, t, scale).image
        if flip:
            out = (out + network(a.flip(2, 3), b.flip(2, 3), t, scale).image.flip(2, 3)) / 2
        return out[..., :height, :width].cpu()

    return predict


def _directly(
    frames: NDArray[np.uint8], positions: NDArray[np.float64], predict: Predict, batch: int
) -> Iterator[np.ndarray]:
    """Images at positions between frames, each from its two neighbours."""
    for start in range(0, len(positions), batch):
        places = positions[start : start + batch]
        left = places.astype(np.int64)
        times = torch.from_numpy((places - left).astype(np.float32))
        yield from predict(_to_tensor(frames[left]), _to_tensor(frames[left + 1]), times).numpy()


def _bisect(
    frames: NDArray[np.uint8], positions: list[float], predict: Predict, batch: int
) -> dict[Fraction, np.ndarray]:
    """Images at the mid-points that stand for `positions`, level by level; each mid-point is made once."""
    levels: dict[int, set[Fraction]] = {}
    pending = [dyadic(position) for position in positions]
    known: dict[Fraction, np.ndarray] = {}
    while pending:
        node = pending.pop()
        if node.denominator == 1:
            known[node] = _to_tensor(frames[[int(node)]])[0].numpy()
        elif node not in levels.setdefault(node.denominator, set()):
            levels[node.denominator].add(node)
            pending += [node - Fraction(1, node.denominator), node + Fraction(1, node.denominator)]
    for denominator, nodes in sorted(levels.items()):
        step, ordered = Fraction(1, denominator), sorted(nodes)
        for start in range(0, len(ordered), batch):
            part = ordered[start : start + batch]
            left, right = (
                torch.from_numpy(np.stack([known[node + side * step] for node in part])) for side in (-1, 1)
            )
            known.update(zip(part, predict(left, right, torch.full((len(part),), 0.5)).numpy(), strict=True))
    return known


def _to_tensor(frames: NDArray[np.uint8]) -> Tensor:
    """(N, H, W) or (N, H, W, 3) RGB -> (N, 3, H, W) float32 BGR in [0, 1], as the networks were trained."""
    colour = np.stack([frames] * 3, axis=1) if frames.ndim == 3 else frames[..., ::-1].transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(colour)).float() / 255


def _to_frame(image: np.ndarray, ndim: int) -> NDArray[np.uint8]:
    levels = image.astype(np.float64) * 255
    return to_grey_levels(levels.mean(axis=0) if ndim == 3 else levels[::-1].transpose(1, 2, 0))
