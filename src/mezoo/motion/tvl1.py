"""TV-L1 optical flow, compiled, with the numerics of OpenCV's DualTVL1.

Zach, Pock, Bischof, "A duality based approach for realtime TV-L1 optical flow", DAGM 2007; pyramid, warps and
stop test as in OpenCV's contrib module `optflow` (DualTVL1OpticalFlow), whose defaults are ours. The median
filter between the iterations is that of Wedel et al., "An improved algorithm for TV-L1 optical flow" (2009).

Deviations from OpenCV: the warp interpolates at exact coordinates (OpenCV 4 rounds to 1/32 px), and outside of
the image it sees the nearest pixel with a gradient of 0, so that pixels which move out of the image follow
their neighbours. OpenCV sees grey level 0 there, which draws false flow along the border; `border="zero"`
restores that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from mezoo.errors import ConfigError
from mezoo.motion.images import MIN_SIDE, check_pair
from mezoo.motion.tvl1_kernel import BAND, iterate
from mezoo.motion.tvl1_warp import MARGIN, gradient, linearise


@dataclass(frozen=True, kw_only=True)
class TVL1Params:
    """Parameters of TV-L1; the defaults are OpenCV's.

    Attributes
    ----------
    tau : float
        Step of the dual ascent; it converges for tau <= 0.25.
    lambda_ : float
        Weight of the data term for images in grey levels 0-255. Smaller is smoother.
    theta : float
        Tightness of the coupling between the two splitted flows.
    n_scales : int
        Levels of the pyramid at most; levels under 16 px are left out. 5 reach a few px, 10 head motion.
    scale_step : float
        Size of a level relative to the finer one.
    n_warps : int
        Linearisations per level.
    epsilon : float
        Iterations of a warp end when the root mean squared change of the flow is not above this (px).
    n_inner, n_outer : int
        At most n_outer x n_inner iterations per warp; the flow is median-filtered before each n_inner.
    median_size : int
        Side of the median filter: 1 (none), 3 or 5 px.
    border : str
        Grey level that the warp sees outside of the image: of the ``nearest`` pixel, or ``zero``.
    """

    tau: float = 0.25
    lambda_: float = 0.15
    theta: float = 0.3
    n_scales: int = 5
    scale_step: float = 0.8
    n_warps: int = 5
    epsilon: float = 0.01
    n_inner: int = 30
    n_outer: int = 10
    median_size: int = 5
    border: str = "nearest"

    def __post_init__(self) -> None:
        """Check the ranges."""
        checks = {
            "tau": (0 < self.tau <= 0.25, "0 < tau <= 0.25"),
            "lambda_": (self.lambda_ > 0, "a positive number"),
            "theta": (self.theta > 0, "a positive number"),
            "n_scales": (self.n_scales >= 1, "at least 1"),
            "scale_step": (0 < self.scale_step < 1, "0 < scale_step < 1"),
            "n_warps": (self.n_warps >= 1, "at least 1"),
            "epsilon": (self.epsilon >= 0, "a number >= 0"),
            "n_inner": (self.n_inner >= 1, "at least 1"),
            "n_outer": (self.n_outer >= 1, "at least 1"),
            "median_size": (self.median_size in (1, 3, 5), "1, 3 or 5"),
            "border": (self.border in ("nearest", "zero"), "'nearest' or 'zero'"),
        }
        for name, (good, expected) in checks.items():
            if not good:
                found = f"TV-L1 parameter {name} = {getattr(self, name)!r}"
                raise ConfigError(found, expected, f"Change {name}")


def pyramid(image: np.ndarray, params: TVL1Params) -> list[np.ndarray]:
    """Levels of an image, float32, the finest first; bilinear and without smoothing, as OpenCV's TV-L1."""
    step = params.scale_step
    levels: list[np.ndarray] = [image.astype(np.float32)]
    while len(levels) < params.n_scales:
        smaller = cv2.resize(levels[-1], None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
        if min(smaller.shape) < MIN_SIDE:
            break
        levels.append(smaller)
    return levels


class _Level:
    """Planes of one pyramid level, in the layout of `tvl1_kernel`."""

    def __init__(self, size: tuple[int, ...], tau: float) -> None:
        height, width = size
        stride = -(-(width + 1) // 16) * 16
        self.shape = (height, width, stride)
        cells = (height + 2) * stride
        # Planes of equal alignment would compete for the same cache lines: step them by 13 lines more.
        spacing = -(-cells // 1024) * 1024 + 16 * 13
        buffer = np.zeros(10 * spacing + 16, np.float32)
        start = (-buffer.ctypes.data // buffer.itemsize) % 16
        planes = [buffer[start + k * spacing :][:cells] for k in range(10)]
        self.flow, self.fixed, self.dual = planes[:2], planes[2:6], planes[6:]
        self.views = [p.reshape(height + 2, stride)[1:-1, :width] for p in self.flow]
        step = np.zeros((BAND + 1, stride), np.float32)
        step[:, :width] = tau
        self.dual_step = step.ravel()
        self.padded = np.zeros((3, height + 2 * MARGIN, width + 2 * MARGIN), np.float32)
        self.taps = np.empty((2, 5, width), np.float32)
        self.scratch = np.empty((5, width), np.float32)


class TVL1:
    """TV-L1 for many pairs, keeping its memory while the size of the images stays the same.

    When the reference of a pair equals the moving image of the pair before (a video taken frame by frame),
    its pyramid is taken over. An object serves one thread at a time.

    Parameters
    ----------
    **params
        See `TVL1Params`.

    Raises
    ------
    ConfigError
        A parameter is out of range.
    """

    def __init__(self, **params: Any) -> None:
        self.params = TVL1Params(**params)
        self._levels: list[_Level] = []
        self._previous: tuple[np.ndarray, list[np.ndarray]] | None = None

    def __call__(self, reference: np.ndarray, moving: np.ndarray) -> np.ndarray:
        """Flow from `reference` to `moving`; see `tvl1`."""
        check_pair(reference, moving)
        if self._previous is not None and np.array_equal(self._previous[0], reference):
            fixed = self._previous[1]
        else:
            fixed = pyramid(reference, self.params)
        moved = pyramid(moving, self.params)
        self._previous = (moving.copy(), moved)
        if not self._levels or self._levels[0].shape[:2] != reference.shape:
            self._levels = [_Level(image.shape, self.params.tau) for image in moved]
        return self._solve(fixed, moved)

    def _solve(self, fixed: list[np.ndarray], moved: list[np.ndarray]) -> np.ndarray:
        coarser: list[np.ndarray] | None = None
        for level, reference, moving in zip(self._levels[::-1], fixed[::-1], moved[::-1], strict=True):
            height, width, _ = level.shape
            for k, view in enumerate(level.views):
                if coarser is None:
                    view[:] = 0
                else:
                    larger = cv2.resize(coarser[k], (width, height), interpolation=cv2.INTER_LINEAR)
                    np.multiply(larger, np.float32(1 / self.params.scale_step), out=view)
            self._solve_level(level, reference, moving)
            coarser = level.views
        return np.stack(self._levels[0].views, axis=-1)

    def _solve_level(self, level: _Level, reference: np.ndarray, moving: np.ndarray) -> None:
        params = self.params
        height, width, _ = level.shape
        level.padded[0, MARGIN:-MARGIN, MARGIN:-MARGIN] = moving
        gradient(*level.padded, params.border == "nearest")
        for plane in level.dual:
            plane[:] = 0
        bound = np.float32(params.lambda_ * params.theta)
        ratio = np.float32(params.tau / params.theta)
        stop = np.float32(params.epsilon**2 * height * width)
        for _ in range(params.n_warps):
            linearise(
                reference, level.padded, *level.flow, *level.fixed, level.shape, level.taps, level.scratch
            )
            for _ in range(params.n_outer):
                if params.median_size > 1:
                    for view in level.views:
                        cv2.medianBlur(view, params.median_size, dst=view)
                _, met = iterate(
                    *level.flow, *level.fixed, *level.dual, level.dual_step, level.shape,
                    bound, ratio, stop, params.n_inner,
                )  # fmt: skip
                if met:
                    break


def tvl1(reference: np.ndarray, moving: np.ndarray, **params: Any) -> np.ndarray:
    """Optical flow between two grey images by TV-L1.

    The flow u satisfies moving(x + u(x)) = reference(x).

    Parameters
    ----------
    reference, moving : ndarray, uint8, shape (H, W)
        Grey levels 0-255, each side at least 16 px.
    **params
        See `TVL1Params`.

    Returns
    -------
    ndarray, float32, shape (H, W, 2)
        (dx to the right, dy down) in px, at the pixels of `reference`.

    Raises
    ------
    ConfigError
        The images are not of one shape and uint8, or a parameter is out of range.

    Examples
    --------
    >>> image = np.random.default_rng(0).integers(0, 256, (32, 32), dtype=np.uint8)
    >>> float(np.abs(tvl1(image, image)).max())
    0.0
    """
    return TVL1(**params)(reference, moving)
