"""Properties that every registered network must have; a new network is tested by existing."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from mezoo.errors import ConfigError
from mezoo.models import ModelEntry, create, list_models, register

ENTRIES = list_models()
every_model = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def example(entry: ModelEntry, *, batch: int = 4, free: int = 24) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    shapes = [[free if isinstance(n, str) else n for n in shape] for shape in entry.inputs.values()]
    return [torch.randn(batch, *shape, generator=generator) for shape in shapes]


def build(entry: ModelEntry, seed: int = 0) -> torch.nn.Module:
    torch.manual_seed(seed)
    return create(entry.name)


@every_model
def test_cardinality(entry):
    model = build(entry).eval()
    frees = (16, 33) if any("T" in shape for shape in entry.inputs.values()) else (16,)
    for free in frees:
        with torch.no_grad():
            output = model(*example(entry, free=free))
        assert output.shape == (4, *(free if isinstance(n, str) else n for n in entry.output))
        assert torch.isfinite(output).all()


@every_model
def test_gradients_are_finite_and_reach_every_parameter(entry):
    model = build(entry).train()
    model(*example(entry)).square().mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


@every_model
def test_seed_decides_the_weights(entry):
    same, again, other = (build(entry, seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(same[name], again[name]) for name in same)
    assert any(not torch.equal(same[name], other[name]) for name in same)


@every_model
def test_save_and_load(entry, tmp_path):
    model = build(entry, 1)
    model.train()(*example(entry))  # moves the running statistics
    torch.save(model.state_dict(), tmp_path / "weights.pt")
    restored = build(entry, 2)
    restored.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    inputs = example(entry)
    with torch.no_grad():
        assert torch.equal(model.eval()(*inputs), restored.eval()(*inputs))


@every_model
def test_entry_is_complete(entry):
    assert entry.paper and entry.task in ("spotting", "recognition")
    assert entry.n_parameters == sum(p.numel() for p in build(entry).parameters() if p.requires_grad) > 0


def test_names_are_sorted_and_filtered():
    names = [entry.name for entry in ENTRIES]
    assert names == sorted(names) and "auwgcn" in names
    assert "auwgcn" not in [entry.name for entry in list_models("recognition")]


def test_unknown_model():
    with pytest.raises(ConfigError, match="unknown model 'nothing'.*auwgcn"):
        create("nothing")


def test_a_name_is_taken_once():
    with pytest.raises(ValueError, match="twice"):
        register("auwgcn", task="spotting", inputs={}, output=(), paper="none")(object)


def test_numpy_companions_do_not_import_torch():
    names = "auwgcn_targets auwgcn_labels auwgcn_clips au_graph auwgcn_proposals mdmo_peaks".split()
    code = (
        "import sys; "
        + "; ".join(f"import mezoo.models.{n}" for n in names)
        + "; assert 'torch' not in sys.modules"
    )
    path = [entry for entry in sys.path if entry]
    subprocess.run([sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}; {code}"], check=True)
