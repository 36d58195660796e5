"""Weights of strangers: what was saved comes back from every usual wrapping, anything else is refused in words."""

from __future__ import annotations

import io
import pickle
import random
from collections import OrderedDict
from pathlib import Path

import pytest
import torch

from mezoo.checkpoint import fill, read_checkpoint, write_checkpoint
from mezoo.errors import ConfigError

STATE = {"stem.weight": torch.arange(6.0).reshape(2, 3), "stem.bias": torch.tensor([1, 2])}
PARALLEL = {f"module.{key}": value for key, value in STATE.items()}


def read(path, **options):
    return read_checkpoint(path, what="Toy", advice="Give the file of toys", **options)


def saved(path: Path, content, *, new=True) -> Path:
    torch.save(content, path, _use_new_zipfile_serialization=new)
    return path


def refusal(path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert caught.value.file == str(path) and caught.value.action == "Give the file of toys"
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500
    return caught.value


@pytest.mark.parametrize("new", [True, False], ids=["zip", "old"])
@pytest.mark.parametrize(
    "content",
    [
        STATE,
        PARALLEL,
        OrderedDict(PARALLEL),
        {"epoch": 3, "state_dict": STATE},
        {"epoch": 3, "model": PARALLEL, "optimizer": {"lr": 0.1}},
        {"model_state_dict": STATE, "loss": [0.1]},
        {"model": {"state_dict": PARALLEL}, "args": "x"},
    ],
)
def test_every_usual_form_gives_the_same(tmp_path, content, new):
    found = read(saved(tmp_path / "w.pt", content, new=new))
    assert list(found) == list(STATE)
    assert all(torch.equal(found[key], value) for key, value in STATE.items())


def test_a_network_may_have_a_part_of_such_a_name(tmp_path):
    state = {"model": torch.ones(2), "state_dict.module.weight": torch.zeros(1)}
    assert read(str(saved(tmp_path / "w.pt", state))).keys() == state.keys()


class TestRefused:
    def test_absent(self, tmp_path):
        for path in (tmp_path / "w.pt", tmp_path):
            assert refusal(path).found == "no file of Toy weights here"

    @pytest.mark.parametrize(
        "content", [b"", b"hello", b"checkpoint of\nmine\n", b"(lp0\n", pickle.dumps({"a": [1]})]
    )
    def test_no_checkpoint(self, tmp_path, content):
        (tmp_path / "w.pt").write_bytes(content)
        error = refusal(tmp_path / "w.pt")
        assert error.found == "the Toy weights cannot be read: it is no checkpoint of torch"
        assert "state dict" in error.expected

    @pytest.mark.parametrize("new", [True, False], ids=["zip", "old"])
    def test_truncated_anywhere(self, tmp_path, new):
        whole = saved(tmp_path / "w.pt", {"state_dict": PARALLEL}, new=new).read_bytes()
        for stop in range(40, len(whole), 7):
            (tmp_path / "w.pt").write_bytes(whole[:stop])
            found = refusal(tmp_path / "w.pt").found
            # the old form may end within a name, which then is none of torch's
            assert "it is truncated" in found or (not new and "it needs code (" in found)

    @pytest.mark.parametrize("new", [True, False], ids=["zip", "old"])
    def test_flipped_bytes_give_weights_or_a_refusal(self, tmp_path, new):
        whole = saved(tmp_path / "w.pt", {"state_dict": PARALLEL}, new=new).read_bytes()
        rng, refused = random.Random(0), 0
        for _ in range(300):
            damaged = bytearray(whole)
            for _ in range(2):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            (tmp_path / "w.pt").write_bytes(damaged)
            try:
                read(tmp_path / "w.pt")
            except ConfigError:
                refused += 1
        assert refused > 30

    @pytest.mark.parametrize("new", [True, False], ids=["zip", "old"])
    def test_code_is_not_run(self, tmp_path, new):
        class Trap:
            def __reduce__(self):
                return open, (str(tmp_path / "sprung"), "w")

        found = refusal(saved(tmp_path / "w.pt", {"state_dict": {"a": Trap()}}, new=new)).found
        assert "it needs code (io.open)" in found and not (tmp_path / "sprung").exists()
        (tmp_path / "w.pt").write_bytes(pickle.dumps(Trap()))
        refusal(tmp_path / "w.pt")
        assert not (tmp_path / "sprung").exists()

    def test_a_whole_network(self, tmp_path):
        found = refusal(saved(tmp_path / "w.pt", torch.nn.Linear(1, 1))).found
        assert "it needs code (torch.nn.modules.linear.Linear)" in found

    def test_a_script_archive(self, tmp_path):
        buffer = io.BytesIO()
        torch.jit.save(torch.jit.script(torch.nn.ReLU()), buffer)
        (tmp_path / "w.pt").write_bytes(buffer.getvalue())
        assert "unknown form (Cannot use ``weights_only=True``" in refusal(tmp_path / "w.pt").found

    @pytest.mark.parametrize(
        ("content", "found"),
        [
            ([torch.ones(1)], "it holds a list"),
            (torch.ones(1), "it holds a Tensor"),
            ({}, "it holds no tensors"),
            ({"state_dict": {}}, "it holds no tensors"),
            ({"state_dict": [1]}, "'state_dict' in it is no tensor"),
            (STATE | {"epoch": 3}, "'epoch' in it is no tensor"),
        ],
    )
    def test_no_weights_inside(self, tmp_path, content, found):
        assert refusal(saved(tmp_path / "w.pt", content)).found.endswith(f"cannot be read: {found}")

    def test_wrappings_without_end(self, tmp_path):
        content = {}
        content["model"] = content
        assert "'model' in it is no tensor" in refusal(saved(tmp_path / "w.pt", content)).found


class Settings:
    """What a training script may keep beside its weights."""


def test_classes_that_do_no_harm_have_to_be_named(tmp_path):
    path = saved(tmp_path / "w.pt", {"args": Settings(), "state_dict": STATE})
    assert "it needs code" in refusal(path).found
    assert read(path, harmless=[Settings]).keys() == STATE.keys()
    refusal(path)


def test_fill_takes_all_or_none():
    with torch.device("meta"):
        network = torch.nn.Linear(3, 2)
    state = {"weight": torch.ones(2, 3, dtype=torch.float16), "bias": torch.zeros(2)}
    told = {"what": "Toy", "advice": "Give the file of toys", "file": "w.pt"}
    for wrong in (
        {"weight": state["weight"]},
        state | {"more": torch.ones(1)},
        state | {"bias": torch.ones(3)},
    ):
        with pytest.raises(ConfigError, match="weights of Toy that do not match") as caught:
            fill(network, wrong, **told)
        assert caught.value.file == "w.pt" and "\n" not in str(caught.value)
    assert fill(network, state, **told) is network and not network.training
    assert torch.equal(network.weight, torch.ones(2, 3)) and not network.weight.requires_grad


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "w.pt"
    write_checkpoint(path, {"state_dict": STATE, "metadata": "{}"})
    before = path.read_bytes()
    assert torch.equal(read(saved(tmp_path / "v.pt", STATE))["stem.weight"], STATE["stem.weight"])
    with pytest.raises((AttributeError, pickle.PicklingError)):
        write_checkpoint(path, {"code": lambda: 0})
    assert path.read_bytes() == before and [p.name for p in path.parent.iterdir()] == ["w.pt"]
