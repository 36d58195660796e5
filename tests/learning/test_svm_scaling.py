"""What vectors go through before a support vector machine: hand-made numbers and scikit-learn's PCA."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from mezoo.errors import ConfigError
from mezoo.learning.svm_scaling import fit_scaling


@pytest.fixture
def vectors():
    return np.random.default_rng(0).normal(size=(12, 5)) * [1, 2, 0.1, 30, 1] + [0, 1, 5, -3, 2]


def test_standard_deviations(vectors):
    new = vectors[:3] + 1
    np.testing.assert_allclose(
        fit_scaling(vectors, "train_std").apply(new),
        StandardScaler(with_mean=False).fit(vectors).transform(new),
    )
    np.testing.assert_allclose(
        fit_scaling(vectors, "train_mean_std").apply(new), StandardScaler().fit(vectors).transform(new)
    )


def test_a_number_that_never_changes_is_left_alone(vectors):
    vectors[:, 2] = 0.1  # its mean differs from it by rounding
    scaling = fit_scaling(vectors, "train_std")
    assert scaling.scale[2] == 1 and scaling.apply(vectors + 1)[0, 2] == pytest.approx(1.1)


def test_unit_length_and_none(vectors):
    vectors[0] = [3, 4, 0, 0, 0]
    vectors[1] = 0
    z = fit_scaling(vectors, "l2").apply(vectors)
    np.testing.assert_allclose(z[0], [0.6, 0.8, 0, 0, 0])
    np.testing.assert_allclose(np.linalg.norm(z, axis=1), [1, 0] + [1] * 10)
    np.testing.assert_array_equal(fit_scaling(vectors, "none").apply(vectors), vectors)


@pytest.mark.parametrize("shape", [(12, 5), (6, 40)])
def test_whitened_components(shape):
    rng = np.random.default_rng(1)
    x, new = rng.normal(size=shape), rng.normal(size=(4, shape[1]))
    scaling = fit_scaling(x, "whitened_pca")
    kept = min(shape[0] - 1, shape[1])
    z = scaling.apply(x)
    np.testing.assert_allclose(np.cov(z.T), np.eye(kept), atol=1e-9)
    theirs = PCA(kept, whiten=True, svd_solver="full").fit(x).transform(new)
    np.testing.assert_allclose(np.abs(scaling.apply(new)), np.abs(theirs), atol=1e-9)  # the sign is free


def test_wrong_usage(vectors):
    with pytest.raises(ConfigError):
        fit_scaling(vectors, "minmax")
    with pytest.raises(ConfigError, match="alike"):
        fit_scaling(np.ones((4, 3)), "whitened_pca")
