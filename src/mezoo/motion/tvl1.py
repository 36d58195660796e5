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
from typing import Any, Literal

import numpy as np

from mezoo.errors import ConfigError
from mezoo.motion.images import MIN_SIDE, check_pair
from mezoo.motion.tvl1_solve import Workspace, solve

Profile = Literal["exact", "stream"]
#: What ``stream`` does with a pair that continues the one before. Slow motion is followed on the finest level
#: (``still``), faster motion from a coarser one on (``moving``): followed on the finest level alone, a growing motion
#: has an error up to 19 % above that of ``exact``. Each way: the level it begins on (0 is the finest); linearisations
#: per level; iterations of each at least (the dual variables start from 0, and with hardly any motion left the stop
#: test would end a warp before they have had an effect); motion of a block of 16 x 16 px, left on the finest level, in
#: px, from which the next way is taken, at last that of ``exact`` (a cut). ``jump``: difference of such a block to the
#: pair before, in px, from which ``exact`` solves the pair too (a blink).
STREAM: dict[str, Any] = {"still": [0, 2, 10, 0.15], "moving": [2, 1, 10, 1.0], "jump": 2.0}


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


class TVL1:
    """TV-L1 for many pairs, keeping its memory while the size of the images stays the same.

    What is known of the pair before is taken over: the pyramid of an image that appears again, and with the
    profile ``stream`` the flow itself as the start of the next. An object serves one thread at a time.

    Parameters
    ----------
    profile : {'exact', 'stream'}
        ``exact`` solves every pair on its own. ``stream`` is for the pairs of a video in their order (one reference
        and all its frames, or neighbouring frames): it begins on a finer level with the flow of the pair before
        (`STREAM`), and it solves a pair like ``exact`` when no image is shared or the motion jumps.
    **params
        See `TVL1Params`.

    Attributes
    ----------
    held : bool
        Whether the last pair was solved from the flow of the one before.

    Raises
    ------
    ConfigError
        A parameter is out of range.
    """

    def __init__(self, profile: Profile = "exact", **params: Any) -> None:
        if profile not in ("exact", "stream"):
            raise ConfigError(f"TV-L1 profile {profile!r}", "'exact' or 'stream'", "Change it")
        self.params = p = TVL1Params(**params)
        self.profile, self.held = profile, False
        self._settings = (
            np.float32(p.lambda_ * p.theta), np.float32(p.tau / p.theta), np.float32(p.epsilon), p.scale_step,
            p.n_inner, p.n_outer, p.median_size, p.border == "nearest",
        )  # fmt: skip
        ways = [(*way[:3], np.float32(way[3])) for way in (STREAM["still"], STREAM["moving"])]
        self._stream = (*ways, np.float32(STREAM["jump"]))
        self._workspace: Workspace | None = None
        self.restart()

    def restart(self) -> None:
        """Forget the pair before: the next one belongs to another video."""
        self._previous: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def __call__(self, reference: np.ndarray, moving: np.ndarray) -> np.ndarray:
        """Flow from `reference` to `moving`; see `tvl1`."""
        check_pair(reference, moving)
        p = self.params
        if self._workspace is None or self._workspace.shape != reference.shape:
            self._workspace = Workspace(level_sizes(reference.shape, p.n_scales, p.scale_step), p.tau)
            self.restart()
        reference, moving = reference.copy(), moving.copy()  # the caller may reuse its own
        known = self._known(reference, self._workspace)
        flow = np.empty((*reference.shape, 2), np.float32)
        last = flow if self._previous is None else self._previous[2]
        self.held = solve(
            reference, moving, known, self.profile == "stream" and known, last, flow,
            self._workspace.arrays, p.n_warps, self._stream, self._settings,
        )  # fmt: skip
        self._previous = (reference, moving, flow)
        return flow.copy()

    def _known(self, reference: np.ndarray, workspace: Workspace) -> bool:
        """Tell whether the workspace holds the pyramid of this reference, and put it in its place."""
        if self._previous is None:
            return False
        if np.array_equal(self._previous[1], reference):
            workspace.swap()
            return True
        return np.array_equal(self._previous[0], reference)


def level_sizes(shape: tuple[int, ...], n_scales: int, step: float) -> list[tuple[int, int]]:
    """(height, width) of the pyramid levels, the finest first; none has a side under 16 px."""
    sizes = [(shape[0], shape[1])]
    while len(sizes) < n_scales:
        smaller = round(sizes[-1][0] * step), round(sizes[-1][1] * step)
        if min(smaller) < MIN_SIDE:
            break
        sizes.append(smaller)
    return sizes


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
