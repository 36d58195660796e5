"""MDMO: vectors counted by hand, the official numbers, and the subtraction of head motion."""

from __future__ import annotations

import time

import numpy as np
import pytest

from mezoo.errors import ConfigError, DataError
from mezoo.motion.mdmo import NOSE_BINS, ROI_BINS, main_direction, mdmo


def polar(degrees, length):
    angle = np.radians(np.asarray(degrees, float))
    return np.stack([length * np.cos(angle), length * np.sin(angle)], -1).astype(np.float32)


class TestMainDirection:
    def test_by_hand(self):
        # Bin [30, 150) has three vectors, the others two at most; int(0.6 * 3) = 1 is kept: the longest.
        vectors = polar([40, 90, 140, 160, 200, 0, 20], np.array([1, 2, 3, 9, 9, 9, 9.0]))
        expected = polar([140], 3.0)[0]
        np.testing.assert_allclose(main_direction(vectors, bins=ROI_BINS, keep=0.6), expected, rtol=1e-5)

    def test_direction_of_the_sum_times_mean_magnitude(self):
        vectors = polar([60, 120, 60, 120], np.array([1, 1, 3, 3.0]))
        found = main_direction(vectors, bins=ROI_BINS, keep=1.0)
        np.testing.assert_allclose(found, [0, 2], atol=1e-5)

    def test_first_of_equal_bins(self):
        vectors = polar([200, 200, 100, 100], 2.0)
        np.testing.assert_allclose(
            main_direction(vectors, bins=ROI_BINS, keep=0.5), polar([100], 2.0)[0], rtol=1e-5
        )

    def test_bin_outside_of_the_bounds(self):
        vectors = polar([350, 10, 20, 90], 2.0)
        found = main_direction(vectors, bins=ROI_BINS, keep=0.34)
        assert found[0] > 1.8 and abs(found[1]) < 0.75

    def test_nose_bins_differ(self):
        vectors = polar([31, 35, 40, 100, 100], 1.0)
        assert main_direction(vectors, bins=ROI_BINS, keep=1.0)[0] > 0
        along = main_direction(vectors, bins=NOSE_BINS, keep=1.0)  # 31-40 degrees are in the last bin here
        np.testing.assert_allclose(np.degrees(np.arctan2(along[1], along[0])), 35.3, atol=0.1)

    def test_nothing_kept_gives_zero(self):
        assert not main_direction(polar([90], 1.0), bins=ROI_BINS, keep=0.6).any()
        assert not main_direction(np.zeros((50, 2), np.float32), bins=ROI_BINS, keep=0.6).any()


class TestMdmo:
    def test_official_numbers(self, shared):
        with np.load(shared / "oracles" / "auwgcn" / "mdmo_oracle.npz") as oracle:
            flow = oracle["flow_uint8"].astype(np.float32) / 255 - np.float32(
                0.5
            )  # unit of the release: 20 px
            features, head = mdmo(flow, oracle["landmarks"])
            np.testing.assert_array_equal(head, oracle["global_vector"])
            np.testing.assert_array_equal(features, oracle["features"])

    def test_uniform_motion_is_head_motion(self, face_points):
        flow = np.broadcast_to(np.float32([0.8, -0.3]), (160, 160, 2))
        features, head = mdmo(flow, face_points())
        np.testing.assert_allclose(head, [0.8, -0.3], rtol=1e-5)
        np.testing.assert_allclose(features, 0, atol=1e-5)

    def test_motion_of_one_region(self, face_points):
        points = np.rint(face_points())
        flow = np.zeros((160, 160, 2), np.float32)
        x, y = points[54].astype(int)
        flow[y - 8 : y + 9, x - 8 : x + 9] = [0.5, -0.9]  # right mouth corner up and outwards
        flow += np.float32([0.25, 0.5])  # head
        features, head = mdmo(flow, points)
        np.testing.assert_allclose(head, [0.25, 0.5], rtol=1e-5)
        np.testing.assert_allclose(features[10], [0.5, -0.9], rtol=1e-4)
        np.testing.assert_allclose(np.delete(features, 10, axis=0), 0, atol=1e-5)

    def test_radius_is_read(self, face_points):
        rng = np.random.default_rng(0)
        flow = rng.normal(size=(160, 160, 2)).astype(np.float32)
        assert not np.array_equal(
            mdmo(flow, face_points(), radius=3)[0], mdmo(flow, face_points(), radius=8)[0]
        )

    def test_region_cut_at_the_border(self, face_points):
        flow = np.broadcast_to(np.float32([0.1, 0.2]), (160, 160, 2)).copy()
        features, _ = mdmo(flow, face_points() - [30, 40], radius=12)
        assert np.isfinite(features).all()

    def test_wrong_use(self, face_points):
        with pytest.raises(ConfigError, match="shape"):
            mdmo(np.zeros((50, 50)), face_points())
        with pytest.raises(ConfigError, match="shape"):
            mdmo(np.zeros((50, 50, 2)), face_points()[:5])
        with pytest.raises(DataError, match="upright"):
            mdmo(np.zeros((160, 160, 2), np.float32), face_points()[:, ::-1])

    def test_cost_is_small(self, face_points):
        flow = np.random.default_rng(0).normal(size=(160, 160, 2)).astype(np.float32)
        points = face_points()
        best = float("inf")
        for _ in range(10):
            start = time.process_time()
            for _ in range(20):
                mdmo(flow, points)
            best = min(best, (time.process_time() - start) / 20)
        assert best < 0.004, f"{1000 * best:.2f} ms per frame pair; a flow field takes about 20 ms"
