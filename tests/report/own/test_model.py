import pytest

from mezoo.artifact import write_failed
from mezoo.errors import ConfigError
from mezoo.report.own.model import Model, load_model


def test_without_a_file_nothing_is_trained():
    model = load_model(None)
    assert model.spotter is None and not model.synthetic and model.warning == ""
    assert model.params("flow_pair") == {"profile": "stream"} and model.params("mdmo") == {}


def test_settings_of_the_training_are_followed_but_for_the_method():
    model = Model("auwgcn", settings={"faces": {"method": "dlib", "size": 128}})
    assert model.params("faces") == {"size": 128} and model.params("mdmo") == {}


def test_a_model_of_the_demo_says_so(world):
    model = load_model(world.everybody("mdmo_peaks"))
    assert model.synthetic and "synthetic faces only" in model.warning
    assert model.spotter is not None and model.n_subjects > 1


def test_no_model(tmp_path):
    with pytest.raises(ConfigError, match="everybody/model.h5"):
        load_model(tmp_path / "model.h5")
    write_failed(tmp_path / "x.h5", stage="mdmo", params={}, inputs={}, reason="none")
    with pytest.raises(ConfigError, match="stage 'mdmo'"):
        load_model(tmp_path / "x.h5")
