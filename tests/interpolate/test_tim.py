from __future__ import annotations

import numpy as np
import pytest

from mezoo.interpolate.clips import even_positions
from mezoo.interpolate.tim import render_tim, tim_weights


@pytest.mark.parametrize("length", [5, 8, 10, 12, 20, 32])
def test_parity_with_the_authors(shared, length):
    with np.load(shared / "oracles" / "tim" / "tim.npz") as oracle:
        clip, reference = oracle["clip"], oracle[f"out_{length}"]
    places = even_positions(len(clip), length)
    ours = np.tensordot(tim_weights(places, len(clip)), clip.astype(np.float64), axes=1)
    np.testing.assert_allclose(ours, reference, rtol=0, atol=1e-4)
    rounded = np.clip(np.rint(reference), 0, 255)
    assert np.mean(render_tim(clip, places) != rounded) < 1e-3  # ties fall either way


@pytest.mark.parametrize("n_frames", [1, 2, 7, 30])
def test_frames_come_back(n_frames):
    weights = tim_weights(np.arange(n_frames, dtype=float), n_frames)
    np.testing.assert_allclose(weights, np.eye(n_frames), rtol=0, atol=1e-12)


def test_a_cosine_of_the_basis_is_continued_exactly():
    n, k = 12, 3
    series = np.cos(np.pi * k * (np.arange(n) + 0.5) / n)
    places = np.linspace(0, n - 1, 47)
    expected = np.cos(np.pi * k * (places + 0.5) / n)
    np.testing.assert_allclose(tim_weights(places, n) @ series, expected, rtol=0, atol=1e-12)


def test_rows_sum_to_one():
    np.testing.assert_allclose(tim_weights(even_positions(9, 64), 9).sum(axis=1), 1, atol=1e-12)


def test_values_outside_the_range_are_cut_not_wrapped():
    frames = np.array([0, 0, 255, 255, 255, 0, 0], np.uint8).reshape(-1, 1, 1)
    out = render_tim(frames, even_positions(7, 61)).ravel()
    raw = tim_weights(even_positions(7, 61), 7) @ frames.ravel()
    assert raw.max() > 260 and raw.min() < -5
    assert out[np.argmax(raw)] == 255 and out[np.argmin(raw)] == 0
