"""Class tokens computed once: equal to the network on the images, event by event, with what made them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from motion.conftest import face_points, write_faces, write_labels

from mezoo.artifact import Artifact, digest
from mezoo.catalog_items import read_events
from mezoo.errors import ConfigError, DataError
from mezoo.inputs import request
from mezoo.inputs.clip import Clip
from mezoo.learning.slstt_tokens import class_tokens, load_encoder, slstt_tokens_file, small_encoder
from mezoo.models.layers.vit import LAYOUTS, ViT, ViTLayout
from mezoo.motion.features.flow_hsv import flow_hsv

__all__ = ["face_points", "write_faces", "write_labels"]
TINY = ViTLayout(size=32, patch=8, dim=16, mlp_dim=24, n_heads=2, n_blocks=2)


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """File of weights as published, classifier included, of a tiny network in the place of ViT-B/16."""
    monkeypatch.setitem(LAYOUTS, "b16_384", TINY)
    torch.manual_seed(5)
    state = ViT(TINY).state_dict() | {"fc.weight": torch.zeros(10, 16), "fc.bias": torch.zeros(10)}
    torch.save(state, tmp_path / "B_16.pth")
    return tmp_path / "B_16.pth"


def images(n=3, size=64):
    return np.random.default_rng(0).integers(0, 256, (n, 11, 3, size, size), np.uint8)


class TestClassTokens:
    @pytest.mark.parametrize("batch", [1, 7, 11, 100])
    def test_equal_to_the_network_image_by_image(self, batch):
        encoder, given = load_encoder(), images()
        found = class_tokens(given, encoder, batch=batch)
        assert found.shape == (3, 11, 64) and found.dtype == np.float32
        mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
        one = (given[1, 4] / 255 - mean[:, None, None]) / std[:, None, None]
        with torch.no_grad():
            expected = encoder.network(torch.tensor(one[None], dtype=torch.float32))[0]
        np.testing.assert_allclose(found[1, 4], expected, rtol=0, atol=1e-4)

    def test_pixels_count(self):
        half = class_tokens(images(1), load_encoder(pixels="half"))
        assert np.abs(half - class_tokens(images(1), load_encoder())).max() > 1e-3

    def test_read_only_and_mapped_images(self, tmp_path):
        np.save(tmp_path / "images.npy", images(2))
        mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
        encoder = load_encoder()
        assert np.array_equal(class_tokens(mapped, encoder), class_tokens(images(2), encoder))

    @pytest.mark.parametrize("wrong", [images(1).astype(np.float32), images(1)[0], images(1, size=32)])
    def test_wrong_images(self, wrong):
        with pytest.raises(ConfigError, match="64"):
            class_tokens(wrong, load_encoder())


class TestEncoder:
    def test_the_small_one_is_known_to_be_untrained(self):
        encoder = load_encoder(seed=3)
        assert encoder.provenance == {"layout": "small", "trained": False, "seed": 3, "pixels": "imagenet"}
        assert encoder.images == "slstt_images-64" and not encoder.network.training
        assert not any(p.requires_grad for p in encoder.network.parameters())

    def test_the_seed_alone_decides_its_weights(self):
        torch.manual_seed(1)
        first, state = small_encoder(0).state_dict(), torch.get_rng_state()
        torch.manual_seed(2)
        again, other = small_encoder(0).state_dict(), small_encoder(1).state_dict()
        assert all(torch.equal(first[name], again[name]) for name in first)
        assert not torch.equal(first["patch_embedding.weight"], other["patch_embedding.weight"])
        torch.manual_seed(1)
        assert torch.equal(state, torch.get_rng_state())  # and it leaves the generator of others alone

    def test_the_place_of_a_pattern_reaches_the_token(self):
        given = np.zeros((1, 11, 3, 64, 64), np.uint8)
        given[0, 0, :, :16, :16] = given[0, 1, :, 48:, 32:48] = 255
        tokens = class_tokens(given, load_encoder())[0]
        assert np.abs(tokens[0] - tokens[1]).mean() > 0.1 * np.abs(tokens[0] - tokens[2]).mean()

    def test_tokens_of_flow_differ_rather_than_share_a_mean(self):
        y, x = np.mgrid[:64, :64].astype(np.float32) / 64 - 0.5
        blobs = [np.exp(-((x - a) ** 2 + (y - b) ** 2) / 0.02) for a in (-0.3, 0, 0.3) for b in (-0.3, 0.3)]
        flows = [np.stack([c * blob, s * blob], -1) for blob in blobs for c, s in ((1, 0), (0, 1), (-1, -1))]
        given = np.stack([flow_hsv(flow, value="frame") for flow in flows]).transpose(0, 3, 1, 2)
        tokens = class_tokens(given[:, None], load_encoder())[:, 0]
        assert tokens.std(0).mean() > 0.5 * np.abs(tokens.mean(0)).mean()

    def test_a_published_file(self, weights):
        encoder = load_encoder(weights)
        assert encoder.provenance == {
            "layout": "b16_384",
            "trained": True,
            "weights": "B_16.pth",
            "digest": digest(weights),
            "pixels": "imagenet",
        }
        for name, value in torch.load(weights, weights_only=True).items():
            if not name.startswith("fc."):
                assert torch.equal(encoder.network.state_dict()[name], value)

    def test_refused(self, weights, tmp_path):
        with pytest.raises(ConfigError, match="no file of transformer weights"):
            load_encoder(tmp_path / "absent.pth")
        (tmp_path / "text.pth").write_text("no weights")
        with pytest.raises(ConfigError, match="transformer weights cannot be read"):
            load_encoder(tmp_path / "text.pth")
        state = torch.load(weights, weights_only=True)
        del state["norm.bias"]
        torch.save(state, weights)
        with pytest.raises(ConfigError, match="do not match.*norm.bias"):
            load_encoder(weights)
        with pytest.raises(ConfigError, match="pixels 'full'"):
            load_encoder(pixels="full")


@pytest.fixture
def run(tmp_path, write_faces, write_labels):
    """Write faces and labels, run the stage and open its artifact."""

    def run(*events, **options):
        write_faces(tmp_path / "faces.h5", n_frames=24)
        write_labels(tmp_path / "labels.csv", *events)
        slstt_tokens_file(
            tmp_path / "faces.h5", tmp_path / "labels.csv", tmp_path / "out.h5", accelerator="cpu", **options
        )
        return Artifact(tmp_path / "out.h5")

    return run


def test_stage(run, tmp_path):
    with run((3, 12, 22), (4, 4, 9), (2, 10, 12)) as out:
        assert out.ok and out.stage == "slstt_tokens" and out.attrs["fps"] == 30
        assert out.params == load_encoder().provenance
        assert out["valid"][:].tolist() == [True, False, True]
        assert json.loads(out.attrs["events"]) == ["e0", "e1", "e2"]
        assert [bool(reason) for reason in json.loads(out.attrs["reasons"])] == [False, True, False]
        assert out["apex"][:].tolist() == [12, 4, 10] and out["reference"][:].tolist() == [3, -1, 2]
        tokens = out["tokens"]
        assert tokens.shape == (3, 11, 64) and tokens.dtype == np.float32 and not tokens[1].any()
        out.verify()
        events = read_events(tmp_path / "labels.csv")
        with Artifact(tmp_path / "faces.h5") as faces:
            given = np.stack(
                [request("slstt_images-64").make(Clip(events[k], {"faces": faces})) for k in (0, 2)]
            )
        np.testing.assert_allclose(tokens[[0, 2]], class_tokens(given, load_encoder()), rtol=0, atol=1e-5)
        wanted = request("slstt_tokens-64")
        clips = [Clip(event, {"slstt_tokens-64": out}) for event in events]
        assert np.array_equal(wanted.make(clips[2]), tokens[2])
        with pytest.raises(DataError, match="not after the onset"):
            wanted.make(clips[1])


def test_stage_with_a_file(run, weights):
    with run((3, 12, 22), weights=weights) as out:
        assert out["tokens"].shape == (1, 11, 16)
        assert out.lineage["slstt_tokens"]["digest"] == digest(weights)


def test_a_video_without_a_usable_expression_fails(run):
    with run((4, 4, 9)) as out:
        assert not out.ok and "none of 1 events" in out.reason


def test_a_video_without_expressions(run):
    with run() as out:
        assert out.ok and out["tokens"].shape == (0, 11, 64)
