"""What holds of every feature of the registry."""

from __future__ import annotations

import inspect
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

from mezoo.motion.features import FEATURES
from mezoo.motion.features.flow_hsv import hsv
from mezoo.motion.strain import optical_strain

SHAPE = (128, 120)
EVERY = pytest.mark.parametrize("name", FEATURES)


@pytest.fixture(scope="module")
def smooth_flow():
    """Motion of 0.3 to 1.7 px whose direction changes slowly; in no region two directions are equally frequent."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    angle, length = 0.3 + 0.011 * x - 0.017 * y + 0.0003 * x * y, 1 + 0.7 * np.sin(x / 20) * np.cos(y / 17)
    return np.stack([length * np.cos(angle), length * np.sin(angle)], axis=-1).astype(np.float32)


def compute(name, flow, landmarks, **options):
    """Outputs of a feature for one field, or for a clip of two of them, by name."""
    entry = FEATURES[name]
    single = entry.per == "frame" or entry.source == "flow_apex"
    known = {"strain": optical_strain(flow), "landmarks": landmarks, "onset": 3, "apex": 4}
    reads = {argument: known[argument] for argument in entry.reads}
    result = entry.function(flow if single else iter([flow, 0.5 * flow]), **reads, **options)
    return result._asdict() if hasattr(result, "_asdict") else {"feature": result}


@EVERY
def test_shape_and_type_as_declared_and_finite_without_motion(name, face_points, smooth_flow):
    for flow in (smooth_flow, np.zeros((*SHAPE, 2), np.float32)):
        outputs = compute(name, flow, face_points(110))
        assert set(outputs) == set(FEATURES[name].outputs)
        for key, declared in FEATURES[name].outputs.items():
            assert outputs[key].shape == declared.of_image(*SHAPE)
            assert outputs[key].dtype == declared.dtype
            assert np.isfinite(outputs[key]).all()


@EVERY
def test_says_something_about_the_motion(name, face_points, smooth_flow):
    outputs, mirrored = (
        compute(name, flow, face_points(110)) for flow in (smooth_flow, smooth_flow[:, ::-1])
    )
    assert any(np.abs(outputs[key].astype(float) - mirrored[key]).max() > 0.01 for key in outputs)


@EVERY
def test_cached_precision_is_enough(name, face_points, smooth_flow):
    exact, cached = (
        compute(name, flow, face_points(110)) for flow in (smooth_flow, smooth_flow.astype(np.float16))
    )
    for key, output in FEATURES[name].outputs.items():
        difference = np.abs(exact[key].astype(float) - cached[key])
        if output.dtype == "uint8":  # a value beside a rounding bound may cross it; hue and colour then jump
            assert difference.mean() < 0.3 and np.mean(difference > 2) < 0.01
        else:
            assert difference.max() < 0.01


@EVERY
def test_the_flow_is_left_as_it_was(name, face_points, smooth_flow):
    before = smooth_flow.copy()
    compute(name, smooth_flow, face_points(110))
    np.testing.assert_array_equal(smooth_flow, before)


@EVERY
def test_arguments_can_be_told_from_options(name):
    entry = FEATURES[name]
    parameters = inspect.signature(entry.function).parameters
    assert set(entry.reads) <= set(parameters)
    assert [p.name for p in parameters.values() if p.default is p.empty] == [
        next(iter(parameters)),
        *entry.reads,
    ]


def turned(flow):
    """Every vector by +90 degrees (clockwise in the image), each at its place."""
    return np.stack([-flow[..., 1], flow[..., 0]], axis=-1)


def wrapped(angle):
    return np.angle(np.exp(1j * angle))


@pytest.mark.parametrize(("name", "n_bins"), [("hoof", 8), ("biwoof", 8)])
def test_turned_vectors_move_histograms_by_two_bins(name, n_bins, smooth_flow):
    reads = {"strain": optical_strain(smooth_flow)} if name == "biwoof" else {}
    before, after = (
        FEATURES[name].function(flow, **reads).reshape(-1, n_bins)
        for flow in (smooth_flow, turned(smooth_flow))
    )
    np.testing.assert_allclose(after, np.roll(before, 2, axis=1), atol=1e-6)


@pytest.mark.parametrize(("name", "options"), [("mdmo_liu", {"align": False}), ("mdmo_grid", {})])
def test_turned_vectors_turn_the_main_direction(name, options, face_points, smooth_flow):
    before, after = (
        compute(name, flow, face_points(110), **options) for flow in (smooth_flow, turned(smooth_flow))
    )
    np.testing.assert_allclose(after["rho"], before["rho"], atol=1e-5)
    np.testing.assert_allclose(wrapped(after["theta"] - before["theta"]), np.pi / 2, atol=1e-5)


def test_turned_vectors_turn_the_rows_of_atnet(smooth_flow):
    before, after = (
        compute("atnet_rows", flow, None, angle="vector")["feature"][31:33].reshape(2, 64, 2)
        for flow in (smooth_flow, turned(smooth_flow))
    )
    np.testing.assert_allclose(after[..., 1], before[..., 1], atol=1e-6)
    np.testing.assert_allclose(wrapped(after[..., 0] - before[..., 0]), np.pi / 2, atol=1e-5)


def test_turned_vectors_turn_the_hue(smooth_flow):
    before, after = (hsv(flow).astype(int) for flow in (smooth_flow, turned(smooth_flow)))
    turn = (after[..., 0] - before[..., 0]) % 180
    assert np.isin(turn, [44, 45, 46]).all() and np.mean(turn == 45) > 0.98
    np.testing.assert_array_equal(after[..., 2], before[..., 2])


@pytest.mark.parametrize("name", ["hoof", "biwoof", "mdmo_liu", "mdmo_grid"])
def test_longer_motion_of_the_same_form_changes_nothing(name, face_points, smooth_flow):
    options = {"align": False} if name == "mdmo_liu" else {}
    before, after = (
        compute(name, flow, face_points(110), **options) for flow in (smooth_flow, 4 * smooth_flow)
    )
    for key in before:
        np.testing.assert_allclose(after[key], before[key], atol=1e-5)


@EVERY
def test_documented(name):
    assert f"\n| `{name}` | `{FEATURES[name].source}` |" in (ROOT / "docs/artifacts.md").read_text()


def test_the_registry_is_light():
    code = "import sys, mezoo.motion.features; print([m for m in ('numba', 'torch', 'pandas') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
