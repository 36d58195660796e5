"""Images of brows and mouth: where they come from, what is taken out, and how levels are spread."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.motion.spot_images import KINDS, face_image, flow_image, frames_of, parse_name

SIDE = 180


def levels_to_px(image, span):
    return span[:, 0] + image / 255 * (span[:, 1] - span[:, 0])


def test_names():
    assert parse_name("softnet-200") == (KINDS["softnet"], 200)
    for wrong in ("softnet", "softnet-x", "other-200", "softnet-200-3"):
        with pytest.raises(ConfigError, match="a kind .softnet, "):
            parse_name(wrong)


def test_intervals_are_those_of_the_papers():
    """SOFTNet 6, 18 and 37, 174 frames; MEAN 3 and 20; MTSN's second stream 1."""
    assert [frames_of(ms, 30) for ms in (200, 600, 100, 0)] == [6, 18, 3, 1]
    assert [frames_of(ms, 200) for ms in (185, 870, 100, 0)] == [37, 174, 20, 1]


def test_the_upper_half_is_the_brows_and_the_lower_the_mouth(face_points):
    points = face_points(SIDE)
    flow = np.zeros((SIDE, SIDE, 2), np.float32)
    flow[SIDE // 2 :, :, 0] = 2
    image, span = flow_image(flow, points, KINDS["mean"])
    assert image.shape == (42, 42, 3) and image.dtype == np.uint8 and span.shape == (3, 2)
    assert (levels_to_px(image, span)[:21, :, 0] == 0).all()
    assert (levels_to_px(image, span)[21:, :, 0] == 2).all()
    assert (image[..., 1] == 0).all(), "a constant channel has level 0"


def test_motion_of_the_nose_is_taken_out_and_the_sign_lost(face_points):
    points = face_points(SIDE)
    flow = np.full((SIDE, SIDE, 2), (1.5, -0.5), np.float32)
    mouth = np.rint(points[48:60].mean(axis=0)).astype(int)
    flow[mouth[1] - 6 : mouth[1] + 6, mouth[0] - 30 : mouth[0] + 30, 0] -= 2
    image, span = flow_image(flow, points, KINDS["softnet"])
    values = levels_to_px(image, span)
    assert np.abs(values[:21, :, :2]).max() < 1e-6, "what moves with the nose is still"
    assert values[21:, :, 0].max() == pytest.approx(2, abs=0.05)
    kept = levels_to_px(*flow_image(flow, points, KINDS["mean"]))
    assert kept[21:, :, 0].min() == pytest.approx(-0.5, abs=0.05) and kept[0, 0, 1] == pytest.approx(-0.5)


def test_eyes_are_masked_for_softnet_only(face_points):
    points = face_points(SIDE)
    flow = np.zeros((SIDE, SIDE, 2), np.float32)
    for eye in (points[36:42], points[42:48]):
        x, y = np.rint(eye.mean(axis=0)).astype(int)
        flow[y - 3 : y + 4, x - 3 : x + 4] = 3
    assert flow_image(flow, points, KINDS["softnet"])[0].max() == 0
    assert flow_image(flow, points, KINDS["mean"])[0][:21, :, :2].max() > 200


def test_levels_span_the_regions_or_the_whole_face(face_points):
    """SOFTNet spreads the levels over what it sees, MEAN over the face before it cuts."""
    flow = np.random.default_rng(0).normal(size=(SIDE, SIDE, 2)).astype(np.float32)
    flow[0, 0] = 20  # outside all regions
    softnet, mean = (flow_image(flow, face_points(SIDE), KINDS[name])[0] for name in ("softnet", "mean"))
    assert (softnet.min(), softnet.max()) == (0, 255)
    assert mean[..., 0].max() < 100


def test_mtsn_sees_the_same_at_28_px(face_points):
    assert flow_image(np.zeros((SIDE, SIDE, 2), np.float32), face_points(SIDE), KINDS["mtsn"])[0].shape == (
        28,
        28,
        3,
    )


def test_a_face_outside_the_image_has_no_regions(face_points):
    assert flow_image(np.zeros((SIDE, SIDE, 2), np.float32), face_points(SIDE) + 500, KINDS["mean"]) is None


@pytest.mark.parametrize("degrees", [0, 20])
def test_aligned_eyes(face_points, degrees):
    angle, middle = np.deg2rad(degrees), SIDE / 2
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    points = (face_points(SIDE) - middle) @ turn + middle
    frame = np.zeros((SIDE, SIDE), np.uint8)
    for eye in (points[36:42], points[42:48]):
        x, y = np.rint(eye.mean(axis=0)).astype(int)
        frame[y - 4 : y + 5, x - 4 : x + 5] = 200
    image, span = face_image(frame, points, KINDS["face48"])
    assert image.shape == (48, 48, 1) and span.tolist() == [[0, 255]]
    bright = np.argwhere(image[..., 0] > 100)[:, ::-1]
    left, right = (bright[bright[:, 0] < 24], bright[bright[:, 0] >= 24])
    assert np.abs(left.mean(axis=0) - [0.3 * 48, 0.35 * 48]).max() < 1
    assert np.abs(right.mean(axis=0) - [0.7 * 48, 0.35 * 48]).max() < 1
