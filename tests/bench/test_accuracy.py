"""Errors against known motion, with methods whose answers are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mezoo.bench.accuracy import STILL, aae, analytic, answers, epe, middlebury, moving
from mezoo.bench.scenes import motion
from mezoo.bench.stores import STORES
from mezoo.errors import ConfigError
from mezoo.motion.show import flo_bytes

SIZE = 48


def field(peak: float) -> np.ndarray:
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float64)
    return motion(x, y, SIZE, peak)


def test_errors_of_a_constant_offset():
    truth = np.zeros((5, 6, 2))
    flow = truth + (3.0, 4.0)
    assert epe(flow, truth) == pytest.approx(5)
    # the vectors (1, 0, 1) and (0, 0, 1) stand at 45 degrees
    assert aae(truth + (1.0, 0.0), truth) == pytest.approx(45)
    assert epe(flow, flow) == 0 and aae(truth, truth) == 0


def test_errors_over_a_mask():
    truth = np.zeros((4, 4, 2))
    flow = truth.copy()
    flow[0, 0] = 2.0, 0.0
    mask = np.zeros((4, 4), bool)
    mask[0, :2] = True
    assert epe(flow, truth, mask) == 1.0
    assert aae(flow, truth, mask) == pytest.approx(np.degrees(np.arctan(2)) / 2)


def test_the_truth_has_no_error_and_no_motion_the_mean_motion(fake, zeros):
    peak = 0.3
    oracle = fake("oracle", lambda a, b: field(peak))
    rows = analytic(
        [oracle, zeros], size=SIZE, peaks=(peak,), noises=(0.0, 1.0), repeats=2, done=lambda: None
    )
    found = {(row.method, row.noise): row.epe for row in rows}
    length = np.linalg.norm(field(peak), axis=-1)
    mean = length[moving(field(peak))].mean()
    assert found["oracle", 0.0] == found["oracle", 1.0] == 0
    for noise in (0.0, 1.0):
        assert found["zeros", noise] == found[STILL, noise] == pytest.approx(mean, rel=1e-6)
    assert 0.2 * peak < mean < peak


def test_a_method_that_follows_a_video_sees_all_of_it(fake):
    seen = {"all": [], "last": []}

    def method(label, ordered):
        def solve(reference, moving):
            seen[label].append((int(reference[0, 0]), int(moving[0, 0])))
            return np.full((*reference.shape, 2), moving[0, 0], np.float32)

        return fake(label, solve, ordered=ordered)

    frames = np.arange(4, dtype=np.uint8)[:, None, None] * np.ones((1, 16, 16), np.uint8)
    solvers = [(m, m.make()) for m in (method("all", True), method("last", False))]
    flows = dict(answers(solvers, frames))
    assert seen == {"all": [(0, 1), (0, 2), (0, 3)], "last": [(0, 3)]}
    assert flows["all"].max() == flows["last"].min() == 3 and not flows[STILL].any()


def test_only_our_flow_is_stored_in_every_way(fake, zeros):
    ours = fake("native", lambda a, b: np.full((*a.shape, 2), 0.1, np.float32))
    frames = np.zeros((2, 32, 32), np.uint8)
    rows = [row for row, _ in answers([(ours, ours.make()), (zeros, zeros.make())], frames)]
    assert rows == ["native", *(f"native, {store}" for store in STORES), "zeros", STILL]


def test_stores_keep_what_their_step_allows():
    flow = field(1.0).astype(np.float32)
    errors = {store: epe(keep(flow), flow) for store, keep in STORES.items()}
    assert 0 < errors["float16"] < 1e-4
    # a step of 2 x bound / 255: the mean error of rounding one component is a quarter of it
    assert 0.25 * 20 / 255 < errors["8-bit JPEG, bound 10"] < 20 / 255
    assert errors["8-bit JPEG, bound 20"] > 1.5 * errors["8-bit JPEG, bound 10"]


def test_middlebury_leaves_unknown_pixels_out(tmp_path, zeros):
    scene = tmp_path / "other" / "Scene"
    scene.mkdir(parents=True)
    truth = np.zeros((20, 30, 2), np.float32) + np.float32([0.6, 0.8])
    truth[:5] = 1.7e9
    (scene / "flow10.flo").write_bytes(flo_bytes(truth))
    for name in ("frame10.png", "frame11.png"):
        cv2.imwrite(str(scene / name), np.zeros((20, 30, 3), np.uint8))
    rows = middlebury(tmp_path, [zeros], done=lambda: None)
    assert {row.method for row in rows} == {"zeros", STILL} and {row.scene for row in rows} == {"Scene"}
    assert rows[0].epe == pytest.approx(1, rel=1e-6) and rows[0].aae == pytest.approx(45, rel=1e-5)


def test_middlebury_of_an_empty_folder(tmp_path, zeros):
    with pytest.raises(ConfigError, match="flow10.flo"):
        middlebury(tmp_path, [zeros], done=lambda: None)
