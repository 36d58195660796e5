"""Images of flow: the crop and bytes of the official code, the frames of its schedule, and known motion."""

from __future__ import annotations

import numpy as np
import pytest
from motion.conftest import face_points, write_faces, write_labels

from mezoo.artifact import Artifact
from mezoo.catalog_items import read_events
from mezoo.errors import DataError
from mezoo.inputs import input_names, request
from mezoo.inputs.clip import Clip
from mezoo.inputs.slstt_images import cut, face_window, flow_images
from mezoo.interpolate.linear import render_linear

__all__ = ["face_points", "write_faces", "write_labels"]


@pytest.fixture(scope="module")
def official(shared):
    with np.load(shared / "oracles/slstt/oracle.npz") as stored:
        return {
            name: stored[name] for name in stored.files if name.startswith(("crop_", "chain_", "schedule_"))
        }


def window_of(landmarks):
    """Window of the drawn landmarks of the reference numbers, which get the jaw of a face."""
    points = landmarks.copy()
    points[[0, 16], 0] = [0, 2 * points[8, 1] - points[19, 1] - points[57, 1]]
    return face_window(points)


def test_parity_of_the_crop(official):
    for landmarks, rows_and_columns in zip(official["crop_landmarks"], official["crop_rect"], strict=True):
        assert window_of(landmarks) == tuple(rows_and_columns.tolist())


def test_parity_from_frames_to_images(official):
    window = window_of(official["chain_landmarks"])
    blue_heavy = np.array([0.299, 0.587, 0.114])  # the code's grey of blue, green, red
    pictures = np.stack([official["chain_onset"], official["chain_frame"]])
    grey = cut(np.rint(pictures @ blue_heavy).astype(np.uint8), window)
    for found, name in zip(grey, ("chain_gray_onset", "chain_gray_frame"), strict=True):
        assert np.abs(found.astype(int) - official[name]).max() <= 1  # OpenCV rounds in fixed point
    images = flow_images(official["chain_gray_onset"], official["chain_gray_frame"][None], size=81)
    expected = official["chain_bgr"][..., ::-1].transpose(2, 0, 1).astype(int)
    np.testing.assert_allclose(images[0].astype(int), expected, rtol=0, atol=2)


@pytest.fixture
def make(tmp_path, write_faces, write_labels):
    """Give the array of the first event of a made video, and the frames and landmarks that it came of."""

    def make(event, size=48, **video):
        write_faces(tmp_path / "faces.h5", **{"n_frames": 24} | video)
        write_labels(tmp_path / "labels.csv", event)
        with Artifact(tmp_path / "faces.h5") as faces:
            (record,) = read_events(tmp_path / "labels.csv")
            images = request(f"slstt_images-{size}").make(Clip(record, {"faces": faces}))
            return images, faces["frames"][:], faces["landmarks"][:]

    return make


def test_content(make):
    images, frames, landmarks = make((3, 12, 22))
    assert images.dtype == np.uint8 and images.shape == (11, 3, 48, 48)
    window = face_window(landmarks[11])  # frame 12 is the apex, position 11
    chosen = cut(frames[6:17], window)  # frames 7 ... 17
    np.testing.assert_array_equal(images, flow_images(cut(frames[2:3], window)[0], chosen, size=48))


def test_missing_frames_are_blended(make):
    # window 5 ... 12 holds eight frames: three gaps in the middle (of 4 = 8 // 2 - 3 // 2 + 1) get one more each
    images, frames, landmarks = make((2, 10, 12))
    window = face_window(landmarks[9])
    positions = np.array([4, 5, 6, 7, 7.5, 8, 8.5, 9, 9.5, 10, 11])
    chosen = render_linear(cut(frames, window), positions)
    np.testing.assert_array_equal(images, flow_images(cut(frames[1:2], window)[0], chosen, size=48))


def test_frames_are_those_of_the_official_code(official, monkeypatch, tmp_path, write_faces, write_labels):
    """The grey level of each frame is its number, so that what reaches the flow tells the times."""
    seen = []
    monkeypatch.setattr(
        "mezoo.inputs.slstt_images.flow_images",
        lambda onset, frames, *, size: seen.append((onset.mean(), frames.mean((1, 2)))),
    )
    monkeypatch.setattr("mezoo.interpolate.linear.render_linear", _exact)
    write_faces(tmp_path / "faces.h5", n_frames=2)
    rows = official["schedule_rows64"]
    for k, (onset, apex, offset, status, _) in enumerate(official["schedule_triples"].tolist()):
        write_labels(tmp_path / "labels.csv", (onset, apex, offset))
        (record,) = read_events(tmp_path / "labels.csv")
        clip = Clip(record, {"faces": Numbered(tmp_path / "faces.h5", min(onset, apex), offset)})
        if status == 0:
            with pytest.raises(DataError, match="not after the onset"):
                request("slstt_images-32").make(clip)
            continue
        request("slstt_images-32").make(clip)
        reference, times = seen.pop()
        assert reference == onset
        expected = rows[rows[:, 0] == k, 4] if status == 1 else np.full(11, offset)
        np.testing.assert_array_equal(times, expected)


