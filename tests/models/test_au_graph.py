from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.models.au_graph import adjacency, cooccurrence_counts, official_units, row_normalise


def entries(counts: np.ndarray) -> dict[tuple[int, int], int]:
    return {(int(i), int(j)): int(counts[i, j]) for i, j in np.argwhere(counts)}


def test_one_action_unit_counts_on_the_diagonal():
    assert entries(cooccurrence_counts([[2], [2, 4]])) == {(2, 2): 2, (3, 3): 2}


def test_two_action_units_link_their_rois():
    counts = cooccurrence_counts([[2, 12]])
    expected = {(i, j): 1 for a in (2, 3) for b in (8, 10) for i, j in ((a, b), (b, a))}
    assert entries(counts) == expected


def test_units_of_the_same_rois_count_twice_on_the_diagonal():
    assert entries(cooccurrence_counts([[25, 26]])) == {(i, j): 2 for i in (9, 11) for j in (9, 11)}


def test_facs_mapping_exchanges_the_brows():
    assert entries(cooccurrence_counts([[1]], mapping="official")) == {(i, i): 1 for i in (0, 1, 4, 5)}
    assert entries(cooccurrence_counts([[1]], mapping="facs")) == {(2, 2): 1, (3, 3): 1}
    assert entries(cooccurrence_counts([[2]], mapping="facs")) == {(i, i): 1 for i in (0, 1, 4, 5)}


def test_counts_are_symmetric_and_spare_the_nose():
    rng = np.random.default_rng(0)
    counts = cooccurrence_counts(
        [rng.choice([1, 2, 4, 6, 12, 14, 25, 26], 3, replace=False) for _ in range(50)]
    )
    assert np.array_equal(counts, counts.T) and counts.any()
    assert not counts[[6, 7]].any()


@pytest.mark.parametrize(
    ("cell", "units"),
    [
        ("1+2", [1, 2]),
        ("12+L14", [12]),
        ("12 ", []),
        ("4(B/C)+25", [25]),
        (14, [14]),
        ("nan", []),
        ("1+1", [1, 1]),
    ],
)
def test_official_units(cell, units):
    assert official_units(cell) == units


def test_row_normalise():
    result = row_normalise(np.array([[1, 3], [0, 0]]))
    np.testing.assert_allclose(result, [[0.25, 0.75], [0, 0]], atol=1e-6)


def test_modes(tmp_path):
    events = [[1, 2], [12]]
    fold = adjacency("train_fold", events=events)
    assert fold.dtype == np.float32 and set(fold.sum(axis=1).round(4)) == {0.0, 1.0}
    assert np.array_equal(
        adjacency("train_fold+identity", events=events), fold + np.eye(12, dtype=np.float32)
    )
    assert np.array_equal(adjacency("learned", events=events), fold + np.eye(12, dtype=np.float32))
    assert np.array_equal(adjacency("identity", events=events), np.eye(12))
    np.save(tmp_path / "asset.npy", fold)
    assert np.array_equal(adjacency("official_asset", asset=tmp_path / "asset.npy"), fold)


def test_exceptions(tmp_path):
    np.save(tmp_path / "small.npy", np.eye(3))
    with pytest.raises(ConfigError, match=r"shape \(3, 3\).*small.npy"):
        adjacency("official_asset", asset=tmp_path / "small.npy")
    with pytest.raises(ConfigError, match="cannot be read"):
        adjacency("official_asset", asset=tmp_path / "absent.npy")
    with pytest.raises(ConfigError, match="no file"):
        adjacency("official_asset")
    with pytest.raises(ConfigError, match="unknown graph mode 'guess'"):
        adjacency("guess")


@pytest.mark.parametrize(
    ("table", "key"), [("cas(me)_new.csv", "casme2"), ("samm_new_25.csv", "samm_from_csv_exact_tokens")]
)
def test_parity_with_official_counts(shared, table, key):
    folder = shared / "oracles" / "auwgcn"
    oracle = json.loads((folder / "cooccurrence_counts.json").read_text())[key]
    with open(folder / "info_csv" / table, newline="") as file:
        counts = cooccurrence_counts([official_units(row["au"]) for row in csv.DictReader(file)])
    assert counts.tolist() == oracle["counts"]


@pytest.mark.parametrize(("key", "asset"), [("casme2", "cas(me)^2.npy"), ("samm", "samm.npy")])
def test_parity_with_released_graphs(shared, key, asset):
    folder = shared / "oracles" / "auwgcn"
    counts = json.loads((folder / "cooccurrence_counts.json").read_text())[key]["counts"]
    released = adjacency("official_asset", asset=folder / "assets" / asset)
    assert np.array_equal(row_normalise(np.array(counts)), released)
