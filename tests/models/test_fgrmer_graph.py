from __future__ import annotations

import re

import numpy as np
import pytest
from published_weights import input_rng, reference

from mezoo.errors import ConfigError
from mezoo.models.fgrmer_graph import AUS, adjacency, conditional, cooccurrence, normalise, presence

TABLE = [(1, 2), (1, 2, 4), (4,), (12, 99), (4, 10)]  # AU 99 is no node
PLACE = {unit: k for k, unit in enumerate(AUS)}


def entries(matrix: np.ndarray) -> dict[tuple[int, int], float]:
    return {(AUS[i], AUS[j]): float(matrix[i, j]) for i, j in np.argwhere(matrix)}


def test_counts_by_hand():
    counts, n = cooccurrence(presence(TABLE))
    both = {(1, 2): 2, (1, 4): 1, (2, 4): 1, (4, 10): 1}
    assert entries(counts) == both | {(b, a): k for (a, b), k in both.items()}
    assert dict(zip(AUS, n.tolist(), strict=True)) == {u: 0 for u in AUS} | {1: 2, 2: 2, 4: 3, 10: 1, 12: 1}


def test_columns_are_conditioned_by_hand():
    links = entries(conditional(*cooccurrence(presence(TABLE))))
    # two of the clips with AU 1 show AU 2; one of three with AU 4 shows AU 1; the only one with AU 10 shows AU 4
    assert links[2, 1] == 1 and links[1, 4] == pytest.approx(1 / 3) and links[4, 1] == 0.5
    assert links[4, 10] == 1 and links[10, 4] == pytest.approx(1 / 3)
    rows = conditional(*cooccurrence(presence(TABLE)), variant="reproduction")
    assert entries(rows.T) == links


@pytest.mark.parametrize("variant", ["official", "reproduction"])
def test_normalisation_by_hand(variant):
    matrix = adjacency(TABLE, variant=variant)
    weights = matrix if variant == "official" else (matrix != 0).astype(float)
    root = np.diag(weights.sum(axis=1) ** -0.5)
    np.testing.assert_allclose(normalise(matrix, variant=variant), root @ matrix.T @ root, rtol=1e-6)
    # AU 10 gathers from AU 4 what P(AU4 | AU10) = 1 tells, in both variants but for the degree
    row = {"official": (4 / 3, 1 + 0.5 + 0.5 + 1), "reproduction": (2, 4)}[variant]
    given = {"official": 1.0, "reproduction": 1 / 3}[variant]
    found = normalise(matrix, variant=variant)[PLACE[10], PLACE[4]]
    assert found == pytest.approx(given / np.sqrt(row[0] * row[1]))


def test_an_au_that_never_occurs_is_alone():
    matrix = adjacency(TABLE)
    for unit in (14, 15, 17, 25):
        alone = np.eye(len(AUS))[PLACE[unit]]
        assert np.array_equal(matrix[PLACE[unit]], alone) and np.array_equal(matrix[:, PLACE[unit]], alone)
    assert np.array_equal(adjacency([]), np.eye(len(AUS)))
    assert np.isfinite(normalise(matrix)).all()


def test_one_vote_per_clip():
    twice = [(12, 12, 4)]
    assert np.array_equal(adjacency(twice), adjacency([(12, 4)]))
    counts, n = cooccurrence(presence(twice, set_per_clip=False))
    assert n[PLACE[12]] == 2 and counts[PLACE[12], PLACE[12]] == 2  # the flaw of the reproduction


def test_copies_count_like_repeated_clips():
    copies = [1, 4, 2, 1, 3]
    repeated = [units for units, k in zip(TABLE, copies, strict=True) for _ in range(k)]
    for found, expected in zip(
        cooccurrence(presence(TABLE), copies=copies), cooccurrence(presence(repeated)), strict=True
    ):
        assert np.array_equal(found, expected)


def test_unknown_variant():
    with pytest.raises(ConfigError, match="unknown graph variant 'offical'.*mean 'official'"):
        adjacency(TABLE, variant="offical")


def published(shared):
    return reference(shared, "fgrmer")[1]


def check(arrays, prefix, counts, n, *, reproduction=()):
    """All matrices that follow from these counts; `reproduction` names the arrays of the other variant."""
    ours = conditional(counts, n)
    with_identity = ours + np.eye(9, dtype=np.float32)
    rows = conditional(counts, n, variant="reproduction")
    found = {"A_off": ours, "A_plus_I_off": with_identity, "adj_off": normalise(with_identity), "A_jst": rows}
    found["adj_jst"] = normalise(rows + np.eye(9, dtype=np.float32), variant="reproduction")
    for name in ("A_off", "A_plus_I_off", "adj_off", *reproduction):
        np.testing.assert_allclose(found[name], arrays[prefix + name], rtol=0, atol=1e-6, err_msg=name)


def test_parity_of_drawn_presence(shared):
    arrays = published(shared)
    present = (input_rng("au_presence").random((60, 9)) < 0.25).astype(np.int64)
    assert np.array_equal(present, arrays["au_presence"])
    counts, n = cooccurrence(present)
    assert np.array_equal(counts, arrays["counts"]) and np.array_equal(n, arrays["N"])
    check(arrays, "", counts, n, reproduction=("A_jst", "adj_jst"))
    clips = [[unit for unit, on in zip(AUS, row, strict=True) if on] for row in present]
    np.testing.assert_allclose(adjacency(clips), arrays["A_plus_I_off"], rtol=0, atol=1e-6)


def test_parity_without_au_17(shared):
    arrays = published(shared)
    present = arrays["au_presence"].copy()
    present[:, 7] = 0
    check(arrays, "zero8_", *cooccurrence(present), reproduction=("adj_jst",))


def test_parity_of_the_released_matrix(shared):
    arrays = published(shared)
    counts, n = arrays["official_counts_fold53"], arrays["official_N_fold53"]
    check(arrays, "official_fold53_", counts, n, reproduction=("adj_jst",))


def test_parity_of_label_strings(shared):
    arrays = published(shared)
    clips = [[int(digits) for digits in re.findall(r"\d+", text)] for text in arrays["au_strings"]]
    present = presence(clips)
    assert np.array_equal(present, arrays["strings_presence"])
    counts, n = cooccurrence(present)
    assert np.array_equal(counts, arrays["strings_counts"]) and np.array_equal(n, arrays["strings_N"])
    check(arrays, "strings_", counts, n)
    counts, n = cooccurrence(presence(clips, set_per_clip=False))
    assert np.array_equal(n, arrays["strings_N_jst"])
    rows = conditional(counts, n, variant="reproduction")
    np.testing.assert_allclose(rows, arrays["strings_A_jst"], rtol=0, atol=1e-6)
    normalised = normalise(rows + np.eye(9, dtype=np.float32), variant="reproduction")
    np.testing.assert_allclose(normalised, arrays["strings_adj_jst"], rtol=0, atol=1e-6)
