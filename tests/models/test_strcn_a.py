"""STRCN-A: the mask of moving pixels, and the matrix of pixels by time."""

from __future__ import annotations

import pytest
import torch

from mezoo.models.strcn_a import STRCNA, motion_mask


def clips(size=32, moving=slice(8, 24)):
    """Three clips in which a block grows brighter, one of them a hundred times stronger, over a little noise."""
    torch.manual_seed(0)
    frames = 0.01 * torch.rand(3, 1, 20, size, size)
    frames[..., moving, moving] += torch.linspace(0, 1, 20)[:, None, None]
    return frames * torch.tensor([1.0, 1.0, 100.0])[:, None, None, None, None]


def test_mask_is_where_it_moves():
    expected = torch.zeros(32, 32, dtype=torch.bool)
    expected[8:24, 8:24] = True  # a quarter of the pixels
    corners = torch.zeros_like(expected)
    corners[8:24:15, 8:24:15] = True  # a cross does not reach the corners of a square
    assert torch.equal(motion_mask(clips()), expected & ~corners)


def test_each_clip_counts_alike():
    frames = clips(moving=slice(0, 16))
    frames[2] = 100 * clips(moving=slice(16, 32))[0]
    weak = motion_mask(frames)
    assert weak[2:14, 2:14].all() and not weak[18:30, 18:30].any()


def test_single_pixels_are_opened_away():
    frames = clips(moving=slice(8, 22))
    frames[:, :, -1, ::4, 30] += 5 * frames.amax((1, 2, 3, 4))[:, None, None]
    mask = motion_mask(frames)
    assert not mask[:, 30].any() and mask[9:21, 9:21].all()


@pytest.mark.parametrize("frames", [torch.rand(3, 1, 20, 32, 32), torch.ones(3, 1, 20, 32, 32)])
def test_a_mask_never_vanishes(frames):
    model = STRCNA(width=2, size=32)
    model.fit_constants(frames)
    assert model.mask.sum() >= 0.24 * 32 * 32
    assert torch.isfinite(model(frames)).all()


def test_only_the_mask_is_read():
    model = STRCNA(width=4, size=32).eval()
    frames = clips()
    model.fit_constants(frames)
    outside, inside = frames.clone(), frames.clone()
    outside[..., ~model.mask] += 1
    inside[..., model.mask] += 1
    assert torch.equal(model(frames), model(outside)) and not torch.equal(model(frames), model(inside))


def test_mask_is_part_of_a_frozen_model():
    model, other = STRCNA(width=4, size=32).eval(), STRCNA(width=4, size=32).eval()
    model.fit_constants(clips())
    other.load_state_dict(model.state_dict())
    assert torch.equal(other.mask, model.mask) and torch.equal(other(clips()), model(clips()))


def test_a_column_is_a_frame():
    model, seen = STRCNA(width=2, size=32).eval(), []
    model.body.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    frames = torch.arange(20.0)[:, None, None].expand(1, 1, 20, 32, 32)
    model(frames)
    assert seen[0].shape == (1, 1, 32 * 32, 20)
    assert torch.equal(seen[0][0, 0, 5], torch.arange(20.0))
