"""The networks of the paper: reference numbers, sizes, and motion put into the weights by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from interpolate.agreement import assert_agree, assert_stats_agree

from mezoo.interpolate.quality import psnr
from mezoo.interpolate.rife import render_with
from mezoo.interpolate.rife_net import RIFE, SMALL_BASE, SMALL_WIDTHS


def _images(known) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(known["img0"]), torch.from_numpy(known["img1"])


@pytest.fixture(scope="module")
def rife(official_state) -> RIFE:
    network = RIFE(teacher=True).eval().requires_grad_(False)
    network.load_state_dict(official_state("rife"))
    return network


def test_parity_of_rife(rife, oracle):
    with oracle("paper") as known:
        images = _images(known)
        found = rife(*images)
        turned = rife(*(image.flip(2, 3) for image in images)).image.flip(2, 3)
        ours = {
            "rife_flow_block0": found.flows[0],
            "rife_flow_block1": found.flows[1],
            "rife_flow": found.flow,
            "rife_mask": found.mask.sigmoid(),
            "rife_merged_block0": found.merged[0],
            "rife_merged_block1": found.merged[1],
            "rife_output": found.image,
            "rife_output_tta": (found.image + turned) / 2,
            "rife_output_scale0p5": rife(*images, scale=0.5).image,
        }
        assert_agree(ours, known)
        context = rife.contextnet(images[0], found.flow[:, :2])
        assert_agree({"rife_context0_level4": context[3]}, known)
        for level, features in enumerate(context, start=1):
            assert_stats_agree(features, known[f"rife_context0_level{level}_stats"])


def test_parity_of_the_teacher(rife, oracle):
    with oracle("paper") as known:
        lesson = rife.learn(*_images(known), torch.from_numpy(known["gt"]))
        ours = {"rife_flow_teacher": lesson.teacher_flow, "rife_merged_teacher": lesson.teacher_merged}
        assert_agree(ours, known)


def test_parity_of_rifem(official_state, oracle):
    network = RIFE(any_time=True, teacher=True).eval().requires_grad_(False)
    network.load_state_dict(official_state("rifem"))
    with oracle("paper") as known:
        twice = [image.expand(2, -1, -1, -1) for image in _images(known)]
        found = network(*twice, torch.tensor([0.25, 0.7]))  # two times in one batch
        for k, name in enumerate(("0p25", "0p7")):
            ours = {
                f"rifem_flow_t{name}": found.flow[[k]],
                f"rifem_mask_t{name}": found.mask[[k]].sigmoid(),
                f"rifem_output_t{name}": found.image[[k]],
            }
            assert_agree(ours, known)


def test_parity_of_the_large_variant(draw_state, wave_images):
    """Reference numbers: the official IFNet_2R and refine_2R, run once on these weights and images."""
    network = RIFE(large=True).eval().requires_grad_(False)
    shapes = {key: list(value.shape) for key, value in network.state_dict().items()}
    small = {"pattern": r"lastconv\.weight$", "scale": 0.05, "add": 0}
    network.load_state_dict(draw_state(shapes, exceptions=[small]))
    found = network(*wave_images)
    assert_stats_agree(found.flow, np.array([-1098.633, 10533.000, 155.658]))
    assert_stats_agree(found.mask.sigmoid(), np.array([2493.534, 2493.534, 1242.052]))
    assert_stats_agree(found.image, np.array([8596.993, 8596.993, 5012.117]))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"teacher": True}, 10_708_215),
        ({"teacher": True, "any_time": True}, 10_710_780),
        ({"widths": SMALL_WIDTHS, "base": SMALL_BASE}, 1_129_798),
    ],
)
def test_parameters(options, expected):
    with torch.device("meta"):
        assert sum(p.numel() for p in RIFE(**options).parameters()) == expected


@pytest.mark.parametrize("large", [False, True])
def test_motion_written_into_the_weights(moving_clip, large):
    # The texture moves by (2, -1) px: the middle looks 1 px to the left and 0.5 px down in the earlier frame.
    network = RIFE(widths=(8, 8, 8), base=2, large=large).eval().requires_grad_(False)
    for block in (network.block0, network.block1, network.block2):
        block.lastconv.weight.zero_()
        block.lastconv.bias.zero_()
    scale = 4 if large else 8
    network.block0.lastconv.bias[:4] = torch.tensor([-1, 0.5, 1, -0.5]) / scale
    network.unet.conv.weight.zero_()
    network.unet.conv.bias.zero_()
    out = render_with(network, moving_clip([0, 1], shape=(48, 72)), np.array([0.5]))[0]
    truth = moving_clip([0.5], shape=(48, 72))[0]
    assert psnr(out[4:-4, 4:-4], truth[4:-4, 4:-4]) > 40
