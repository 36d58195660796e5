"""Support vector machines for hand-crafted features: fitted by scikit-learn, kept and applied as plain arrays.

Chang, Lin, "LIBSVM: a library for support vector machines", ACM TIST 2 (2011), through `sklearn.svm.SVC`: one machine
for each pair of classes, and the class with most votes wins. A fitted machine is a handful of numpy arrays (no
pickle), and predicts with numpy alone.

Deviation from published programs: the solver stops after 200 000 steps. Where more clips than features cannot be told
apart, it runs for hours at a large C otherwise; machines that settle need some thousand. `SVMModel.converged` tells.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mezoo.errors import ConfigError, DataError
from mezoo.learning.svm_scaling import Scaling, Standardise, fit_scaling

Kernel = Literal["linear", "rbf", "poly"]
KERNELS = ("linear", "rbf", "poly")
Floats = NDArray[np.float64]

#: Steps of the solver for one pair of classes: seconds for some hundred clips.
MAX_STEPS = 200_000


@dataclass(frozen=True, eq=False)
class SVMModel:
    """A fitted machine.

    Attributes
    ----------
    scaling : Scaling
        What is done to a vector first.
    kernel : {'linear', 'rbf', 'poly'}
    gamma : float
        Of exp(-gamma |x - s|^2) and (gamma x.s)^degree; not read by the linear kernel.
    degree : int
    present : ndarray, int64, shape (K,)
        Classes seen in training, ascending.
    n_classes : int
        Declared classes; those not present are never predicted.
    converged : bool
        Whether the solver settled for every pair of classes.
    vectors : ndarray, float64, shape (V, Z)
        Support vectors, scaled; none for the linear kernel, whose coefficients are summed up already.
    coefficients : ndarray, float64, shape (V, K (K - 1) / 2), or (Z, ...) for the linear kernel
        A column for each pair of classes, in the order 0-1, 0-2, ..., 1-2, ....
    intercept : ndarray, float64, shape (K (K - 1) / 2,)
    """

    scaling: Scaling
    kernel: Kernel
    gamma: float
    degree: int
    present: NDArray[np.int64]
    n_classes: int
    converged: bool
    vectors: Floats
    coefficients: Floats
    intercept: Floats

    def decisions(self, x: np.ndarray) -> Floats:
        """Signed distance of each vector (N, F) for each pair of present classes: above 0 the first wins."""
        z = self.scaling.apply(x)
        if self.kernel == "rbf":
            z = np.exp(-self.gamma * _squared_distances(z, self.vectors))
        elif self.kernel == "poly":
            z = (self.gamma * (z @ self.vectors.T)) ** self.degree
        return z @ self.coefficients + self.intercept

    def predict(self, x: np.ndarray) -> NDArray[np.int64]:
        """Class of each vector (N, F) by the votes of all pairs, the lowest of those that tie: (N,)."""
        return self.present[self._votes(self.decisions(x))[0].argmax(axis=1)]

    def scores(self, x: np.ndarray) -> Floats:
        """Score of each declared class for vectors (N, F), (N, n_classes); -inf for a class not present.

        Votes, plus the sum of the signed distances of a class squeezed into (-1/3, 1/3) so that they only decide
        between equal votes (`sklearn.svm.SVC.decision_function` with ``ovr``).
        """
        votes, sums = self._votes(self.decisions(x))
        scores = np.full((len(votes), self.n_classes), -np.inf)
        scores[:, self.present] = votes + sums / (3 * (np.abs(sums) + 1))
        return scores

    def probabilities(self, x: np.ndarray) -> Floats:
        """Softmax of `scores`, (N, n_classes): a ranking on the scale of probabilities, not calibrated ones."""
        scores = self.scores(x)
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        return raised / raised.sum(axis=1, keepdims=True)

    def _votes(self, decisions: Floats) -> tuple[Floats, Floats]:
        """Votes and sums of signed distances of each present class, both (N, K)."""
        votes, sums = (np.zeros((len(decisions), len(self.present))) for _ in range(2))
        for column, (first, second) in enumerate(combinations(range(len(self.present)), 2)):
            distance = decisions[:, column]
            votes[:, first] += distance > 0
            votes[:, second] += distance <= 0
            sums[:, first] += distance
            sums[:, second] -= distance
        return votes, sums

    def to_arrays(self) -> dict[str, np.ndarray]:
        """All there is to keep, as numeric arrays by name."""
        settings = [KERNELS.index(self.kernel), self.gamma, self.degree, self.n_classes, self.converged]
        return {
            "settings": np.array(settings, np.float64),
            "present": self.present,
            "vectors": self.vectors,
            "coefficients": self.coefficients,
            "intercept": self.intercept,
            **self.scaling.to_arrays(),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> SVMModel:
        """Build a machine from what `to_arrays` gave."""
        kernel, gamma, degree, n_classes, converged = np.asarray(arrays["settings"]).tolist()
        return cls(
            scaling=Scaling.from_arrays(arrays),
            kernel=KERNELS[int(kernel)],  # type: ignore[arg-type]
            gamma=gamma,
            degree=int(degree),
            n_classes=int(n_classes),
            converged=bool(converged),
            **{name: arrays[name] for name in ("present", "vectors", "coefficients", "intercept")},
        )


def fit_svm(
    x: np.ndarray,
    y: np.ndarray,
    n_classes: int,
    *,
    kernel: Kernel = "linear",
    C: float = 1.0,
    gamma: float | Literal["scale"] = "scale",
    degree: int = 3,
    standardise: Standardise = "none",
    class_weight: Literal["balanced"] | None = None,
) -> SVMModel:
    """Fit a machine; the same numbers give the same machine.

    Parameters
    ----------
    x : ndarray, float, shape (N, F)
        Feature vectors of the training clips.
    y : ndarray, int, shape (N,)
        Classes, 0 to n_classes - 1. Only one class among them gives a machine that always predicts it.
    n_classes : int
        Declared classes.
    kernel : {'linear', 'rbf', 'poly'}
    C : float
        Penalty of a training vector on the wrong side.
    gamma : float or 'scale'
        ``scale`` is 1 / (Z times the variance of all numbers of the scaled vectors), as in scikit-learn.
    degree : int
        Of ``poly``.
    standardise : {'none', 'train_std', 'train_mean_std', 'whitened_pca', 'l2'}
        See `svm_scaling.fit_scaling`; its constants come from `x` alone.
    class_weight : {None, 'balanced'}
        ``balanced`` multiplies C of a class by N / (K times its number of clips).

    Raises
    ------
    ConfigError
        Unknown or impossible options.
    DataError
        No vectors, shapes that do not fit, numbers that are not finite, or a class that is not declared.
    """
    _check_options(kernel, C, gamma, degree, class_weight)
    x, y = np.asarray(x, np.float64), np.asarray(y, np.int64)
    _check_data(x, y, n_classes)
    scaling = fit_scaling(x, standardise)
    z = scaling.apply(x)
    variance = float(z.var())
    width = (1 / (z.shape[1] * variance) if variance > 0 else 1.0) if gamma == "scale" else float(gamma)
    present = np.unique(y)
    options = {"kernel": kernel, "C": C, "gamma": width, "degree": degree, "class_weight": class_weight}
    fitted = _fit_pairs(z, y, **options) if len(present) > 1 else _one_class(z)
    if kernel == "linear":
        fitted["coefficients"] = fitted["vectors"].T @ fitted["coefficients"]
        fitted["vectors"] = z[:0]
    return SVMModel(scaling, kernel, width, degree, present, n_classes, **fitted)


def _fit_pairs(z: Floats, y: NDArray[np.int64], **options: Any) -> dict[str, Any]:
    """Support vectors, coefficients and intercepts of all pairs of classes."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import SVC

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # `converged` tells
        fitted = SVC(**options, max_iter=MAX_STEPS).fit(z, y)
    sign = -1 if len(fitted.classes_) == 2 else 1  # of two classes scikit-learn turns the sign
    owner = np.repeat(np.arange(len(fitted.classes_)), fitted.n_support_)
    pairs = list(combinations(range(len(fitted.classes_)), 2))
    coefficients = np.zeros((len(owner), len(pairs)))
    for column, (first, second) in enumerate(pairs):
        # a vector has one coefficient for each class but its own
        coefficients[owner == first, column] = fitted.dual_coef_[second - 1, owner == first]
        coefficients[owner == second, column] = fitted.dual_coef_[first, owner == second]
    return {
        "vectors": fitted.support_vectors_,
        "coefficients": sign * coefficients,
        "intercept": sign * fitted.intercept_,
        "converged": fitted.fit_status_ == 0,
    }


