"""Folds of recognition, file to file: learning, honesty, and the same numbers after a kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import yaml

from learning.recognition_data import CLASSES, make_corpus
from mezoo.artifact import Artifact
from mezoo.errors import ConfigError
from mezoo.learning.recogniser_fit import fit_recogniser
from mezoo.learning.recogniser_predict import predict_recogniser

NETWORK = {
    "task": "recognition",
    "model": "ststnet",
    "inputs": ["apex_flow-28"],
    "normalise": ["train_std"],
    "epochs": 60,
    "batch_size": 16,
    "optimiser": {"name": "adam", "learning_rate": 0.01, "weight_decay": 0.001},
    "looks": 4,
    "balance": "oversample",
    "inner_share": 0.34,
}
SVM = {
    "task": "recognition",
    "model": "svm",
    "inputs": ["apex_flow-28"],
    "svm": {"kernel": "linear", "C": 1.0, "candidates": [0.01, 0.1], "standardise": "train_std"},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_corpus(tmp_path_factory.mktemp("made"), unusable=["04_1"])


def recipe(folder: Path, values: dict, **changes) -> Path:
    path = folder / "made.yaml"
    path.write_text(yaml.safe_dump({**values, **changes}))
    return path


def fitted(
    folder: Path, made, values: dict, *, subject: str = "04", name: str = "model.h5", **changes
) -> Path:
    packs, labels = made.but(subject)
    out = folder / name
    fit_recogniser(
        recipe(folder, values, **changes), packs, labels, out, classes=CLASSES, seed=0, accelerator="cpu"
    )
    return out


def predicted(folder: Path, made, model: Path, *, subject: str = "04") -> Artifact:
    out = folder / "predictions.h5"
    predict_recogniser(model, [made.packs[subject]], out, protocol="made", fold=f"made.{subject}")
    return Artifact(out)


def hits(found: Artifact, row: int) -> float:
    clips = json.loads(found.attrs["clips"])
    truth = [(int(c["video"].split("_")[1]) + int(c["subject"])) % 3 for c in clips]
    return float((found["probability"][row].argmax(1) == truth).mean())


@pytest.mark.parametrize("values", [NETWORK, SVM], ids=["network", "svm"])
def test_the_held_out_subject_is_recognised(values, made, tmp_path):
    with predicted(tmp_path, made, fitted(tmp_path, made, values)) as found:
        looks = json.loads(found.attrs["looks"])
        assert hits(found, looks.index(found.attrs["last"])) == 1.0
        assert found.attrs["inner"] in looks
        probability = found["probability"][:]
        assert probability.shape == (len(looks), 5, 3)
        assert probability.sum(2) == pytest.approx(np.ones((len(looks), 5)), abs=1e-5)
        assert found["chance"][:].shape == (len(looks), 5)
        (failed,) = json.loads(found.attrs["failed"])
        assert (failed["video"], failed["reason"]) == ("04_1", "no face")


def test_random_labels_teach_nothing(tmp_path):
    corpus = make_corpus(tmp_path, subjects=[f"{k:02}" for k in range(1, 11)])
    model = fitted(tmp_path, corpus, SVM, label_control="random", subject="01")
    with predicted(tmp_path, corpus, model, subject="01") as found:
        assert hits(found, 0) < 0.9


def test_looks_are_spread_over_the_epochs(made, tmp_path):
    with Artifact(fitted(tmp_path, made, NETWORK, inner_share=0)) as model:
        assert model["weights"].shape[0] == 4 and model["losses"].shape == (60, 1)
        losses = model["losses"][:, 0]
        assert losses[-10:].mean() < losses[:10].mean()
        assert json.loads(model.attrs["inner"]) is None
    with predicted(tmp_path, made, tmp_path / "model.h5") as found:
        assert json.loads(found.attrs["looks"]) == [14, 29, 44, 59] and found.attrs["inner"] == -1


@pytest.mark.parametrize("values", [NETWORK, SVM], ids=["network", "svm"])
def test_the_same_seed_gives_the_same_bytes(values, made, tmp_path):
    one, two = (fitted(tmp_path, made, values, name=f"{k}.h5", epochs=5) if values is NETWORK else
                fitted(tmp_path, made, values, name=f"{k}.h5") for k in (1, 2))  # fmt: skip
    assert one.read_bytes() == two.read_bytes()


def test_nothing_of_the_held_out_subject_reaches_the_model(made, tmp_path):
    """Scale, class weights, validation and looks: another held-out subject with other frames and labels, same bytes."""
    changed = make_corpus(tmp_path / "changed", seed=9, noise=5.0)
    packs, labels = made.but("04")
    one = fitted(tmp_path, made, NETWORK, epochs=5, balance="class_weights")
    made.packs["04"], kept = changed.packs["04"], made.packs["04"]
    try:
        two = fitted(tmp_path, made, NETWORK, epochs=5, balance="class_weights", name="two.h5")
    finally:
        made.packs["04"] = kept
    assert one.read_bytes() == two.read_bytes()
    assert not any("04" in path.stem for path in (*packs, *labels))


def test_a_held_out_subject_among_the_training_is_refused(made, tmp_path):
    """The leak of leaks, whatever it is used for: normalisation, class weights, early stopping."""
    model = fitted(tmp_path, made, SVM, subject="03")  # has seen 04
    with pytest.raises(ConfigError, match="trained on made/04"):
        predicted(tmp_path, made, model)


def test_a_clip_under_two_subjects_is_refused(tmp_path):
    from mezoo.inputs.pack import pack_file

    made = make_corpus(tmp_path)
    (tmp_path / "flow_apex/04_2.h5").write_bytes((tmp_path / "flow_apex/01_3.h5").read_bytes())
    table = tmp_path / "labels/04_2.csv"
    table.write_text(table.read_text().replace("04_2_e", "01_3_e"))
    tables = sorted((tmp_path / "labels").glob("04_*.csv"))
    pack_file("apex_flow-28", tmp_path, tables, made.packs["04"], dataset="made", subject="04")
    model = fitted(tmp_path, made, SVM)
    with pytest.raises(
        ConfigError, match="1 clips that the model was trained on under another subject, e.g. 01_3_e"
    ):
        predicted(tmp_path, made, model)


def test_a_killed_training_goes_on_to_the_same_bytes(made, tmp_path):
    packs, labels = made.but("04")
    long = {**NETWORK, "epochs": 600, "looks": 3, "inner_share": 0}
    path = recipe(tmp_path, long)
    arguments = [
        *(sys.executable, "-m", "mezoo", "fit-recogniser", str(path), "--packs", *map(str, packs)),
        *("--labels", *map(str, labels), "--classes", *CLASSES, "--accelerator", "cpu"),
    ]
    job = subprocess.Popen([*arguments, "-o", str(tmp_path / "killed.h5")], start_new_session=True)
    state = tmp_path / ".killed.unfinished/main/resume.ckpt"
    waited = time.monotonic()
    while not state.is_file() and job.poll() is None and time.monotonic() - waited < 240:
        time.sleep(0.05)
    assert state.is_file() and job.poll() is None, "the training was over before it could be killed"
    job.send_signal(signal.SIGKILL)
    job.wait()
    assert not (tmp_path / "killed.h5").exists()
    found = subprocess.run(
        [*arguments, "-o", str(tmp_path / "killed.h5")], capture_output=True, text=True, check=True
    )
    assert "resuming" in found.stderr
    subprocess.run([*arguments, "-o", str(tmp_path / "whole.h5")], capture_output=True, check=True)
    assert (tmp_path / "killed.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()


def test_a_slip_in_a_recipe(made, tmp_path):
    for changes, match in (
        ({"inputs": ["apex_flw-28"]}, "apex_flow-SIZE"),
        ({"normalise": []}, "normalise has 0 entries"),
        ({"classifier": "svm"}, "belong together"),
        ({"augment": "nothing"}, "augment 'nothing'"),
        ({"model": "nothing"}, "unknown model"),
        ({"optimiser": {"name": "adam", "learning_rate": 1, "momentum": 0.9}}, "momentum belongs to sgd"),
    ):
        with pytest.raises(ConfigError, match=match):
            fitted(tmp_path, made, NETWORK, **changes)
