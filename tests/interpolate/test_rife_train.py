"""Training: the loss falls, a killed training goes on, the file loads and tells what it is worth."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from mezoo.artifact import ArtifactWriter
from mezoo.errors import ConfigError
from mezoo.interpolate import INTERPOLATORS, rife_train
from mezoo.interpolate.linear import render_linear
from mezoo.interpolate.quality import psnr
from mezoo.interpolate.rife import render_with
from mezoo.interpolate.rife_train import RifeProfile, learning_rate, train_rife, train_rife_file
from mezoo.interpolate.rife_weights import load_rife

TINY = {"widths": (8, 8, 8), "base": 2, "batch": 2, "warm_up": 2, "spacings": (2,)}


@pytest.fixture
def write_clip(tmp_path, moving_clip) -> Callable[..., Path]:
    def write(name: str, n: int = 9) -> Path:
        path = tmp_path / f"{name}.h5"
        with ArtifactWriter(path, stage="faces", params={"name": name}, inputs={}) as writer:
            frames = writer.stream("frames", shape=(72, 80), dtype="uint8", axes="(T, H, W)")
            frames.extend(moving_clip(range(n), shape=(72, 80)))
        return path

    return write


def test_rings_that_widen_are_learned(monkeypatch):
    # Flips and turns leave rings as they are, so a few steps teach their motion, which no sample knows.
    monkeypatch.setattr(rife_train, "_REPORT", 10)
    y, x = np.mgrid[:64, :64] - 31.5
    waves = [128 + 80 * np.sin((np.hypot(x, y) - 3 * t) / 4) for t in range(3)]
    rings = np.rint(waves).astype(np.uint8)
    profile = RifeProfile(
        **{**TINY, "widths": (16, 16, 16), "warm_up": 5},
        steps=60,
        span=3,
        drift=0,
        bend=0,
        known_flow=0,
        learning_rate=3e-3,
    )
    network, facts = train_rife([rings], profile, seed=0)
    assert facts["steps"] == 60 and len(facts["losses"]) == 6
    assert facts["losses"][-1] < 0.5 * facts["losses"][0]
    learned, blended = (
        psnr(frames[0], rings[1])
        for frames in (
            render_with(network.eval(), rings[::2], np.array([0.5])),
            render_linear(rings[::2], np.array([0.5])),
        )
    )
    assert learned > blended + 6


def test_training_starts_at_the_mean(moving_clip):
    network, _ = train_rife([moving_clip(range(4), shape=(72, 80))], RifeProfile(**TINY, steps=1), seed=0)
    image0, image1 = torch.rand(2, 1, 3, 64, 64)
    rife_train._begin_with_the_mean(network)
    torch.testing.assert_close(network(image0, image1, 0.3).image, (image0 + image1) / 2)


def test_learning_rate():
    profile = RifeProfile(steps=1000, warm_up=100, learning_rate=1.0)
    rates = [learning_rate(profile, step) for step in range(1000)]
    assert rates[0] == pytest.approx(0.01) and max(rates) == rates[100] == 1
    assert rates[550] == pytest.approx(0.505) and rates[-1] == pytest.approx(0.01, abs=1e-4)


def test_file_loads_and_holds_its_facts(tmp_path, write_clip, moving_clip):
    train, held = [write_clip("a"), write_clip("b")], [write_clip("c")]
    out = tmp_path / "rife.pt"
    train_rife_file(train, held, out, profile=RifeProfile(**TINY, steps=3), seed=4)
    network, facts = load_rife(out)
    assert facts["variant"] == "RIFEm" and set(facts["weights"]) == {"rife.pt"}
    metadata = json.loads(torch.load(out, weights_only=True)["metadata"])
    assert metadata["seed"] == 4 and metadata["steps"] == 3 and metadata["profile"]["crop"] == 64
    assert set(metadata["inputs"]) == {str(path) for path in train + held}
    assert set(metadata["psnr"]["2"]) == {"linear", "tim", "flow_warp", "rife", "frames"}
    assert metadata["psnr"]["2"]["frames"] == 4 and metadata["psnr"]["2"]["flow_warp"] > 30
    frames = INTERPOLATORS["rife"].bring_to(moving_clip(range(2)), 5, weights=str(out))
    assert frames.shape[0] == 5
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_same_seed_same_weights_also_after_a_kill(tmp_path, write_clip, monkeypatch):
    clips, held = [write_clip("a")], [write_clip("b")]
    profile = RifeProfile(**TINY, steps=6)
    train_rife_file(clips, held, tmp_path / "whole.pt", profile=profile)
    monkeypatch.setattr(rife_train, "_REPORT", 2)
    monkeypatch.setattr(rife_train, "_KEEP", 0.0)
    step = rife_train._step

    def killed(network, optimiser, sampler, profile, number):
        if number == 5:
            raise KeyboardInterrupt
        return step(network, optimiser, sampler, profile, number)

    monkeypatch.setattr(rife_train, "_step", killed)
    out = tmp_path / "resumed.pt"
    with pytest.raises(KeyboardInterrupt):
        train_rife_file(clips, held, out, profile=profile)
    assert not out.exists()
    begun = []
    monkeypatch.setattr(rife_train, "_step", lambda *given: begun.append(given[-1]) or step(*given))
    train_rife_file(clips, held, out, profile=profile)
    assert begun == [4, 5], "it went on at the last state kept"
    states = [
        torch.load(tmp_path / f"{name}.pt", weights_only=True)["state_dict"] for name in ("whole", "resumed")
    ]
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])


def test_state_of_another_job_is_not_taken_up(tmp_path, moving_clip, monkeypatch):
    monkeypatch.setattr(rife_train, "_REPORT", 1)
    monkeypatch.setattr(rife_train, "_KEEP", 0.0)
    resume = tmp_path / "state"
    clip = moving_clip(range(4), shape=(72, 80))
    train_rife([clip], RifeProfile(**TINY, steps=2), seed=0, resume=resume, job="one")
    assert torch.load(resume, weights_only=True)["step"] == 2
    _, facts = train_rife([clip], RifeProfile(**TINY, steps=3), seed=0, resume=resume, job="other")
    assert len(facts["losses"]) == 3


@pytest.mark.parametrize("content", [b"", b"no state", b"PK\x03\x04" + bytes(100)])
def test_a_torn_state_means_beginning_anew(tmp_path, moving_clip, content):
    (tmp_path / "state").write_bytes(content)
    clip = moving_clip(range(4), shape=(72, 80))
    _, facts = train_rife([clip], RifeProfile(**TINY, steps=1), seed=0, resume=tmp_path / "state", job="one")
    assert facts["steps"] == 1


def test_time_limit(moving_clip):
    profile = RifeProfile(**TINY, steps=10_000, max_minutes=0.003)
    _, facts = train_rife([moving_clip(range(4), shape=(72, 80))], profile, seed=0)
    assert 0 < facts["steps"] < 10_000 and facts["minutes"] < 0.1


def test_a_clip_cannot_be_on_both_sides(tmp_path, write_clip):
    clip = write_clip("a")
    with pytest.raises(ConfigError, match="two separate lists"):
        train_rife_file([clip], [clip], tmp_path / "rife.pt", profile=RifeProfile(**TINY, steps=1))


@pytest.mark.parametrize("wrong", [{"crop": 32}, {"crop": 80}, {"steps": 0}, {"batch": 0}])
def test_wrong_profile(wrong):
    with pytest.raises(ConfigError, match="profile"):
        RifeProfile(**{**TINY, **wrong})
