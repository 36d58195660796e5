"""Inputs by name, and what every kind declares."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mezoo.errors import ConfigError
from mezoo.inputs import input_names, request
from mezoo.inputs.registry import _kinds, clip_input


def test_numbers_of_a_name_are_arguments():
    found = request("apex_flow-28")
    assert (found.arguments, found.shape, found.stages) == ({"size": 28}, (3, 28, 28), ("flow_apex",))
    assert not found.ragged


@pytest.mark.parametrize(
    "name", ["apex_flow", "apex_flow-28-28", "apex_flow-0", "apex_flow-x", "nothing-3", ""]
)
def test_a_wrong_name_lists_all(name):
    with pytest.raises(ConfigError, match="apex_flow-SIZE"):
        request(name)


def test_a_name_is_taken_once():
    with pytest.raises(ValueError, match="twice"):
        clip_input("apex_flow", stages=(), shape=(), axes="", paper="")(lambda clip: None)


@pytest.mark.parametrize("kind", _kinds().values(), ids=lambda kind: kind.name)
def test_kinds_are_complete(kind):
    assert kind.paper and kind.axes and kind.stages and kind.shape and "-" not in kind.name
    words = {side for side in kind.shape if isinstance(side, str)} - {"T", "F"}
    assert words <= set(kind.arguments)
    assert any(name.split("-")[0] == kind.name for name in input_names())


def test_the_registry_is_light():
    """The Snakefile reads it, together with the features of flow, which need OpenCV."""
    path = [entry for entry in sys.path if entry]
    code = (
        f"import sys; sys.path[:0] = {path!r}; import mezoo.inputs; mezoo.inputs.input_names();"
        " heavy = {'torch', 'numba', 'pandas', 'sklearn', 'scipy.signal'} & set(sys.modules);"
        " assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
