"""One whole run on the demo corpora: what it leaves behind, what it may see, and what a change re-runs."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import yaml

from mezoo.artifact import Artifact
from mezoo.learning.pooling import SELECTIONS
from mezoo.learning.score import COLUMNS
from mezoo.stage_versions import STAGE_VERSIONS

from .clone import Clone
from .conftest import CHEAP, LOSO, copy_corpus

pytestmark = pytest.mark.slow

VIDEOS = {
    "demo_casme_sq": {"s15": ["s15_0101", "s15_0508"], "s16": ["s16_0102", "s16_0502"], "s19": ["s19_0502"]},
    "demo_samm_lv": {"006": ["006_1", "006_3"], "007": ["007_4"], "008": ["008_7"]},
}
N_VIDEOS, N_FOLDS = 9, 6
#: Jobs that follow each stage; the run has one recipe.
AFTER_FIT = {"fit": N_FOLDS, "predict": N_FOLDS, "score": 2, "loso": 1, "figures": 2, "fit_everybody": 1}
AFTER_FIT |= {"report": 1, "all": 1}
AFTER_MDMO = {"mdmo": N_VIDEOS, "usable": 2, **AFTER_FIT}
AFTER_FLOW = {"flow_pair": N_VIDEOS, **AFTER_MDMO}
AFTER_FACES = {"faces": N_VIDEOS, "strips": 2, **AFTER_FLOW}


@pytest.fixture(scope="module")
def run(new_clone) -> Clone:
    """A finished run of everything that a newcomer's first command makes."""
    clone = new_clone(demo={"size": "tiny", "subjects": 3}, faces={"size": 96}, recipes=["auwgcn"])
    clone.finish()
    return clone


@pytest.fixture
def changed(run):
    """The finished run, whose settings and recipes are put back after the test."""
    kept = [run.path("config.yaml"), *run.path("workflow/recipes").iterdir()]
    texts, settings = [path.read_text() for path in kept], yaml.safe_load(kept[0].read_text())
    yield run
    run.settings = settings
    for path, text in zip(kept, texts, strict=True):
        path.write_text(text)


def expected_files() -> set[str]:
    """Every file that a run leaves below results, apart from the corpora, logs and benchmarks."""
    files = {"loso_auwgcn.csv", "report.html", "models/auwgcn/everybody/model.h5"}
    files |= {f"tables/report/spotting.{form}" for form in ("csv", "md", "tex")} | {"cards/auwgcn.md"}
    files |= {f"methods/{name}" for name in ("methods.md", "methods.tex", "references.bib")}
    for dataset, subjects in VIDEOS.items():
        videos = [video for own in subjects.values() for video in own]
        files |= {f"catalog/{dataset}/{name}.csv" for name in ("videos", "events", "audit", "usable")}
        files |= {f"catalog/{dataset}/{name}" for name in ("audit.html", "fingerprint.json", ".scan-cache")}
        files |= {f"catalog/{dataset}/labels/{video}.csv" for video in videos}
        files |= {f"artifacts/{dataset}/{s}/{v}.h5" for s in ("faces", "flow_pair", "mdmo") for v in videos}
        folds = [f"models/auwgcn/{dataset}/{subject}/seed0" for subject in subjects]
        files |= {f"{fold}/{name}.h5" for fold in folds for name in ("model", "proposals")}
        files |= {f"predictions/auwgcn/{dataset}/{subject}.csv" for subject in subjects}
        files.add(f"scores/auwgcn/{dataset}.csv")
    return files


def test_the_files_it_leaves(run):
    root = run.path("results")
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and path.name != ".snakemake_timestamp"
    }
    left_out = ("demo/", "logs/", "benchmarks/", "figures/")
    assert {name for name in found if not name.startswith(left_out)} == expected_files()
    for dataset, subjects in VIDEOS.items():
        figures = {name for name in found if name.startswith(f"figures/auwgcn/{dataset}/")}
        for video in (video for own in subjects.values() for video in own):
            assert any(video in name for name in figures), (video, figures)
        with open(root / f"figures/strips/{dataset}/strips.csv", encoding="utf-8", newline="") as file:
            strips = list(csv.DictReader(file))
        events = pd.read_csv(root / f"catalog/{dataset}/events.csv")
        assert [row["event"] for row in strips] == events["event"].tolist()
        assert {f"figures/strips/{dataset}/{row['file']}" for row in strips} <= found


