"""The configuration: mistakes become one readable line, and generated files do not drift."""

from __future__ import annotations

import re
from typing import get_args

import pytest
import yaml
from conftest import ROOT

from mezoo import config
from mezoo.errors import ConfigError
from mezoo.magnify import MAGNIFIERS
from mezoo.motion import BACKENDS


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"facs": {}}, ["unknown key 'facs'", "Did you mean 'faces'?"]),
        ({"faces": {"margn": 0.1}}, ["unknown key 'faces.margn'", "Did you mean 'faces.margin'?"]),
        ({"datasets": {"casme9": {}}}, ["unknown key 'datasets.casme9'", "casme_sq"]),
        ({"faces": {"margin": "wide"}}, ["faces.margin is 'wide'", "number"]),
        ({"flow": {"backend": "nativ"}}, ["flow.backend is 'nativ'", "'native', 'torch'"]),
        ({"seeds": []}, ["seeds is []"]),
        ([1], ["the top level is a list"]),
    ],
)
def test_a_mistake_is_one_line_with_advice(values, parts):
    with pytest.raises(ConfigError) as caught:
        config.parse(values, file="config.yaml")
    line = str(caught.value)
    assert "\n" not in line and line.endswith("[config.yaml]")
    for part in parts:
        assert part in line


def test_every_flow_method_can_be_chosen():
    choices = get_args(config.FlowConfig.model_fields["backend"].annotation)
    assert set(choices) == set(BACKENDS), "the list in mezoo.config repeats names, to load without OpenCV"


def test_every_magnification_method_can_be_chosen():
    assert set(get_args(config.MagnifyMethod)) == set(MAGNIFIERS)


def test_absent_weights_are_told_before_anything_runs(tmp_path):
    with pytest.raises(ConfigError, match=r"magnify\.magnet_weights is .*leave the key empty"):
        config.parse({"magnify": {"magnet_weights": str(tmp_path / "magnet.pth")}})


def test_a_missing_root_names_what_exists(tmp_path):
    with pytest.raises(ConfigError, match=f"'{re.escape(str(tmp_path))}' exists"):
        config.parse({"datasets": {"casme_sq": {"root": str(tmp_path / "nope" / "rawpic")}}})


def test_bad_yaml_names_the_line(tmp_path):
    (tmp_path / "config.yaml").write_text("faces:\n  margin: [1\n")
    with pytest.raises(ConfigError, match="line 3"):
        config.load(tmp_path / "config.yaml")
    with pytest.raises(ConfigError, match="no such file"):
        config.load(tmp_path / "absent.yaml")


def test_a_real_root_switches_the_demo_off_unless_asked_for(tmp_path):
    root = {"casme_sq": {"root": str(tmp_path)}}
    assert config.Config().demo_enabled
    assert not config.parse({"datasets": root}).demo_enabled
    assert config.parse({"datasets": root, "demo": {"enabled": True}}).demo_enabled
    assert not config.parse({"demo": {"enabled": False}}).demo_enabled


def test_samm_keeps_its_sampling_when_only_the_root_is_given(tmp_path):
    loaded = config.parse({"datasets": {"samm_lv": {"root": str(tmp_path)}}})
    assert loaded.datasets.samm_lv.target_fps == 25


@pytest.mark.parametrize("path", config.GENERATED, ids=str)
def test_generated_files_do_not_drift(path):
    assert (ROOT / path).read_text() == config.GENERATED[path](), "run: python -m mezoo.config"


def test_config_yaml_has_every_key_with_its_description():
    """Values are the user's; keys and comments must be those of the models."""

    def without_values(text):
        return [re.sub(r"^(\s*\w+:).*", r"\1", line) for line in text.splitlines()]

    text = (ROOT / "config.yaml").read_text()
    assert without_values(text) == without_values(config.example())
    assert isinstance(config.load(ROOT / "config.yaml"), config.Config)


def test_the_example_holds_the_defaults():
    assert config.parse(yaml.safe_load(config.example())) == config.Config()
