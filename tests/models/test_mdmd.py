from __future__ import annotations

import numpy as np
import pytest

from mezoo.models.mdmd import Span, blocks, curve, directional_difference, shortened, spot_mdmd

MICRO = Span(k=12, shortest=7, longest=16)


def out_and_back(frames: int, onset: int, half: int, *, rois=(8, 9, 10, 11), speed=0.5) -> np.ndarray:
    """Some ROIs move up from `onset` for `half` rows and back as long."""
    mdmo = np.zeros((frames, 12, 2))
    mdmo[onset : onset + half, rois, 1] = -speed
    mdmo[onset + half : onset + 2 * half, rois, 1] = speed
    return mdmo


def test_blocks_are_cut_row_by_row():
    field = np.arange(7 * 9 * 2).reshape(7, 9, 2)
    cut = blocks(field, n=2)
    assert cut.shape == (4, 12, 2)
    np.testing.assert_array_equal(cut[1], field[:3, 4:8].reshape(-1, 2))
    np.testing.assert_array_equal(cut[2], field[3:6, :4].reshape(-1, 2))


def test_difference_by_hand():
    # Block 0: three vectors in the first quadrant of lengths 5, 3, 1 win over two longer ones in the third.
    # The tail is at rest, so the largest third (1 of 3) is 5. Block 1 has one quadrant, 6 of length 2; its
    # largest third (2) is 2. Block 2 and 3 moved further in the tail: below 0.
    current = np.zeros((4, 6, 2))
    current[0] = [[3, 4], [3, 0], [0, 1], [-8, -8], [-8, -9], [9, -9]]
    current[1] = [0, 2]
    current[2] = current[3] = [1, 1]
    tail = np.zeros((4, 6, 2))
    tail[2] = tail[3] = [3, 3]
    assert directional_difference(current, tail) == pytest.approx(5.0)  # the largest third of 4 blocks is 1
    assert directional_difference(current[1:3], tail[1:3]) == pytest.approx(2.0)


def test_frames_are_independent_of_each_other():
    rng = np.random.default_rng(0)
    current, tail = rng.normal(size=(2, 5, 36, 10, 2))
    together = directional_difference(current, tail)
    alone = [directional_difference(c, t) for c, t in zip(current, tail, strict=True)]
    np.testing.assert_allclose(together, alone)


def test_against_a_plain_loop():
    rng = np.random.default_rng(1)
    current, tail = rng.normal(size=(2, 36, 25, 2))
    per_block = []
    for c, t in zip(current, tail, strict=True):
        angle = np.degrees(np.arctan2(c[:, 1], c[:, 0])) % 360
        groups = [np.flatnonzero((angle >= low) & (angle < low + 90)) for low in (0, 90, 180, 270)]
        main = max(groups, key=len)
        longer = np.sort(np.hypot(*c[main].T) - np.hypot(*t[main].T))[::-1]
        per_block.append(longer[: round(len(main) / 3)].mean())
    expected = np.sort(per_block)[::-1][:12].mean()
    assert directional_difference(current, tail) == pytest.approx(expected)


def test_the_curve_is_largest_at_the_apex():
    values = curve(out_and_back(120, 50, 6), k=12)
    assert np.argmax(values) == 56
    # 3 px at the apex; 11 frames (k - 1) before and after the ROIs are at rest or on their way back
    assert 0 < values[56] <= 3 + 3
    assert np.isneginf(values[:23]).all() and np.isneginf(values[-23:]).all()
    assert np.isfinite(values[23:-23]).all()


def test_a_lasting_change_is_weaker_than_an_expression():
    lasting = np.zeros((120, 12, 2))
    lasting[50:56, [8, 9, 10, 11], 1] = -0.5
    assert curve(lasting, k=12).max() < curve(out_and_back(120, 50, 6), k=12).max()


def test_runs_of_wrong_length_go():
    mdmo = out_and_back(200, 90, 6)
    found = spot_mdmd(mdmo, span=MICRO, p=0.3)
    assert len(found) == 1 and found.apex[0] == 96
    assert found.onset[0] <= 96 <= found.offset[0]
    length = found.offset[0] - found.onset[0] + 1
    assert MICRO.shortest <= length <= MICRO.longest
    assert len(spot_mdmd(mdmo, span=Span(12, length + 1, 99), p=0.3)) == 0
    assert len(spot_mdmd(mdmo, span=Span(12, 1, length - 1), p=0.3)) == 0


def test_best_first():
    mdmo = out_and_back(300, 90, 6) + out_and_back(300, 200, 6, speed=0.8)
    found = spot_mdmd(mdmo, span=MICRO, p=0.3)
    assert found.apex.tolist() == [206, 96] and found.score[0] > found.score[1]


@pytest.mark.parametrize(("rows", "expected"), [(72, 12), (71, 6), (35, 3), (17, 2), (0, 2)])
def test_short_videos_get_a_smaller_k(rows, expected):
    assert shortened(12, rows) == expected


@pytest.mark.parametrize("rows", [0, 1, 3, 30, 200])
def test_no_motion_gives_nothing(rows):
    assert len(spot_mdmd(np.zeros((rows, 12, 2)), span=MICRO, p=0.01)) == 0


def test_exception():
    with pytest.raises(ValueError, match="p is 2"):
        spot_mdmd(np.zeros((100, 12, 2)), span=MICRO, p=2)