def test_the_table(run):
    table = pd.read_csv(run.path(LOSO), dtype={"subject": str})
    assert list(table.columns) == COLUMNS
    assert set(table["dataset"]) == {*VIDEOS, "pooled"}
    # two training subjects are too few to set one aside, so nothing can be chosen on it
    assert set(table["selection"]) == set(SELECTIONS) - {"inner"}
    for dataset, subjects in VIDEOS.items():
        own = table[(table["dataset"] == dataset) & (table["selection"] == "last") & (table["type"] == "all")]
        assert list(own["subject"]) == ["ALL", *subjects]
        n_videos = sum(map(len, subjects.values()))
        assert (own["n_used"].iloc[0], own["n_expected"].iloc[0]) == (n_videos, n_videos)
        events = pd.read_csv(run.path(f"results/catalog/{dataset}/events.csv"))
        assert own["n_gt"].iloc[0] == len(events)


def test_nothing_is_left_to_do(run):
    assert run.planned() == Counter()
    assert "Nothing to be done" in run.finish()


def test_all_artifacts_verify(run):
    files = sorted(p for part in ("artifacts", "models") for p in run.path(f"results/{part}").rglob("*.h5"))
    checked = run.mezoo("verify", *files)
    assert checked.returncode == 0 and checked.stdout.count(": ok") == len(files), checked.stdout


def test_other_hdf5_files_are_no_artifacts(run):
    truth = next(run.path("results/demo").rglob("truth/*.h5"))
    checked = run.mezoo("verify", truth)
    assert checked.returncode == 1 and "Expected a mezoo artifact" in checked.stdout, checked.stderr


def test_no_failed_item_is_listed(run):
    assert run.mezoo("status").stdout.strip() == "0 failed item(s) in results"


# ------------------------------------------------------------------ the leak firewall


def inputs_of(text: str, rule: str) -> list[tuple[list[str], str]]:
    """(input files, output file) of every job of a rule in the text of a dry run."""
    jobs = []
    for block in re.findall(rf"^rule {rule}:\n((?:    .*\n)+)", text, re.MULTILINE):
        lines = dict(line.strip().split(": ", 1) for line in block.splitlines() if ": " in line)
        jobs.append((lines["input"].split(", "), lines["output"]))
    return jobs


def test_no_fit_is_given_a_file_of_the_held_out_subject(run):
    text = run.finish("-n", "--forceall", "--quiet", "host")
    jobs = inputs_of(text, "fit")
    assert len(jobs) == N_FOLDS
    for inputs, output in jobs:
        _, _, _, dataset, held_out, _, _ = output.split("/")
        given = {Path(name).stem for name in inputs if "/mdmo/" in name or "/labels/" in name}
        others = {v for s, own in VIDEOS[dataset].items() if s != held_out for v in own}
        assert given == others
        recipe = [name for name in inputs if "/mdmo/" not in name and "/labels/" not in name]
        assert recipe == ["workflow/recipes/auwgcn.yaml"]


def test_no_fit_has_read_a_file_of_the_held_out_subject(run):
    """The artifacts say the same as the graph: what was read is in their own record."""
    for dataset, subjects in VIDEOS.items():
        for held_out, own in subjects.items():
            with Artifact(run.path(f"results/models/auwgcn/{dataset}/{held_out}/seed0/model.h5")) as model:
                read = {Path(name).stem for name in model.inputs}
                trained = model.attrs["subjects"]
            assert read == {v for s, videos in subjects.items() if s != held_out for v in videos}
            assert not read & set(own) and f"{dataset}/{held_out}" not in trained


# ------------------------------------------------------------------ what a change re-runs


def test_a_training_option_re_runs_training_only(changed):
    changed.recipe("auwgcn", epochs=5)
    assert changed.planned() == Counter(AFTER_FIT)


@pytest.mark.parametrize(
    ("settings", "jobs"),
    [
        ({"max_failed_share": 0.2}, {"usable": 2, **AFTER_FIT}),
        ({"accelerator": "cpu"}, AFTER_FIT),
        # windows of flow are cut where the ROIs need them
        ({"mdmo": {"radius_unit": "interocular", "radius": 0.1}}, AFTER_FLOW),
        ({"flow": {"scales": 6}}, AFTER_FLOW),
        ({"faces": {"smooth": 3}}, AFTER_FACES),
    ],
    ids=lambda value: next(iter(value)) if "all" not in value else "",
)
def test_a_setting_re_runs_what_reads_it(changed, settings, jobs):
    changed.configure(**settings)
    assert changed.planned() == Counter(jobs)


