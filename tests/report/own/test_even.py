import numpy as np
import pytest

from mezoo.learning.videos import FeatureVideo
from mezoo.models.proposals import Proposals
from mezoo.report.own.even import at_rate, where_seen
from mezoo.report.own.untrained import HALF_LENGTHS, UntrainedPeaks


def video(features, fps, valid=None):
    n = len(features)
    valid = np.ones(n, bool) if valid is None else valid
    return FeatureVideo(
        "own", "s", "v", features.astype(np.float32), valid, np.arange(n, dtype=np.int32), fps
    )


def bump(n, fps, centre, width, height):
    """Motion of all regions, a Gaussian around a time in seconds, in px per pair."""
    time = np.arange(n) / fps
    rows = np.zeros((n, 12, 2))
    rows[..., 0] = (0.01 + height * np.exp(-(((time - centre) / width) ** 2)))[:, None] / fps
    return rows


@pytest.mark.parametrize("rate", [12.0, 25.0, 30.0, 60.0])
def test_the_way_gone_does_not_depend_on_the_rate(rate):
    made = at_rate(video(bump(120, 24.0, 2.5, 0.3, 6), 24.0), rate)
    assert made.fps == rate and len(made.index) == pytest.approx(5 * rate, abs=1)
    assert made.features.sum() == pytest.approx(bump(120, 24.0, 2.5, 0.3, 6).sum(), rel=1e-2)
    peak = made.features[:, 0, 0].argmax() / rate
    assert peak == pytest.approx(2.5, abs=1 / 12)
    assert made.index[made.features[:, 0, 0].argmax()] == pytest.approx(2.5 * 24, abs=2)


def test_invalid_rows_stay_invalid_at_another_rate():
    valid = np.ones(100, bool)
    valid[40:50] = False
    made = at_rate(video(np.ones((100, 12, 2)), 25.0, valid), 30.0)
    assert not made.valid[49:59].any() and made.valid[:47].all() and made.valid[61:].all()
    assert (made.features[~made.valid] == 0).all()


@pytest.mark.parametrize("fps", [10.0, 24.0, 30.0])
def test_lengths_are_seconds(fps):
    data = video(bump(round(10 * fps), fps, 5.0, 0.2, 8), fps)
    found = UntrainedPeaks(fps).spot(data, 0)
    for kind, half in HALF_LENGTHS.items():
        best = found[kind]
        assert len(best) == 1 and best.apex[0] / fps == pytest.approx(5.0, abs=1.5 / fps)
        assert (best.offset[0] - best.onset[0]) / fps == pytest.approx(2 * half, abs=1 / fps)


def test_a_smile_is_found_beside_a_movement_three_times_as_strong():
    rows = bump(600, 30.0, 5.0, 0.3, 24) + bump(600, 30.0, 14.0, 0.3, 8)
    found = UntrainedPeaks(30.0).spot(video(rows, 30.0), 0)
    assert (np.sort(found["macro"].apex) / 30).tolist() == pytest.approx([5, 14], abs=0.1)


def test_a_face_that_does_not_move_has_no_intervals():
    spotter, still = UntrainedPeaks(30.0), video(np.zeros((90, 12, 2)), 30.0)
    assert not any(map(len, spotter.spot(still, 0).values())) and set(spotter.levels(still).values()) == {0.0}


def test_an_invalid_stretch_is_no_peak_and_moves_no_threshold():
    rows = bump(300, 30.0, 5.0, 0.2, 8)
    valid = np.ones(300, bool)
    valid[200:] = False
    spotter = UntrainedPeaks(30.0)
    whole, part = video(rows[:200], 30.0), video(rows, 30.0, valid)
    assert spotter.levels(part)["micro"] == pytest.approx(spotter.levels(whole)["micro"], rel=0.02)
    assert len(spotter.spot(part, 0)["micro"]) == 1


def test_intervals_end_where_the_face_is_lost():
    valid = np.array([True] * 10 + [False] * 10 + [True] * 10)
    onset, apex, offset = np.array([6, 8, 12, 22]), np.array([8, 9, 14, 25]), np.array([10, 19, 16, 28])
    kept = where_seen(Proposals(onset, apex, offset, np.arange(4.0)), valid)
    assert kept.onset.tolist() == [6, 22] and kept.offset.tolist() == [9, 28]
    assert len(where_seen(Proposals(onset, apex, offset, np.arange(4.0)), np.zeros(30, bool))) == 0
