"""Cuts, mirrors and balanced draws of DTSCNN's training clips."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.learning.augment_dtscnn import VARIANTS, _cut, flow_variants

Y, X = np.mgrid[:64, :64].astype(np.float32)


def flow(length: int = 2, dtype: str = "float32") -> np.ndarray:
    """(dx, dy, magnitude) with dx = 1 + x and dy = y, in all frame pairs."""
    fields = np.stack([1 + X, Y, np.hypot(1 + X, Y)])
    return np.repeat(fields[:, None], length, axis=1).astype(dtype)


def test_nine_different_variants():
    assert len(set(VARIANTS)) == 9 and VARIANTS[0] == (0, 0, 0, 0)
    assert all(top + bottom < 2 and left + right < 2 for top, bottom, left, right in VARIANTS)


@pytest.mark.parametrize("sides", VARIANTS[1:])
def test_a_cut_moves_its_border_inwards(sides):
    top, bottom, left, right = (2 * cut for cut in sides)  # 4 px of 128 are 2 of 64
    found = _cut(flow(), sides)
    assert found.shape == flow().shape
    # values at the corners are those of the corners of what is left
    assert np.allclose(found[0, :, 0, 0], 1 + left) and np.allclose(found[0, :, -1, -1], 64 - right)
    assert np.allclose(found[1, :, 0, 0], top) and np.allclose(found[1, :, -1, -1], 63 - bottom)


def test_a_mirror_turns_the_motion_to_the_right_around():
    seen = []
    rng = np.random.default_rng(0)
    for _ in range(300):
        (found,) = flow_variants([flow()], rng)
        middle = found[:, 0, 32, 32]
        assert middle[1] > 0 and middle[2] > 0
        seen.append(middle[0] < 0)
        if middle[0] < 0:
            assert found[0, 0, 0, 0] < found[0, 0, 0, -1] < 0  # largest motion on the left, to the left
    assert 0.4 < np.mean(seen) < 0.6


def test_all_streams_vary_alike():
    rng = np.random.default_rng(2)
    for _ in range(30):
        first, second = flow_variants([flow(2), flow(4)], rng)
        assert np.array_equal(first[:, 0], second[:, 3])


def test_type_and_input_stay():
    clip = flow(dtype="float16")
    rng = np.random.default_rng(3)
    for _ in range(10):
        (found,) = flow_variants([clip], rng)
        assert found.dtype == np.float16 and found.shape == clip.shape
    assert np.array_equal(clip, flow(dtype="float16"))


def test_a_cut_is_resized_as_image_programs_do():
    cv2 = pytest.importorskip("cv2")
    clip = np.random.default_rng(0).standard_normal((3, 2, 32, 32)).astype(np.float32)
    found = _cut(clip, (1, 0, 0, 1))
    width = 32 - round(32 * 4 / 128)
    for field, own in zip(clip.reshape(-1, 32, 32), found.reshape(-1, 32, 32), strict=True):
        inner = field[32 - width :, :width]
        assert own == pytest.approx(cv2.resize(inner, (32, 32), interpolation=cv2.INTER_LINEAR), abs=1e-5)