class Numbered:
    """A faces artifact from one frame to another; every pixel of a frame is its number."""

    def __init__(self, path, first, last):
        numbers = np.arange(first, last + 1)
        with Artifact(path) as faces:
            landmarks = faces["landmarks"][0]
        self._arrays = {
            "frames": np.broadcast_to(numbers[:, None, None].astype(float), (len(numbers), 160, 160)),
            "landmarks": np.broadcast_to(landmarks, (len(numbers), 68, 2)),
            "index": numbers,
            "valid": np.ones(len(numbers), bool),
        }

    def __getitem__(self, name):
        return self._arrays[name]


def _exact(frames, positions):
    """Blend without rounding to grey levels, for frames that are numbers."""
    low = np.floor(positions).astype(int)
    share = (positions - low)[:, None, None]
    return frames[low] * (1 - share) + frames[np.minimum(low + 1, len(frames) - 1)] * share


def test_the_direction_of_known_motion_is_the_hue(moving_still):
    onset, right = moving_still(2, 0)
    image = flow_images(onset, right[None], size=64)[0]
    assert np.median(image[0]) > 150 and np.median(image[1:]) < 60  # to the right: red
    onset, below = moving_still(0, 2)
    down = flow_images(onset, below[None], size=64)[0]
    assert np.median(down[1]) > 150 and np.median(down[2]) < 60  # down, 90 degrees: green with some red


@pytest.fixture
def moving_still():
    """Make (onset, frame) of a texture that moves as a whole by whole pixels."""

    def make(dx, dy):
        rng = np.random.default_rng(0)
        rough = np.kron(rng.uniform(0, 255, (20, 20)), np.ones((6, 6)))
        smooth = rough
        for axis in (0, 1):
            smooth = sum(np.roll(smooth, k, axis) for k in range(-4, 5)) / 9
        texture = np.rint(smooth).astype(np.uint8)
        return texture[20:84, 20:84], texture[20 - dy : 84 - dy, 20 - dx : 84 - dx]

    return make


def test_every_frame_is_stretched_however_little_moves(moving_still):
    """As in the official code; not even frames that are equal stay dark."""
    onset, moved = moving_still(2, 0)
    little = np.rint(0.95 * onset.astype(float) + 0.05 * moved).astype(np.uint8)
    images = flow_images(onset, np.stack([little, moved]), size=64)
    assert images.max((1, 2, 3)).min() >= 254  # truncated


class TestWindow:
    def test_by_hand(self, face_points):
        points = face_points(200)
        points[[8, 19, 57, 30]] = [[100, 180], [70, 50], [100, 150], [101, 110]]
        # side 130 + 30 = 160: rows 110 -+ 80, columns 101 -+ 80
        assert face_window(points) == (30, 190, 21, 181)

    def test_both_bounds_are_rounded_down(self, face_points):
        points = face_points(200)
        points[[8, 19, 57, 30]] = [[100, 180], [70, 51], [100, 150], [101, 110]]  # side 159
        assert face_window(points) == (30, 189, 21, 180)

    def test_no_face(self, face_points):
        points = face_points(200)
        points[8, 1] = points[19, 1] + 20
        with pytest.raises(DataError, match="proportions of a face"):
            face_window(points)

    def test_beyond_the_frame_its_border_is_repeated(self):
        frames = np.arange(2 * 4 * 5).reshape(2, 4, 5)
        wide = cut(frames, (-2, 5, 3, 7))
        np.testing.assert_array_equal(wide, np.pad(frames, [(0, 0), (2, 1), (0, 2)], "edge")[:, :, 3:])
        np.testing.assert_array_equal(cut(frames, (1, 3, 0, 2)), frames[:, 1:3, :2])


class TestUnusable:
    def test_no_face_at_the_apex(self, make):
        valid = np.ones(24, bool)
        valid[11] = False
        with pytest.raises(DataError, match="no valid face in frame 12"):
            make((3, 12, 22), valid=valid)

    def test_a_face_lost_elsewhere_does_no_harm(self, make):
        valid = np.zeros(24, bool)
        valid[11] = True
        assert np.array_equal(make((3, 12, 22), valid=valid)[0], make((3, 12, 22))[0])

    @pytest.mark.parametrize("event", [(3, 3, 9), (3, 9, 8), (3, 30, 40)])
    def test_impossible_frames(self, make, event):
        with pytest.raises(DataError):
            make(event)


def test_without_an_apex_the_middle_frame_is_taken(make):
    assert np.array_equal(make((3, None, 22))[0], make((3, 12, 22))[0])


def test_names():
    assert {"slstt_images-SIZE", "slstt_tokens-DIM"} <= set(input_names())
    assert request("slstt_images-384").shape == (11, 3, 384, 384)
    tokens = request("slstt_tokens-768")
    assert tokens.shape == (11, 768) and tokens.stages == ("slstt_tokens-768",)
