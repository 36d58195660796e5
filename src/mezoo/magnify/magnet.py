"""Learning-based magnification of a clip with MagNet, and its shape representation as a feature.

Oh et al., "Learning-based video motion magnification", ECCV 2018, arXiv 1804.02684, sections 3.3 and 5. The
shape of every frame is moved by its gained change over time, and the frame is drawn again from its own texture.
What counts as change: the difference to the first frame (the paper's static mode), to the frame before (dynamic),
or what a temporal filter passes (temporal).

Deviation from the official code: its FIR branch draws every frame with the shape of the last one; here each
frame keeps its own. Filters start at rest at the first frame.

torch is loaded on first use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np

from mezoo.errors import ConfigError
from mezoo.magnify.frames import check_clip
from mezoo.magnify.temporal import Kind, TemporalBand

if TYPE_CHECKING:
    import torch

    from mezoo.magnify.magnet_weights import LoadedMagNet

Change = Kind | Literal["dynamic"]
#: Frames that go through the network together.
_BATCH = 4
#: Side to which FGRMER scales the faces: their shape is then 128 x 128.
SHAPE_INPUT = 256


def magnet(
    frames: np.ndarray,
    fps: float,
    factor: float,
    *,
    weights: str | Path = "",
    temporal: Change = "static",
    low: float = TemporalBand.low,
    high: float | None = TemporalBand.high,
    pad: int | None = None,
) -> np.ndarray:
    """Magnify a clip by MagNet.

    Frames go through the network in small batches. ``ideal`` and ``fir`` hold the shapes of the whole clip,
    32 bytes per pixel and frame for the published networks, 16 for ours.

    Parameters
    ----------
    frames : ndarray, uint8, shape (T, H, W) or (T, H, W, 3)
        Grey levels or RGB.
    fps : float
        Frames per second.
    factor : float
        Total factor m.
    weights : Path
        See `magnet_weights.load_magnet`; there are no default ones.
    temporal : {'static', 'dynamic', 'iir', 'butterworth', 'ideal', 'fir'}
        What is magnified; ``dynamic``, the motion from frame to frame.
    low, high, pad
        See `TemporalBand`; ``static`` and ``dynamic`` do not read them.

    Returns
    -------
    ndarray, uint8, shape of `frames`
        For m = 1 the frames themselves with our own weights; published ones draw them again.

    Raises
    ------
    ConfigError
        Wrong usage, or a file that holds no weights of MagNet.
    """
    check_clip(frames, fps, factor)
    band = None if temporal == "dynamic" else TemporalBand(temporal, fps, low, high, pad)
    return LearnedMagnifier(load(weights), factor, band).start()(frames)


def describe(params: dict[str, Any]) -> dict[str, Any]:
    """Parameters of `magnet` with what is known of the weights instead of their path."""
    return params | {"weights": load(params["weights"]).provenance}


def load(weights: str | Path) -> LoadedMagNet:
    """Load the weights; loads torch."""
    from mezoo.magnify.magnet_weights import load_magnet

    if not str(weights):
        raise ConfigError(
            "no weights of MagNet",
            "a file of published weights, or one that mezoo trained",
            "Give weights=FILE",
        )
    return load_magnet(weights)


@dataclass(frozen=True)
class LearnedMagnifier:
    """What is magnified, how much, and with which weights.

    Attributes
    ----------
    loaded : LoadedMagNet
        Of `magnet_weights.load_magnet`.
    factor : float
        Total factor m; the gain of the shape is m - 1, or m for weights that were trained so
        (`MagNetLayout.gain`).
    band : TemporalBand or None
        Changes that are magnified; None for those from frame to frame.
    """

    loaded: LoadedMagNet
    factor: float
    band: TemporalBand | None

    @property
    def streams(self) -> bool:
        """Whether a clip may be given in blocks."""
        return self.band is None or self.band.streams

    def start(self) -> Redrawer:
        """Begin a clip."""
        return Redrawer(self)


class Redrawer:
    """One clip in the making: call it with consecutive blocks of frames and get them magnified.

    Frames are uint8 (b, H, W) or RGB (b, H, W, 3), and so is the result. A band that does not stream takes
    the whole clip at once; its shapes are then held in memory.
    """

    def __init__(self, settings: LearnedMagnifier) -> None:
        self._network = settings.loaded.network
        self._gain = self._network.layout.gain_of(settings.factor)
        self._change: Callable[[np.ndarray], np.ndarray]
        self._change = _ToFrameBefore() if settings.band is None else settings.band.start()
        self._whole = not settings.streams

    def __call__(self, block: np.ndarray) -> np.ndarray:
        """Magnify the next frames."""
        if self._whole:
            shapes = np.concatenate([self._shapes(part) for part in _parts(block)])
            changes = self._change(shapes)
            drawn = [self._draw(block[i : i + _BATCH], changes[i : i + _BATCH]) for i in _starts(block)]
        else:
            drawn = [self._draw(part) for part in _parts(block)]
        return np.concatenate(drawn)

    def _shapes(self, frames: np.ndarray) -> np.ndarray:
        import torch

        with torch.inference_mode():
            return self._network.encoder(to_tensor(frames))[1].numpy()

    def _draw(self, frames: np.ndarray, change: np.ndarray | None = None) -> np.ndarray:
        import torch

        with torch.inference_mode():
            inputs = to_tensor(frames)
            texture, shape = self._network.encoder(inputs)
            moved = torch.from_numpy(self._change(shape.numpy()) if change is None else change)
            gain = torch.full((len(frames), 1, 1, 1), self._gain)
            manipulated = self._network.manipulator(shape, moved, gain)
            return to_frames(self._network.decode(inputs, texture, shape, manipulated), frames.shape)


class _ToFrameBefore:
    """Difference of each frame to the one before; 0 for the first."""

    def __init__(self) -> None:
        self._before: np.ndarray | None = None

    def __call__(self, block: np.ndarray) -> np.ndarray:
        before = block[:1] if self._before is None else self._before
        self._before = block[-1:].copy()
        return block - np.concatenate([before, block[:-1]])


def _starts(block: np.ndarray) -> range:
    return range(0, len(block), _BATCH)


def _parts(block: np.ndarray) -> Iterator[np.ndarray]:
    return (block[start : start + _BATCH] for start in _starts(block))


def to_tensor(frames: np.ndarray) -> torch.Tensor:
    """Frames uint8 (b, H, W[, 3]) as network input (b, 3, H', W') in [-1, 1].

    Grey levels fill all three channels; the sides are filled up to multiples of 4 by repeating the edge.
    """
    import torch

    from mezoo.magnify.magnet_net import SIDE_MULTIPLE

    colour = frames[..., None].repeat(3, axis=-1) if frames.ndim == 3 else frames
    missing = [-side % SIDE_MULTIPLE for side in frames.shape[1:3]]
    padded = np.pad(colour, ((0, 0), (0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
    return torch.from_numpy(np.ascontiguousarray(padded)).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_frames(drawn: torch.Tensor, shape: tuple[int, ...]) -> np.ndarray:
    """Network output as frames uint8 of the given shape: clipped, rounded; grey is the mean of the channels."""
    colour = drawn.permute(0, 2, 3, 1).numpy()[:, : shape[1], : shape[2]]
    levels = colour.mean(axis=-1) if len(shape) == 3 else colour
    return np.rint(np.clip((levels + 1) * 127.5, 0, 255)).astype(np.uint8)


def shape_representation(
    loaded: LoadedMagNet,
    onset: np.ndarray,
    apex: np.ndarray,
    factors: Sequence[float],
    *,
    side: int = SHAPE_INPUT,
) -> tuple[np.ndarray, np.ndarray]:
    """Magnified shape of an apex frame relative to the onset: the input of FGRMER and Graph-TCN.

    Lei et al., CVPRW 2021, take the manipulated shape, not the drawn frame, as their feature; the frame is
    what landmarks are then found on. Both frames are encoded once for all factors.

    Parameters
    ----------
    loaded : LoadedMagNet
    onset, apex : ndarray, uint8, shape (H, W) or (H, W, 3)
    factors : sequence of float
        Total factors (1.2 to 3 in the published reproductions); 1 gives the encoder's shape of the apex, except
        for weights that take the factor itself as gain.
    side : int
        Both frames are first scaled to side x side px (bilinear), a multiple of 4.

    Returns
    -------
    shapes : ndarray, float16, shape (F, C, side / 2, side / 2)
        C is the width of the network: 32 for the published weights.
    frames : ndarray, uint8, shape (F, side, side) or (F, side, side, 3)
        The magnified apex.

    Raises
    ------
    ConfigError
        The frames are not a pair of uint8 frames of one shape.
    """
    import torch

    if onset.shape != apex.shape:
        raise ConfigError(
            f"frames of shape {onset.shape} and {apex.shape}", "one shape", "Crop both to one box"
        )
    pair = np.stack([cv2.resize(frame, (side, side)) for frame in (onset, apex)])
    check_clip(pair, 1.0, min(factors))
    network = loaded.network
    shapes, frames = [], []
    with torch.inference_mode():
        inputs = to_tensor(pair)
        texture, shape = network.encoder(inputs)
        for factor in factors:
            gain = torch.full((1, 1, 1, 1), network.layout.gain_of(factor))
            moved = network.manipulator(shape[1:], shape[1:] - shape[:1], gain)
            shapes.append(moved[0].numpy().astype(np.float16))
            drawn = network.decode(inputs[1:], texture[1:], shape[1:], moved)
            frames.append(to_frames(drawn, (1, *pair.shape[1:]))[0])
    return np.stack(shapes), np.stack(frames)
