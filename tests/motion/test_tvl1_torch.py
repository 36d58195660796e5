"""TV-L1 in batches: agreement with the native kernel, ground truth, pairs that do not see their companions."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

from mezoo.errors import ConfigError
from mezoo.motion import get_backend
from mezoo.motion.tvl1 import TVL1Params, tvl1
from mezoo.motion.tvl1_torch import TVL1Torch, _Level

INSIDE = slice(8, -8)


def end_point_error(flow: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.linalg.norm(flow - truth, axis=-1)


def bumps(x, y):
    return 1.5 * np.exp(-((x - 30) ** 2 + (y - 60) ** 2) / 200), -np.exp(
        -((x - 65) ** 2 + (y - 30) ** 2) / 128
    )


@pytest.fixture(scope="module")
def batch(moving_pair):
    """Five pairs of odd size, one of them still, one with a motion that takes many iterations."""
    motions = [(1.3, -0.7), (0.2, 0.1), (0, 0), (4.0, 2.0), (-0.6, 0.9)]
    pairs = [moving_pair(lambda x, y, d=d: d, shape=(61, 75), seed=k) for k, d in enumerate(motions)]
    return np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])


@pytest.fixture(scope="module")
def alone(batch):
    return np.stack([TVL1Torch("cpu")(*pair) for pair in zip(*batch, strict=True)])


class TestParity:
    @pytest.mark.parametrize("params", [{}, {"n_scales": 3, "median_size": 3}, {"median_size": 1}], ids=str)
    def test_texture(self, moving_pair, params):
        a, b, _ = moving_pair(bumps)
        apart = end_point_error(TVL1Torch("cpu", **params)(a, b), tvl1(a, b, **params))
        assert apart.mean() <= 1e-3 and np.mean(apart <= 0.01) >= 0.99

    def test_face(self, face_pair):
        a, b = face_pair(128)
        apart = end_point_error(TVL1Torch("cpu")(a, b), tvl1(a, b))
        assert apart.mean() <= 1e-3 and np.mean(apart <= 0.01) >= 0.99

    def test_zero_border(self, moving_pair):
        """At such a border the flow of either is not stable against rounding, but the inside is."""
        a, b, _ = moving_pair(bumps)
        ours, theirs = TVL1Torch("cpu", border="zero")(a, b), tvl1(a, b, border="zero")
        apart = end_point_error(ours, theirs)[INSIDE, INSIDE]
        assert apart.mean() <= 0.02 and np.mean(apart <= 0.1) >= 0.98
        assert end_point_error(ours, tvl1(a, b)).max() > 0.1, "the border must matter"

    @pytest.mark.parametrize(
        "params",
        [
            {"tau": 0.15}, {"lambda_": 0.05}, {"theta": 0.2}, {"n_warps": 2}, {"epsilon": 0.03},
            {"n_inner": 5, "n_outer": 2}, {"scale_step": 0.5}, {"n_scales": 2},
        ],
        ids=str,
    )  # fmt: skip
    def test_every_parameter_acts_as_in_the_native_kernel(self, moving_pair, params):
        a, b, _ = moving_pair(lambda x, y: (1.5, -1.0), shape=(64, 64))
        flow = TVL1Torch("cpu", **params)(a, b)
        assert end_point_error(flow, tvl1(a, b, **params)).mean() <= 1e-3
        assert end_point_error(flow, tvl1(a, b)).max() > 0.01

    @pytest.mark.parametrize(
        ("pair", "opencv_error"), [("translation", 0.0379), ("affine", 0.0339), ("bumps", 0.0527)]
    )
    def test_stored_opencv_flow(self, shared, pair, opencv_error):
        with np.load(shared / "oracles" / "tvl1" / "tvl1.npz") as oracle:
            flow = TVL1Torch("cpu")(oracle[f"{pair}_I0"], oracle[f"{pair}_I1"])
            stored = [oracle[f"{pair}_flow_opencv_{v}"].astype(np.float32) for v in ("5_0_0", "4_12_0")]
            truth = oracle[f"{pair}_flow_analytic"].astype(np.float32)
        nearest = min((end_point_error(flow, other)[INSIDE, INSIDE] for other in stored), key=np.mean)
        assert nearest.mean() <= 0.02 and np.mean(nearest <= 0.1) >= 0.98
        assert end_point_error(flow, truth)[INSIDE, INSIDE].mean() <= 1.3 * opencv_error


def cubic(d):
    """Keys' kernel with A = -0.75 at the distances d."""
    d, a = np.abs(d), -0.75
    near, far = (a + 2) * d**3 - (a + 3) * d**2 + 1, a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0))


