"""DTSCNN: sizes that are known of its streams, and the vectors for the support vector machine."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mezoo.errors import ConfigError
from mezoo.models import create
from mezoo.models.dtscnn import DTSCNN, Stream


def n_convolution(stream: nn.Module) -> list[int]:
    return [sum(p.numel() for p in layer.parameters()) for layer in stream.children()]


def test_numbers_of_parameters():
    common = [13_856, 55_360, 295_040]
    assert n_convolution(Stream(n_frames=64)) == [3_472, *common]
    assert sum(n_convolution(Stream(n_frames=64))) == 367_728
    assert sum(n_convolution(Stream(n_frames=64, in_channels=2))) == 366_576
    assert n_convolution(Stream(n_frames=128)) == [6_928, *common]
    assert sum(n_convolution(Stream(n_frames=128))) == 371_184


@pytest.mark.parametrize(
    ("n_frames", "layers"),
    [(64, ((8, 3, 3), (4, 2, 2), (2, 1, 1))), (128, ((16, 3, 3), (8, 2, 2), (4, 1, 1)))],
)
def test_time_ends_at_one_step(n_frames, layers):
    stream = Stream(n_frames=n_frames)
    assert (stream.conv1.kernel_size, stream.conv1.stride, stream.conv1.padding) == layers
    shapes = []
    for layer in stream.children():
        layer.register_forward_hook(lambda _, __, out: shapes.append(tuple(out.shape[1:])))
    with torch.no_grad():
        assert stream(torch.randn(1, 3, n_frames, 128, 128)).shape == (1, 128, 4, 4)  # 2048
    assert shapes == [(16, 16, 64, 64), (32, 16, 32, 32), (64, 8, 16, 16), (128, 1, 8, 8)]


def test_full_size_reads_2048_numbers_per_stream():
    model = DTSCNN()
    assert [(layer.in_features, layer.out_features) for layer in model.hidden] == [(2048, 1024)] * 2
    assert (model.head.in_features, model.head.out_features) == (2048, 4)
    assert create("dtscnn64").head.in_features == create("dtscnn128").head.in_features == 1024
    assert create("dtscnn64").streams[0].conv1.kernel_size[0] == 8
    assert create("dtscnn128").streams[0].conv1.kernel_size[0] == 16


def test_features_have_length_one_and_see_each_stream():
    torch.manual_seed(0)
    model = DTSCNN(n_frames=(32, 64), size=32, width=4, hidden=16).eval()
    clips = torch.randn(3, 3, 32, 32, 32), torch.randn(3, 3, 64, 32, 32)
    vectors = model.features(*clips)
    assert vectors.shape == (3, 32)
    assert torch.allclose(vectors.norm(dim=1), torch.ones(3))
    other = model.features(clips[0], torch.randn(3, 3, 64, 32, 32))
    first, second = (nn.functional.normalize(found[:, :16]) for found in (vectors, other))
    assert torch.allclose(first, second, atol=1e-5)
    assert not torch.allclose(other[:, 16:], vectors[:, 16:])


def test_wrong_length():
    for n_frames in (16, 48, 0):
        with pytest.raises(ConfigError, match=f"{n_frames} frame pairs"):
            Stream(n_frames=n_frames)
