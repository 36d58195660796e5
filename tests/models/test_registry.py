"""Properties that every registered network must have; a new network is tested by existing."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from mezoo.errors import ConfigError
from mezoo.inputs import request
from mezoo.models import ModelEntry, create, list_models, register
from mezoo.models.recogniser import N_AUS, Batch

ENTRIES = list_models()
every_model = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


every_recogniser = pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.task == "recognition"], ids=lambda entry: entry.name
)


def example(entry: ModelEntry, *, batch: int = 4, free: int = 24) -> list:
    """Inputs of the small version; clips of different length, as a list, where a recogniser takes any length."""
    generator = torch.Generator().manual_seed(7)
    inputs = []
    for shape in (entry.small_inputs or entry.inputs).values():
        if entry.task == "recognition" and any(isinstance(n, str) for n in shape):
            lengths = [free + k for k in range(batch)]
            inputs.append([torch.randn(n, *shape[1:], generator=generator) for n in lengths])
        else:
            size = [free if isinstance(n, str) else n for n in shape]
            inputs.append(torch.randn(batch, *size, generator=generator))
    return inputs


def build(entry: ModelEntry, seed: int = 0, **options) -> torch.nn.Module:
    torch.manual_seed(seed)
    return create(entry.name, **entry.small, **options)


def n_outputs(entry: ModelEntry, free: int) -> tuple[int, ...]:
    return tuple(free if isinstance(n, str) else n for n in entry.output)


@every_model
def test_cardinality(entry):
    model = build(entry).eval()
    frees = (16, 33) if any("T" in shape for shape in entry.inputs.values()) else (16,)
    for free in frees:
        with torch.no_grad():
            output = model(*example(entry, free=free))
        assert output.shape == (4, *n_outputs(entry, free))
        assert torch.isfinite(output).all()


@every_model
def test_gradients_are_finite_and_reach_every_parameter(entry):
    model = build(entry).train()
    model(*example(entry)).square().mean().backward()
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


@every_recogniser
@pytest.mark.parametrize("n_classes", [3, 7])
def test_classes_are_an_argument(entry, n_classes):
    model = build(entry, n_classes=n_classes).eval()
    assert model(*example(entry)).shape == (4, n_classes)
    assert torch.allclose(model.probabilities(*example(entry)).sum(1), torch.ones(4), atol=1e-5)


@every_recogniser
def test_a_recogniser_overfits_eight_clips(entry):
    torch.manual_seed(0)
    inputs, target = example(entry, batch=8, free=10), torch.arange(8) % 3
    model = build(entry, n_classes=3)
    aus = torch.zeros(8, N_AUS)
    aus[torch.arange(8), torch.tensor([1, 2, 4, 12, 14, 15, 17, 25])] = 1
    model.train()
    model(*inputs)  # batch statistics exist before they are used
    groups = [
        {k: v for k, v in g.items() if k != "lr_scale"} for g in model.parameter_groups(weight_decay=0.0)
    ]
    optimiser = torch.optim.Adam(groups, lr=3e-3)
    for _ in range(400):
        optimiser.zero_grad()
        model.train()
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout | torch.nn.Dropout2d | torch.nn.Dropout3d):
                module.eval()  # what is asked here is whether it can fit, not whether it generalises
        loss = model.loss(Batch(tuple(inputs), target, aus))
        loss.backward()
        optimiser.step()
        with torch.no_grad():
            found = model(*inputs).argmax(1)
        if (found == target).all():
            return
    assert found.tolist() == target.tolist()


@every_recogniser
def test_inputs_are_known(entry):
    for name, shape in (*entry.inputs.items(), *entry.small_inputs.items()):
        assert request(name).shape == shape


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.stated_parameters is not None], ids=lambda entry: entry.name
)
def test_number_of_parameters_is_the_stated_one(entry):
    assert entry.n_parameters == entry.stated_parameters


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
    assert (
        entry.n_parameters == sum(p.numel() for p in create(entry.name).parameters() if p.requires_grad) > 0
    )


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
    names = (
        "auwgcn_targets auwgcn_labels auwgcn_clips au_graph fgrmer_graph mergcn_graph auwgcn_proposals "
        "mdmo_peaks peak_picking frame_difference apex_search mdmd frame_targets feature_matrix mtsn_proposals"
    ).split()
    code = (
        "import sys; "
        + "; ".join(f"import mezoo.models.{n}" for n in names)
        + "; assert 'torch' not in sys.modules"
    )
    path = [entry for entry in sys.path if entry]
    subprocess.run([sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}; {code}"], check=True)
