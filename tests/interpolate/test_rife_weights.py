"""Files of weights: found out by their shapes, loaded whole or refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mezoo.artifact import digest
from mezoo.errors import ConfigError
from mezoo.interpolate.rife_net import RIFE
from mezoo.interpolate.rife_v1 import RIFEv1
from mezoo.interpolate.rife_v3 import RIFEv3
from mezoo.interpolate.rife_weights import load_rife


def _image() -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).random((1, 3, 64, 64), np.float32))


BUILT = {
    "RIFE": lambda: RIFE(widths=(8, 12, 16), base=2, teacher=True),
    "RIFEm": lambda: RIFE(widths=(8, 12, 16), base=2, any_time=True),
    "v3": lambda: RIFEv3(width=8),
}


@pytest.mark.parametrize("prefix", ["module.", ""], ids=["prefixed", "bare"])
@pytest.mark.parametrize("variant", BUILT)
def test_round_trip(tmp_path, variant, prefix):
    torch.manual_seed(0)
    network = BUILT[variant]().eval()
    file = tmp_path / "flownet.pkl"
    torch.save({prefix + key: value for key, value in network.state_dict().items()}, file)
    for path in (file, tmp_path):
        loaded, facts = load_rife(path)
        assert facts == {"variant": variant, "weights": {"flownet.pkl": digest(file)}}
        with torch.no_grad():
            assert torch.equal(
                loaded(_image(), 1 - _image(), 0.3).image, network(_image(), 1 - _image(), 0.3).image
            )
        assert not loaded.training and not any(p.requires_grad for p in loaded.parameters())


@pytest.mark.parametrize("release", ["v4_0", "v4_7", "v4_25"])
def test_official_4x_keys_with_leftovers_of_training(tmp_path, official_state, release):
    state = official_state(release)
    extra = {"teacher.block0.weight": torch.zeros(1), "caltime.0.weight": torch.zeros(1)}
    file = tmp_path / "flownet.pkl"
    torch.save({f"module.{key}": value for key, value in (state | extra).items()}, file)
    network, facts = load_rife(file)
    assert facts["variant"].startswith("v4 ") and network.any_time
    assert all(torch.equal(value, state[key]) for key, value in network.state_dict().items())


def test_the_three_files_of_v1(tmp_path, official_state):
    for part in ("flownet", "contextnet", "unet"):
        state = official_state(f"v1hd_{part}")
        torch.save({f"module.{key}": value for key, value in state.items()}, tmp_path / f"{part}.pkl")
    network, facts = load_rife(tmp_path)
    assert isinstance(network, RIFEv1) and facts["variant"] == "v1"
    assert set(facts["weights"]) == {"flownet.pkl", "contextnet.pkl", "unet.pkl"}
    (tmp_path / "unet.pkl").unlink()
    with pytest.raises(ConfigError, match="no file of RIFE weights") as caught:
        load_rife(tmp_path / "flownet.pkl")
    assert caught.value.file.endswith("unet.pkl")


def test_large_has_to_be_said(tmp_path):
    torch.manual_seed(0)
    large = RIFE(widths=(8, 8, 8), base=2, large=True).eval()
    torch.save(large.state_dict(), tmp_path / "flownet.pkl")
    loaded, facts = load_rife(tmp_path, large=True)
    assert facts["variant"] == "RIFE-Large"
    with torch.no_grad():
        assert torch.equal(loaded(_image(), _image()).image, large(_image(), _image()).image)
    torch.save(RIFEv3(width=8).state_dict(), tmp_path / "flownet.pkl")
    with pytest.raises(ConfigError, match="large = true"):
        load_rife(tmp_path, large=True)


def test_half_precision_files_are_widened(tmp_path):
    network = RIFEv3(width=8).half()
    torch.save(network.state_dict(), tmp_path / "flownet.pkl")
    assert next(load_rife(tmp_path)[0].parameters()).dtype == torch.float32


class TestRefused:
    def test_absent(self, tmp_path):
        with pytest.raises(ConfigError, match="no file of RIFE weights here"):
            load_rife(tmp_path / "flownet.pkl")

    def test_nothing_of_torch(self, tmp_path):
        file = tmp_path / "flownet.pkl"
        file.write_bytes(b"not a zip archive")
        with pytest.raises(ConfigError, match="RIFE weights cannot be read"):
            load_rife(file)

    def test_code_in_the_file_is_not_run(self, tmp_path):
        class Trap:
            def __reduce__(self):
                return open, (str(tmp_path / "sprung"), "w")

        torch.save({"module.block0": Trap()}, tmp_path / "flownet.pkl")
        with pytest.raises(ConfigError, match="RIFE weights cannot be read"):
            load_rife(tmp_path)
        assert not (tmp_path / "sprung").exists()

    def test_another_network(self, tmp_path):
        torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / "flownet.pkl")
        with pytest.raises(ConfigError, match="no known RIFE .*'weight'"):
            load_rife(tmp_path)

    def test_the_second_release(self, tmp_path):
        state = {"block0.conv0.0.0.weight": torch.zeros(8, 6, 3, 3), "block0.conv1.weight": torch.zeros(1)}
        torch.save(state, tmp_path / "flownet.pkl")
        with pytest.raises(ConfigError, match="no known RIFE"):
            load_rife(tmp_path)

    @pytest.mark.parametrize("change", ["missing", "extra", "shape"])
    def test_a_part_that_does_not_match(self, tmp_path, change):
        state = RIFE(widths=(8, 8, 8), base=2).state_dict()
        if change == "missing":
            del state["unet.conv.bias"]
        elif change == "extra":
            state["unet.more.bias"] = torch.zeros(1)
        else:
            state["unet.conv.bias"] = torch.zeros(5)
        torch.save(state, tmp_path / "flownet.pkl")
        with pytest.raises(ConfigError, match="do not match.*unet"):
            load_rife(tmp_path)
