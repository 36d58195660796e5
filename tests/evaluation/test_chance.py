from __future__ import annotations

import numpy as np
import pytest

from mezoo.evaluation.chance import IntervalGuesser, chance_counts
from mezoo.evaluation.spotting import best_look, f1


def test_fit():
    guesser = IntervalGuesser.fit([[10, 19], [30, 34]], n_frames=400)
    assert guesser.lengths.tolist() == [10, 5] and guesser.rate == 0.005


@pytest.mark.parametrize(("intervals", "frames"), [([[9, 3]], 10), ([[1, 2]], 0)])
def test_fit_exception(intervals, frames):
    with pytest.raises(ValueError, match="expected at least 1"):
        IntervalGuesser.fit(intervals, n_frames=frames)


def test_guesses_have_the_rate_and_lengths_and_stay_inside():
    guesser = IntervalGuesser(np.array([5, 10, 10, 999]), rate=0.01)
    rng = np.random.default_rng(0)
    videos = [guesser.guess(300, rng) for _ in range(2000)]
    spans = np.concatenate(videos)
    lengths = spans[:, 1] - spans[:, 0] + 1
    assert spans.min() == 0 and spans.max() == 299  # every place is reached, none beyond
    assert set(lengths) == {5, 10}  # what does not fit in the video is not guessed
    assert (lengths == 10).mean() == pytest.approx(2 / 3, abs=0.02)
    assert len(spans) / 2000 == pytest.approx(3, abs=0.15)


def test_nothing_to_guess():
    rng = np.random.default_rng(0)
    assert IntervalGuesser.fit([], n_frames=100).guess(100, rng).shape == (0, 2)
    assert IntervalGuesser(np.array([50]), 1.0).guess(10, rng).shape == (0, 2)


def test_chance_counts():
    guessers = {
        "micro": IntervalGuesser(np.array([10]), 0.05),
        "macro": IntervalGuesser(np.array([40]), 0.01),
    }
    videos = [(500, {"micro": [[10, 19], [200, 209]]}), (300, {"macro": [[50, 99]]})]
    counts = chance_counts(videos, guessers, looks=50, seed=0)
    assert counts.shape == (50, 2, 3)
    assert (counts[:, 0, 0] == 2).all() and (counts[:, 1, 0] == 1).all()
    assert counts[:, 0, 1].mean() == pytest.approx(40, rel=0.1)
    assert 0 < counts[:, 0, 2].sum() < 100
    assert np.array_equal(counts, chance_counts(videos, guessers, looks=50, seed=0))
    assert not np.array_equal(counts, chance_counts(videos, guessers, looks=50, seed=1))
    # Choosing among looks at the test data is worth something even when every look is a guess.
    looks = f1(counts.sum(axis=1))
    assert looks[best_look(counts)] == looks.max() > looks.mean()
