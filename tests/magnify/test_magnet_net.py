"""MagNet against numbers of the published implementations, through the loaders of their weights."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mezoo.errors import ConfigError  # noqa: E402
from mezoo.magnify.magnet_net import LAYOUTS, MagNet, MagNetLayout  # noqa: E402
from mezoo.magnify.magnet_weights import load_magnet  # noqa: E402

#: Our layout -> name of the model in the reference data, prefix of its arrays.
REFERENCES = {"official": ("tensorflow", "tf"), "peng": ("zp", "zp"), "kim": ("kk", "kk")}
#: Relative to the largest reference value; float64 versions agree to 5.8e-6 (README of the reference data).
TOLERANCE = 5e-5


def drawn_weights(shared, model: str) -> dict[str, np.ndarray]:
    """The weights of the reference numbers, drawn by their rule, in the published order of axes."""
    weights = {}
    for name, shape in json.loads((shared / "oracles/magnet/keys.json").read_text())[model].items():
        rng = np.random.default_rng(zlib.crc32(f"0:{name}".encode()))
        drawn = [shape[i] for i in (3, 2, 0, 1)] if model == "tensorflow" else shape
        value = (rng.standard_normal(drawn) / np.sqrt(np.prod(drawn[1:]))).astype(np.float32)
        weights[name] = value.transpose(2, 3, 1, 0) if model == "tensorflow" else value
    return weights


def write_weights(path, shared, layout: str):
    """A file as its authors wrote it."""
    model = REFERENCES[layout][0]
    weights = drawn_weights(shared, model)
    if layout == "official":
        path = path / "checkpoint.npz"
        np.savez(path, **weights, Variable=np.int64(259002))
        return path
    state = {name: torch.from_numpy(value) for name, value in weights.items()}
    if layout == "kim":
        path = path / "ckpt_e09.pth.tar"
        torch.save({"epoch": 9, "state_dict": {f"module.{k}": v for k, v in state.items()}}, path)
    else:
        path = path / "magnet_epoch12.pth"
        torch.save(state, path)
    return path


@pytest.fixture(scope="module")
def published(shared, tmp_path_factory):
    """Loader and reference numbers of each published implementation."""
    files = {name: shared / "oracles/magnet" / f"{name}.npz" for name in ("tensorflow", "torch_ports")}
    arrays = {name: dict(np.load(file)) for name, file in files.items()}

    def get(layout):
        path = write_weights(tmp_path_factory.mktemp("weights"), shared, layout)
        return load_magnet(path), arrays["tensorflow" if layout == "official" else "torch_ports"]

    return {layout: get(layout) for layout in REFERENCES}


def relative(found, reference):
    return np.abs(found.numpy() - reference).max() / np.abs(reference).max()


def sums_of(found):
    """Sum, sum of the sizes, and sum weighted by the place in the array, from 0 to 1."""
    values = found.numpy().astype(np.float64).ravel()
    return np.array([values.sum(), np.abs(values).sum(), values @ np.arange(values.size) / values.size])


@pytest.mark.parametrize("layout", REFERENCES)
class TestAgainstPublished:
    @torch.no_grad()
    def test_encoder(self, published, layout):
        (loaded, arrays), prefix = published[layout], REFERENCES[layout][1]
        _, shape_a = loaded.network.encoder(torch.from_numpy(arrays["frame_a"]))
        texture_b, shape_b = loaded.network.encoder(torch.from_numpy(arrays["frame_b"]))
        for name, found in {"texture_b": texture_b, "shape_a": shape_a, "shape_b": shape_b}.items():
            assert relative(found, arrays[f"{prefix}_{name}"]) < TOLERANCE, name

    @torch.no_grad()
    def test_output_and_manipulated_shape(self, published, layout):
        (loaded, arrays), prefix = published[layout], REFERENCES[layout][1]
        network = loaded.network
        a, b = (torch.from_numpy(arrays[f"frame_{side}"]) for side in "ab")
        keys = [key for key in arrays if key.startswith(f"{prefix}_output") and "46x54" not in key]
        assert len(keys) >= 3
        for key in keys:
            number = float(key.rsplit("gain" if prefix == "zp" else "factor", 1)[1])
            gain = torch.tensor([number if prefix == "zp" else network.layout.gain_of(number)])
            assert relative(network(a, b, gain), arrays[key]) < TOLERANCE, key
            (_, shape_a), (_, shape_b) = network.encoder(a), network.encoder(b)
            moved = network.manipulator(shape_b, shape_b - shape_a, gain.reshape(1, 1, 1, 1))
            kept = key.replace("output_unclipped", "manipulated").replace("output", "manipulated")
            reference = arrays[kept]  # the first channels; of all channels there are sums
            assert relative(moved[:, : reference.shape[1]], reference) < TOLERANCE, kept
            sums = arrays[f"{kept}_stats"]
            assert np.abs(sums_of(moved) - sums).max() < TOLERANCE * sums[1], kept

    def test_provenance(self, published, layout):
        provenance = published[layout][0].provenance
        assert provenance["source"] == layout and len(provenance["digest"]) == 16
        assert json.loads(json.dumps(provenance)) == provenance


@torch.no_grad()
def test_odd_half_size(published):
    loaded, arrays = published["peng"]
    a, b = (torch.from_numpy(arrays[f"frame_{side}"][..., :46, :54]) for side in "ab")
    assert relative(loaded.network(a, b, torch.tensor([2.0])), arrays["zp_output_46x54_gain2"]) < TOLERANCE


@pytest.mark.parametrize(
    ("layout", "parameters"),
    [
        (LAYOUTS["official"], 918_928),
        (LAYOUTS["peng"], 877_968),
        (LAYOUTS["kim"], 928_144),
        (LAYOUTS["small"], 96_840),
        (MagNetLayout(16, 1, 1, 1, 2), 73_800),
        (MagNetLayout(16, 3, 2, 2, 6), 165_960),
        (MagNetLayout(24, 2, 1, 1, 4), 256_716),
        (MagNetLayout(32, 2, 1, 1, 3), 380_304),
    ],
)
def test_number_of_parameters(layout, parameters):
    assert sum(p.numel() for p in MagNet(layout).parameters()) == parameters


@pytest.mark.parametrize("wrong", [{"width": 5}, {"trunk_blocks": -1}, {"difference_kernel": 4}])
def test_layout_that_cannot_be(wrong):
    with pytest.raises(ConfigError, match="layout of MagNet"):
        MagNetLayout(**wrong)
