"""MDMO of Liu et al.: the numbers of the definition and of the usual port, and what motion of the head does."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.errors import DataError
from mezoo.motion import head_motion
from mezoo.motion.features.main_direction import Regions, main_directions, mean_over_frames
from mezoo.motion.features.mdmo_liu import mdmo_liu
from mezoo.motion.features.rois36 import roi_masks

PARITY = 1e-5
RAW_PARITY = 1e-6


@pytest.fixture(scope="module")
def flows(liu):
    return np.stack([liu["flow_u"], liu["flow_v"]], axis=-1).astype(np.float32)


@pytest.mark.parametrize("form", ["plain", "aligned"])
def test_parity(liu, flows, form):
    stored = {
        name.removeprefix(f"corrected_{form}_"): liu[name]
        for name in liu
        if name.startswith(f"corrected_{form}")
    }
    regions = Regions.of_masks(roi_masks(liu["roi_vertices_delta20"], (220, 220)))
    fields = flows if form == "plain" else [head_motion.remove(flow, liu["landmarks"]) for flow in flows]
    for t, flow in enumerate(fields):
        found = main_directions(flow, regions)
        np.testing.assert_array_equal(found.bin, stored["bin"][t])
        np.testing.assert_array_equal(found.n_pixels, stored["count"][t])
        np.testing.assert_allclose(found.mean, stored["mean"][t], rtol=0, atol=PARITY)
    psi = mean_over_frames(iter(fields), regions)
    np.testing.assert_allclose(psi, stored["psi"], rtol=0, atol=PARITY)
    np.testing.assert_allclose(np.hypot(*psi.T), stored["rho"], rtol=0, atol=PARITY)
    result = mdmo_liu(flows, liu["landmarks"], delta=20, align=form == "aligned")
    np.testing.assert_allclose(result.rho, stored["rho_norm"], rtol=0, atol=PARITY)
    np.testing.assert_allclose(result.theta, stored["theta"], rtol=0, atol=PARITY)
    np.testing.assert_allclose(result.feature, stored["feature"], rtol=0, atol=PARITY)


def test_parity_with_the_errors_of_the_port(liu, flows):
    result = mdmo_liu(flows, liu["landmarks"], official=True)
    np.testing.assert_allclose(result.rho, liu["raw_rho"], rtol=0, atol=RAW_PARITY)
    np.testing.assert_allclose(result.theta, liu["raw_theta"], rtol=0, atol=RAW_PARITY)
    ours = mdmo_liu(flows, liu["landmarks"], align=False, delta=20)
    assert np.median(np.abs(ours.theta - result.theta)) > 3  # it points the opposite way


def smile(points, shape=(160, 160), length=1.0):
    """Flow at the corners of the mouth only, outwards and up."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    flow = np.zeros((*shape, 2))
    for corner, way in ((48, (-1, -0.5)), (54, (1, -0.5))):
        near = np.exp(-((x - points[corner, 0]) ** 2 + (y - points[corner, 1]) ** 2) / (2 * 10**2))
        flow += length * near[..., None] * way
    return flow


def test_head_motion_changes_nothing(face_points):
    points = face_points()
    motion = [smile(points, length=length) for length in (0.5, 1, 2)]
    y, x = np.mgrid[:160, :160]
    turn = np.array([[0.999, 0.02], [-0.02, 1.001]])
    moved = [np.stack([x, y], -1) + flow for flow in motion]
    with_head = [places @ turn + [2.5, -1] - np.stack([x, y], -1) for places in moved]
    still, turned = (mdmo_liu(fields, points) for fields in (motion, with_head))
    strong = still.rho > 0.05
    assert strong.sum() > 5
    np.testing.assert_allclose(turned.rho, still.rho, atol=1e-5)
    np.testing.assert_allclose(turned.theta[strong], still.theta[strong], atol=1e-4)
    assert np.abs(mdmo_liu(with_head, points, align=False).rho - still.rho).max() > 0.3


def test_where_and_which_way(face_points):
    result = mdmo_liu([smile(face_points())], face_points())
    left, right = 23 - 1, 24 - 1  # between nose and mouth, left and right in the image
    assert result.rho[[left, right]].min() > 3 * result.rho[:16].max()
    np.testing.assert_allclose(result.theta[[left, right]], np.arctan2(-0.5, [-1, 1]), atol=0.3)


def test_no_field(face_points):
    with pytest.raises(DataError, match="without a flow field"):
        mdmo_liu([], face_points())
