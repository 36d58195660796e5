"""Registry of the flow methods; all are called as ``backend(reference, moving) -> flow``.

To add a method write a factory, give it a name in `_FACTORIES`, and the tests over the registry cover it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from mezoo.errors import ConfigError, unknown
from mezoo.motion.images import check_pair

Solver = Callable[[np.ndarray, np.ndarray], np.ndarray]
ManySolver = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Backend:
    """A flow method with its parameters; one object serves one thread at a time.

    Attributes
    ----------
    name : str
        Its name in `BACKENDS`.
    params : dict
        Everything the numbers depend on, JSON-able.
    batch : int
        Pairs that are best solved together with `many`.
    """

    name: str
    params: dict[str, Any]
    _solve: Solver
    _solve_many: ManySolver | None = None
    _restart: Callable[[], None] | None = None
    batch: int = 1

    def __call__(self, reference: np.ndarray, moving: np.ndarray) -> np.ndarray:
        """Flow u with moving(x + u(x)) = reference(x).

        Parameters
        ----------
        reference, moving : ndarray, uint8, shape (H, W)
            Grey levels, each side at least 16 px.

        Returns
        -------
        ndarray, float32, shape (H, W, 2)
            (dx to the right, dy down) in px.

        Raises
        ------
        ConfigError
            The images are not of one shape and uint8.
        """
        check_pair(reference, moving)
        return self._solve(np.ascontiguousarray(reference), np.ascontiguousarray(moving))

    def many(self, references: np.ndarray, movings: np.ndarray) -> np.ndarray:
        """Flow of several pairs of one size; equal to calling the method pair by pair, in their order.

        Parameters
        ----------
        references, movings : ndarray, uint8, shape (N, H, W)

        Returns
        -------
        ndarray, float32, shape (N, H, W, 2)
            (dx, dy) in px.

        Raises
        ------
        ConfigError
            As for one pair.
        """
        if self._solve_many is None:
            return np.stack([self(*pair) for pair in zip(references, movings, strict=True)])
        for pair in zip(references, movings, strict=True):
            check_pair(*pair)
        return self._solve_many(references, movings)

    @property
    def in_order(self) -> bool:
        """Whether a pair may start from the one before, so that `restart` matters."""
        return self._restart is not None

    def restart(self) -> None:
        """Forget the pair before: a new video begins. Only methods that start from it take notice."""
        if self._restart is not None:
            self._restart()


def _native(given: dict[str, Any]) -> tuple[dict[str, Any], Solver]:
    from mezoo.motion.tvl1 import STREAM, TVL1, TVL1Params

    params = _merge("native", {"profile": "exact", **vars(TVL1Params())}, given)
    solver = TVL1(**params)
    return params | ({"stream": STREAM} if solver.profile == "stream" else {}), solver


def _torch(given: dict[str, Any]) -> tuple[dict[str, Any], Solver]:
    """Solve many pairs at once; the device changes the numbers by rounding only, so it is no parameter of them."""
    from mezoo.motion.tvl1 import TVL1Params

    params = _merge("torch", {"device": "auto", **vars(TVL1Params())}, given)
    device = params.pop("device")
    try:
        from mezoo.motion.tvl1_torch import TVL1Torch
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ConfigError(
            "flow method torch, but torch is not installed",
            "torch",
            "Install it, or take flow.backend: native",
        ) from None
    return params, TVL1Torch(device, **params)


def _opencv(given: dict[str, Any]) -> tuple[dict[str, Any], Solver]:
    """OpenCV's TV-L1 (contrib), the reference of ours; it has no choice of the border."""
    from mezoo.motion.tvl1 import TVL1Params

    defaults = {key: value for key, value in vars(TVL1Params()).items() if key != "border"}
    params = vars(TVL1Params(**_merge("opencv", defaults, given)))

    def solve(reference: np.ndarray, moving: np.ndarray) -> np.ndarray:
        # A new object per pair: a small image lowers the number of scales of an object for good.
        method = cv2.optflow.DualTVL1OpticalFlow_create(  # type: ignore[attr-defined]
            tau=params["tau"],
            lambda_=params["lambda_"],
            theta=params["theta"],
            nscales=params["n_scales"],
            warps=params["n_warps"],
            epsilon=params["epsilon"],
            innnerIterations=params["n_inner"],  # the binding's own spelling
            outerIterations=params["n_outer"],
            scaleStep=params["scale_step"],
            medianFiltering=params["median_size"],
        )
        return method.calc(reference, moving, None)

    return {key: params[key] for key in defaults} | {"opencv": cv2.__version__}, solve


