"""The fused sweep against the same equations written plainly with numpy."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.motion.tvl1_kernel import BAND, iterate
from mezoo.motion.tvl1_solve import Workspace

TAU, LAMBDA, THETA = 0.25, 0.15, 0.3


def plain_iterations(u, grad, rho, n):
    """IPOL 2013, algorithm 1: threshold step, divergence, gradient, dual step; float64, whole arrays."""
    p = np.zeros((2, 2, *rho.shape))
    square = (grad**2).sum(axis=0)
    changes = []
    for _ in range(n):
        residual = rho + (grad * u).sum(axis=0)
        bound = LAMBDA * THETA
        step = np.where(
            residual < -bound * square,
            bound,
            np.where(residual > bound * square, -bound, -residual / np.maximum(square, 1e-9)),
        )
        new = np.empty_like(u)
        for c in range(2):
            px, py = p[c]
            divergence = np.diff(px, axis=1, prepend=0) + np.diff(py, axis=0, prepend=0)
            new[c] = u[c] + step * grad[c] + THETA * divergence
        changes.append(((new - u) ** 2).sum())
        u = new
        for c in range(2):
            slope = np.stack(
                [np.diff(u[c], axis=1, append=u[c][:, -1:]), np.diff(u[c], axis=0, append=u[c][-1:])]
            )
            p[c] = (p[c] + TAU / THETA * slope) / (1 + TAU / THETA * np.sqrt((slope**2).sum(axis=0)))
    return u, changes


def prepare(shape, seed=0):
    rng = np.random.default_rng(seed)
    grad = rng.normal(0, 8, (2, *shape))
    grad[:, : shape[0] // 3] = 0  # a flat region has no data term
    rho, u = rng.normal(0, 20, shape), rng.normal(0, 1, (2, *shape))
    level = Workspace([shape], TAU).planes()
    planes = (grad[0], grad[1], 1 / ((grad**2).sum(axis=0) + 1e-9), rho)
    for plane, values in zip([*level.flow, *level.fixed], [*u, *planes], strict=True):
        level.inside(plane)[:] = values
    return level, u, grad, rho


def run(level, n, stop=0.0, least=1):
    return iterate(
        *level.flow, *level.fixed, *level.dual, level.dual_step, level.shape,
        np.float32(LAMBDA * THETA), np.float32(TAU / THETA), np.float32(stop), least, n,
    )  # fmt: skip


@pytest.mark.parametrize(
    "shape", [(1, 1), (2, 3), (BAND, 15), (BAND + 1, 16), (2 * BAND, 17), (3 * BAND - 5, 40)]
)
def test_equals_the_plain_equations(shape):
    level, u, grad, rho = prepare(shape)
    assert run(level, 20) == (20, False)
    expected, _ = plain_iterations(u, grad, rho, 20)
    np.testing.assert_allclose(np.stack([level.inside(plane) for plane in level.flow]), expected, atol=5e-5)


def test_stops_when_the_change_is_small():
    level, u, grad, rho = prepare((37, 29))
    _, changes = plain_iterations(u, grad, rho, 30)
    stop = (changes[11] + changes[12]) / 2
    n = next(k for k, change in enumerate(changes) if change <= stop) + 1
    assert run(level, 30, stop) == (n, True)
    np.testing.assert_allclose(
        np.stack([level.inside(plane) for plane in level.flow]),
        plain_iterations(u, grad, rho, n)[0],
        atol=5e-5,
    )


def test_at_least_so_many_iterations():
    level, *_ = prepare((37, 29))
    assert run(level, 30, stop=1e9, least=7) == (7, True)


def test_border_cells_of_the_dual_variables_stay_zero():
    level, *_ = prepare((20, 21))
    run(level, 5)
    height, width, stride = level.shape
    for plane in level.dual:
        cells = plane.reshape(height + 2, stride)
        assert not cells[:, width:].any() and not cells[0].any() and not cells[-1].any()
