import io
import time

import numpy as np
import pytest
from PIL import Image

from mezoo.report.figures import draw_all
from mezoo.report.style import FALSE, HIT, KIND_COLOURS, TRUTH
from mezoo.report.timeline import Timeline, TimelinePlot, score_text


def colours(png: bytes) -> set[str]:
    """Colours that fill at least 20 pixels."""
    image = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).reshape(-1, 3)
    found, n = np.unique(image, axis=0, return_counts=True)
    return {"#" + bytes(colour).hex() for colour in found[n >= 20]}


def timeline(*, found, truth=None, n=200, invalid=None, unit="probability"):
    curves = {f"{kind} apex": np.linspace(0, 0.5, n) for kind in ("micro", "macro")}
    none = np.zeros((0, 2), np.int64)
    spans = {kind: np.array(found.get(kind, none)).reshape(-1, 2) for kind in ("micro", "macro")}
    if truth is not None:
        truth = {kind: np.array(truth.get(kind, none)).reshape(-1, 2) for kind in ("micro", "macro")}
    lost = np.zeros(n, bool) if invalid is None else invalid
    return Timeline("title", np.arange(1, n + 1), 30.0, curves, unit, spans, truth, lost)


@pytest.fixture(scope="module")
def drawn(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    begin = time.perf_counter()
    for recipe in ("auwgcn", "mdmo_peaks"):
        for dataset in world.videos:
            draw(world, recipe, dataset, folder / recipe / dataset)
    return folder, time.perf_counter() - begin


def draw(world, recipe, dataset, out):
    draw_all(
        world.folds(recipe, dataset, "proposals.h5"),
        world.folds(recipe, dataset, "model.h5"),
        world.labels(dataset),
        world.root / "predictions" / recipe / dataset,
        out,
    )


def test_files_are_small_png_of_legible_size(drawn, world):
    folder, seconds = drawn
    for recipe in ("auwgcn", "mdmo_peaks"):
        for dataset, videos in world.videos.items():
            usable = [video for own in videos.values() for video in own][:-1]  # the last one failed
            expected = {f"timeline_{video}.png" for video in usable} | {"subjects.png"}
            if recipe == "auwgcn":
                expected.add("training.png")
            paths = list((folder / recipe / dataset).iterdir())
            assert {path.name for path in paths} == expected
            for path in paths:
                width, height = Image.open(path).size
                assert 600 <= width <= 1300 and 300 <= height <= 600
                assert path.stat().st_size < 80_000
    assert seconds < 28 * 0.6 + 5, "28 timelines; 20 must take less than 12 s"


def test_same_inputs_same_bytes(drawn, world, tmp_path):
    folder, _ = drawn
    draw(world, "mdmo_peaks", "demo_casme_sq", tmp_path / "again")
    for path in (tmp_path / "again").iterdir():
        assert path.read_bytes() == (folder / "mdmo_peaks" / "demo_casme_sq" / path.name).read_bytes()


def test_a_failure_leaves_the_old_folder_alone(world, tmp_path):
    out = tmp_path / "figures"
    out.mkdir()
    (out / "old.png").write_bytes(b"old")
    with pytest.raises(KeyError):  # labels are missing
        draw_all(
            world.folds("mdmo_peaks", "demo_casme_sq", "proposals.h5"),
            world.folds("mdmo_peaks", "demo_casme_sq", "model.h5"),
            [],
            world.root / "predictions" / "mdmo_peaks" / "demo_casme_sq",
            out,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["figures"] and (out / "old.png").exists()


def test_hits_and_misses_have_their_colours():
    hit = timeline(found={"micro": [[10, 20]]}, truth={"micro": [[10, 20]]})
    miss = timeline(found={"micro": [[50, 60]]}, truth={"micro": [[10, 20]]})
    plot = TimelinePlot()
    on_hit, on_miss = plot.draw(hit), plot.draw(miss)
    count = {name: [filled(png, name) for png in (on_hit, on_miss)] for name in (HIT, TRUTH, FALSE)}
    assert count[HIT][0] > count[HIT][1] + 100, "a filled bar for the hit"
    assert count[TRUTH][0] > count[TRUTH][1] + 100, "the annotation is filled only where it was found"
    assert count[FALSE][1] > count[FALSE][0] + 20, "a hatched bar for what matches nothing"


def filled(png: bytes, colour: str) -> int:
    image = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    return int((image == np.frombuffer(bytes.fromhex(colour[1:]), np.uint8)).all(axis=-1).sum())


def test_bars_include_both_ends():
    """A bar of 100 of 200 frames covers half of the panel's 900 px."""
    png = TimelinePlot().draw(timeline(found={"macro": [[51, 150]]}))
    image = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))[:400]  # without the legend
    mark = (image == np.frombuffer(bytes.fromhex(KIND_COLOURS["macro"][1:]), np.uint8)).all(axis=-1)
    row = mark[mark.sum(axis=1).argmax()]
    assert abs(int(row.sum()) - 450) <= 4
    assert abs(int(np.flatnonzero(row)[0]) - (85 + 225)) <= 3


def test_a_plot_forgets_the_video_before():
    plot = TimelinePlot()
    first = timeline(found={"micro": [[10, 20]]}, truth={"micro": [[10, 20]]})
    second = timeline(found={}, truth={}, invalid=np.arange(200) < 40)
    fresh = TimelinePlot().draw(second)
    plot.draw(first)
    assert plot.draw(second) == fresh


def test_spotted_intervals_without_truth_are_coloured_by_type():
    found = colours(
        TimelinePlot().draw(timeline(found={"micro": [[10, 40]], "macro": [[60, 90], [70, 100]]}))
    )
    assert set(KIND_COLOURS.values()) <= found and HIT not in found


def test_score_text():
    assert score_text(0.5) == "0.50" and score_text(4e-48) == "< 0.01"
