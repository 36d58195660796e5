"""ELRCN: its two forms, and the order in which its memory reads the clip."""

from __future__ import annotations

import pytest
import torch

from mezoo.models.elrcn import ELRCN, VGG16

SMALL = {"width": 4, "hidden": 16, "memory": 8, "size": 32}


def count(module):
    return sum(p.numel() for p in module.parameters())


def test_number_of_parameters():
    with torch.device("meta"):
        # VGG-16 has 138,357,544 with its layer of 1000 classes
        assert count(VGG16(3, width=64, hidden=4096, size=224)) + 4097 * 1000 == 138_357_544
        model = ELRCN()
        assert count(model.memory) == 85_176_000  # the authors' 85,164,000 and a second bias
        assert count(model) == 219_822_469


@pytest.mark.parametrize(
    ("form", "grey", "channels", "inputs"),
    [("se", True, [5], 16), ("se", False, [4], 16), ("te", True, [3, 3, 3], 48), ("te", False, [3, 3], 32)],
)
def test_forms(form, grey, channels, inputs):
    torch.manual_seed(0)
    model = ELRCN(form=form, grey=grey, **SMALL).eval()
    assert [cnn.features[0].in_channels for cnn in model.cnns] == channels
    assert model.memory.input_size == inputs
    pictures = torch.randn(2, 5, 3, 32, 32)
    other = pictures.clone()
    other[:, 4] += 1
    assert model(pictures).shape == (2, 5)
    assert torch.equal(model(pictures), model(other)) != grey


def test_each_source_has_its_own_network():
    torch.manual_seed(0)
    model, seen = ELRCN(form="te", **SMALL).eval(), []
    for cnn in model.cnns:
        cnn.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    pictures = torch.randn(2, 5, 3, 32, 32)
    model(pictures)
    frames = pictures.transpose(1, 2)  # (clip, pair, channel, H, W)
    for part, channels in zip(seen, ([0, 1, 2], [3, 3, 3], [4, 4, 4]), strict=True):
        assert torch.equal(part.view(2, 3, 3, 32, 32), frames[:, :, channels])


def test_clips_do_not_mix_and_order_matters():
    torch.manual_seed(0)
    model, pictures = ELRCN(**SMALL).eval(), torch.randn(2, 5, 4, 32, 32)
    torch.testing.assert_close(model(pictures)[:1], model(pictures[:1]))
    assert not torch.allclose(model(pictures), model(pictures.flip(2)), atol=1e-5)


def test_unknown_form():
    with pytest.raises(ValueError, match="form 'st'"):
        ELRCN(form="st", **SMALL)
