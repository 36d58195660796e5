from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError, DataError
from mezoo.interpolate import slstt_schedule

EVENTS = [
    (onset, apex, offset)
    for onset in (0, 10)
    for apex in range(onset + 1, onset + 14)
    for offset in range(apex, apex + 8)
]


def test_parity_with_the_official_code(shared):
    with np.load(shared / "oracles" / "slstt" / "oracle.npz") as oracle:
        triples, rows = oracle["schedule_triples"], oracle["schedule_rows64"]
    statuses = []
    for k, (onset, apex, offset, status, _) in enumerate(triples.tolist()):
        statuses.append(status)
        if status == 0:
            with pytest.raises(DataError, match="onset < apex"):
                slstt_schedule(onset, apex, offset)
            continue
        times = slstt_schedule(onset, apex, offset)
        if status == -1:  # the code divides by zero
            assert times.tolist() == [offset] * 11
            continue
        frames, order = np.floor(times), rows[rows[:, 0] == k]
        sub_index = [int(np.sum(frames[:i] == frame)) for i, frame in enumerate(frames)]
        np.testing.assert_array_equal(times, order[:, 4])
        np.testing.assert_array_equal(frames, order[:, 2])
        np.testing.assert_array_equal(sub_index, order[:, 3])
    assert set(statuses) == {1, 0, -1}


@pytest.mark.parametrize("order", ["code", "paper"])
def test_every_event_gets_eleven_times_around_its_apex(order):
    for onset, apex, offset in EVENTS:
        times = slstt_schedule(onset, apex, offset, order=order)
        assert len(times) == 11 and apex in times
        assert np.all((times > onset) & (times <= offset))
        assert np.all(np.diff(times) >= 0)
        np.testing.assert_array_equal(times * 16, np.rint(times * 16))  # dyadic
        if order == "paper":
            assert len(set(times)) == 11
        raw = np.arange(max(apex - 5, onset + 1), min(max(apex - 5, onset + 1) + 10, offset) + 1)
        assert set(raw) <= set(times)


def test_orders_agree_when_nothing_is_missing():
    np.testing.assert_array_equal(slstt_schedule(46, 59, 86), np.arange(54, 65))
    np.testing.assert_array_equal(slstt_schedule(46, 59, 86, order="paper"), np.arange(54, 65))


def test_paper_goes_outwards_from_the_apex():
    # window 15 ... 22, apex 20: three are missing
    new = sorted(set(slstt_schedule(10, 20, 22, order="paper")) - set(range(30)))
    assert new == [18.5, 19.5, 20.5]
    # window 13 ... 18, apex 18 = offset: five are missing, all on the left
    new = sorted(set(slstt_schedule(8, 18, 18, order="paper")) - set(range(30)))
    assert new == [13.5, 14.5, 15.5, 16.5, 17.5]
    # window 11, 12, apex 11: nine in two gaps, o + 0.5 the first, then quarters, then the other quarters
    new = sorted(set(slstt_schedule(10, 11, 12, order="paper")) - set(range(30)))
    assert new == [10.125, 10.25, 10.375, 10.5, 10.75, 11.125, 11.25, 11.5, 11.75]


def test_other_lengths():
    assert slstt_schedule(0, 20, 60, length=5).tolist() == [18, 19, 20, 21, 22]


@pytest.mark.parametrize("event", [(5, 5, 9), (5, 4, 9), (5, 10, 9)])
def test_no_such_event(event):
    with pytest.raises(DataError):
        slstt_schedule(*event)


@pytest.mark.parametrize("options", [{"order": "random"}, {"length": 10}, {"length": 0}])
def test_wrong_use(options):
    with pytest.raises(ConfigError):
        slstt_schedule(1, 5, 9, **options)