def _one_class(z: Floats) -> dict[str, Any]:
    return {
        "vectors": z[:0],
        "coefficients": np.zeros((0, 0)),
        "intercept": np.zeros(0),
        "converged": True,
    }


def _squared_distances(a: Floats, b: Floats) -> Floats:
    """Squared distance of each row of `a` from each row of `b`."""
    squared = (a**2).sum(axis=1)[:, None] - 2 * a @ b.T + (b**2).sum(axis=1)
    return np.maximum(squared, 0)


def _check_options(kernel: str, C: float, gamma: float | str, degree: int, class_weight: str | None) -> None:
    if kernel not in KERNELS or class_weight not in (None, "balanced"):
        raise ConfigError(
            f"kernel {kernel!r} and class_weight {class_weight!r}",
            f"one of {', '.join(KERNELS)}, and balanced or null",
            "Correct the section svm of the recipe",
        )
    if not C > 0 or degree < 1 or not (gamma == "scale" or (not isinstance(gamma, str) and gamma > 0)):
        raise ConfigError(
            f"C {C!r}, gamma {gamma!r} and degree {degree!r}",
            "numbers above 0, or 'scale' for gamma",
            "Correct the section svm of the recipe",
        )


def _check_data(x: Floats, y: NDArray[np.int64], n_classes: int) -> None:
    fits = x.ndim == 2 and y.shape == (len(x),) and x.size > 0
    if not fits or not np.isfinite(x).all() or y.min() < 0 or y.max() >= n_classes:
        raise DataError(
            f"vectors of shape {x.shape} with classes of shape {y.shape}, not all usable",
            f"finite vectors (N, F), each with a class from 0 to {n_classes - 1}",
            "Look at the features of the training clips",
        )