def _farneback(given: dict[str, Any]) -> tuple[dict[str, Any], Solver]:
    """Farnebäck, "Two-frame motion estimation based on polynomial expansion", SCIA 2003."""
    defaults = {
        "pyr_scale": 0.5,
        "levels": 3,
        "winsize": 15,
        "iterations": 3,
        "poly_n": 5,
        "poly_sigma": 1.2,
        "flags": 0,
    }
    params = _merge("farneback", defaults, given)

    def solve(reference: np.ndarray, moving: np.ndarray) -> np.ndarray:
        return cv2.calcOpticalFlowFarneback(reference, moving, None, **params)  # type: ignore[call-overload]

    return params | {"opencv": cv2.__version__}, solve


def _dis(given: dict[str, Any]) -> tuple[dict[str, Any], Solver]:
    """Kroeger et al., "Fast optical flow using dense inverse search", ECCV 2016."""
    presets = {
        "ultrafast": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
        "fast": cv2.DISOPTICAL_FLOW_PRESET_FAST,
        "medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
    }
    params = _merge("dis", {"preset": "medium"}, given)
    if params["preset"] not in presets:
        raise ConfigError(
            f"preset {params['preset']!r} of the flow method dis", f"one of {', '.join(presets)}", "Change it"
        )
    method = cv2.DISOpticalFlow_create(presets[params["preset"]])  # type: ignore[attr-defined]

    def solve(reference: np.ndarray, moving: np.ndarray) -> np.ndarray:
        return method.calc(reference, moving, None)

    return params | {"opencv": cv2.__version__}, solve


_FACTORIES: dict[str, Callable[[dict[str, Any]], tuple[dict[str, Any], Solver]]] = {
    "native": _native,
    "torch": _torch,
    "opencv": _opencv,
    "farneback": _farneback,
    "dis": _dis,
}
#: Names of all flow methods.
BACKENDS = tuple(_FACTORIES)
#: Those that are TV-L1 and take its parameters.
TVL1_BACKENDS = ("native", "torch", "opencv")


def _merge(name: str, defaults: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    for key in given:
        if key not in defaults:
            raise unknown(f"parameter '{key}' of the flow method {name}", key, defaults)
    return {**defaults, **given}


def get_backend(name: str, **params: Any) -> Backend:
    """Make a flow method.

    Parameters
    ----------
    name : str
        ``native`` (our TV-L1), ``torch`` (the same for batches, for GPUs), ``opencv`` (OpenCV's TV-L1, the slow
        reference), ``farneback`` or ``dis``.
    **params
        ``native``: fields of `tvl1.TVL1Params` and ``profile`` (exact, stream); ``torch``: the fields and ``device``
        (auto, cpu or cuda); ``opencv``: the fields without ``border``; ``farneback``: arguments of
        ``cv2.calcOpticalFlowFarneback``; ``dis``: ``preset``.

    Raises
    ------
    ConfigError
        Unknown name or parameter, a value out of range, or a device or package that is absent.
    """
    if name not in _FACTORIES:
        raise unknown(f"flow method '{name}'", name, BACKENDS)
    effective, solve = _FACTORIES[name](params)
    return Backend(
        name,
        effective,
        solve,
        getattr(solve, "many", None),
        getattr(solve, "restart", None) if effective.get("profile") == "stream" else None,
        batch=getattr(solve, "batch", 1),
    )


def set_threads(n: int) -> None:
    """Cap the threads of OpenCV, numba and torch in this process; 1 when many videos run side by side."""
    if n < 1:
        raise ConfigError(f"{n} threads", "at least 1", "Give a positive number")
    cv2.setNumThreads(n)
    if "numba" in sys.modules:
        import numba

        numba.set_num_threads(min(n, numba.config.NUMBA_NUM_THREADS))  # type: ignore[attr-defined]
    else:
        os.environ["NUMBA_NUM_THREADS"] = str(n)  # read when numba is imported; importing it here costs time
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(n)
    else:
        os.environ["OMP_NUM_THREADS"] = str(n)  # likewise
