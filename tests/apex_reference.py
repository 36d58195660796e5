"""What the reference numbers of the apex-frame networks have in common: the image, drawn weights, whole tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from published_weights import draw_state, input_rng, relative_error

#: Relative, of the largest value: activations and losses; gradients. Only the order of summation differs.
ACTIVATION, GRADIENT = 1e-4, 1e-3


def image(arrays: dict[str, np.ndarray]) -> torch.Tensor:
    """Grey images (2, 1, 224, 224) of the reference."""
    fine = input_rng("image").integers(0, 256, (2, 1, 224, 224))
    coarse = input_rng("image_blocks").integers(0, 256, (2, 1, 14, 14)).repeat(16, -2).repeat(16, -1)
    made = np.clip(0.5 * fine + 0.5 * coarse, 0, 255).astype(np.float32)
    np.testing.assert_array_equal(made[0, 0, :32, :32], arrays["image_0_32x32"])
    return torch.from_numpy(made)


def official_state(keys: dict[str, Any]) -> dict[str, torch.Tensor]:
    """State under official names: drawn, but for the scale of the grey levels and the frozen averages."""
    state = draw_state({name: entry["shape"] for name, entry in keys.items()})
    state["data_bn.running_mean"][:] = 127.5
    state["data_bn.running_var"][:] = 5418.75
    for name, value in state.items():
        if name.endswith("_one.weight"):
            value[:] = 0.00195312 if value.numel() == 512 else 1 / value.numel()
    return state


def check_whole(name: str, found: torch.Tensor, arrays: dict[str, np.ndarray], *, tolerance: float) -> None:
    """Compare a whole tensor with what is stored of it: shape, sums, and its first entries or a corner."""
    values = found.detach().double()
    assert list(values.shape) == arrays[f"{name}_shape"].tolist()
    allowed = tolerance * float(arrays[f"{name}_abssum"])
    assert float(values.sum()) == pytest.approx(float(arrays[f"{name}_sum"]), abs=allowed)
    assert float(values.abs().sum()) == pytest.approx(float(arrays[f"{name}_abssum"]), abs=allowed)
    if f"{name}_head" in arrays:
        head = arrays[f"{name}_head"]
        assert relative_error(values.flatten()[: len(head)], head) < tolerance
    if f"{name}_slice" in arrays:
        assert relative_error(values[0, :8, :7, :7], arrays[f"{name}_slice"]) < tolerance


def gradient_names(arrays: dict[str, np.ndarray], prefix: str) -> list[str]:
    """Official names of the tensors whose gradients are stored."""
    start = f"{prefix}grad_"
    return [
        n.removeprefix(start).removesuffix("_head")
        for n in arrays
        if n.startswith(start) and n.endswith("_head")
    ]