def sample(image, flow, outside):
    """Interpolate an image at displaced pixels; `outside` is 'nearest' or 'zero'."""
    height, width = image.shape
    y, x = np.mgrid[:height, :width] + flow[::-1].astype(np.float64)
    total = np.zeros(image.shape)
    for i in range(-1, 3):
        for j in range(-1, 3):
            row, column = np.floor(y).astype(int) + i, np.floor(x).astype(int) + j
            taps = image[row.clip(0, height - 1), column.clip(0, width - 1)]
            inside = (row == row.clip(0, height - 1)) & (column == column.clip(0, width - 1))
            total += cubic(y - row) * cubic(x - column) * taps * (inside | (outside == "nearest"))
    return total


@pytest.mark.parametrize("border", ["nearest", "zero"])
@pytest.mark.parametrize("spread", [0.0, 0.4, 3.0, 40.0])
def test_warp_and_residual(border, spread):
    """Displacements inside and far outside, each pair of a batch with its own: the answer is the definition's."""
    rng, shape = np.random.default_rng(1), (23, 37)
    references, movings = rng.uniform(0, 255, (2, 3, *shape)).astype(np.float32)
    flows = (spread * rng.normal(size=(3, 2, *shape))).astype(np.float32)
    level = _Level(3, shape, torch.device("cpu"), 1)
    level.load(torch.from_numpy(references), torch.from_numpy(movings), border == "nearest")
    level.flow.copy_(torch.from_numpy(flows))
    level.linearise(3)
    for k, flow in enumerate(flows):
        around = np.pad(movings[k], 1, mode="edge")
        slopes = ((around[1:-1, 2:] - around[1:-1, :-2]) / 2, (around[2:, 1:-1] - around[:-2, 1:-1]) / 2)
        slope = np.stack([sample(plane, flow, "zero") for plane in slopes])
        residual = sample(movings[k], flow, border) - (slope * flow).sum(axis=0) - references[k]
        np.testing.assert_allclose(level.slope[k], slope, atol=2e-3)
        square = (slope**2).sum(axis=0) + 1e-9
        steep = square > 1  # elsewhere the division by the square enlarges rounding
        atol = 5e-3 * (1 + np.abs(flow).max())
        np.testing.assert_allclose((-level.residual[k].numpy() * square)[steep], residual[steep], atol=atol)
        np.testing.assert_allclose(
            (-level.residual_slope[k].numpy() * square)[:, steep], slope[:, steep], atol=0.05
        )


class TestGroundTruth:
    @pytest.mark.parametrize(
        "displacement",
        [lambda x, y: (1.3, -0.7), lambda x, y: (0.2, 0.1), bumps],
        ids=["1.3", "0.2", "bumps"],
    )
    def test_analytic_motion(self, moving_pair, displacement):
        reference, moving, truth = moving_pair(displacement)
        error = end_point_error(TVL1Torch("cpu")(reference, moving), truth)
        assert error[INSIDE, INSIDE].mean() < 1 / 16
        assert error[:, -3:].mean() < 1 / 8, "the border has no data term and follows its neighbours"

    @pytest.mark.parametrize("border", ["nearest", "zero"])
    @pytest.mark.parametrize("shape", [(16, 16), (17, 40), (97, 61)])
    def test_no_motion_is_exactly_zero(self, shape, border):
        images = np.random.default_rng(0).integers(0, 256, (2, *shape), dtype=np.uint8)
        flow = TVL1Torch("cpu", border=border).many(images, images)
        assert flow.dtype == np.float32 and flow.shape == (2, *shape, 2)
        assert not flow.any()


