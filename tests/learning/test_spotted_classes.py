"""Spot, then recognise: who may be asked about whom, what is said of each interval, and what it is worth."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter, map_coordinates

from learning.recognition_data import SVM_RECIPE, write_labels
from mezoo.artifact import Artifact, ArtifactWriter, digest
from mezoo.catalog_items import EventRecord, write_event_table
from mezoo.errors import ConfigError
from mezoo.evaluation.spotting import TYPES
from mezoo.inputs.pack import pack_file
from mezoo.learning.predict import SOURCES
from mezoo.learning.recipe import load_recipe
from mezoo.learning.recogniser_fit import fit_recogniser
from mezoo.learning.spotted_classes import recognise_spotted, score_spotted
from mezoo.motion import flow_apex_file

SIDE, N_FRAMES, KIND = 64, 40, "apex_flow-28"
#: Expressions of every video: class, and the frames of onset, apex and offset (numbered from 1).
EVENTS = (("left", 3, 7, 11), ("right", 20, 24, 28))
BLIND = 34  # from here on no face is found


def write_faces(path, seed):
    """Write a texture whose left or right half moves down and back in each expression."""
    rng = np.random.default_rng(seed)
    texture = gaussian_filter(rng.normal(size=(SIDE, SIDE)), 2)
    texture = 128 + 40 * texture / texture.std()
    y, x = np.mgrid[:SIDE, :SIDE].astype(float)
    frames = []
    for number in range(1, N_FRAMES + 1):
        shift = np.zeros((SIDE, SIDE))
        for label, *places in EVENTS:
            near = np.exp(-((x - (16 if label == "left" else 48)) ** 2 + (y - 32) ** 2) / (2 * 10**2))
            shift += 3 * np.interp(number, places, [0, 1, 0]) * near
        frames.append(map_coordinates(texture, [y - shift, x], order=1, mode="nearest"))
    points = np.stack(np.meshgrid(np.linspace(8, 56, 17), np.linspace(8, 56, 4)), -1).reshape(68, 2)
    with ArtifactWriter(path, stage="faces", params={"size": SIDE}, inputs={}) as writer:
        grey = np.clip(np.stack(frames) + rng.normal(0, 0.5, (N_FRAMES, SIDE, SIDE)), 0, 255)
        numbers = np.arange(1, N_FRAMES + 1, dtype=np.int32)
        writer.write("frames", grey.astype(np.uint8), axes="(T, H, W)")
        writer.write("landmarks", np.repeat(points[None], N_FRAMES, 0).astype(np.float32), axes="(T, 68, 2)")
        writer.write("index", numbers, axes="(T)")
        writer.write("valid", numbers < BLIND, axes="(T)")
        writer.attrs.update(dataset="made", subject=path.stem[:2], video=path.stem, fps=30.0)


class Run:
    """Three subjects with one video each; the recogniser of the fold that holds 03 out, and what was spotted."""

    def __init__(self, folder):
        self.folder, self.packs, self.labels, tables = folder, {}, {}, []
        for number, subject in enumerate(("01", "02", "03")):
            video, events, rows = f"{subject}_1", [], []
            write_faces(folder / "faces" / f"{video}.h5", number)
            for k, (label, *frames) in enumerate(EVENTS):
                events.append(EventRecord("made", video, subject, f"{video}_{k}", *frames, "micro"))
                rows.append(["made", video, subject, events[-1].event, label, f"made/{subject}", ""])
            tables += events
            table = folder / "labels" / f"{video}.csv"
            table.parent.mkdir(exist_ok=True)
            write_event_table(table, events)
            flow_apex_file(
                folder / f"faces/{video}.h5", table, folder / f"flow_apex/{video}.h5", backend="dis"
            )
            self.packs[subject] = folder / "packs" / f"{subject}.h5"
            pack_file(KIND, folder, [table], self.packs[subject], dataset="made", subject=subject)
            self.labels[subject] = write_labels(folder / "protocol" / f"{subject}.csv", rows)
        self.events = folder / "events.csv"
        write_event_table(self.events, tables)
        self.model = self.fit("model.h5", ("01", "02"))
        self.spotter, self.proposals = self.spotted("spotter", ["made/01", "made/02"])

    def fit(self, name, subjects):
        recipe = self.folder / "made_svm.yaml"
        recipe.write_text(SVM_RECIPE)
        packs, labels = ([files[s] for s in subjects] for files in (self.packs, self.labels))
        fit_recogniser(recipe, packs, labels, self.folder / name, classes=("left", "right"), seed=0)
        return self.folder / name

    def spotted(self, name, subjects):
        """Write a spotter and what it found: both expressions, a place without a face, one of another type."""
        recipe = load_recipe("workflow/recipes/mdmo_peaks.yaml")
        spotter, out = self.folder / f"{name}.h5", self.folder / f"{name}_proposals.h5"
        with ArtifactWriter(spotter, stage="fit", params={}, inputs={}) as writer:
            writer.attrs.update(name="made_peaks", subjects=json.dumps(subjects))
        found = [(3, 7, 11, "micro"), (21, 21, 28, "micro"), (35, 37, 39, "micro"), (3, 7, 11, "macro")]
        with ArtifactWriter(
            out, stage="predict", params={}, inputs={str(spotter): digest(spotter)}
        ) as writer:
            values = {"dataset": "made", "subject": "03", "seed": 0, "last": 1, "has_inner": False}
            writer.attrs.update(values, protocol="loso", recipe=recipe.model_dump_json())
            for key, value in (("videos", ["03_1"]), ("failed", []), ("looks", [0, 1])):
                writer.attrs[key] = json.dumps(value)
            columns = dict(zip(("onset", "apex", "offset"), zip(*found, strict=True), strict=False))
            columns |= {"look": [1] * 4, "source": [SOURCES.index("look")] * 4, "video": [0] * 4}
            columns["type"] = [TYPES.index(kind) for *_, kind in found]
            for key, values in columns.items():
                writer.write(key, np.array(values, np.int32), axes="(interval)")
            writer.write("score", np.array([3, 2, 1, 1], np.float32), axes="(interval)")
        return spotter, out

    def recognise(self, out, *, model=None, spotter=None, proposals=None):
        recognise_spotted(
            model or self.model,
            spotter or self.spotter,
            proposals or self.proposals,
            [self.folder / "faces/03_1.h5"],
            out,
            protocol="made_2class",
        )
        return out


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def found(run):
    return run.recognise(run.folder / "found.csv")


def test_every_micro_expression_gets_a_class(found):
    table = pd.read_csv(found, dtype={"subject": str}, keep_default_na=False)
    assert table["onset"].tolist() == [3, 21, 35] and set(table["type"]) == {"micro"}
    assert table["label"].tolist()[:2] == ["left", "right"], "the second one without an apex inside"
    assert set(table["subject"]) == {"03"} and set(table["spotter"]) == {"made_peaks"}
    shares = table[["p_left", "p_right"]].iloc[:2].astype(float)
    assert shares.sum(axis=1).tolist() == pytest.approx([1, 1], abs=1e-4)


def test_an_interval_without_a_face_is_a_guess_with_its_reason(found):
    last = pd.read_csv(found, keep_default_na=False).iloc[2]
    assert last["label"] == "left" and "no valid face" in last["reason"] and last["p_left"] == ""


def test_the_score_is_the_product_of_its_parts(run, found, tmp_path):
    score_spotted([found], [run.labels["03"]], [run.events], tmp_path / "strs.csv", classes=("left", "right"))
    table = pd.read_csv(tmp_path / "strs.csv").set_index("metric")
    # two of two found, by three intervals: F1 = 2 x 2 / (2 + 3)
    assert table.loc[["f1", "uf1", "strs"], "value"].tolist() == pytest.approx([0.8, 1.0, 0.8])
    assert (table["n_guessed"] == 1).all() and set(table["protocol"]) == {"made_2class"}
    assert table.loc["uf1", "n"] == 2 and table.loc["f1", "n"] == 2
    swapped = [line.replace(",left,", ",right,") for line in found.read_text().splitlines()]
    (tmp_path / "wrong.csv").write_text("\n".join(swapped) + "\n")
    score_spotted(
        [tmp_path / "wrong.csv"],
        [run.labels["03"]],
        [run.events],
        tmp_path / "strs.csv",
        classes=("left", "right"),
    )
    table = pd.read_csv(tmp_path / "strs.csv").set_index("metric")["value"]
    # one of two right: F1 of the classes 0 and 2/3
    assert table[["f1", "uf1", "strs"]].tolist() == pytest.approx([0.8, 1 / 3, 0.8 / 3], abs=1e-4)


def test_who_was_trained_on_is_not_asked(run, tmp_path):
    knows = run.fit("knows.h5", ("02", "03"))
    with pytest.raises(ConfigError, match="trained on made/03"):
        run.recognise(tmp_path / "x.csv", model=knows)
    spotter, proposals = run.spotted("knowing", ["made/01", "made/03"])
    with pytest.raises(ConfigError, match="trained on made/03"):
        run.recognise(tmp_path / "x.csv", spotter=spotter, proposals=proposals)
    with pytest.raises(ConfigError, match="did not find"):
        run.recognise(tmp_path / "x.csv", proposals=proposals)
    assert not (tmp_path / "x.csv").exists()


def test_faces_of_other_settings_are_refused(run, tmp_path):
    with Artifact(run.folder / "faces/03_1.h5") as source:
        arrays = {name: source[name][:] for name in source.names()}
    other = tmp_path / "03_1.h5"
    with ArtifactWriter(other, stage="faces", params={"size": 96}, inputs={}) as writer:
        for name, values in arrays.items():
            writer.write(name, values, axes="")
        writer.attrs.update(dataset="made", subject="03", video="03_1", fps=30.0)
    with pytest.raises(ConfigError, match="settings of the training"):
        recognise_spotted(
            run.model, run.spotter, run.proposals, [other], tmp_path / "x.csv", protocol="made_2class"
        )


def test_a_label_without_event_is_told(run, found, tmp_path):
    empty = tmp_path / "events.csv"
    write_event_table(empty, [])
    with pytest.raises(ConfigError, match="without frames"):
        score_spotted([found], [run.labels["03"]], [empty], tmp_path / "x.csv", classes=("left", "right"))