FOLLOWERS = {
    "faces": AFTER_FACES,
    "flow_pair": AFTER_FLOW,
    "mdmo": AFTER_MDMO,
    "fit": AFTER_FIT,
    "predict": {"predict": N_FOLDS, "score": 2, "loso": 1, "figures": 2, "report": 1, "all": 1},
    "score": {"score": 2, "loso": 1, "figures": 2, "report": 1, "all": 1},
    "report": {"figures": 2, "strips": 2, "report": 1, "all": 1},
    "catalog": {"catalog_demo_casme_sq": 1, "catalog_demo_samm_lv": 1, "strips": 2, **AFTER_FIT},
}
#: Made on request only: a new version of one re-runs nothing here.
ON_REQUEST = {"flow_onset", "flow_apex", "features", "magnet", "magnified", "faces_magnified", "shape"}
ON_REQUEST |= {"fit_recogniser", "recognise", "score_recognition", "rife", "interpolated", "pack"}
ON_REQUEST |= {"slstt_tokens", "stills", "pretrained", "spot_images", "strs"}


@pytest.mark.parametrize(
    ("stages", "jobs"),
    [*(({stage}, jobs) for stage, jobs in FOLLOWERS.items()), (ON_REQUEST, {})],
    ids=[*FOLLOWERS, "on request"],
)
def test_a_new_version_of_a_stage_re_runs_it_and_what_follows(run, stages, jobs, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(
        f"import mezoo.stage_versions\nfor stage in {stages}:\n    mezoo.stage_versions.STAGE_VERSIONS[stage] += 1\n"
    )
    monkeypatch.setitem(run.env, "PYTHONPATH", f"{tmp_path}:{run.env['PYTHONPATH']}")
    assert run.planned() == Counter(jobs)


def test_every_stage_version_is_tried():
    # another demo re-runs everything
    assert FOLLOWERS.keys() | ON_REQUEST == STAGE_VERSIONS.keys() - {"demo"}


def test_touching_files_re_runs_nothing(changed):
    for name in ("config.yaml", "workflow/recipes/auwgcn.yaml", "results/catalog/demo_casme_sq/events.csv"):
        changed.path(name).touch()
    for path in changed.path("results/catalog").rglob("labels/*.csv"):
        path.touch()
    assert changed.planned() == Counter()


# ------------------------------------------------------------------ a corpus that grows


def test_a_new_video_or_label_leaves_other_videos_alone(films, new_clone, tmp_path):
    """Neither one more video nor a corrected workbook makes faces or flow of other videos stale."""
    root = copy_corpus(films, tmp_path / "casme_sq")
    for subject in ("s19", "s20"):
        shutil.rmtree(root / "rawpic" / subject)
    later = root / "rawpic/s16/16_0502funnyerrors"
    shutil.move(later, tmp_path / "later")
    clone = new_clone(**CHEAP, datasets={"casme_sq": {"root": str(root), "coding": str(coding_of(root))}})
    target = "results/loso_mdmo_peaks.csv"
    clone.finish(target)
    before = stamps(clone)

    shutil.move(tmp_path / "later", later)
    jobs = clone.planned(target)
    assert (jobs["faces"], jobs["flow_pair"], jobs["mdmo"], jobs["catalog_casme_sq"]) == (1, 1, 1, 1)
    clone.finish(target)
    assert {name: stamp for name, stamp in stamps(clone).items() if name in before} == before
    assert clone.planned(target) == Counter()

    relabel(coding_of(root))
    jobs = clone.planned(target)
    assert jobs["catalog_casme_sq"] == 1 and jobs["fit"] == 2
    assert not jobs["faces"] and not jobs["flow_pair"] and not jobs["mdmo"]
    clone.finish(target)
    assert {name: stamp for name, stamp in stamps(clone).items() if name in before} == before
    assert clone.planned(target) == Counter()


def coding_of(root: Path) -> Path:
    return next(root.glob("*.xlsx"))


def stamps(clone: Clone) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in clone.path("results/artifacts").rglob("*.h5")}


def relabel(workbook: Path) -> None:
    """Correct one onset, as the owners of a corpus do in a later release."""
    import openpyxl

    book = openpyxl.load_workbook(workbook)
    row = next(row for row in book.worksheets[0].iter_rows() if isinstance(row[2].value, int | float))
    row[2].value += 1
    workbook.unlink()  # a hard link: the original stays as it is
    book.save(workbook)
