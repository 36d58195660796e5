from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from recognition_folds import CLASSES, Run

from mezoo.report.recognition_figures import draw_recognition


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    run = Run(folder / "run")
    run.score()
    draw_recognition(folder / "run/predictions.csv", folder / "out")
    return folder


def test_files_are_small_png_of_legible_size(drawn):
    assert {path.name for path in (drawn / "out").iterdir()} == {"confusion.png", "subjects.png"}
    for path in (drawn / "out").iterdir():
        width, height = Image.open(path).size
        assert 400 <= width <= 1500 and 250 <= height <= 700 and path.stat().st_size < 80_000


def test_same_inputs_same_bytes(drawn):
    draw_recognition(drawn / "run/predictions.csv", drawn / "again")
    for path in (drawn / "again").iterdir():
        assert path.read_bytes() == (drawn / "out" / path.name).read_bytes()


def blue(path, table) -> int:
    """Pixels in full blue of the confusion matrix of some predictions."""
    table.to_csv(path / "p.csv", index=False)
    draw_recognition(path / "p.csv", path / "out")
    image = np.asarray(Image.open(io.BytesIO((path / "out/confusion.png").read_bytes())).convert("RGB"))
    return int((np.abs(image.astype(int) - (0, 0x72, 0xB2)).sum(axis=-1) < 12).sum())


def test_a_perfect_result_is_blue_along_the_diagonal_only(tmp_path):
    table = pd.DataFrame({"label": np.repeat(CLASSES, 4)})
    table = table.assign(recipe="r", protocol="p", seed=0, selection="last", look=1, dataset="samm")
    table = table.assign(subject=["006", "007"] * 6, video="v", event=range(12), prediction=table["label"])
    for name in CLASSES:
        table[f"p_{name}"] = 0.3
    cell = 94 * 94  # px
    assert 0.8 * 3 * cell < blue(tmp_path, table) < 3 * cell, "but for the numbers in the cells"
    even = table.assign(prediction=np.tile(CLASSES, 4))
    assert blue(tmp_path, even) < 0.1 * cell, "a third in every cell is pale"


def test_the_legend_of_many_corpora_takes_rows_and_stays_in_the_picture(tmp_path):
    corpora = [f"a_corpus_with_a_long_name_{k}" for k in range(5)]
    table = pd.DataFrame({"label": list(CLASSES) * 5, "dataset": np.repeat(corpora, 3)})
    table = table.assign(recipe="r", protocol="p", seed=0, selection="last", look=1, subject="s1", video="v")
    table = table.assign(event=range(15), prediction=table["label"])
    for name in CLASSES:
        table[f"p_{name}"] = 0.3
    table.to_csv(tmp_path / "p.csv", index=False)
    draw_recognition(tmp_path / "p.csv", tmp_path / "out")
    table[table["dataset"] == corpora[0]].to_csv(tmp_path / "one.csv", index=False)
    draw_recognition(tmp_path / "one.csv", tmp_path / "one")
    many, one = (
        np.asarray(Image.open(tmp_path / name / "subjects.png").convert("L")) for name in ("out", "one")
    )
    assert many.shape[0] > one.shape[0], "a row of the legend more"
    assert (many[: many.shape[0] // 4, -6:] > 240).all(), "nothing is cut off at the right"


def test_networks_get_training_curves_and_classifiers_none(recognised):
    with_losses, without = recognised.figures
    names = {path.name for path in without.iterdir()}
    assert names == {"confusion.png", "subjects.png"}
    assert {path.name for path in with_losses.iterdir()} == {*names, "training.png"}
    width, height = Image.open(with_losses / "training.png").size
    assert (width, height) == (550, 330), "one panel, as there is one term"
