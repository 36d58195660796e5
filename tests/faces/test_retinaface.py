"""RetinaFace: boxes by construction, published files, and the reference numbers of the official code."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from published_weights import relative_error

from mezoo.artifact import Artifact
from mezoo.errors import ConfigError
from mezoo.faces import faces
from mezoo.faces.retinaface import RetinaFaceDetector
from mezoo.faces.retinaface_boxes import decode_boxes, decode_points, priors, strongest
from mezoo.faces.retinaface_net import RetinaFace
from mezoo.video import write_mp4

SHAPE = (128, 160)


def statistics(maps: torch.Tensor) -> np.ndarray:
    """Sum, absolute sum, and sum weighted by the place."""
    flat = maps.double().numpy().ravel()
    return np.array([flat.sum(), np.abs(flat).sum(), (flat * np.arange(flat.size)).sum() / flat.size])


class TestBoxes:
    @pytest.mark.parametrize("shape", [(128, 160), (101, 131), (480, 640)])
    def test_priors_are_squares_around_cell_centres(self, shape):
        found = priors(shape) * np.tile(shape[::-1], 2)
        cells = [(-(-shape[0] // s), -(-shape[1] // s)) for s in (8, 16, 32)]
        assert len(found) == 2 * sum(h * w for h, w in cells)
        start = 2 * cells[0][0] * cells[0][1]  # the middle map; its second row, third cell
        at = start + 2 * (cells[1][1] + 2)
        np.testing.assert_allclose(found[at : at + 2], [(40, 24, 64, 64), (40, 24, 128, 128)], rtol=1e-5)

    def test_no_offset_is_the_prior(self):
        anchors = priors(SHAPE)
        boxes = decode_boxes(np.zeros((840, 4), np.float32), anchors, SHAPE)
        np.testing.assert_allclose((boxes[:, :2] + boxes[:, 2:]) / 2, anchors[:, :2] * (160, 128), rtol=1e-5)
        np.testing.assert_allclose(boxes[:, 2:] - boxes[:, :2], anchors[:, 2:] * (160, 128), rtol=1e-5)

    def test_boxes_survive_encoding(self):
        rng = np.random.default_rng(0)
        anchors, corner = priors(SHAPE), rng.uniform(-20, 140, (840, 2))
        boxes = np.concatenate([corner, corner + rng.uniform(5, 90, (840, 2))], 1)
        scaled = boxes / (160, 128, 160, 128)
        size = scaled[:, 2:] - scaled[:, :2]
        place = (scaled[:, :2] + size / 2 - anchors[:, :2]) / (0.1 * anchors[:, 2:])
        offsets = np.concatenate([place, np.log(size / anchors[:, 2:]) / 0.2], 1).astype(np.float32)
        np.testing.assert_allclose(decode_boxes(offsets, anchors, SHAPE), boxes, atol=1e-3)

    def test_points_move_by_a_tenth_of_the_prior(self):
        anchors = np.array([[0.5, 0.5, 0.2, 0.25]], np.float32)
        offsets = np.zeros((1, 10), np.float32)
        offsets[0, 2:4] = 1, -2
        points = decode_points(offsets, anchors, SHAPE).reshape(5, 2)
        np.testing.assert_allclose(points[0], (80, 64), rtol=1e-6)
        np.testing.assert_allclose(points[1], (80 + 3.2, 64 - 6.4), rtol=1e-6)

    def test_overlap_counts_whole_pixels(self):
        # 4 x 4 px boxes one column and one row apart: 9 / 23 = 0.39 by area, but 16 / 34 = 0.47 by pixels
        boxes = np.array([[0, 0, 4, 4], [1, 1, 5, 5], [20, 0, 24, 4], [40, 0, 44, 4]], np.float32)
        kept = strongest(boxes, np.array([0.6, 0.9, 0.02, 0.7], np.float32))
        assert kept.tolist() == [1, 3]  # 0.02 is the floor


class TestDetector:
    def test_every_cell_of_one_prior(self, retinaface_file, tmp_path):
        """With heads that read nothing, faces are where their biases say: at the small squares of the finest map."""
        file = torch.load(retinaface_file("mobilenet"), weights_only=True)
        heads = {k: torch.zeros_like(v) for k, v in file["state_dict"].items() if "Head" in k}
        for level in range(3):
            heads[f"module.ClassHead.{level}.conv1x1.bias"][:] = torch.tensor([9.0, -9.0, 9.0, -9.0])
        heads["module.ClassHead.0.conv1x1.bias"][:2] = torch.tensor([0.0, 1.0])
        torch.save(file["state_dict"] | heads, tmp_path / "made.pth")
        detector = RetinaFaceDetector(tmp_path / "made.pth")
        picture = np.random.default_rng(0).integers(0, 255, (40, 48, 3), np.uint8)
        (rows,) = detector.read([picture])
        y, x = (centre.ravel() * 8 + 4 for centre in np.mgrid[:5, :6])
        np.testing.assert_allclose(rows[:, :4], np.stack([x - 8, y - 8, x + 8, y + 8], 1), atol=1e-4)
        np.testing.assert_allclose(rows[:, 4], np.e / (1 + np.e), rtol=1e-5)
        face, best = detector.detect(picture)
        assert face.detector == "retinaface" and face.score == best
        assert np.ptp(face.box[::2]) == pytest.approx(16)

    @pytest.mark.parametrize("backbone", ["mobilenet", "resnet50"])
    def test_a_batch_is_picture_by_picture(self, retinaface_file, backbone):
        detector = RetinaFaceDetector(retinaface_file(backbone))
        pictures = np.random.default_rng(1).integers(0, 255, (2, 64, 72, 3), np.uint8)
        together, alone = detector.read(pictures), [detector.read([picture])[0] for picture in pictures]
        best, expected = ([rows[0, 4] for rows in found] for found in (together, alone))
        np.testing.assert_allclose(best, expected, rtol=1e-5)
        assert best[0] != best[1]

    def test_colours_reach_the_network_as_blue_green_red(self, retinaface_file):
        detector = RetinaFaceDetector(retinaface_file("mobilenet"))
        seen = []
        detector._network.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
        detector.read([np.full((32, 32, 3), (123, 117, 104), np.uint8)])
        assert not seen[0].any()
        detector.read([np.full((32, 32), 120, np.uint8)])  # grey: three equal channels
        np.testing.assert_array_equal(seen[1][0, :, 0, 0], [16, 3, -3])

    def test_a_video_without_a_face_says_so(self, retinaface_file, tmp_path):
        file = torch.load(retinaface_file("mobilenet"), weights_only=True)["state_dict"]
        for level in range(3):
            file[f"module.ClassHead.{level}.conv1x1.bias"][:] = torch.tensor([9.0, 6.0, 9.0, 6.0])
            file[f"module.ClassHead.{level}.conv1x1.weight"].zero_()
        torch.save(file, tmp_path / "blind.pth")
        with write_mp4(tmp_path / "v.mp4", fps=25, size=(64, 64)) as append:
            for level in (10, 200):
                append(np.full((64, 64), level, np.uint8))
        record = {"dataset": "made", "video": "v", "subject": "s", "path": str(tmp_path / "v.mp4")}
        faces(record, tmp_path / "out.h5", detector="retinaface", detector_weights=tmp_path / "blind.pth")
        with Artifact(tmp_path / "out.h5") as a:
            assert not a.ok and "best RetinaFace score 0.05, in frame" in a.reason
            assert a.params["detector"] == "retinaface" and "landmarks" not in a.params


class TestFile:
    def test_bare_keys_and_absent_counts(self, retinaface_file, tmp_path):
        state = torch.load(retinaface_file("mobilenet"), weights_only=True)["state_dict"]
        bare = {
            k.removeprefix("module."): v for k, v in state.items() if not k.endswith("num_batches_tracked")
        }
        torch.save(bare, tmp_path / "bare.pth")
        picture = np.random.default_rng(0).integers(0, 255, (48, 48, 3), np.uint8)
        found, expected = (
            RetinaFaceDetector(p).read([picture])[0]
            for p in (tmp_path / "bare.pth", retinaface_file("mobilenet"))
        )
        np.testing.assert_array_equal(found, expected)

    @pytest.mark.parametrize(
        "change", [{"fpn.extra": torch.ones(1)}, {"fpn.merge1.0.weight": torch.ones(2)}, None]
    )
    def test_any_other_key_or_shape_is_refused(self, retinaface_file, tmp_path, change):
        state = torch.load(retinaface_file("mobilenet"), weights_only=True)["state_dict"]
        state = {k.removeprefix("module."): v for k, v in state.items()}
        if change is None:
            del state["ssh3.conv7x7_3.0.weight"]
        torch.save(state | (change or {}), tmp_path / "x.pth")
        with pytest.raises(ConfigError, match="weights of RetinaFace that do not match") as caught:
            RetinaFaceDetector(tmp_path / "x.pth")
        assert "\n" not in str(caught.value)

    def test_code_in_a_file_is_not_run(self, tmp_path):
        torch.save({"state_dict": torch.nn.Linear(1, 1)}, tmp_path / "x.pth")
        (tmp_path / "text.pth").write_text("no weights")
        for name in ("x.pth", "text.pth"):
            with pytest.raises(ConfigError, match="RetinaFace weights cannot be read"):
                RetinaFaceDetector(tmp_path / name)
        with pytest.raises(ConfigError, match="no file of RetinaFace weights here"):
            RetinaFaceDetector(tmp_path / "absent.pth")


@pytest.fixture(scope="module")
def expected(shared):
    with np.load(shared / "oracles" / "retinaface" / "forward.npz") as arrays:
        return dict(arrays)


class TestReference:
    def test_names_of_the_published_file(self, shared):
        keys = json.loads((shared / "oracles" / "retinaface" / "keys.json").read_text())[
            "retinaface_resnet50"
        ]
        with torch.device("meta"):
            state = RetinaFace("resnet50").state_dict()
        assert {name: list(value.shape) for name, value in state.items()} == keys

    def test_network(self, expected, retinaface_file):
        network = RetinaFaceDetector(retinaface_file("resnet50"))._network
        maps = {}
        for name in ("body", "fpn", "ssh1", "ssh2", "ssh3"):
            network.get_submodule(name).register_forward_hook(
                lambda module, inputs, out, name=name: maps.__setitem__(name, out)
            )
        values = torch.from_numpy(expected["image_bgr"].astype(np.float32) - np.float32([104, 117, 123]))
        values = values.permute(2, 0, 1)[None]
        with torch.inference_mode():
            found = dict(zip(("loc", "class_logits", "landm"), network(values), strict=True))
            found["conf"] = found["class_logits"].softmax(-1)
            for k in (1, 2, 3):
                found[f"body_layer{k + 1}_stats"] = statistics(maps["body"][k - 1])
                found[f"fpn{k}_stats"] = statistics(maps["fpn"][k - 1])
                found[f"ssh{k}_stats"] = statistics(maps[f"ssh{k}"])
            found["body_layer4_slice"] = maps["body"][2][:, :16]
            found["ssh3_slice"] = maps["ssh3"][:, ::16]
            found["loc_101x131_stats"] = statistics(network(values[:, :, :101, :131])[0])
        for name, value in found.items():
            assert relative_error(value, expected[name]) < 5e-5, name

    @pytest.mark.parametrize("kind", ["net", "raw"])
    def test_boxes(self, expected, kind):
        raw = {"net": ("loc", "landm"), "raw": ("raw_loc", "raw_landm")}[kind]
        offsets, points = (expected[name].reshape(840, -1) for name in raw)
        scores = expected["conf"][0, :, 1] if kind == "net" else expected["raw_scores"]
        anchors = priors(SHAPE)
        np.testing.assert_array_equal(anchors, expected["priors_128x160"])
        np.testing.assert_array_equal(priors((101, 131)), expected["priors_101x131"])
        boxes, five = decode_boxes(offsets, anchors, SHAPE), decode_points(points, anchors, SHAPE)
        np.testing.assert_allclose(boxes, expected[f"{kind}_boxes"], atol=1e-3, rtol=0)
        np.testing.assert_allclose(five, expected[f"{kind}_landmarks"], atol=1e-3, rtol=0)
        assert (scores > 0.02).sum() == expected[f"{kind}_above_floor"]
        kept = strongest(boxes, scores)
        rows = np.concatenate([boxes, scores[:, None], five], 1)[kept]
        np.testing.assert_allclose(rows, expected[f"{kind}_detections"], atol=1e-3, rtol=0)
        top = expected["api_box" if kind == "net" else "raw_top_box_int"]
        np.testing.assert_array_equal(np.trunc(rows[0, :4]), top)

    def test_scores_of_raw_logits(self, expected):
        scores = torch.from_numpy(expected["raw_class_logits"]).softmax(-1)[:, 1]
        np.testing.assert_allclose(scores, expected["raw_scores"], atol=1e-6)

    def test_detector_on_the_picture(self, expected, retinaface_file):
        face, best = RetinaFaceDetector(retinaface_file("resnet50")).detect(expected["image_bgr"][:, :, ::-1])
        assert best == pytest.approx(expected["net_detections"][0, 4], abs=1e-5) and best > 0.5
        boxes = expected["net_detections"][:, :4]
        assert np.abs(boxes - face.box).max(axis=1).min() < 1e-2
