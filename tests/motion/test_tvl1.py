"""TV-L1: ground truth by construction, agreement with OpenCV, repeatability, speed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.motion.show import read_flo
from mezoo.motion.tvl1 import TVL1, TVL1Params, tvl1

INSIDE = slice(8, -8)


def end_point_error(flow: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.linalg.norm(flow - truth, axis=-1)


def rotate_and_zoom(x, y):
    cos, sin, zoom = np.cos(0.02), np.sin(0.02), 1.01
    dx, dy = x - 47.5, y - 47.5
    return zoom * (cos * dx - sin * dy) - dx, zoom * (sin * dx + cos * dy) - dy


def bumps(x, y):
    return 1.5 * np.exp(-((x - 30) ** 2 + (y - 60) ** 2) / 200), -np.exp(
        -((x - 65) ** 2 + (y - 30) ** 2) / 128
    )


class TestGroundTruth:
    @pytest.mark.parametrize(
        "displacement",
        [lambda x, y: (1.3, -0.7), lambda x, y: (0.2, 0.1), rotate_and_zoom, bumps],
        ids=["translation", "small_translation", "rotation_and_zoom", "bumps"],
    )
    def test_analytic_motion(self, moving_pair, displacement):
        reference, moving, truth = moving_pair(displacement)
        error = end_point_error(tvl1(reference, moving), truth)
        assert error[INSIDE, INSIDE].mean() < 1 / 16
        assert error[:, -3:].mean() < 1 / 8, "the border has no data term and follows its neighbours"

    def test_sign_convention(self, moving_pair):
        reference = np.zeros((64, 64), np.uint8)
        reference[24:40, 24:40] = 200
        moving = np.roll(reference, (1, 2), axis=(0, 1))  # the square moves 2 px right and 1 px down
        inside = tvl1(cv2.GaussianBlur(reference, (0, 0), 3), cv2.GaussianBlur(moving, (0, 0), 3))[
            28:36, 28:36
        ]
        np.testing.assert_allclose(inside.mean(axis=(0, 1)), [2, 1], atol=0.1)

    @pytest.mark.parametrize("shape", [(16, 16), (17, 40), (97, 61), (160, 33)])
    def test_no_motion_is_exactly_zero(self, shape):
        image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
        flow = tvl1(image, image)
        assert flow.dtype == np.float32 and flow.shape == (*shape, 2)
        assert not flow.any()

    def test_large_motion_needs_more_scales(self, moving_pair):
        reference, moving, truth = moving_pair(lambda x, y: (12.0, 0.0), shape=(160, 160))
        errors = [
            end_point_error(tvl1(reference, moving, n_scales=n), truth)[24:-24, 24:-24].mean()
            for n in (1, 10)
        ]
        assert errors[1] < 0.2 < errors[0]


class TestRepeatability:
    def test_same_answer_from_used_memory(self, face_pair):
        a, b = face_pair(100)
        solver = TVL1()
        fresh = solver(a, b)
        solver(b[:50, :70], a[:50, :70])  # another size in between
        np.testing.assert_array_equal(solver(a, b), fresh)
        np.testing.assert_array_equal(solver(a, b), fresh)

    def test_pyramid_of_the_previous_pair_is_the_right_one(self, face_pair):
        a, b = face_pair(64)
        c = np.roll(b, 1, axis=1)
        solver = TVL1()
        solver(a, b)
        np.testing.assert_array_equal(solver(b, c), tvl1(b, c))
        b[:] = a  # the caller may reuse its buffer
        np.testing.assert_array_equal(solver(c, b), tvl1(c, b))

    @pytest.mark.slow
    def test_same_bits_compiled_now_or_loaded_from_disk(self, tmp_path):
        code = (
            "import numpy as np, hashlib; from mezoo.motion.tvl1 import tvl1\n"
            "y, x = np.mgrid[:99, :99] / 9; i = lambda d: np.uint8(128 + 60 * np.sin(x + d) * np.cos(y + d * x))\n"
            "print(hashlib.md5(tvl1(i(0), i(0.05)).tobytes()).hexdigest())"
        )
        source = str(Path(sys.modules["mezoo"].__file__).parents[1])
        environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": source}
        run = [sys.executable, "-c", code]
        first, second = (subprocess.check_output(run, env=environment, text=True) for _ in range(2))
        assert any(tmp_path.rglob("*.nbc")), "the compiled code was not kept"
        assert first == second


class TestWrongUse:
    @pytest.mark.parametrize(
        ("a", "b"),
        [
            (np.zeros((32, 32), np.float32), np.zeros((32, 32), np.float32)),
            (np.zeros((32, 32, 3), np.uint8), np.zeros((32, 32, 3), np.uint8)),
            (np.zeros((32, 32), np.uint8), np.zeros((32, 33), np.uint8)),
            (np.zeros((15, 32), np.uint8), np.zeros((15, 32), np.uint8)),
            ([[0] * 32] * 32, [[0] * 32] * 32),
        ],
    )
    def test_images(self, a, b):
        with pytest.raises(ConfigError, match="Expected"):
            tvl1(a, b)

    @pytest.mark.parametrize(
        "params",
        [
            {"tau": 0.3},
            {"lambda_": 0},
            {"theta": -1},
            {"n_scales": 0},
            {"scale_step": 1.0},
            {"n_warps": 0},
            {"epsilon": -1},
            {"n_inner": 0},
            {"n_outer": 0},
            {"median_size": 4},
            {"border": "wrap"},
        ],
    )
    def test_params(self, params):
        with pytest.raises(ConfigError, match=next(iter(params))):
            TVL1(**params)


class TestParameters:
    """Every parameter acts; each is compared with OpenCV, where it means the same."""

    @pytest.mark.parametrize(
        ("params", "opencv"),
        [
            ({}, {}),
            ({"tau": 0.15}, {"tau": 0.15}),
            ({"lambda_": 0.05}, {"lambda_": 0.05}),
            ({"theta": 0.2}, {"theta": 0.2}),
            ({"n_scales": 2}, {"nscales": 2}),
            ({"n_warps": 2}, {"warps": 2}),
            ({"epsilon": 0.03}, {"epsilon": 0.03}),
            ({"n_inner": 5, "n_outer": 2}, {"innnerIterations": 5, "outerIterations": 2}),
            ({"scale_step": 0.5}, {"scaleStep": 0.5}),
            ({"median_size": 1}, {"medianFiltering": 1}),
        ],
    )
    def test_agrees_with_opencv(self, face_pair, params, opencv):
        a, b = face_pair(96)
        ours = tvl1(a, b, **params, border="zero")
        theirs = cv2.optflow.DualTVL1OpticalFlow_create(**opencv).calc(a, b, None)
        apart = end_point_error(ours, theirs)[INSIDE, INSIDE]
        assert apart.mean() <= 0.02 and np.mean(apart <= 0.1) >= 0.98
        if params:
            assert end_point_error(ours, tvl1(a, b, border="zero")).max() > 0.02

    def test_nearest_border_draws_less_false_flow(self, moving_pair):
        reference, moving, truth = moving_pair(lambda x, y: (1.3, -0.7))
        nearest, zero = (
            end_point_error(tvl1(reference, moving, border=border), truth)[:, -3:].mean()
            for border in ("nearest", "zero")
        )
        assert nearest < zero / 2


class TestParity:
    @pytest.mark.parametrize("size", [128, 224])
    @pytest.mark.parametrize("border", ["nearest", "zero"])
    def test_installed_opencv(self, face_pair, size, border):
        a, b = face_pair(size)
        theirs = cv2.optflow.DualTVL1OpticalFlow_create().calc(a, b, None)
        apart = end_point_error(tvl1(a, b, border=border), theirs)[INSIDE, INSIDE]
        assert apart.mean() <= 0.02 and np.mean(apart <= 0.1) >= 0.98

    @pytest.mark.parametrize(
        ("pair", "opencv_error"), [("translation", 0.0379), ("affine", 0.0339), ("bumps", 0.0527)]
    )
    def test_stored_opencv_flow(self, shared, pair, opencv_error):
        with np.load(shared / "oracles" / "tvl1" / "tvl1.npz") as oracle:
            flow = tvl1(oracle[f"{pair}_I0"], oracle[f"{pair}_I1"])
            same_border = tvl1(oracle[f"{pair}_I0"], oracle[f"{pair}_I1"], border="zero")
            stored = [oracle[f"{pair}_flow_opencv_{v}"].astype(np.float32) for v in ("5_0_0", "4_12_0")]
            truth = oracle[f"{pair}_flow_analytic"].astype(np.float32)
        apart = [end_point_error(flow, other)[INSIDE, INSIDE] for other in stored]
        nearest = min(apart, key=np.mean)
        assert nearest.mean() <= 0.02 and np.mean(nearest <= 0.1) >= 0.98
        same = [end_point_error(same_border, other)[INSIDE, INSIDE].mean() for other in stored]
        assert min(same) <= 0.005
        assert end_point_error(flow, truth)[INSIDE, INSIDE].mean() <= 1.3 * opencv_error

    @pytest.mark.parametrize(
        ("scene", "largest_px", "largest_degrees"), [("RubberWhale", 0.165, 5.1), ("Dimetrodon", 0.19, 90)]
    )
    def test_middlebury(self, shared, scene, largest_px, largest_degrees):
        folder = next((shared / "oracles" / "middlebury").rglob(scene))
        a, b = (cv2.imread(str(folder / f"frame{n}.png"), cv2.IMREAD_GRAYSCALE) for n in (10, 11))
        truth = read_flo(folder / "flow10.flo")
        known = np.abs(truth).max(axis=-1) < 1e9
        flow, truth = tvl1(a, b)[known].astype(np.float64), truth[known].astype(np.float64)
        dot = 1 + (flow * truth).sum(-1)
        lengths = np.sqrt(1 + (flow**2).sum(-1)) * np.sqrt(1 + (truth**2).sum(-1))
        degrees = np.degrees(np.arccos(np.clip(dot / lengths, -1, 1)))
        assert end_point_error(flow, truth).mean() <= largest_px
        assert degrees.mean() <= largest_degrees


def test_faster_than_opencv(face_pair, record_property, capsys):
    a, b = face_pair(224)
    solver, threads = TVL1(), cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        theirs = cv2.optflow.DualTVL1OpticalFlow_create()
        solver(a, b)

        def seconds(solve, times):
            best = float("inf")
            for _ in range(times):
                start = time.process_time()
                solve()
                best = min(best, time.process_time() - start)
            return best

        ratio = seconds(lambda: theirs.calc(a, b, None), 2) / seconds(lambda: solver(a, b), 8)
    finally:
        cv2.setNumThreads(threads)
    record_property("speed_over_opencv", ratio)
    with capsys.disabled():
        print(f"\nTV-L1, 224x224 face, one core: {ratio:.1f} times as fast as OpenCV")
    assert ratio >= 5


def test_defaults_are_those_of_opencv():
    method = cv2.optflow.DualTVL1OpticalFlow_create()
    ours = TVL1Params()
    getters = {
        "tau": method.getTau,
        "lambda_": method.getLambda,
        "theta": method.getTheta,
        "n_scales": method.getScalesNumber,
        "scale_step": method.getScaleStep,
        "n_warps": method.getWarpingsNumber,
        "epsilon": method.getEpsilon,
        "n_inner": method.getInnerIterations,
        "n_outer": method.getOuterIterations,
        "median_size": method.getMedianFiltering,
    }
    assert {key: getattr(ours, key) for key in getters} == {key: get() for key, get in getters.items()}
