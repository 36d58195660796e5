"""Registry of the interpolation methods; all bring a clip to a length, or give its frames at any times.

To add a method write `render(frames, positions, **params)`, enter it in `INTERPOLATORS`, and the tests over the
registry cover it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mezoo.errors import ConfigError, unknown
from mezoo.interpolate.clips import check_clip, check_positions, even_positions
from mezoo.interpolate.flow_warp import render_flow_warp
from mezoo.interpolate.linear import render_linear
from mezoo.interpolate.tim import render_tim


@dataclass(frozen=True)
class Interpolator:
    """One method.

    Attributes
    ----------
    name : str
        Its name in `INTERPOLATORS`.
    paper : str
        Where it was published.
    local : bool
        Whether a new frame depends on its two neighbours only, so that `between` exists.
    defaults : mapping
        Its parameters, JSON-able.
    """

    name: str
    paper: str
    local: bool
    _render: Callable[..., NDArray[np.uint8]]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    _describe: Callable[[dict[str, Any]], dict[str, Any]] = dict

    def at(self, frames: NDArray[np.uint8], positions: np.ndarray, **params: Any) -> NDArray[np.uint8]:
        """Frames of a clip at given times.

        Parameters
        ----------
        frames : ndarray, uint8, shape (T, H, W) or (T, H, W, 3)
            Grey levels or RGB, T >= 1.
        positions : array, float, shape (L,)
            Times in frames from 0 to T - 1, in any order. At an integer the frame itself is returned.
        **params
            As in `defaults`.

        Returns
        -------
        ndarray, uint8, shape (L, H, W) or (L, H, W, 3)

        Raises
        ------
        ConfigError
            Another kind of array, a time outside of the clip, or an unknown parameter.
        """
        check_clip(frames)
        places = check_positions(positions, len(frames))
        return self._render(frames, places, **self._merge(params))

    def bring_to(self, frames: NDArray[np.uint8], n: int, **params: Any) -> NDArray[np.uint8]:
        """Bring a clip to `n` >= 2 evenly spaced frames, the first and the last one included; see `at`."""
        check_clip(frames)
        return self.at(frames, even_positions(len(frames), n), **params)

    def between(
        self, a: NDArray[np.uint8], b: NDArray[np.uint8], t: float, **params: Any
    ) -> NDArray[np.uint8]:
        """Frame at time `t` between frame `a` at 0 and frame `b` at 1, uint8 (H, W) or (H, W, 3).

        Raises
        ------
        ConfigError
            As for `at`; frames of two shapes; or the method needs a whole clip.
        """
        if not self.local:
            able = ", ".join(name for name, method in INTERPOLATORS.items() if method.local)
            raise ConfigError(
                f"{self.name} between two frames", f"one of {able}", "It needs a whole clip: use at"
            )
        if np.shape(a) != np.shape(b):
            raise ConfigError(
                f"frames of shape {np.shape(a)} and {np.shape(b)}", "one shape", "Crop both to the same box"
            )
        return self.at(np.stack([a, b]), np.array([t]), **params)[0]

    def describe(self, **params: Any) -> dict[str, Any]:
        """Everything the numbers depend on, JSON-able: name, parameters, digest of the weights."""
        return {"method": self.name, **self._describe(self._merge(params))}

    def _merge(self, given: dict[str, Any]) -> dict[str, Any]:
        for key in given:
            if key not in self.defaults:
                raise unknown(f"parameter '{key}' of the interpolation {self.name}", key, self.defaults)
        return {**self.defaults, **given}


def _render_rife(
    frames: NDArray[np.uint8], positions: NDArray[np.float64], **params: Any
) -> NDArray[np.uint8]:
    from mezoo.interpolate.rife import render_rife  # imports torch

    return render_rife(frames, positions, **params)


def _describe_rife(params: dict[str, Any]) -> dict[str, Any]:
    from mezoo.interpolate.rife import describe_rife

    return describe_rife(params)


_METHODS = (
    Interpolator("linear", "weighted mean of the two neighbours", True, render_linear),
    Interpolator("tim", "Zhou, Zhao, Pietikäinen, CVPR 2011", False, render_tim),
    Interpolator(
        "flow_warp",
        "Jiang et al., Super SloMo, CVPR 2018, eq. 1 and 4, with classical flow",
        True,
        render_flow_warp,
        {"backend": "native", "flow": {}},
    ),
    Interpolator(
        "rife",
        "Huang et al., ECCV 2022, arXiv 2011.06294",
        True,
        _render_rife,
        {
            "weights": None,
            "large": False,
            "recursive": False,
            "scale": 1.0,
            "flip": False,
            "padding": "replicate",
            "batch": 8,
            "accelerator": "auto",
        },
        _describe_rife,
    ),
)
#: All interpolation methods by name.
INTERPOLATORS: dict[str, Interpolator] = {method.name: method for method in _METHODS}


def get_interpolator(name: str) -> Interpolator:
    """Find a method by name; raise `ConfigError` when there is none."""
    if name not in INTERPOLATORS:
        raise unknown(f"interpolation '{name}'", name, INTERPOLATORS)
    return INTERPOLATORS[name]
