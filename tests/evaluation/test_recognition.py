from __future__ import annotations

import json

import numpy as np
import pytest

from mezoo.evaluation.recognition import (
    accuracy,
    best_look,
    best_looks,
    class_f1,
    class_precision,
    class_recall,
    confusion_matrix,
    count_looks,
    uar,
    uf1,
    weighted_f1,
)

MATRIX = np.array([[4, 1, 0], [2, 3, 0], [0, 0, 0]])  # the third class occurs nowhere


def test_confusion_matrix():
    matrix = confusion_matrix(["b", "a", "a"], ["b", "b", "a"], classes=["a", "b"])
    assert matrix.tolist() == [[1, 1], [0, 1]]
    assert confusion_matrix([], [], classes=[1, 2]).tolist() == [[0, 0], [0, 0]]


def test_confusion_matrix_exceptions():
    with pytest.raises(ValueError, match=r"\['fear'\].*\['joy'\]"):
        confusion_matrix(["joy"], ["fear"], classes=["joy"])
    with pytest.raises(ValueError):
        confusion_matrix(["joy", "joy"], ["joy"], classes=["joy"])


def test_by_hand():
    np.testing.assert_allclose(class_f1(MATRIX), [8 / 11, 6 / 9, np.nan])
    np.testing.assert_allclose(class_recall(MATRIX), [0.8, 0.6, np.nan])
    np.testing.assert_allclose(class_precision(MATRIX), [4 / 6, 3 / 4, np.nan])
    assert accuracy(MATRIX) == 0.7
    assert uar(MATRIX) == pytest.approx(1.4 / 3) and uar(MATRIX, over="supported") == pytest.approx(0.7)
    assert uf1(MATRIX) == pytest.approx((8 / 11 + 6 / 9) / 3)
    assert weighted_f1(MATRIX) == pytest.approx((8 / 11 + 6 / 9) / 2)


def test_leading_axes():
    stack = np.stack([MATRIX, MATRIX.T, np.eye(3, dtype=int)])
    for metric in (accuracy, uf1, uar, weighted_f1, class_f1):
        np.testing.assert_allclose(metric(stack), [metric(matrix) for matrix in stack])


def test_no_samples():
    nothing = np.zeros((3, 3), int)
    assert np.isnan(accuracy(nothing)) and uf1(nothing) == uar(nothing) == 0


def test_looks_are_counted_as_one_by_one():
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 4, 30), rng.integers(0, 4, (7, 30))
    counts = count_looks(truth, predicted, n_classes=4)
    for matrix, own in zip(counts, predicted, strict=True):
        expected = confusion_matrix(truth.tolist(), own.tolist(), classes=range(4))
        assert matrix.tolist() == expected.tolist()


def test_best_look_is_the_most_accurate_then_by_uf1_then_the_last():
    truth = np.array([0, 0, 0, 1])

    def best(*looks):
        return best_look(count_looks(truth, np.array(looks), n_classes=2))

    three_right, majority, two_right = [0, 0, 1, 1], [0, 0, 0, 0], [0, 1, 1, 1]
    assert best(two_right, majority, two_right) == 1, "accuracy first"
    assert best(majority, three_right, majority) == 1, "3 of 4 both, but UF1 is higher with both classes"
    assert best(three_right, [0, 1, 0, 1], two_right) == 1, "equals: the later one"
    assert best(two_right) == 0


def test_best_looks_are_those_of_each_subject():
    truth = np.array([0, 1, 0, 1])
    predicted = np.array([[0, 0, 1, 0], [1, 1, 0, 1], [1, 0, 1, 0]])
    looks = best_looks(truth, predicted, ["b", "a", "b", "a"], n_classes=2)
    assert looks.tolist() == [1, 1, 1, 1]
    looks = best_looks(truth, predicted, ["b", "a", "c", "a"], n_classes=2)
    assert looks.tolist() == [0, 1, 1, 1]
    assert best_looks(np.zeros(0, int), np.zeros((3, 0), int), [], n_classes=2).tolist() == []


def test_oracle(shared):
    cases = json.loads((shared / "oracles" / "metrics" / "recognition.json").read_text())["cases"]
    assert len(cases) == 13
    for case in cases:
        expected = case["expected"]
        pooled = sum(
            confusion_matrix(fold["y_true"], fold["y_pred"], classes=case["classes"])
            for fold in case["folds"]
        )
        assert pooled.tolist() == expected["confusion"] and pooled.sum() == expected["n"], case["name"]
        for name, metric in (("f1", class_f1), ("recall", class_recall), ("precision", class_precision)):
            values = [np.nan if entry is None else entry["value"] for entry in expected[name]]
            np.testing.assert_allclose(metric(pooled), values, rtol=0, atol=1e-12, err_msg=case["name"])
        for name, value in (
            ("accuracy", accuracy(pooled)),
            ("uf1", uf1(pooled)),
            ("uar", uar(pooled)),
            ("uf1_supported_only", uf1(pooled, over="supported")),
            ("uar_supported_only", uar(pooled, over="supported")),
            ("weighted_f1", weighted_f1(pooled)),
        ):
            assert value == pytest.approx(expected[name]["value"], abs=1e-12), (case["name"], name)
