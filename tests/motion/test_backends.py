"""Properties of every flow method of the registry."""

from __future__ import annotations

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest

from mezoo.errors import ConfigError
from mezoo.motion import BACKENDS, get_backend, set_threads

INSIDE = slice(12, -12)


@pytest.mark.parametrize("name", BACKENDS)
class TestEveryBackend:
    def test_known_translation(self, name, moving_pair):
        reference, moving, truth = moving_pair(lambda x, y: (1.2, -0.8), shape=(120, 140))
        flow = get_backend(name)(reference, moving)
        assert flow.shape == truth.shape and flow.dtype == np.float32
        error = np.linalg.norm(flow - truth, axis=-1)[INSIDE, INSIDE]
        assert error.mean() < 0.25
        np.testing.assert_allclose(np.median(flow[INSIDE, INSIDE], axis=(0, 1)), [1.2, -0.8], atol=0.1)

    def test_no_motion(self, name, moving_pair):
        image = moving_pair(lambda x, y: (0, 0))[0]
        inside = get_backend(name)(image, image)[INSIDE, INSIDE]  # Farnebäck errs at the border even then
        assert np.abs(inside).max() < 0.05

    def test_repeatable_and_independent_of_earlier_pairs(self, name, moving_pair):
        a, b, _ = moving_pair(lambda x, y: (0.5, 0.5))
        method = get_backend(name)
        first = method(a, b)
        method(b[:64, :80].copy(), a[:64, :80].copy())
        np.testing.assert_array_equal(method(a, b), first)
        np.testing.assert_array_equal(get_backend(name)(a, b), first)

    def test_many_equals_pair_by_pair(self, name, moving_pair):
        pairs = [moving_pair(lambda x, y, k=k: (0.4 * k, -0.3), shape=(48, 56), seed=k)[:2] for k in range(3)]
        references, movings = (np.stack(images) for images in zip(*pairs, strict=True))
        method = get_backend(name)
        found = method.many(references, movings)
        method.restart()
        np.testing.assert_array_equal(found, [method(*pair) for pair in pairs])
        assert found.dtype == np.float32 and method.batch >= 1
        with pytest.raises(ConfigError, match="Expected"):
            method.many(references, movings[:, :40])

    def test_images_that_are_views(self, name, moving_pair):
        a, b, _ = moving_pair(lambda x, y: (0.5, 0.5))
        method = get_backend(name)
        expected = method(a[:, ::-1].copy(), b[:, ::-1].copy())
        np.testing.assert_array_equal(method(a[:, ::-1], b[:, ::-1]), expected)

    def test_params_are_json(self, name):
        method = get_backend(name)
        assert method.name == name
        assert json.loads(json.dumps(method.params)) == method.params

    def test_wrong_images(self, name):
        image = np.zeros((40, 40), np.uint8)
        for bad in (image.astype(np.float32), image[:, :30], np.dstack([image] * 3), image[:8]):
            with pytest.raises(ConfigError, match="Expected"):
                get_backend(name)(image, bad)

    def test_unknown_parameter(self, name):
        with pytest.raises(ConfigError, match="unknown parameter 'speed'"):
            get_backend(name, speed=3)


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'farneback'") as caught:
        get_backend("farnback")
    assert all(name in str(caught.value) for name in BACKENDS)


def test_misspelt_parameter_suggests_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'n_scales'"):
        get_backend("native", nscales=3)


def test_parameters_reach_the_method(moving_pair):
    a, b, _ = moving_pair(lambda x, y: (1.0, 0.5))
    for name, params in {
        "native": {"lambda_": 0.03},
        "torch": {"lambda_": 0.03},
        "opencv": {"lambda_": 0.03},
        "farneback": {"winsize": 25},
        "dis": {"preset": "ultrafast"},
    }.items():
        method = get_backend(name, **params)
        assert method.params.items() >= params.items()
        assert not np.array_equal(method(a, b), get_backend(name)(a, b))


@pytest.mark.parametrize(("name", "params"), [("opencv", {"tau": 1.0}), ("dis", {"preset": "best"})])
def test_value_out_of_range(name, params):
    with pytest.raises(ConfigError):
        get_backend(name, **params)


def test_small_image_does_not_spoil_opencv_for_later_pairs(face_pair):
    a, b = face_pair(96)
    method = get_backend("opencv")
    fresh = method(a, b)
    method(a[:20, :20].copy(), b[:20, :20].copy())
    np.testing.assert_array_equal(method(a, b), fresh)


def test_set_threads():
    before = cv2.getNumThreads()
    try:
        set_threads(1)
        assert cv2.getNumThreads() == 1
    finally:
        cv2.setNumThreads(before)
    with pytest.raises(ConfigError):
        set_threads(0)


def _run(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_import_neither_compiles_nor_loads_numba():
    _run("import sys, mezoo.motion; assert not {'numba', 'torch', 'pandas'} & set(sys.modules)")


def test_only_one_method_loads_torch():
    others = [name for name in BACKENDS if name != "torch"]
    made = f"[mezoo.motion.get_backend(name) for name in {others}]"
    _run(f"import sys, mezoo.motion; {made}; assert 'torch' not in sys.modules")


def test_torch_follows_set_threads():
    """Whether it is loaded before or after."""
    after = "import mezoo.motion as m; m.set_threads(1); import torch; assert torch.get_num_threads() == 1"
    _run(f"{after}; m.set_threads(2); assert torch.get_num_threads() == 2")
