"""Ground truth against drawn frames."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mezoo.demo.motion import envelope
from mezoo.demo.plan import plan_corpus
from mezoo.demo.render import NOISE, frames
from mezoo.demo.scene import build_scene
from mezoo.demo.truth import dense_displacement, landmarks_at, load_truth


def inside(truth):
    """Pixels of the face away from the frame's border."""
    (left, top), (height, width) = truth.origin, truth.blink_field.shape
    return slice(top + 4, min(top + height, truth.pose_weight.shape[0]) - 12), slice(
        left + 4, left + width - 4
    )


def pull(image, displacement):
    """Look up I(x + u(x))."""
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float32)
    return cv2.remap(
        image.astype(np.float32), x + displacement[..., 0], y + displacement[..., 1], cv2.INTER_LINEAR
    )


@pytest.fixture(scope="module")
def drawn(scenes):
    return {layout: list(frames(truth, video.seed)) for layout, (video, truth) in scenes.items()}


@pytest.fixture(params=["casme_sq", "samm_lv"])
def case(request, scenes, drawn):
    return scenes[request.param][1], drawn[request.param]


class TestDenseDisplacement:
    def test_rest_face_matches_every_kind_of_frame(self, case):
        truth, images = case
        moments = [event.apex - 1 for event in truth.events] + [len(images) // 3, len(images) - 1]
        area = inside(truth)
        for t in moments:
            wanted = np.clip(truth.rest_image * truth.gain[t], 0, 255)
            field = dense_displacement(truth, t)
            moved = np.abs(pull(images[t], field) - wanted)[area]
            still = np.abs(images[t] - wanted)[area]
            far = np.linalg.norm(field, axis=-1)[area] > 2
            # Noise alone leaves a mean absolute error of 0.8 sigma; interpolation of fine hair adds about as much.
            assert moved.mean() < 2.2 * NOISE
            assert np.median(moved) < 1.3 * NOISE
            if far.sum() > 200:
                assert moved[far].mean() < 0.5 * still[far].mean()

    def test_between_two_frames(self, case):
        truth, images = case
        start, end = truth.events[-1].onset - 1, truth.events[-1].apex - 1
        flow = dense_displacement(truth, end, start=start)
        error = np.abs(pull(images[end], flow) - images[start])[inside(truth)]
        assert np.median(error) < 1.6 * NOISE

    def test_to_itself_is_zero(self, case):
        truth, _ = case
        t = truth.events[0].apex - 1
        flow = dense_displacement(truth, t, start=t)[inside(truth)]
        assert np.percentile(np.abs(flow), 99.5) < 0.05

    def test_landmarks_follow_the_field(self, case):
        truth, _ = case
        t = truth.events[0].apex - 1
        points = landmarks_at(truth, t)
        field = dense_displacement(truth, t)
        for rest, there in zip(truth.landmarks, points, strict=True):
            x, y = np.round(rest).astype(int)
            assert np.allclose(rest + field[y, x], there, atol=0.6)


class TestCurves:
    def test_activation_peaks_at_the_apex_and_rests_outside(self, case):
        truth, _ = case
        unit = np.linalg.norm(truth.landmarks[16] - truth.landmarks[0]) / 160
        busy = np.zeros(len(truth.pose), bool)
        for event in truth.events:
            busy[max(event.onset - 1, 0) : event.offset] = True
            for name, peak in event.aus.items():
                assert truth.activation[event.apex - 1, truth.au_names.index(name)] == pytest.approx(
                    peak * unit
                )
        assert not truth.activation[~busy].any()

    def test_envelope(self):
        course = envelope(5, 9, 19, 30)
        assert course[4] == course[18] == 0 and course[8] == 1
        assert (np.diff(course[4:9]) > 0).all() and (np.diff(course[8:19]) < 0).all()

    def test_blinks_and_head_stay_natural(self, case):
        truth, _ = case
        assert truth.blink.max() > 0.95 and (truth.blink > 0).mean() < 0.25
        assert np.abs(truth.pose[:, 2:]).max() < 6 and np.abs(np.degrees(truth.pose[:, 1])).max() < 2.5


def test_file_holds_the_same_truth(written, scenes):
    for layout, (video, truth) in scenes.items():
        read = load_truth(written[layout].root / "truth" / f"{video.video}.h5")
        for name, value in vars(truth).items():
            assert np.array_equal(getattr(read, name), value) if isinstance(value, np.ndarray) else True
        assert read.events == truth.events and read.au_names == truth.au_names and read.origin == truth.origin


@pytest.mark.parametrize("layout", ["casme_sq", "samm_lv"])
def test_largest_displacement_of_every_default_expression(layout):
    for video in plan_corpus(layout).videos:
        truth = build_scene(video, layout, 0)
        for event in truth.events:
            low, high = (0.3, 1.5) if event.kind == "micro" else (3.0, 8.0)
            largest = np.linalg.norm(truth.expression(event.apex - 1), axis=-1).max()
            assert low <= largest <= high, (video.video, event)
