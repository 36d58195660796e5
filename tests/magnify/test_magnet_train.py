"""Training of MagNet: it learns, goes on after a kill to the same weights, and refuses what fails its check."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mezoo.artifact import Artifact  # noqa: E402
from mezoo.errors import ConfigError, DataError  # noqa: E402
from mezoo.magnify import magnet_check, magnet_train  # noqa: E402
from mezoo.magnify.magnet_check import CheckRow, why_unusable  # noqa: E402
from mezoo.magnify.magnet_net import MagNet  # noqa: E402
from mezoo.magnify.magnet_scenes import SceneParams  # noqa: E402
from mezoo.magnify.magnet_train import Profile, Training, learning_rate, train_magnet_file  # noqa: E402
from mezoo.magnify.magnet_weights import load_magnet  # noqa: E402

TINY = Profile(steps=12, size=32, warmup=4, scenes=SceneParams(canvases=2, masks=2, side=192))
GOOD = [CheckRow(0.5, 2, 1.0, 0.9, 0.8)]


@pytest.fixture
def passing(monkeypatch):
    """Let every network pass its check."""
    monkeypatch.setattr(magnet_train, "check_table", lambda loaded: GOOD)


def weights_of(network) -> np.ndarray:
    return np.concatenate([value.numpy().ravel() for value in network.state_dict().values()])


class Killed(Exception):
    pass


@pytest.mark.parametrize("when", [1, 5, 11])
def test_killed_training_goes_on_to_the_same_weights(tmp_path, monkeypatch, when):
    straight = weights_of(Training(TINY, seed=3, state=tmp_path / "a").run())
    step, save = Training._step, Training.save

    def stop(self, scenes, number):
        if number == when:
            raise Killed
        step(self, scenes, number)
        save(self)

    monkeypatch.setattr(Training, "_step", stop)
    with pytest.raises(Killed):
        Training(TINY, seed=3, state=tmp_path / "b").run()
    monkeypatch.setattr(Training, "_step", step)
    torch.manual_seed(99)  # whatever happened in this process before
    training = Training(TINY, seed=3, state=tmp_path / "b")
    assert len(training._losses) == when
    np.testing.assert_array_equal(weights_of(training.run()), straight)


@pytest.mark.parametrize("other", [{"seed": 4}, {"profile": replace(TINY, steps=13)}])
def test_state_of_another_training_is_not_used(tmp_path, other):
    first = Training(TINY, seed=3, state=tmp_path / "s")
    first.run()
    first.save()
    assert len(Training(TINY, seed=3, state=tmp_path / "s")._losses) == 12
    assert not Training(**({"profile": TINY, "seed": 3} | other), state=tmp_path / "s")._losses


@pytest.mark.parametrize("content", [b"", b"no state", b"PK\x03\x04" + bytes(100)])
def test_a_torn_state_means_beginning_anew(tmp_path, content):
    (tmp_path / "s").write_bytes(content)
    assert not Training(TINY, seed=3, state=tmp_path / "s")._losses


def test_it_learns(tmp_path):
    scenes = SceneParams(canvases=8, masks=4, side=192, colour_gain=0.0, colour_offset=0.0, max_output=2.0)
    profile = Profile(steps=100, size=32, learning_rate=2e-3, warmup=30, scenes=scenes)
    training = Training(profile, seed=0, state=tmp_path / "s")
    training.run()
    loss, untouched = np.array(training._losses)[-50:].mean(0)
    assert loss < 0.95 * untouched  # a network that learns nothing ends at 1.00


def test_artifact(tmp_path, passing):
    out = tmp_path / "magnet.h5"
    train_magnet_file(out, profile=TINY, seed=1)
    loaded = load_magnet(out)
    assert loaded.provenance["source"] == "trained"
    training = loaded.provenance["training"]
    assert training["small_substitute"] and training["steps"] == 12 and training["seed"] == 1
    assert training["check"] == [{"shift": 0.5, "factor": 2, "gain": 1.0, "ssim": 0.9, "ssim_untouched": 0.8}]
    assert json.loads(json.dumps(loaded.provenance)) == loaded.provenance
    again = Training(TINY, seed=1, state=tmp_path / "s").run()
    np.testing.assert_array_equal(weights_of(loaded.network), weights_of(again))
    with Artifact(out) as artifact:
        assert artifact.stage == "magnet" and artifact["weights"].shape == (87_624,)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["magnet.h5"]


def test_weights_that_fail_are_not_written(tmp_path, monkeypatch):
    """Twelve steps are not enough, and the check notices."""
    monkeypatch.setattr(magnet_check, "SHIFTS", (0.25,))
    monkeypatch.setattr(magnet_check, "FACTORS", (2,))
    with pytest.raises(DataError, match="fails its check: gain ratio 0.5. at 0.25 px and factor 2"):
        train_magnet_file(tmp_path / "magnet.h5", profile=TINY)
    assert not (tmp_path / "magnet.h5").exists()


def test_unknown_profile(tmp_path):
    with pytest.raises(ConfigError, match="one of demo, standard"):
        train_magnet_file(tmp_path / "magnet.h5", profile="fast")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (CheckRow(0.5, 4, 0.79, 0.9, 0.8), "gain ratio 0.79 at 0.5 px and factor 4"),
        (CheckRow(0.5, 4, 1.21, 0.9, 0.8), "gain ratio 1.21"),
        (CheckRow(0.5, 4, np.nan, 0.9, 0.8), "gain ratio nan"),
        (CheckRow(0.5, 4, 1.0, 0.8, 0.8), "SSIM 0.8000, that of the untouched frame 0.8000"),
        (CheckRow(0.5, 4, 0.8, 0.81, 0.8), ""),
    ],
)
def test_verdict(row, reason):
    assert why_unusable([*GOOD, row]).startswith(reason)
    assert bool(why_unusable([*GOOD, row])) == bool(reason)


def test_learning_rate():
    profile = Profile(steps=100, learning_rate=1.0, warmup=10, fall=0.5)
    assert [round(learning_rate(profile, step), 3) for step in (0, 4, 9, 49, 75, 99)] == [
        0.1, 0.5, 1.0, 1.0, 0.5, 0.02
    ]  # fmt: skip


def test_standard_network_has_the_documented_size():
    assert sum(p.numel() for p in MagNet(magnet_train.LAYOUTS["small_residual"]).parameters()) == 87_624
