"""Support vector machines: the numbers of scikit-learn from plain arrays, and training sets that lack classes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.svm import SVC

from mezoo.artifact import ArtifactWriter
from mezoo.errors import ConfigError, DataError
from mezoo.learning.svm import KERNELS, SVMModel, fit_svm
from mezoo.learning.svm_recogniser import write_machine

#: Decision values are sums over some hundred products of numbers near 1.
ROUNDING = 1e-9


def problem(n_classes, n=90, n_features=7, seed=0):
    """Overlapping clouds: training vectors, their classes, and vectors to predict."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    x = rng.normal(size=(n, n_features)) + 0.8 * rng.normal(size=(n_classes, n_features))[y]
    return x.astype(np.float32), y, rng.normal(size=(50, n_features)).astype(np.float32) * 1.5


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_equal_to_scikit_learn(kernel, n_classes, class_weight):
    x, y, new = problem(n_classes)
    y[::4] = 0  # so that classes differ in size
    options = {"kernel": kernel, "C": 2.0, "degree": 2, "class_weight": class_weight}
    theirs = SVC(**options, decision_function_shape="ovo").fit(x.astype(np.float64), y)
    ours = fit_svm(x, y, n_classes, **options)
    expected = theirs.decision_function(new.astype(np.float64))
    sign = -1 if n_classes == 2 else 1
    np.testing.assert_allclose(
        ours.decisions(new), sign * expected.reshape(50, -1), rtol=0, atol=ROUNDING * np.abs(expected).max()
    )
    np.testing.assert_array_equal(ours.predict(new), theirs.predict(new))
    assert len(np.unique(ours.predict(new))) > 1 and ours.converged
    if n_classes > 2:
        theirs.decision_function_shape = "ovr"
        np.testing.assert_allclose(ours.scores(new), theirs.decision_function(new), rtol=0, atol=1e-9)


def test_gamma_may_be_given():
    x, y, new = problem(3)
    np.testing.assert_array_equal(
        fit_svm(x, y, 3, kernel="rbf", gamma=0.9).predict(new), SVC(gamma=0.9).fit(x, y).predict(new)
    )


def test_two_points_by_hand():
    model = fit_svm(np.array([[0.0], [2.0]]), np.array([0, 1]), 2, C=10)
    # the margin touches both points: the distance is 1 at 0 and -1 at 2
    np.testing.assert_allclose(
        model.decisions(np.array([[0.0], [1.0], [2.0], [5.0]])).ravel(), [1, 0, -1, -4]
    )
    assert model.predict(np.array([[0.9], [1.1]])).tolist() == [0, 1]


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_class_without_training_clips_is_never_predicted(kernel):
    x, y, new = problem(3)
    known = y != 1
    model = fit_svm(x[known], y[known], 4, kernel=kernel)
    assert model.present.tolist() == [0, 2] and set(model.predict(new)) == {0, 2}
    np.testing.assert_array_equal(model.predict(new), SVC(kernel=kernel).fit(x[known], y[known]).predict(new))
    probabilities = model.probabilities(new)
    assert probabilities.shape == (50, 4) and not probabilities[:, [1, 3]].any()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


@pytest.mark.parametrize("kernel", KERNELS)
def test_one_class_alone_is_always_predicted(kernel):
    x, _, new = problem(3)
    model = fit_svm(x, np.full(len(x), 2), 3, kernel=kernel)
    assert set(model.predict(new)) == {2}
    np.testing.assert_array_equal(model.probabilities(new), np.tile([0.0, 0.0, 1.0], (50, 1)))


def test_probabilities_rank_as_the_scores():
    x, y, new = problem(5)
    model = fit_svm(x, y, 5, kernel="rbf")
    np.testing.assert_array_equal(
        model.probabilities(new).argsort(axis=1), model.scores(new).argsort(axis=1, kind="stable")
    )
    clear = np.sort(model._votes(model.decisions(new))[0], axis=1)
    clear = clear[:, -1] > clear[:, -2]
    np.testing.assert_array_equal(model.scores(new).argmax(axis=1)[clear], model.predict(new)[clear])


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("standardise", ["none", "train_std", "train_mean_std", "whitened_pca", "l2"])
def test_stored_and_read_back(tmp_path, kernel, standardise):
    x, y, new = problem(3)
    model = fit_svm(x, y, 3, kernel=kernel, standardise=standardise)
    np.savez(tmp_path / "model.npz", **model.to_arrays())
    with np.load(tmp_path / "model.npz", allow_pickle=False) as stored:
        again = SVMModel.from_arrays(stored)
    np.testing.assert_array_equal(again.decisions(new), model.decisions(new))
    np.testing.assert_array_equal(again.predict(new), model.predict(new))
    assert (again.kernel, again.n_classes, again.converged) == (kernel, 3, True)


def test_the_same_numbers_give_the_same_machine():
    x, y, _ = problem(3)
    one, two = (fit_svm(x, y, 3, kernel="rbf", standardise="train_std").to_arrays() for _ in range(2))
    assert all(np.array_equal(one[name], two[name]) for name in one)


def test_the_solver_stops_and_says_so(monkeypatch):
    monkeypatch.setattr("mezoo.learning.svm.MAX_STEPS", 20)
    x, y, _ = problem(3)
    assert not fit_svm(x, y, 3, C=1e4).converged


def test_a_machine_cut_short_is_told_in_the_log(monkeypatch, tmp_path, caplog):
    x, y, _ = problem(3)
    settled = fit_svm(x, y, 3, C=1.0)
    monkeypatch.setattr("mezoo.learning.svm.MAX_STEPS", 20)
    with ArtifactWriter(tmp_path / "m.h5", stage="fit_recogniser", params={}, inputs={}) as writer:
        write_machine(writer, 0, settled)
        assert not caplog.text
        write_machine(writer, 1, fit_svm(x, y, 3, C=1e4))
    assert "look 1: the support vector machine did not settle" in caplog.text


@pytest.mark.parametrize(
    "options",
    [
        {"kernel": "sigmoid"},
        {"standardise": "minmax"},
        {"class_weight": "equal"},
        {"C": 0.0},
        {"gamma": "auto"},
        {"gamma": -1.0},
        {"degree": 0},
    ],
)
def test_wrong_options(options):
    x, y, _ = problem(3)
    with pytest.raises(ConfigError):
        fit_svm(x, y, 3, **options)


@pytest.mark.parametrize("fault", ["class", "length", "empty", "nan"])
def test_wrong_data(fault):
    x, y, _ = problem(3)
    if fault == "class":
        y[0] = 3
    elif fault == "length":
        y = y[:-1]
    elif fault == "empty":
        x, y = x[:0], y[:0]
    else:
        x[3, 3] = np.nan
    with pytest.raises(DataError):
        fit_svm(x, y, 3)