class TestBatch:
    @pytest.mark.parametrize("interval", [1, 7, 1000])
    @pytest.mark.parametrize("chosen", [[0, 1, 2, 3, 4], [3, 2], [2, 2, 0, 3, 1, 4]], ids=str)
    def test_a_pair_does_not_see_its_companions(self, batch, alone, chosen, interval):
        """Nor how often the host looks at which pairs are finished."""
        solver = TVL1Torch("cpu")
        solver.interval = interval
        np.testing.assert_array_equal(solver.many(*(stack[chosen] for stack in batch)), alone[chosen])

    def test_longer_stacks_are_split(self, batch, alone):
        solver = TVL1Torch("cpu")
        solver.batch = 2
        np.testing.assert_array_equal(solver.many(*batch), alone)

    def test_memory_is_used_again_whatever_came_before(self, batch, alone):
        solver, (a, b) = TVL1Torch("cpu"), batch
        solver.many(a[:2], b[:2])
        np.testing.assert_array_equal(solver.many(a, b), alone)  # more pairs than before
        solver.many(a[:, :40, :50], b[:, :40, :50])  # another size
        np.testing.assert_array_equal(solver.many(a[1:4], b[1:4]), alone[1:4])
        np.testing.assert_array_equal(solver(a[0], b[0]), alone[0])

    def test_finished_pairs_cost_nothing_more(self, batch):
        """Pair-iterations of a batch are the sum of those of its pairs, not their number times the longest."""
        counted = []

        class Counting(TVL1Torch):
            @staticmethod
            def _step(v):
                counted.append(len(v.flow))
                TVL1Torch._step(v)

        def pair_iterations(chosen):
            counted.clear()
            Counting("cpu").many(*(stack[chosen] for stack in batch))
            return sum(counted), len(counted)

        single = [pair_iterations([k])[0] for k in range(5)]
        total, steps = pair_iterations([0, 1, 2, 3, 4])
        assert total == sum(single)
        assert total < 0.8 * 5 * steps
        assert single[2] == 5 * 5, "a still pair ends the 5 warps of the 5 levels at the first iteration"


class TestWrongUse:
    def test_unknown_device(self):
        with pytest.raises(ConfigError, match="auto, cpu or cuda"):
            get_backend("torch", device="tpu")

    def test_cuda_asked_for_and_absent(self, monkeypatch):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        with pytest.raises(ConfigError, match="no CUDA device"):
            get_backend("torch", device="cuda")
        assert TVL1Torch("auto").device.type == "cpu"

    def test_torch_is_not_installed(self, monkeypatch):
        monkeypatch.delitem(sys.modules, "mezoo.motion.tvl1_torch")
        monkeypatch.setitem(sys.modules, "torch", None)
        with pytest.raises(ConfigError, match="torch is not installed"):
            get_backend("torch")

    def test_params(self):
        with pytest.raises(ConfigError, match="tau"):
            TVL1Torch("cpu", tau=0.3)

    def test_images(self):
        image = np.zeros((32, 32), np.uint8)
        with pytest.raises(ConfigError, match="Expected"):
            TVL1Torch("cpu")(image, image[:8])


def test_the_device_is_no_parameter_of_the_numbers():
    """Devices differ by rounding only: an artifact made on another machine stays the same artifact."""
    on_cpu = get_backend("torch", device="cpu")
    assert on_cpu.params == vars(TVL1Params())
    assert on_cpu.batch == 8


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device")
def test_cuda_equals_the_cpu(batch, face_pair):
    method = get_backend("torch", device="cuda")
    assert method.batch == 32
    found = method.many(*batch)
    apart = end_point_error(found, TVL1Torch("cpu").many(*batch))
    assert apart.mean() <= 1e-3 and np.mean(apart <= 0.01) >= 0.99
    alone = np.stack([method(*pair) for pair in zip(*batch, strict=True)])
    np.testing.assert_allclose(found, alone, atol=1e-5)
    a, b = face_pair(128)
    apart = end_point_error(method(a, b), tvl1(a, b))
    assert apart.mean() <= 1e-3 and np.mean(apart <= 0.01) >= 0.99
