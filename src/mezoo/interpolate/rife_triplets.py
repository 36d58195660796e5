"""Training samples of RIFEm from face clips: two frames, one between them, its time and flow. Free of torch.

Rules of Huang et al., ECCV 2022 (code: dataset.py) for the network of any time: three sorted frames at random,
a crop, flips, turns, the channels and the time reversed at random. Deviations: the frames come from a window of
a given span, because a face hardly moves within the three neighbours of a published triplet; the crop drifts
over the frames at a constant speed; and the frames are bent, each by its share of one smooth random field. In
clips of micro-expressions points move by a few tenths of a px at most, which camera noise hides: the mean of two
frames is then as good as any interpolation, and a network that sees nothing else learns that mean. What is added
is known, so a sample tells its flow too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mezoo.errors import ConfigError

#: Distance of the points between which a bending field is interpolated, px.
_CELL = 16
#: Steps to the place of a point in the last frame.
_ROUNDS = 4


class Triplets(NamedTuple):
    """One batch.

    Attributes
    ----------
    image0, image1, truth : ndarray, float32, shape (B, 3, crop, crop)
        BGR in [0, 1].
    t : ndarray, float32, shape (B,)
        Time of the truth, in (0, 1).
    flow : ndarray, float32, shape (B, 4, crop, crop)
        (x, y) from the truth to image 0, then to image 1, px: drift and bending, not the face's own motion.
    """

    image0: NDArray[np.float32]
    image1: NDArray[np.float32]
    truth: NDArray[np.float32]
    t: NDArray[np.float32]
    flow: NDArray[np.float32]


class TripletSampler:
    """Draw batches that depend on the seed and their number only, so that a training can be resumed.

    Parameters
    ----------
    clips : sequence of array-like, uint8, shape (T, H, W) or (T, H, W, 3)
        Arrays or datasets of artifacts, read frame by frame.
    crop : int
        Side of the crops, px.
    span : int
        Frames of the window the three are drawn from, at least 3.
    drift : int
        Most px by which the crop moves from the first to the last frame, in x and in y; 0 in half the samples.
    bend : float
        Most px, root mean square, by which points move from the first to the last frame because they are bent.
    seed : int

    Raises
    ------
    ConfigError
        No clip is long and large enough.
    """

    def __init__(
        self, clips: Sequence[Any], *, crop: int, span: int, drift: int, bend: float, seed: int
    ) -> None:
        self._clips = [clip for clip in clips if len(clip) >= 3 and min(clip.shape[1:3]) >= crop]
        if not self._clips or span < 3:
            raise ConfigError(
                f"no clip of 3 frames and {crop}x{crop} px, or a span of {span}",
                "at least one such clip, and a span of 3 frames or more",
                "Give larger crops of faces, or a smaller crop",
            )
        self._crop, self._span, self._drift, self._bend, self._seed = crop, span, drift, bend, seed

    def batch(self, number: int, size: int) -> Triplets:
        """Draw batch `number` of `size` samples."""
        rng = np.random.default_rng([self._seed, number])
        images, flows, times = zip(*(self._sample(rng) for _ in range(size)), strict=True)
        image0, truth, image1 = np.stack(images, axis=1)
        return Triplets(image0, image1, truth, np.array(times, np.float32), np.stack(flows))

    def _sample(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
        """Images (3, 3, crop, crop), flow (4, crop, crop) and time of one sample."""
        clip = self._clips[rng.integers(len(self._clips))]
        span = min(self._span, len(clip))
        start = rng.integers(len(clip) - span + 1)
        steps = np.sort(rng.choice(span, 3, replace=False))
        frames = np.stack([clip[int(start + k)] for k in steps])
        frames = _turn(np.stack([frames] * 3, axis=-1) if frames.ndim == 3 else frames[..., ::-1], rng)
        steps = steps - steps[0]
        if rng.random() < 0.5:
            frames, steps = frames[::-1], steps[2] - steps[::-1]
        drift = self._drift if rng.random() < 0.5 else 0
        height, width = frames.shape[1:3]
        corners = np.stack([self._corners(steps, side, drift, rng) for side in (width, height)], axis=1)
        field, times = self._field(rng), steps / steps[2]
        crops = np.stack(
            [
                _look(frame, corner + s * field)
                for frame, corner, s in zip(frames, corners, times, strict=True)
            ]
        )
        images = (crops.transpose(0, 3, 1, 2) / np.float32(255)).astype(np.float32)
        return images, _flow(corners, field, times[1]), float(times[1])

    def _field(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Smooth field (crop, crop, (x, y)) whose vectors have at most `bend` px, root mean square."""
        coarse = rng.standard_normal((self._crop // _CELL, self._crop // _CELL, 2)).astype(np.float32)
        field = cv2.resize(coarse, (self._crop,) * 2, interpolation=cv2.INTER_CUBIC)
        length = np.sqrt(np.mean(np.sum(field**2, axis=-1)))
        return field * np.float32(rng.uniform(0, self._bend) / length)

    def _corners(
        self, times: NDArray[np.int64], side: int, drift: int, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """First row (or column) of the crop in each frame; whole px at all three times, so at constant speed."""
        room = min(drift, side - self._crop)
        pace = times // np.gcd(times[1], times[2])  # px at the three times, for the slowest drift
        path = pace * rng.integers(-(room // pace[2]), room // pace[2] + 1)
        return path + rng.integers(-path.min(), side - self._crop - path.max() + 1)


def _look(image: NDArray, places: NDArray[np.floating]) -> np.ndarray:
    """Look up each pixel of a crop at itself + `places`, (crop, crop, (x, y)) in px of `image`; cubic."""
    y, x = np.mgrid[: places.shape[0], : places.shape[1]]
    columns, rows = (x + places[..., 0]).astype(np.float32), (y + places[..., 1]).astype(np.float32)
    return cv2.remap(image, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)


def _flow(corners: NDArray[np.int64], field: NDArray[np.float32], t: float) -> NDArray[np.float32]:
    """Flow (4, crop, crop) from the crop at time t to those at 0 and 1, all bent and drifting.

    Pixel x shows the point x + s field(x) + corner(s) at time s. Where the same point lies at time 1 is found
    by a fixed point, as the field there is another one.
    """
    back = t * field + (corners[1] - corners[0])
    start = t * field + (corners[1] - corners[2])
    forth = start - field
    for _ in range(_ROUNDS):
        forth = start - _look(field, forth)
    return np.concatenate([back, forth], axis=-1).transpose(2, 0, 1).astype(np.float32)


def _turn(frames: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Reverse channels, rows and columns with probability 1/2 each; turn by 0, 90, 180 or 270 degrees."""
    for axis in (3, 1, 2):
        if rng.random() < 0.5:
            frames = np.flip(frames, axis)
    return np.rot90(frames, int(rng.integers(4)), axes=(1, 2))
