from __future__ import annotations

import json

import numpy as np
import pytest

from mezoo.models.auwgcn_clips import channel_statistics, has_expression, normalise, pad_context, segment


def test_segment_by_hand():
    clips = segment(np.arange(1, 8), clip=3, context=1)
    assert clips.tolist() == [[0, 1, 2, 3, 4], [3, 4, 5, 6, 7], [6, 7, 0, 0, 0]]


@pytest.mark.parametrize(("frames", "clips"), [(0, 0), (1, 1), (256, 1), (257, 2), (512, 2)])
def test_segment_cardinality(frames, clips):
    assert segment(np.zeros((frames, 12, 2), np.float32)).shape == (clips, 270, 12, 2)


def test_segment_gives_every_frame_once():
    video = np.arange(700)[:, None] + np.zeros((1, 3))
    inner = segment(video)[:, 7:-7].reshape(-1, 3)
    assert np.array_equal(inner[:700], video) and not inner[700:].any()


def test_pad_context():
    assert pad_context(np.array([[1.0], [2.0]]), context=2).tolist() == [[0], [0], [1], [2], [0], [0]]


def test_has_expression_looks_at_both_types_and_the_context():
    labels = np.zeros((4, 270, 8), int)
    labels[0, 2, 3] = labels[1, 130, 7] = 1
    labels[2, 100, 1] = 1  # an apex mark alone is no action
    assert has_expression(labels).tolist() == [True, True, False, False]


def test_channel_statistics_pool_frames():
    rng = np.random.default_rng(0)
    videos = [rng.normal([1, -2], [3, 0.5], (n, 12, 2)).astype(np.float32) for n in (10, 300)]
    mean, std = channel_statistics(videos)
    every = np.concatenate(videos).reshape(-1, 2).astype(float)
    np.testing.assert_allclose(mean, every.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(std, every.std(axis=0), rtol=1e-6)
    pooled = np.concatenate([normalise(v, mean=mean, std=std) for v in videos]).reshape(-1, 2)
    np.testing.assert_allclose([pooled.mean(axis=0), pooled.std(axis=0)], [[0, 0], [1, 1]], atol=1e-5)


@pytest.mark.parametrize("videos", [[], [np.zeros((5, 12, 2))], [np.full((5, 12, 2), np.nan)]])
def test_channel_statistics_exception(videos):
    with pytest.raises(ValueError, match="channel"):
        channel_statistics(videos)


def test_parity_with_official_features(shared):
    oracle = np.load(shared / "oracles" / "auwgcn" / "target_oracle.npz")
    result = normalise(oracle["input_feature"])
    assert result.dtype == np.float32 and np.array_equal(result, oracle["feature"])


def test_parity_with_official_clip_count(shared):
    oracle = json.loads((shared / "oracles" / "auwgcn" / "segment_label_oracle.json").read_text())
    for video in oracle.values():
        running = np.arange(video["frames"])[:, None, None] / 1000 + np.zeros((1, 12, 2))
        clips = segment(running)
        assert len(clips) == len(video["files"]) and list(clips.shape[1:]) == video["clip_shape"]
        assert clips[0, :8, 0, 0].tolist() == video["first_feat_row"]
