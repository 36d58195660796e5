from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.models.fgrmer_graph import AUS
from mezoo.models.mergcn_graph import binary_adjacency

# AU 1 with AU 2 in 3 of 4 clips with AU 1 and in 3 of 3 with AU 2; with AU 4 in 1 of 4 and 1 of 10
TABLE = [(1, 2), (1, 2), (1, 2, 6), (1, 4), *[(4,)] * 9]


def links(matrix: np.ndarray) -> set[tuple[int, int]]:
    return {(AUS[i], AUS[j]) for i, j in np.argwhere(matrix) if i < j}


def test_threshold_by_hand():
    assert links(binary_adjacency(TABLE, threshold=0.26)) == {(1, 2)}
    assert links(binary_adjacency(TABLE, threshold=0.25)) == {(1, 2), (1, 4)}
    assert links(binary_adjacency(TABLE, threshold=1.0)) == {(1, 2)}


def test_normalisation_by_hand():
    matrix = binary_adjacency(TABLE, threshold=0.25)
    assert matrix.dtype == np.float32 and np.array_equal(matrix, matrix.T)
    # AU 1 has three links, loop included; AU 2 and AU 4 have two; all others only their loop
    np.testing.assert_allclose(matrix[0, :3], [1 / 3, 6**-0.5, 6**-0.5], rtol=1e-6)
    np.testing.assert_allclose(np.diag(matrix), [1 / 3, 1 / 2, 1 / 2, *[1] * 6], rtol=1e-6)
    assert np.linalg.eigvalsh(matrix).max() == pytest.approx(1)  # what the normalisation is for


def test_no_clips_no_links():
    assert np.array_equal(binary_adjacency([]), np.eye(len(AUS)))


@pytest.mark.parametrize("threshold", [0.0, 1.01])
def test_wrong_threshold(threshold):
    with pytest.raises(ConfigError, match=f"threshold {threshold}"):
        binary_adjacency(TABLE, threshold=threshold)
