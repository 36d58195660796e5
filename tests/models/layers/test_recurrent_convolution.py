"""The recurrent convolutional layer, step by step."""

from __future__ import annotations

import pytest
import torch

from mezoo.models.layers.recurrent_convolution import RecurrentConvolution


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_it_is_unrolled(shared, steps):
    torch.manual_seed(0)
    layer = RecurrentConvolution(4, steps=steps, shared=shared, bias=True).eval()
    maps = torch.randn(2, 4, 6, 5)
    state = layer.ffconv(maps)
    for k in range(steps):
        state = (layer.rrconv if shared else layer.rrconv[k])(maps + state)
    assert torch.equal(layer(maps), state)


def test_number_of_parameters():
    def count(**options):
        return sum(p.numel() for p in RecurrentConvolution(8, **options).parameters())

    assert count(shared=True, bias=True) == 8 * 8 * (1 + 9) + 2 * (8 + 16)
    assert count(shared=False, bias=False, steps=3) == 8 * 8 * (1 + 3 * 9) + 4 * 16


def test_shared_statistics_move_once_per_step():
    torch.manual_seed(0)
    layer = RecurrentConvolution(4, steps=3, shared=True, bias=False).train()
    layer(torch.randn(2, 4, 6, 5))
    assert layer.ffconv[1].num_batches_tracked == 1 and layer.rrconv[1].num_batches_tracked == 3
