"""The backbone: names and sizes of torchvision's ResNet-18, and its weights in a grey stem."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from mezoo.models.layers.resnet18 import ResNet18, from_imagenet


def imagenet_like() -> dict[str, torch.Tensor]:
    """A state dict with the names and shapes of torchvision's ResNet-18."""
    torch.manual_seed(0)
    state = ResNet18().state_dict()
    return {
        **state,
        "conv1.weight": torch.randn(64, 3, 7, 7),
        "fc.weight": torch.randn(1000, 512),
        "fc.bias": torch.zeros(1000),
    }


def test_number_of_parameters():
    # torchvision's 11,689,512 without its classifier (513,000) and with a stem of 1,600 instead of 9,408
    assert (
        sum(p.numel() for p in ResNet18().parameters()) == 11_689_512 - 513_000 - 9_408 + 1_600 == 11_168_704
    )


def test_names_are_those_of_torchvision():
    names = set(ResNet18().state_dict())
    assert {"conv1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer4.1.bn2.bias"} <= names
    assert {name for name in names if "downsample" in name and name.endswith("0.weight")} == {
        f"layer{k}.0.downsample.0.weight" for k in (2, 3, 4)
    }
    assert len(names) == 120  # torchvision's 122 without the classifier


def test_shapes():
    backbone = ResNet18(width=4).eval()
    assert backbone(torch.rand(3, 1, 128, 96)).shape == (3, 32, 4, 3)


def test_a_block_adds_to_its_input():
    block = ResNet18(width=4).layer1[0].eval()
    torch.nn.init.zeros_(block.bn2.weight)
    maps = torch.rand(2, 4, 8, 8)
    assert torch.equal(block(maps), maps)


def test_imagenet_stem_on_a_grey_picture():
    state = imagenet_like()
    backbone = ResNet18()
    backbone.load_state_dict(from_imagenet(state))
    kernels = state["conv1.weight"].clone()
    kernels[..., [0, 6], :] = 0  # what the smaller stem cannot hold
    kernels[..., [0, 6]] = 0
    grey = torch.rand(2, 1, 32, 32)
    expected = F.conv2d(grey.expand(-1, 3, -1, -1), kernels, stride=2, padding=3)
    assert torch.allclose(backbone.conv1(grey), expected, atol=1e-4)
    assert torch.equal(backbone.layer3[0].conv1.weight, state["layer3.0.conv1.weight"])
