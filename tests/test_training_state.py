"""States of unfinished trainings: taken up whole by the same job, else begun anew with one line in the log."""

from __future__ import annotations

import logging

import pytest
import torch

from mezoo.training_state import keep_state, kept_state


@pytest.fixture
def logged(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("mezoo"), "propagate", True)
    return lambda: [record.message for record in caplog.records if record.name == "mezoo"]


def test_round_trip(tmp_path, logged):
    path = tmp_path / "new" / "state"
    assert kept_state(path, job="a") is None
    network = torch.nn.Linear(2, 2)
    keep_state(path, {"step": 3, "losses": [(0.5, 1)], "network": network.state_dict()}, job="a")
    found = kept_state(path, job="a")
    assert found["step"] == 3 and found["losses"] == [(0.5, 1)]
    assert torch.equal(found["network"]["weight"], network.weight)
    assert logged() == [] and [p.name for p in path.parent.iterdir()] == ["state"]


def test_another_job(tmp_path, logged):
    keep_state(tmp_path / "state", {"step": 3}, job="a")
    assert kept_state(tmp_path / "state", job="b") is None and kept_state(tmp_path / "state") is None
    assert len(logged()) == 2 and all("another training: this training begins anew" in x for x in logged())


@pytest.mark.parametrize("cut", [0, 1, 20, 400, -1])
def test_torn(tmp_path, logged, cut):
    keep_state(tmp_path / "state", {"values": torch.ones(50)}, job="a")
    (tmp_path / "state").write_bytes((tmp_path / "state").read_bytes()[:cut])
    assert kept_state(tmp_path / "state", job="a") is None
    (line,) = logged()
    assert "cannot be read: this training begins anew" in line and str(tmp_path / "state") in line


def test_of_a_stranger(tmp_path, logged):
    torch.save({"state_dict": {}}, tmp_path / "a")
    torch.save([1], tmp_path / "b")
    (tmp_path / "c").write_text("job")
    torch.save(torch.nn.Linear(1, 1), tmp_path / "d")
    for name in "abcd":
        assert kept_state(tmp_path / name) is None
    assert len(logged()) == 4
