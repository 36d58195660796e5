"""Files that are not weights of MagNet are refused whole, with the reason."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mezoo.errors import ConfigError  # noqa: E402
from mezoo.magnify.magnet_net import LAYOUTS, MagNet  # noqa: E402
from mezoo.magnify.magnet_weights import load_magnet  # noqa: E402


@pytest.fixture(scope="module")
def peng() -> dict[str, torch.Tensor]:
    """Some weights under the names of Peng's port, made from ours by hand."""
    words = {
        "encoder.stem.": "encoder.cba_1.",
        "encoder.down.": "encoder.cba_2.",
        "encoder.trunk.": "encoder.resblks.",
        "encoder.texture_down.": "encoder.texture_cba.",
        "encoder.texture.": "encoder.texture_resblks.",
        "encoder.shape_conv.": "encoder.motion_cba.",
        "encoder.shape.": "encoder.motion_resblks.",
        "manipulator.difference.": "manipulator.g.",
        "manipulator.after.": "manipulator.h_conv.",
        "manipulator.block.": "manipulator.h_resblk.",
        "decoder.blocks.": "decoder.resblks.",
        "decoder.merge.": "decoder.cba_1.",
        "decoder.output.": "decoder.cba_2.",
        ".first.": ".cba_1.",
        ".second.": ".cba_2.",
        "weight": "conv2d.weight",
    }
    state = {}
    for name, value in MagNet(LAYOUTS["peng"]).state_dict().items():
        for ours, theirs in words.items():
            name = name.replace(ours, theirs)
        state[name] = value
    return state


def saved(tmp_path, content):
    torch.save(content, tmp_path / "weights.pth")
    return tmp_path / "weights.pth"


def test_prefix_and_wrapping_do_not_matter(tmp_path, peng):
    bare = load_magnet(saved(tmp_path, peng)).network.state_dict()
    wrapped = {"epoch": 1, "state_dict": {f"module.{name}": value for name, value in peng.items()}}
    for name, value in load_magnet(saved(tmp_path, wrapped)).network.state_dict().items():
        assert torch.equal(value, bare[name])


def test_every_stranger_missing_or_misshapen_parameter_is_refused(tmp_path, peng):
    name = "encoder.cba_2.conv2d.weight"
    missing = {key: value for key, value in peng.items() if key != name}
    with pytest.raises(ConfigError, match="encoder.down.weight is absent"):
        load_magnet(saved(tmp_path, missing))
    with pytest.raises(ConfigError, match=r"encoder.down.weight is \(32, 16, 1, 1\)"):
        load_magnet(saved(tmp_path, peng | {name: peng[name][..., :1, :1]}))
    for stranger in ("encoder.cba_2.conv2d.bias", "encoder.resblks.0.cba_3.conv2d.weight", "w"):
        with pytest.raises(ConfigError, match=f"'{stranger}' is none of MagNet .nearest: peng"):
            load_magnet(saved(tmp_path, peng | {stranger: torch.zeros(3)}))
    with pytest.raises(ConfigError, match="trunk.7.first.weight"):  # an eighth block of three
        load_magnet(saved(tmp_path, peng | {"encoder.resblks.7.cba_1.conv2d.weight": torch.zeros(3)}))


def test_whole_pickled_module_is_not_run(tmp_path):
    with pytest.raises(ConfigError, match="needs code .*the state dict alone"):
        load_magnet(saved(tmp_path, MagNet(LAYOUTS["small"])))


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04" + bytes(100)])
@pytest.mark.parametrize("name", ["weights.pth", "weights.npz"])
def test_damaged_file(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match="weights cannot be read"):
        load_magnet(tmp_path / name)


def test_absent_file(tmp_path):
    with pytest.raises(ConfigError, match="absent"):
        load_magnet(tmp_path / "weights.pth")


def test_tensorflow_file_of_something_else(tmp_path):
    np.savez(tmp_path / "w.npz", **{"resnet/conv1/weights": np.zeros((3, 3, 3, 3), np.float32)})
    with pytest.raises(ConfigError, match="none of MagNet"):
        load_magnet(tmp_path / "w.npz")
