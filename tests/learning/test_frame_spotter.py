"""Every network that scores frames fits a fold of made images, finds what was put there, and keeps to its subjects."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import ROOT

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.errors import ConfigError
from mezoo.evaluation.spotting import TYPES, count, f1
from mezoo.learning.fit import fit
from mezoo.learning.predict import predict
from mezoo.learning.recipe import for_spotting, load_recipe
from mezoo.learning.spotter import frames
from mezoo.learning.spotters import load_spotter
from mezoo.learning.truth import truth_intervals
from mezoo.learning.videos import read_training_videos
from mezoo.motion.spot_images import parse_name

from .conftest import write_labels

RECIPES = ROOT / "workflow/recipes"
SUBJECTS, HELD, ROWS = ("01", "02", "03", "04"), "05", 260
#: Interval of the made images in rows, by name; at 30 rows a second.
SEEN = {"softnet-200": 6, "softnet-600": 18, "mean-100": 3, "mtsn-200": 6, "mtsn-0": 1, "face48-0": 0}
#: What a test changes in a recipe so that it trains within seconds, and the F1 that it must pass; the networks reach
#: 0.14 at most in videos whose events lie at other times than the motion (24 tried).
FAST = {
    "softnet": ({"epochs": 3, "batch_size": 16}, 0.3),
    "mean": ({"epochs": 4}, 0.4),
    "mtsn": ({"epochs": 8}, 0.3),
    "smeconvnet": ({"epochs": 4, "looks": 2, "batch_size": 32}, 0.2),
}


def made_events(rng):
    rows, t = [], 15
    while t < ROWS - 60:
        kind = "micro" if len(rows) % 2 else "macro"
        half = int(rng.integers(5, 8) if kind == "micro" else rng.integers(16, 20))
        rows.append((t + 1, t + half + 1, t + 2 * half + 1, kind, "12"))
        t += 2 * half + int(rng.integers(20, 35))
    return rows


def write_images(path, rows, name, rng, *, subject, params=None):
    """Noise, and a bright corner of the mouth: in flow while the face moves, in a face by how far it has moved."""
    kind, _ = parse_name(name)
    k = SEEN[name]
    images = rng.integers(0, 60, (ROWS - k, kind.size, kind.size, kind.channels), dtype=np.uint8)
    side, reach = kind.size // 2, np.arange(ROWS)
    position = np.zeros(ROWS)
    for onset, apex, offset, *_ in rows:
        position = np.maximum(position, np.interp(reach, [onset - 1, apex - 1, offset - 1], [0, 1, 0]))
    moved = np.abs(position[k:] - position[: ROWS - k]) if k else position
    images[:, side:, :side] += (180 * np.minimum(moved * 3, 1)).astype(np.uint8)[:, None, None, None]
    with ArtifactWriter(path, stage="spot_images", params=params or {"images": name}, inputs={}) as writer:
        writer.write("images", images, axes="")
        writer.write("span", np.tile(np.array([0, 1], np.float32), (len(images), kind.channels, 1)), axes="")
        writer.write("valid", np.ones(len(images), bool), axes="")
        writer.write("index", np.arange(1, len(images) + 1, dtype=np.int32), axes="")
        writer.attrs.update(dataset="made", subject=subject, video=path.stem, fps=30.0)


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    folder, rng = tmp_path_factory.mktemp("images"), np.random.default_rng(5)
    for subject in (*SUBJECTS, HELD):
        rows = made_events(rng)
        write_labels(folder / "labels" / f"v{subject}.csv", rows, subject=subject)
        for name in SEEN:
            write_images(folder / name / f"v{subject}.h5", rows, name, rng, subject=subject)
    return folder


def files(images, model, *subjects):
    recipe = for_spotting(load_recipe(RECIPES / f"{model}.yaml", demo=True))
    names = [stage.removeprefix("spot_images-") for stage in recipe.stages("casme_sq")]
    return [images / name / f"v{s}.h5" for name in names for s in subjects], [
        images / "labels" / f"v{s}.csv" for s in subjects
    ]


def fitted(images, folder, model, *subjects, **changes):
    values = yaml.safe_load((RECIPES / f"{model}.yaml").read_text())
    values = {**values, **values.pop("demo"), **changes, "thresholds": [0.4, 0.5]}
    (folder / f"{model}.yaml").write_text(yaml.safe_dump(values))
    seen, labels = files(images, model, *subjects)
    fit(folder / f"{model}.yaml", seen, labels, folder / "m.h5", layout="casme_sq", seed=0, accelerator="cpu")
    return folder / "m.h5"


@pytest.mark.parametrize("model", FAST)
def test_it_learns(images, tmp_path, model):
    changes, wanted = FAST[model]
    path = fitted(images, tmp_path, model, *SUBJECTS, **changes)
    seen, labels = files(images, model, HELD)
    (video,) = read_training_videos(seen, labels, max_failed_share=0)
    truth = truth_intervals(video.events)
    told = ("micro",) if model == "mean" else TYPES
    with Artifact(path) as artifact:
        spotter = load_spotter(artifact)
        assert json.loads(artifact.attrs["inner"])["subjects"][0].startswith("made/0")
        assert len(artifact["weights"]) == len(spotter.looks)
        losses = artifact["losses"][:]
        assert (
            losses.shape[1] == 1 + len(json.loads(artifact.attrs["specs"])) and (losses[-1] < losses[0]).all()
        )
    counts = {
        "last": spotter.spot(video.data, spotter.last),
        "inner": spotter.spot_inner(video.data),
    }
    for found in counts.values():
        total = sum(count(truth[kind], frames(video.data, found[kind])) for kind in told)
        assert wanted < float(f1(total)), {kind: found[kind].intervals for kind in TYPES}
        assert all((found[kind].offset < ROWS).all() for kind in TYPES)
    assert set(spotter.curves(video.data)) == {f"{kind} score" for kind in told}


def test_predictions_and_the_firewall(images, tmp_path):
    """The held-out files may hold anything: the model stays the same, and predict reads no label."""
    path = fitted(images, tmp_path, "mean", *SUBJECTS, epochs=1)
    with Artifact(path) as artifact:
        assert {Path(name).stem for name in artifact.inputs} == {f"v{s}" for s in SUBJECTS}
        assert json.loads(artifact.attrs["settings"]) == {"spot_images-mean-100": {"images": "mean-100"}}
    predict(path, files(images, "mean", HELD)[0], tmp_path / "p.h5", dataset="made", subject=HELD)
    with Artifact(tmp_path / "p.h5") as found:
        assert json.loads(found.attrs["looks"]) == [0] and len(found["onset"]) > 0
        assert found["curves/v05/micro score"].shape == (ROWS - 3,)


def test_images_of_other_settings_are_refused(images, tmp_path):
    path = fitted(images, tmp_path, "mean", *SUBJECTS, epochs=1)
    other = tmp_path / "v09.h5"
    params = {"images": "mean-100", "backend": "dis"}
    write_images(other, [], "mean-100", np.random.default_rng(0), subject="09", params=params)
    with pytest.raises(ConfigError, match="made/v09: features made with.*dis"):
        predict(path, [other], tmp_path / "p.h5", dataset="made", subject="09")


def test_layouts_name_images_that_exist():
    for model in FAST:
        for demo in (False, True):
            recipe = load_recipe(RECIPES / f"{model}.yaml", demo=demo)
            for layout in ("casme_sq", "samm_lv", "generic"):
                for stage in for_spotting(recipe).stages(layout):
                    parse_name(stage.removeprefix("spot_images-"))
    values = yaml.safe_load((RECIPES / "mean.yaml").read_text())
    with pytest.raises(ConfigError, match="a kind .softnet"):
        from mezoo.learning.recipe import parse_recipe

        parse_recipe({**values, "layouts": {"casme_sq": {"micro": ["nothing-5"]}}})
