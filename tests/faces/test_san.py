"""SAN: peaks and crops by construction, published files, following a face, and the reference numbers."""

from __future__ import annotations

import argparse
import json
import sys
import types

import numpy as np
import pytest
import torch
from published_weights import relative_error

from mezoo.errors import ConfigError
from mezoo.faces.landmarks import face_box
from mezoo.faces.published import read_weights
from mezoo.faces.san import San, SanTracker, tight_box
from mezoo.faces.san_net import SAN
from mezoo.faces.san_peaks import cut_face, find_peaks, to_picture


@pytest.fixture(scope="module")
def san(san_file) -> San:
    return San(san_file)


def gaussians(centres: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Training targets of SAN: peaks of 4 px around centres (N, 2) in px, read at cell centres."""
    y, x = np.mgrid[: shape[0], : shape[1]] * 8 + 3.5
    squared = (x - centres[:, 0, None, None]) ** 2 + (y - centres[:, 1, None, None]) ** 2
    return np.exp(-squared / 32).astype(np.float32)


class TestPeaks:
    def test_point_between_cells(self):
        centres = np.random.default_rng(0).uniform(32, 95, (60, 2))
        points, scores = find_peaks(gaussians(centres, (16, 16)))
        assert np.abs(points - centres).max() < 0.5
        # the nearest cell centre is at most 4 px away in x and in y
        assert (scores >= np.exp(-1)).all() and points.shape == (60, 2)

    def test_other_sampling_pulls_points_across_the_picture(self):
        centres = np.stack([np.linspace(32, 95, 20), np.full(20, 63.5)], 1)
        points, _ = find_peaks(gaussians(centres, (16, 16)), align_corners=False)
        pull = points[:, 0] - centres[:, 0]
        assert pull[0] > 1 and pull[-1] < -1 and np.abs(pull).max() < 4.5

    def test_nothing_above_zero_is_the_highest_cell(self):
        maps = np.full((2, 3, 9, 11), -1, np.float32)
        maps[1, 2, 6, 4] = -0.5
        points, scores = find_peaks(maps)
        np.testing.assert_allclose(points[1, 2], (4 * 8 + 3.5, 6 * 8 + 3.5))
        assert scores[1, 2] == -0.5 and scores.shape == (2, 3)


class TestCrop:
    def test_margin_is_clipped_to_the_picture(self):
        picture = np.zeros((100, 200, 3), np.uint8)
        face, outer = cut_face(picture, np.array([-10.0, 20.5, 90.0, 60.5]))
        assert outer.tolist() == [0, 12, 110, 69] and face.shape == (128, 128, 3)
        _, outer = cut_face(picture, np.array([210.0, 20.0, 260.0, 60.0]))
        assert outer[0] == 199 and outer[2] == 200  # no empty crop, whatever the detector says

    def test_shrinking_averages(self):
        stripes = np.tile(np.array([0, 200], np.uint8), (256, 128))
        face, _ = cut_face(stripes, np.array([0, 0, 256, 256.0]))
        assert np.abs(face[:, 1:-1].astype(int) - 100).max() <= 1

    def test_points_go_back_to_the_picture(self):
        outer = np.array([10, 20, 10 + 256, 20 + 64])
        np.testing.assert_allclose(to_picture(np.array([[0, 0], [64, 128.0]]), outer), [[10, 20], [138, 84]])


class TestSan:
    @pytest.mark.parametrize(("swap", "values"), [(False, (1, -1, -0.6)), (True, (-0.6, -1, 1))])
    def test_colours(self, san_file, swap, values):
        predictor, seen = San(san_file, swap_colours=swap), []
        predictor._network.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
        predictor.points([np.full((60, 60, 3), (255, 0, 51), np.uint8)], [np.array([10, 10, 50, 50.0])])
        np.testing.assert_allclose(seen[0][0, :, 5, 7], values, atol=1e-6)

    def test_a_batch_is_picture_by_picture(self, san):
        pictures = np.random.default_rng(0).integers(0, 255, (2, 70, 90, 3), np.uint8)
        boxes = [np.array([10, 10, 60, 60.0]), np.array([30, 5, 80, 65.0])]
        points, scores = san.points(pictures, boxes)
        assert points.shape == (2, 68, 2) and scores.shape == (2, 68) and points.dtype == np.float32
        alone = [san.points([picture], [box])[0][0] for picture, box in zip(pictures, boxes, strict=True)]
        np.testing.assert_allclose(points, alone, atol=1e-2)

    def test_settle_looks_twice(self, san):
        picture = np.random.default_rng(0).integers(0, 255, (80, 80), np.uint8)
        box = np.array([20, 20, 60, 60.0])
        first = san.points([picture], [box])[0][0]
        np.testing.assert_array_equal(
            san.settle(picture, box), san.points([picture], [tight_box(first)])[0][0]
        )


class TestFile:
    def test_settings_in_the_published_file_are_no_obstacle(self, tmp_path, monkeypatch):
        """The authors' file holds an object of a class of theirs; the file is read without that class."""
        module = types.ModuleType("models.model_utils")
        module.ModelConfig = type("ModelConfig", (), {"__module__": "models.model_utils"})
        monkeypatch.setitem(sys.modules, "models", types.ModuleType("models"))
        monkeypatch.setitem(sys.modules, "models.model_utils", module)
        settings = argparse.Namespace(modelconfig=module.ModelConfig(), epochs=50)
        settings.modelconfig.pts_num = 69
        for new in (True, False):
            content = {
                "epoch": 49,
                "args": settings,
                "state_dict": {"module.a": torch.ones(2)},
                "optimizer": {},
            }
            torch.save(content, tmp_path / "x.tar", _use_new_zipfile_serialization=new)
            with monkeypatch.context() as without:
                without.delitem(sys.modules, "models.model_utils")
                assert list(read_weights(tmp_path / "x.tar", "SAN")) == ["a"]

    def test_weights_of_another_network(self, retinaface_file):
        with pytest.raises(ConfigError, match="weights of SAN that do not match"):
            San(retinaface_file("mobilenet"))


class TestTracker:
    """A face of known landmarks that moves; SAN and detector know its place from the grey level of the frame."""

    PATH = np.array(
        [[0, 0], [1, 0], [2, 1], [3, 1], [40, 5], [41, 5], [42, 6], [0, 0], [43, 6], [44, 6]], float
    )
    ABSENT, DISTORTED = 7, 5

    class MadeSan:
        def __init__(self, start):
            self.start, self.calls = start, 0

        def points(self, crops, boxes):
            self.calls += 1
            found = []
            for crop, box in zip(crops, boxes, strict=True):
                at = int(crop[0, 0])
                points = self.start + TestTracker.PATH[at]
                if at == TestTracker.DISTORTED:
                    points = points * [1, -1] + [0, 200]
                found.append(points + 0.001 * box[0])  # points follow the box a little
            return np.array(found, np.float32), None

        def settle(self, crop, box):
            return self.points([crop], [box])[0][0]

    class MadeDetector:
        def __init__(self, start):
            self.start = start

        def confirm(self, crops, side):
            numbers = [int(crop[0, 0]) for crop in crops]
            boxes = [face_box(self.start + TestTracker.PATH[n]) for n in numbers]
            return [[] if n == TestTracker.ABSENT else [box] for n, box in zip(numbers, boxes, strict=True)]

    @pytest.fixture
    def start(self):
        """A plain face, 60 px wide."""
        y = {"jaw": 110, "brows": 60, "nose": 80, "eyes": 70, "mouth": 95}
        parts = [("jaw", 17, 60, 60), ("brows", 10, 60, 50), ("nose", 9, 60, 10)]
        points = [
            np.stack([np.linspace(x - w / 2, x + w / 2, n), np.full(n, y[k])], 1) for k, n, x, w in parts
        ]
        eyes = [
            np.stack([np.linspace(a, a + 15, 6)[[0, 1, 2, 5, 4, 3]], np.full(6, 70)], 1) for a in (38, 67)
        ]
        mouth = np.stack([np.linspace(45, 75, 20), np.linspace(93, 97, 20)], 1)
        return np.concatenate([*points, *eyes, mouth]).astype(np.float32)

    def follow(self, start, size):
        tracker = SanTracker(start, self.MadeSan(start), self.MadeDetector(start))
        crops = [np.full((200, 200), n, np.uint8) for n in range(len(self.PATH))]
        return [found for at in range(0, len(crops), size) for found in tracker.steps(crops[at : at + size])]

    def test_points_of_every_frame(self, start):
        found = self.follow(start, 1)
        assert [n for n, points in enumerate(found) if points is None] == [self.DISTORTED, self.ABSENT]
        for place, points in zip(self.PATH, found, strict=True):
            if points is not None:
                np.testing.assert_allclose(points, start + place, atol=0.2)

    @pytest.mark.parametrize("size", [2, 3, 8, 10])
    def test_batches_change_nothing(self, start, size):
        for many, one in zip(self.follow(start, size), self.follow(start, 1), strict=True):
            np.testing.assert_array_equal(many, one)

    def test_the_box_stays_while_the_face_does(self, start):
        found = self.follow(start, 8)
        first = 0.001 * tight_box(start)[0]
        for n in range(4):
            np.testing.assert_allclose(found[n] - start - self.PATH[n], first, atol=1e-4)
        moved = 0.001 * tight_box(found[4])[0]
        for n in (6, 8, 9):
            np.testing.assert_allclose(found[n] - start - self.PATH[n], moved, atol=1e-4)
        assert abs(moved - first) > 0.01


@pytest.fixture(scope="module")
def expected(shared):
    with np.load(shared / "oracles" / "san" / "forward.npz") as arrays:
        return dict(arrays)


class TestReference:
    def test_names_of_the_published_file(self, shared):
        keys = json.loads((shared / "oracles" / "san" / "keys.json").read_text())["san_itn_cpm"]
        with torch.device("meta"):
            state = SAN().state_dict()
        assert {name: list(value.shape) for name, value in state.items()} == keys

    def test_network(self, expected, san):
        values, network = torch.from_numpy(expected["net_input"]), san._network
        with torch.inference_mode():
            maps = network(values)
            drawn, vgg = network.netG_A(values), network.features(values).double().numpy().ravel()
        names = ("aggregated_image", "stage1_original", "stage1_aggregated", "stage2", "stage3")
        for name, value in [*zip(names, maps, strict=True), ("netG_A_image", drawn)]:
            assert relative_error(value, expected[name]) < 5e-5, name
        sums = [vgg.sum(), np.abs(vgg).sum(), (vgg * np.arange(vgg.size)).sum() / vgg.size]
        assert relative_error(sums, expected["vgg_features_stats"]) < 5e-5

    @pytest.mark.parametrize("align_corners", [True, False])
    @pytest.mark.parametrize("kind", ["net", "heatmap"])
    def test_peaks(self, expected, kind, align_corners):
        maps = expected["stage3"][0] if kind == "net" else expected["heatmaps"]
        points, scores = find_peaks(maps, align_corners=align_corners)
        name = f"{kind}_locations_align_corners_{str(align_corners).lower()}"
        np.testing.assert_allclose(points, expected[name], atol=1e-3, rtol=0)
        np.testing.assert_array_equal(scores, expected[f"{kind}_scores"])

    @pytest.mark.parametrize("k", [0, 1, 2])
    def test_crops(self, expected, k):
        face, outer = cut_face(expected["image"], expected["boxes"][k])
        sides = [outer[2] - outer[0], outer[3] - outer[1]]
        np.testing.assert_array_equal([*sides, *outer], expected[f"crop{k}_wh_x1y1x2y2"])
        np.testing.assert_array_equal(face.transpose(2, 0, 1), expected[f"crop{k}_input_u8"])

    def test_whole_chain(self, expected, san_file):
        official = San(san_file, align_corners=False)
        points, scores = official.points([expected["image"]] * 2, expected["boxes"][:2])
        for k in (0, 1):
            floats = expected[f"detect{k}_points_float"]
            np.testing.assert_allclose(points[k], floats, atol=0.01, rtol=0)
            clear = np.abs(np.abs(floats % 1) - 0.5) > 0.01
            np.testing.assert_array_equal(np.rint(points[k])[clear], expected[f"detect{k}_points_int"][clear])
            assert relative_error(scores[k], expected[f"detect{k}_scores"]) < 5e-5
