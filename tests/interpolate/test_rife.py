"""Using a network: padding, batches, recursion, colours."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from mezoo.artifact import digest
from mezoo.errors import ConfigError
from mezoo.interpolate import INTERPOLATORS, slstt_schedule
from mezoo.interpolate.clips import even_positions
from mezoo.interpolate.linear import render_linear
from mezoo.interpolate.rife import TOLERANCE, dyadic, render_with
from mezoo.interpolate.rife_layers import Prediction, RifeNetwork
from mezoo.interpolate.rife_net import RIFE

RIFE_METHOD = INTERPOLATORS["rife"]


class Mean(RifeNetwork):
    """Knows the middle only, and takes the mean for it; notes what it was given."""

    any_time, multiple = False, 32

    def __init__(self) -> None:
        super().__init__()
        self.nothing = torch.nn.Parameter(torch.zeros(1))
        self.calls: list[tuple[int, ...]] = []

    def forward(self, image0, image1, t=0.5, scale=1.0) -> Prediction:
        self.calls.append(tuple(image0.shape))
        self.last = image0
        mean = (image0 + image1) / 2
        return Prediction(mean, mean, mean, [], [])


class AnyTime(Mean):
    """Knows any time, and blends."""

    any_time = True

    def forward(self, image0, image1, t=0.5, scale=1.0) -> Prediction:
        t = t.reshape(-1, 1, 1, 1)
        mean = super().forward(image0, image1)
        return mean._replace(image=(1 - t) * image0 + t * image1)


@pytest.fixture
def ramp() -> np.ndarray:
    return (np.array([0, 64, 192, 160], np.uint8)[:, None, None] + np.zeros((1, 20, 30), np.uint8)).astype(
        np.uint8
    )


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (0.5, Fraction(1, 2)),
        (2.25, Fraction(9, 4)),
        (3.0, Fraction(3)),
        (0.995, Fraction(1)),
        (1 / 3, Fraction(21, 64)),
        (0.255, Fraction(1, 4)),
        (5.3125, Fraction(85, 16)),
    ],
)
def test_dyadic_by_hand(position, expected):
    assert dyadic(position) == expected


def test_dyadic_is_near_enough_everywhere():
    for position in np.linspace(0, 3, 3001):
        assert abs(dyadic(position) - position) <= TOLERANCE


@pytest.mark.parametrize("places", [[0.5], [0.25, 0.75], even_positions(4, 25), [2.9375, 0.3125, 0.375]])
def test_midpoints_of_midpoints(ramp, places):
    # With means for mid-points, recursion is linear blending at the dyadic times.
    places = np.array(places)
    out = render_with(Mean(), ramp, places)
    near = np.array([float(dyadic(place)) for place in places])
    assert np.abs(out.astype(int) - render_linear(ramp, near)).max() <= 1  # halves round either way


def test_brightness_is_monotone_over_the_levels(ramp):
    for levels in range(1, 7):
        out = render_with(Mean(), ramp[:3], even_positions(3, 2 * 2**levels + 1))[:, 0, 0]
        assert np.all(np.diff(out.astype(int)) > 0)


def test_each_midpoint_is_made_once_and_in_batches(ramp):
    network = Mean()
    render_with(network, ramp, np.array([0.5, 0.25, 0.125, 0.5, 1.5]), batch=2)
    assert [call[0] for call in network.calls] == [2, 1, 1]  # 0.5 and 1.5; 0.25; 0.125


def test_recursion_can_be_asked_of_a_network_of_any_time(ramp):
    direct, recursive = AnyTime(), AnyTime()
    a = render_with(direct, ramp, np.array([0.25]))
    b = render_with(recursive, ramp, np.array([0.25]), recursive=True)
    assert len(direct.calls) == 1 and len(recursive.calls) == 2
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_any_time_in_batches(ramp, batch):
    places = np.array([0.1, 2.9, 1.0, 1.7, 0.4, 0.4, 2.0])
    np.testing.assert_array_equal(
        render_with(AnyTime(), ramp, places, batch=batch), render_linear(ramp, places)
    )


def test_padding(ramp):
    network = Mean()
    out = render_with(network, ramp, np.array([0.5]), padding="replicate")
    assert network.calls == [(1, 3, 32, 32)] and out.shape == (1, 20, 30)
    rows = render_with(network, ramp[1:], np.array([0.5]), padding="zeros")
    assert network.last[0, 0, 20:].abs().max() == 0 and rows.shape == (1, 20, 30)
    render_with(network, ramp[1:], np.array([0.5]))
    assert network.last[0, 0, 20:].min() > 0
    render_with(network, ramp, np.array([0.5]), scale=0.5)
    assert network.calls[-1] == (1, 3, 64, 64)


def test_networks_see_blue_first(moving_clip):
    clip = moving_clip(range(2), colour=True)
    network = Mean()
    out = render_with(network, clip, np.array([0.5]))
    np.testing.assert_allclose(network.last[0, 0, :48, :64] * 255, clip[0, ..., 2], atol=1e-4)
    assert np.abs(out[0].astype(float) - clip.mean(axis=0)).max() <= 0.51


def test_flip_averages_with_half_a_turn():
    torch.manual_seed(0)
    network = RIFE(widths=(8, 8, 8), base=2).eval()
    clip = np.random.default_rng(0).integers(0, 256, (2, 32, 32), dtype=np.uint8)
    plain, turned = (
        render_with(network, c, np.array([0.5])).astype(int)[0] for c in (clip, clip[:, ::-1, ::-1])
    )
    both = render_with(network, clip, np.array([0.5]), flip=True).astype(int)[0]
    assert np.abs(both - (plain + turned[::-1, ::-1]) / 2).max() <= 1
    assert np.abs(plain - turned[::-1, ::-1]).max() > 2


def test_times_of_slstt(ramp):
    # onset 10, apex 12, offset 13: frames 10 to 13 are at hand, 11 times are wanted
    times = slstt_schedule(10, 12, 13)
    out = render_with(Mean(), ramp, times - 10)
    assert np.abs(out.astype(int) - render_linear(ramp, times - 10)).max() <= 1


def test_weights_are_loaded_once_and_again_when_they_change(tmp_path, moving_clip, monkeypatch):
    from mezoo.interpolate import rife

    calls = []
    load = rife.load_rife
    monkeypatch.setattr(rife, "load_rife", lambda path, **kw: calls.append(path) or load(path, **kw))
    file, clip = tmp_path / "flownet.pkl", moving_clip(range(2), shape=(24, 24))
    torch.save(RIFE(widths=(8, 8, 8), base=2).state_dict(), file)
    first = [RIFE_METHOD.bring_to(clip, 3, weights=str(file)) for _ in range(2)]
    assert len(calls) == 1 and np.array_equal(*first)
    torch.save(RIFE(widths=(8, 8, 8), base=2).state_dict(), file)
    assert not np.array_equal(RIFE_METHOD.bring_to(clip, 3, weights=str(file)), first[0])
    assert len(calls) == 2


def test_description_holds_the_digest_and_no_path(neutral_weights):
    facts = RIFE_METHOD.describe(weights=str(neutral_weights), flip=True, batch=3)
    assert facts["weights"] == {"flownet.pkl": digest(neutral_weights)} and facts["variant"] == "RIFEm"
    assert facts["flip"] is True and "batch" not in facts


@pytest.mark.parametrize(
    "params", [{"padding": "mirror"}, {"batch": 0}, {"scale": 3}, {"scale": -1}, {"accelerator": "tpu"}]
)
def test_wrong_use(neutral_weights, moving_clip, params):
    with pytest.raises(ConfigError):
        RIFE_METHOD.bring_to(moving_clip(range(2)), 3, weights=str(neutral_weights), **params)
    with pytest.raises(ConfigError, match="no file of RIFE weights"):
        RIFE_METHOD.bring_to(moving_clip(range(2)), 3, weights="nowhere.pkl")
