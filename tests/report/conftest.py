"""Two small corpora of made features, carried through the real fit, predict and score commands; made recognition."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from recognition_folds import CLASSES, Run

from mezoo.artifact import ArtifactWriter
from mezoo.atomic import write_text
from mezoo.catalog import Catalog
from mezoo.catalog_items import AuditRow, EventRecord, VideoRecord
from mezoo.learning.fit import fit
from mezoo.learning.predict import predict
from mezoo.learning.recipe import load_recipe
from mezoo.learning.score import gather_scores, score_folds
from mezoo.report.recognition_figures import draw_recognition
from mezoo.report.report_files import RecognitionFiles
from mezoo.status import usable

RECIPES = Path(__file__).resolve().parents[2] / "workflow" / "recipes"
CORPORA = {"demo_casme_sq": (30.0, 1, "s{:02d}"), "demo_samm_lv": (25.0, 8, "{:03d}")}
LENGTHS = {"micro": 10, "macro": 40}
N_ROWS = 300


@dataclass(frozen=True)
class World:
    """Paths of one made run, as the workflow lays them out."""

    root: Path
    videos: dict[str, dict[str, list[str]]]

    def features(self, dataset: str, without: str | None = None) -> list[Path]:
        folder = self.root / "artifacts" / dataset / "mdmo"
        return [folder / f"{v}.h5" for s, vs in self.videos[dataset].items() if s != without for v in vs]

    def labels(self, dataset: str, without: str | None = None) -> list[Path]:
        folder = self.root / "catalog" / dataset / "labels"
        return [folder / f"{path.stem}.csv" for path in self.features(dataset, without)]

    def folds(self, recipe: str, dataset: str, name: str) -> list[Path]:
        folder = self.root / "models" / recipe / dataset
        return [folder / subject / "seed0" / name for subject in self.videos[dataset]]

    def scores(self) -> list[Path]:
        return [self.root / f"loso_{recipe}.csv" for recipe in ("auwgcn", "mdmo_peaks")]

    def everybody(self, recipe: str = "auwgcn") -> Path:
        return self.root / "models" / recipe / "everybody" / "model.h5"


def _signal(rng: np.random.Generator, events: list[EventRecord], stride: int) -> np.ndarray:
    """Noise, and for each event motion there and back in some ROIs."""
    rows = rng.normal(0, 0.02, (N_ROWS, 12, 2)).astype(np.float32)
    for event in events:
        begin, peak, end = ((n - 1) // stride for n in (event.onset, event.apex, event.offset))
        rois = slice(0, 6) if event.type == "micro" else slice(4, 12)
        size = 0.35 if event.type == "micro" else 0.5
        time = np.arange(begin, end + 1)
        shape = np.where(time <= peak, 1.0, -1.0) * np.sin(np.pi * (time - begin) / (end - begin)) * size
        rows[begin : end + 1, rois, 1] += shape[:, None]
    return rows


def _events(rng: np.random.Generator, names: tuple[str, str, str], stride: int) -> list[EventRecord]:
    dataset, video, subject = names
    starts = 20 + 90 * np.arange(3) + rng.integers(0, 30, 3)
    events = []
    for i, (start, kind) in enumerate(zip(starts.tolist(), ("micro", "macro", "micro"), strict=True)):
        length = LENGTHS[kind] + int(rng.integers(-2, 3))
        aus = "1+2+4" if kind == "micro" else "4+6+12+25"
        frames = [stride * row + 1 for row in (start, start + length // 2, start + length)]
        events.append(
            EventRecord(dataset, video, subject, f"{video}_{i}", *frames, type=kind, aus=aus, aus_raw=aus)
        )
    return events


def _write_corpus(root: Path, dataset: str, n_subjects: int) -> dict[str, list[str]]:
    fps, stride, name = CORPORA[dataset]
    rng = np.random.default_rng(len(dataset))
    records, events, videos = [], [], {}
    for number in range(n_subjects):
        subject = name.format(number + 1)
        videos[subject] = [f"{subject}_{i}" for i in (1, 2)]
        for video in videos[subject]:
            own = _events(rng, (dataset, video, subject), stride)
            events += own
            last = stride * N_ROWS + 1
            records.append(VideoRecord(dataset, video, subject, "", fps * stride, last, 1, last, "long"))
            out = root / "artifacts" / dataset / "mdmo" / f"{video}.h5"
            with ArtifactWriter(out, stage="mdmo", params={}, inputs={}) as writer:
                writer.write("mdmo", _signal(rng, own, stride), axes="(T, ROI, (dx, dy))", units="px")
                writer.write("valid", np.ones(N_ROWS, bool), axes="(T)")
                writer.write("index", np.arange(N_ROWS, dtype=np.int32) * stride + 1, axes="(T)")
                writer.attrs.update(dataset=dataset, video=video, subject=subject, fps=fps)
    lost = root / "artifacts" / dataset / "mdmo" / f"{video}.h5"  # the last video fails
    lost.unlink()
    with ArtifactWriter(lost, stage="mdmo", params={}, inputs={}) as writer:
        writer.attrs.update(dataset=dataset, video=video, subject=subject, fps=fps)
        writer.fail("no face in frames 1-10 <best HOG score -0.31>")
    audit = [
        AuditRow(dataset, "s01_1", "", "info", "frame_gap", "frame 17 & 18", "all frames", "kept"),
        AuditRow(dataset, "s01_2", "e1", "repaired", "offset_missing", "offset 0", "a frame", "apex taken"),
        AuditRow(dataset, "s02_1", "e2", "repaired", "offset_missing", "offset 0", "a frame", "apex taken"),
    ]
    catalog = Catalog.from_records(records, events, audit)
    catalog.write(root / "catalog" / dataset)
    catalog.write_items(root / "catalog" / dataset)
    return videos


def _short_recipes(folder: Path, epochs: int) -> dict[str, Path]:
    text = (RECIPES / "auwgcn.yaml").read_text(encoding="utf-8")
    for key, value in {"epochs": epochs, "batch_size": 8}.items():
        text = re.sub(rf"^{key}: \d+", f"{key}: {value}", text, flags=re.M)
    text = re.sub(r"first_epoch: \d+", "first_epoch: 1", text)
    write_text(folder / "auwgcn.yaml", text)
    write_text(folder / "mdmo_peaks.yaml", (RECIPES / "mdmo_peaks.yaml").read_text(encoding="utf-8"))
    return {name: folder / f"{name}.yaml" for name in ("auwgcn", "mdmo_peaks")}


def build_world(root: Path, *, n_subjects: int, epochs: int) -> World:
    """Make everything that the report reads."""
    torch.set_num_threads(
        1
    )  # tiny networks: threads of side-by-side test processes would only wait for each other
    world = World(root, {name: _write_corpus(root, name, n_subjects) for name in CORPORA})
    recipes = _short_recipes(root / "recipes", epochs)
    for recipe, path in recipes.items():
        parts = []
        for dataset, videos in world.videos.items():
            for subject in videos:
                model, proposals = (
                    root / "models" / recipe / dataset / subject / "seed0" / f"{name}.h5"
                    for name in ("model", "proposals")
                )
                fit(
                    path,
                    world.features(dataset, without=subject),
                    world.labels(dataset, without=subject),
                    model,
                    layout=dataset.removeprefix("demo_"),
                    seed=0,
                    accelerator="cpu",
                    max_failed_share=0.5,
                )
                held = [p for p in world.features(dataset) if p.stem in videos[subject]]
                predict(model, held, proposals, dataset=dataset, subject=subject)
            parts.append(root / "scores" / recipe / f"{dataset}.csv")
            score_folds(
                world.folds(recipe, dataset, "proposals.h5"),
                world.labels(dataset),
                recipe=recipe,
                dataset=dataset,
                predictions=root / "predictions" / recipe / dataset,
                out=parts[-1],
            )
        gather_scores(parts, root / f"loso_{recipe}.csv")
        every = [
            path
            for dataset in world.videos
            for path in zip(world.features(dataset), world.labels(dataset), strict=True)
        ]
        fit(
            recipes[recipe],
            [features for features, _ in every],
            [labels for _, labels in every],
            world.everybody(recipe),
            layout="casme_sq",
            seed=0,
            accelerator="cpu",
            max_failed_share=0.5,
        )
    for dataset in world.videos:
        usable(world.features(dataset), root / "catalog" / dataset / "usable.csv", max_failed_share=0.5)
    return world


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> World:
    """Four subjects per corpus, two epochs: numbers mean little, files are real."""
    return build_world(tmp_path_factory.mktemp("results"), n_subjects=4, epochs=2)


EXPERIMENT = "demo_megc2019_cde-8fold"
CLIPS = {"demo_casme2": ("sub01", "sub02"), "demo_samm": ("006", "007"), "demo_smic": ("s01", "s02")}


def recogniser_model(path: Path, name: str) -> Path:
    """Write what the stage ``fit_recogniser`` writes, as far as the report reads it."""
    recipe = load_recipe(RECIPES / f"{name}.yaml", demo=True)
    with ArtifactWriter(path, stage="fit_recogniser", params={}, inputs={}) as writer:
        writer.attrs.update(name=name, recipe=recipe.model_dump_json(), seed=0, n_clips=35)
        persons = [f"{dataset}/{person}" for dataset, own in CLIPS.items() for person in own]
        writer.attrs.update(subjects=json.dumps(persons[1:]), classes=json.dumps(CLASSES))
        if recipe.model != "svm":
            writer.write("weights", np.zeros((2, 1717), np.float32), axes="(look, parameter)")
            losses = np.linspace(1, 0.1, 20, dtype=np.float32)[:, None]
            writer.write("losses", losses, axes="(epoch, (total))")
    return path


@pytest.fixture(scope="session")
def recognised(tmp_path_factory) -> RecognitionFiles:
    """Made predictions of two recognisers on three corpora of clips, scored and drawn by the real commands."""
    root = tmp_path_factory.mktemp("recognition")
    files: dict[str, list[Path]] = {"scores": [], "predictions": [], "figures": [], "models": []}
    for name, shares in (("ststnet", (0.3, 0.9, 0.5, 0.8)), ("biwoof_svm", (0.3, 0.7, 0.5, 0.4))):
        run = Run(root / name, corpora=CLIPS, name=name, protocol=EXPERIMENT, shares=shares)
        run.score()
        model = recogniser_model(root / "models" / name / EXPERIMENT / "1of8" / "seed0" / "model.h5", name)
        figures = root / "figures" / name / EXPERIMENT
        draw_recognition(root / name / "predictions.csv", figures, models=[model])
        files["scores"].append(root / name / "scores.csv")
        files["predictions"].append(root / name / "predictions.csv")
        files["figures"].append(figures)
        files["models"].append(model)
    return RecognitionFiles(**files, protocols=[_protocol(root, run)])


def _protocol(root: Path, run: Run) -> Path:
    """Labels as the rule lays them out, with one clip more than was predicted."""
    folder = root / "protocols" / EXPERIMENT
    for path in run.labels:
        dataset, _, subject = path.stem.rpartition("_")
        write_text(folder / dataset / f"{subject}.csv", path.read_text(encoding="utf-8"))
    lost = folder / "demo_smic" / "s02.csv"
    row = "demo_smic,s02_lost,s02,lost <1>,positive,demo_smic/s02,"
    write_text(lost, f"{lost.read_text(encoding='utf-8')}{row}\n")
    write_text(folder / "counts.csv", "source,corpus,what,found,expected\n")
    return folder
