"""Warp and gradient against direct definitions."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.motion.tvl1_solve import Workspace
from mezoo.motion.tvl1_warp import CHANNELS, MARGIN, interleave, linearise


def cubic(d):
    """Keys' kernel with A = -0.75 at distance d."""
    d, a = abs(d), -0.75
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a if d < 2 else 0.0


def sample(plane, x, y, outside):
    """Interpolate one place; `outside` is 'nearest' or 'zero'."""
    height, width = plane.shape
    total = 0.0
    for j in range(int(np.floor(y)) - 1, int(np.floor(y)) + 3):
        for i in range(int(np.floor(x)) - 1, int(np.floor(x)) + 3):
            inside = 0 <= i < width and 0 <= j < height
            value = plane[np.clip(j, 0, height - 1), np.clip(i, 0, width - 1)]
            total += cubic(x - i) * cubic(y - j) * (value if inside or outside == "nearest" else 0.0)
    return total


def prepare(image, repeat=True):
    """Image and gradients with their border, shape (3, H + 2 MARGIN, W + 2 MARGIN), and what they are views of."""
    height, width = image.shape
    planes = np.zeros((height + 2 * MARGIN, width + 2 * MARGIN, CHANNELS), np.float32)
    interleave(image.astype(np.float32).ravel(), planes.ravel(), height, width, repeat)
    return np.moveaxis(planes[..., :3], -1, 0)


def inner(plane):
    return plane[MARGIN:-MARGIN, MARGIN:-MARGIN]


def test_gradient_of_a_plane_is_its_slope():
    y, x = np.mgrid[:12, :15].astype(np.float32)
    padded = prepare(3 * x - 2 * y)
    np.testing.assert_allclose(inner(padded[1])[:, 1:-1], 3)
    np.testing.assert_allclose(inner(padded[2])[1:-1], -2)
    np.testing.assert_allclose(inner(padded[1])[:, [0, -1]], 1.5)  # halved one-sided difference
    np.testing.assert_allclose(inner(padded[2])[[0, -1]], -1)


@pytest.mark.parametrize("repeat", [True, False])
def test_border(repeat):
    image = np.random.default_rng(0).random((6, 7)).astype(np.float32)
    expected = np.pad(image, MARGIN, mode="edge") if repeat else np.pad(image, MARGIN)
    padded = prepare(image, repeat)
    np.testing.assert_array_equal(padded[0], expected)
    for plane in padded[1:]:
        np.testing.assert_array_equal(plane, np.pad(inner(plane), MARGIN))


@pytest.mark.parametrize("repeat", [True, False])
@pytest.mark.parametrize(
    ("spread", "mean"), [(0.0, 0.0), (0.2, 0.0), (0.2, -1.7), (1.5, 0.4), (40.0, 0.0)], ids=str
)
def test_warp_and_residual(repeat, spread, mean):
    """Equal, mixed and steep displacements, inside and far outside: the answer is that of the definition."""
    rng = np.random.default_rng(1)
    height, width = 23, 37
    image, reference = (rng.uniform(0, 255, (height, width)).astype(np.float32) for _ in range(2))
    flow = (mean + spread * rng.normal(size=(2, height, width))).astype(np.float32)
    padded, work = prepare(image, repeat), Workspace([(height, width)], 0.25)
    level = work.planes()
    for plane, values in zip(level.flow, flow, strict=True):
        level.inside(plane)[:] = values
    planes = np.ascontiguousarray(padded.base).ravel()
    linearise(
        reference.ravel(), planes, *level.flow, *level.fixed, level.shape, work.places, work.parts, work.line
    )
    found = [level.inside(plane) for plane in level.fixed]
    planes = [(inner(padded[0]), "nearest" if repeat else "zero")]
    planes += [(inner(plane), "zero") for plane in padded[1:]]
    for i in range(0, height, 2):
        for j in range(0, width, 3):
            x, y = np.float64(j) + flow[0, i, j], np.float64(i) + flow[1, i, j]
            value, gx, gy = (sample(plane, x, y, outside) for plane, outside in planes)
            rho = value - gx * flow[0, i, j] - gy * flow[1, i, j] - reference[i, j]
            np.testing.assert_allclose([found[0][i, j], found[1][i, j]], [gx, gy], atol=2e-3)
            np.testing.assert_allclose(found[3][i, j], rho, atol=2e-3 * (1 + np.abs(flow[:, i, j]).max()))
            square = found[0][i, j] ** 2 + found[1][i, j] ** 2
            np.testing.assert_allclose(found[2][i, j] * (square + 1e-9), 1, rtol=1e-4)
    for plane in level.fixed:
        assert not plane.reshape(height + 2, -1)[1:-1, width:].any(), "border cells must stay 0"
