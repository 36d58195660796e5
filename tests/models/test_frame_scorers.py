"""SOFTNet, MEAN, MTSN and SMEConvNet: layers as counted in their codes, shapes that are refused, losses by hand."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from mezoo.models.mean import MEAN
from mezoo.models.mtsn import MTSN
from mezoo.models.smeconvnet import SMEConvNet
from mezoo.models.softnet import SOFTNet


def size(network, *, buffers=False):
    parts = list(network.parameters())
    if buffers:
        parts += [value for name, value in network.named_buffers() if "running" in name]
    return sum(part.numel() for part in parts)


def test_sizes():
    """SOFTNet and MEAN as their codes print them; MTSN from its layers: 416 + 512 x 128 + 128 + 129."""
    assert size(SOFTNet()) == 314_817
    assert size(MEAN(), buffers=True) == 3_621
    assert size(MTSN()) == 416 + 512 * 128 + 128 + 129


def test_smeconvnet_has_the_layers_of_the_account():
    network = SMEConvNet()
    convolutions = [module for module in network.convolutions if isinstance(module, torch.nn.Conv2d)]
    assert [(c.out_channels, c.kernel_size[0], c.stride[0]) for c in convolutions] == [
        (96, 11, 2),
        (96, 5, 1),
        (128, 3, 1),
        (128, 3, 1),
    ]
    assert network.first.in_features == 4 * 4 * 128 and network.second.out_features == 500


@pytest.mark.parametrize(
    ("network", "shape"),
    [
        (SOFTNet(), (2, 3, 28, 28)),
        (MEAN(), (2, 1, 42, 42)),
        (SMEConvNet(size=48, width=4, units=8), (2, 48, 48)),
    ],
    ids=["softnet", "mean", "smeconvnet"],
)
def test_other_images_are_refused(network, shape):
    with pytest.raises(ValueError, match="images have shape"):
        network(torch.zeros(shape))


def test_softnet_sees_each_channel_by_its_own_filters():
    network, images = SOFTNet(), torch.rand(1, 3, 42, 42)
    other = images.clone()
    other[:, 2] = torch.rand(42, 42)
    first, second = network.streams(images), network.streams(other)
    assert torch.equal(first[:, :8], second[:, :8]) and not torch.equal(first[:, 8:], second[:, 8:])


def test_mtsn_shares_its_streams_and_stays_between_0_and_1():
    network, images = MTSN().eval(), torch.rand(4, 3, 28, 28)
    score = network(images, images)
    assert ((score > 0) & (score < 1)).all()
    assert len(list(network.streams.parameters())) == 6, "three filters with their biases, once"


def test_losses():
    torch.manual_seed(0)
    far, near = torch.rand(4, 3, 28, 28), torch.rand(4, 3, 28, 28)
    target, network = torch.rand(4, 2), MTSN()
    score = network(far, near)[:, 0]
    wanted = 0.7 * F.mse_loss(score, target[:, 0]) + 0.3 * F.mse_loss(score, target[:, 1])
    assert torch.isclose(network.loss((far, near), target), wanted)
    small = MEAN().eval()
    images, label = torch.rand(4, 3, 42, 42), torch.ones(4, 1)
    streams = sum(stream[0].weight.square().sum() for stream in small.streams)
    decay = 0.001 * streams + 0.1 * small.joint.weight.square().sum()
    assert torch.isclose(small.loss((images,), label), F.mse_loss(small(images), label) + decay)
    faces, tiny = torch.rand(3, 1, 48, 48), SMEConvNet(size=48, width=4, units=8)
    loss = tiny.loss((faces,), torch.tensor([[0.0], [1], [2]]))
    assert torch.isclose(loss, F.cross_entropy(tiny(faces), torch.tensor([0, 1, 2])))
    assert tiny.scores(faces).shape == (3, 8), "a row of the feature matrix per face"
