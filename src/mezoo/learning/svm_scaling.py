"""What is done to feature vectors before a support vector machine sees them, with constants of the training clips.

``whitened_pca`` is that of ELBPTOP (Guo et al., 2019): all components of the training clips, at most one fewer than
clips, each made to have variance 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mezoo.errors import ConfigError

Standardise = Literal["none", "train_std", "train_mean_std", "whitened_pca", "l2"]
STANDARDISE = ("none", "train_std", "train_mean_std", "whitened_pca", "l2")
#: A standard deviation below this share of the largest number or component is rounding.
_ROUNDING = 1e-10
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scaling:
    """z = ((x / |x| or x) - mean) / scale, or times axes.

    Attributes
    ----------
    unit : bool
        Whether each vector is given unit length first.
    mean, scale : ndarray, float64, shape (F,)
    axes : ndarray, float64, shape (F, Z) or (F, 0)
        Directions of the components, divided by their standard deviations; (F, 0): no turning.
    """

    unit: bool
    mean: Floats
    scale: Floats
    axes: Floats

    def apply(self, x: np.ndarray) -> Floats:
        """Scale vectors (N, F): (N, F) or (N, Z)."""
        x = np.asarray(x, np.float64)
        if self.unit:
            length = np.linalg.norm(x, axis=1, keepdims=True)
            x = x / np.where(length > 0, length, 1)
        z = (x - self.mean) / self.scale
        return z @ self.axes if self.axes.size else z

    def to_arrays(self) -> dict[str, np.ndarray]:
        """All there is to keep, as numeric arrays by name."""
        return {"unit": np.array([self.unit]), "mean": self.mean, "scale": self.scale, "axes": self.axes}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Scaling:
        """Build a scaling from what `to_arrays` gave."""
        return cls(bool(arrays["unit"][0]), *(arrays[name] for name in ("mean", "scale", "axes")))


def fit_scaling(x: Floats, how: Standardise) -> Scaling:
    """Find the constants of a scaling.

    Parameters
    ----------
    x : ndarray, float64, shape (N, F)
        Vectors of the training clips.
    how : str
        ``none``; ``train_std`` divides each number by its standard deviation over the training clips (one that
        never changes is left alone); ``train_mean_std`` also takes out the mean; ``whitened_pca`` turns to
        uncorrelated components of variance 1; ``l2`` gives each vector unit length.

    Raises
    ------
    ConfigError
        Unknown word, or a PCA of clips that are all alike.
    """
    if how not in STANDARDISE:
        raise ConfigError(
            f"standardise {how!r}",
            f"one of {', '.join(STANDARDISE)}",
            "Correct the section svm of the recipe",
        )
    n = x.shape[1]
    mean, scale, axes = np.zeros(n), np.ones(n), np.zeros((n, 0))
    if how in ("train_mean_std", "whitened_pca"):
        mean = x.mean(axis=0)
    if how in ("train_std", "train_mean_std"):
        deviation = x.std(axis=0)
        scale = np.where(deviation > _ROUNDING * np.abs(x).max(axis=0), deviation, 1)
    if how == "whitened_pca":
        axes = _whitening(x - mean)
    return Scaling(how == "l2", mean, scale, axes)


def _whitening(centred: Floats) -> Floats:
    """Principal directions divided by the standard deviations along them, (F, Z) with Z <= N - 1."""
    _, singular, directions = np.linalg.svd(centred, full_matrices=False)
    kept = singular > _ROUNDING * max(singular[0], 1e-300)
    kept[len(centred) - 1 :] = False
    if not kept.any():
        raise ConfigError("a PCA of clips that are all alike", "clips that differ", "Set standardise to none")
    return directions[kept].T * (np.sqrt(len(centred) - 1) / singular[kept])
