import numpy as np
import pytest
from made_motion import bump, feature_video

from mezoo.models.proposals import Proposals
from mezoo.report.own.even import at_rate, where_seen


@pytest.mark.parametrize("rate", [12.0, 25.0, 30.0, 60.0])
def test_the_way_gone_does_not_depend_on_the_rate(rate):
    made = at_rate(feature_video(bump(120, 24.0, 2.5, 0.3, 6), 24.0), rate)
    assert made.fps == rate and len(made.index) == pytest.approx(5 * rate, abs=1)
    assert made.features.sum() == pytest.approx(bump(120, 24.0, 2.5, 0.3, 6).sum(), rel=1e-2)
    peak = made.features[:, 0, 0].argmax() / rate
    assert peak == pytest.approx(2.5, abs=1 / 12)
    assert made.index[made.features[:, 0, 0].argmax()] == pytest.approx(2.5 * 24, abs=2)


def test_invalid_rows_stay_invalid_at_another_rate():
    valid = np.ones(100, bool)
    valid[40:50] = False
    made = at_rate(feature_video(np.ones((100, 12, 2)), 25.0, valid), 30.0)
    assert not made.valid[49:59].any() and made.valid[:47].all() and made.valid[61:].all()
    assert (made.features[~made.valid] == 0).all()


def test_intervals_end_where_the_face_is_lost():
    valid = np.array([True] * 10 + [False] * 10 + [True] * 10)
    onset, apex, offset = np.array([6, 8, 12, 22]), np.array([8, 9, 14, 25]), np.array([10, 19, 16, 28])
    kept = where_seen(Proposals(onset, apex, offset, np.arange(4.0)), valid)
    assert kept.onset.tolist() == [6, 22] and kept.offset.tolist() == [9, 28]
    assert len(where_seen(Proposals(onset, apex, offset, np.arange(4.0)), np.zeros(30, bool))) == 0
