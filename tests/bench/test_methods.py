"""Which flow methods are compared."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mezoo.bench.methods import REFERENCE, choose
from mezoo.errors import ConfigError
from mezoo.motion import BACKENDS, get_backend


def test_all_of_the_registry_but_those_with_torch():
    assert set(BACKENDS) - {"torch"} <= {method.backend for method in choose()}
    assert "torch" not in {method.backend for method in choose()}


def test_the_reference_is_always_there():
    assert {method.label for method in choose(["dis"])} == {"dis", REFERENCE}


def test_unknown_method_suggests_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'native'"):
        choose(["nativ"])


def test_methods_can_be_made():
    for method in choose():
        assert method.make().name == method.backend


def test_torch_is_not_loaded():
    code = "import sys, mezoo.bench.flow_command as c; c.choose(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_every_profile_of_ours_is_compared():
    labels = {method.label for method in choose() if method.backend == "native"}
    assert labels == {"native"} | ({"native-stream"} if "profile" in get_backend("native").params else set())
