from __future__ import annotations

import numpy as np
import pytest

from mezoo.evaluation.chance import IntervalGuesser
from mezoo.evaluation.spotting import best_look, count, f1


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
    assert IntervalGuesser(np.zeros(0, int), 0.0).guess(100, rng).shape == (0, 2)
    assert IntervalGuesser(np.array([50]), 1.0).guess(10, rng).shape == (0, 2)


def test_choosing_among_looks_is_worth_something_even_when_every_look_is_a_guess():
    guesser, truth = IntervalGuesser(np.array([10]), 0.05), [[10, 19], [200, 209]]

    def looks(seed):
        rng = np.random.default_rng(seed)
        return np.stack([[count(truth, guesser.guess(500, rng)), [0, 0, 0]] for _ in range(50)])

    counts = looks(0)
    assert counts[:, 0, 1].mean() == pytest.approx(25, rel=0.1)
    assert np.array_equal(counts, looks(0)) and not np.array_equal(counts, looks(1))
    scores = f1(counts.sum(axis=1))
    assert scores[best_look(counts)] == scores.max() > scores.mean() > 0
