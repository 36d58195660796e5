"""The graph of jobs for both corpora in full size, from folder names alone and within seconds."""

from __future__ import annotations

import re
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest

from mezoo.learning.recipe import recipe_names
from mezoo.motion.features import FEATURES

from .clone import Clone
from .conftest import LOSO
from .corpus_names import CASME_SQ_SUBJECTS, FILMS, SAMM_LV_SUBJECTS

SECONDS = 60  # bound of the product for the graph of both corpora
FRAMES = (1, 2, 3)


def casme_tree(root: Path, names: list[tuple[str, str]]) -> Path:
    """Folders ``rawpic/s15/15_0101disgustingteeth`` with a few empty frames each."""
    for subject, code in names:
        # the release holds film 0502 of subject 23 below subject 19 as well
        owner = "23" if (subject, code) == ("s19", "0502") else subject[1:]
        folder = root / "rawpic" / subject / f"{owner}_{code}{FILMS[code]}"
        folder.mkdir(parents=True)
        for number in FRAMES:
            (folder / f"img{number}.jpg").touch()
    return root


def samm_tree(root: Path, names: list[tuple[str, str]]) -> Path:
    """Folders ``006_1`` with a few empty frames each."""
    for subject, code in names:
        folder = root / "SAMM_longvideos" / f"{subject}_{code}"
        folder.mkdir(parents=True)
        for number in FRAMES:
            (folder / f"{subject}_{code}_{number:04d}.jpg").touch()
    return root


def listed(path: Path) -> list[tuple[str, str]]:
    return [tuple(line.split()) for line in path.read_text().splitlines() if line.strip()]


def planned_in_seconds(clone: Clone) -> Counter[str]:
    begin = time.perf_counter()
    jobs = clone.planned(LOSO)
    seconds = time.perf_counter() - begin
    print(f"graph of {sum(jobs.values())} jobs in {seconds:.1f} s")
    assert seconds < SECONDS
    return jobs


def expected(casme: tuple[int, int], samm: tuple[int, int]) -> Counter[str]:
    """Jobs for (videos, subjects) of both corpora and one recipe."""
    videos, folds = casme[0] + samm[0], casme[1] + samm[1]
    per_video = dict.fromkeys(("faces", "flow_pair", "mdmo"), videos)
    per_fold = dict.fromkeys(("fit", "predict"), folds)
    once = {"catalog_casme_sq": 1, "catalog_samm_lv": 1, "usable": 2, "score": 2, "loso": 1}
    return Counter({**per_video, **per_fold, **once})


def test_both_corpora_in_full(shared, tmp_path):
    """98 folders of CAS(ME)^2 are 97 videos of 22 subjects; 147 videos of 30 subjects of SAMM-LV."""
    oracles = shared / "oracles/datasets"
    casme = casme_tree(tmp_path / "casme_sq", listed(oracles / "cas_me_2/megc2020_ME2_all.txt"))
    assert len(list(casme.glob("rawpic/*/*"))) == 98
    samm = samm_tree(tmp_path / "samm_lv", listed(oracles / "samm_lv/megc2020_SAMM_MEGC_all.txt"))
    shutil.copy(oracles / "cas_me_2/CASME_sq_gt.xlsx", casme)
    shutil.copy(oracles / "samm_lv/SAMMLV_gt.xlsx", samm)
    clone = Clone(
        tmp_path / "clone", datasets={"casme_sq": {"root": str(casme)}, "samm_lv": {"root": str(samm)}}
    )
    assert planned_in_seconds(clone) == expected(casme=(97, 22), samm=(147, 30))
    catalogs = [f"results/catalog/{name}/audit.csv" for name in ("casme_sq", "samm_lv")]
    clone.finish(*catalogs)  # the real workbooks beside these trees
    audit = clone.path(catalogs[0]).read_text()
    assert "misplaced_video" in audit and "s19/23_0502funnyerrors" in audit
    for name, n_videos in (("casme_sq", 97), ("samm_lv", 147)):
        assert len(clone.path(f"results/catalog/{name}/videos.csv").read_text().splitlines()) == n_videos + 1
        assert len(list(clone.path(f"results/catalog/{name}/labels").glob("*.csv"))) == n_videos
    assert clone.planned(LOSO) == expected(casme=(97, 22), samm=(147, 30)) - Counter(
        {"catalog_casme_sq": 1, "catalog_samm_lv": 1}
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Clone:
    """As many subjects as the real corpora have, three videos each, and the misplaced folder."""
    folder = tmp_path_factory.mktemp("made")
    codes = ("0101", "0401", "0502")
    names = [(subject, code) for subject in CASME_SQ_SUBJECTS for code in codes]
    casme = casme_tree(folder / "casme_sq", names)
    samm = samm_tree(folder / "samm_lv", [(s, code) for s in SAMM_LV_SUBJECTS for code in "135"])
    datasets = {"casme_sq": {"root": str(casme)}, "samm_lv": {"root": str(samm)}}
    return Clone(folder / "clone", datasets=datasets)


def test_corpora_of_the_real_size(made):
    assert planned_in_seconds(made) == expected(casme=(3 * 22 - 1, 22), samm=(3 * 30, 30))


def test_a_spotter_of_images_and_a_held_out_corpus(made):
    """Images are shared by all folds; with a corpus held out there is one training per corpus."""
    videos, folds = 3 * 22 - 1 + 3 * 30, 22 + 30
    jobs = made.planned("results/loso_softnet.csv")
    assert jobs["spot_images"] == 2 * videos and not jobs["mdmo"], "one interval per type of expression"
    assert jobs["fit"] == jobs["predict"] == folds and jobs["usable_stage"] == 2
    jobs = made.planned("results/cross_corpus_softnet.csv")
    assert (jobs["fit_corpus"], jobs["predict_corpus"], jobs["score_corpus"]) == (2, folds, 2)
    assert jobs["spot_images"] == 4 * videos, "the held-out corpus at the intervals of the other, too"
    assert not jobs["fit"]


def test_the_default_target_holds_report_and_figures(made):
    jobs = made.planned()
    recipes = 2  # of the shipped configuration
    assert jobs["fit"] == jobs["predict"] == recipes * (22 + 30)
    assert (jobs["report"], jobs["figures"], jobs["loso"]) == (1, recipes * 2, recipes)
    assert jobs["strips"] == 2, "one job for all expressions of a corpus"
    assert jobs["faces"] == 3 * 22 - 1 + 3 * 30, "features are shared by the recipes"


def test_a_page_without_faces_draws_none(tmp_path):
    jobs = Clone(tmp_path, report={"clips": False}).planned()
    assert jobs["report"] == 1 and not jobs["strips"]


def test_an_untouched_configuration_plans_the_demo(tmp_path):
    jobs = Clone(tmp_path).planned()
    assert jobs["demo"] == 2 and jobs["fit"] == 2 * 16
    assert {name for name in jobs if "catalog" in name} == {"catalog_demo_casme_sq", "catalog_demo_samm_lv"}


def test_the_report_tells_of_recognisers_that_are_asked_for(tmp_path):
    """The table of spotters compares all of them, whatever the report tells of."""
    wanted = ["results/loso_biwoof_svm.csv", "results/report.html", "results/tables/spotting.md"]
    jobs = Clone(tmp_path, demo={"size": "tiny", "subjects": 3}).planned(*wanted)
    spotters = recipe_names(tmp_path / "workflow/recipes")["spotting"]
    assert len(spotters) > 5 and jobs["loso"] == len(spotters)
    assert (jobs["report"], jobs["spotting_table"], jobs["figures"]) == (1, 1, 4), (
        "two recipes on two corpora"
    )
    assert (jobs["loso_recognition"], jobs["recognition_figures"]) == (1, 1)


def test_clips_are_planned_on_request_only(tmp_path):
    clone = Clone(tmp_path)
    faces = clone.planned("results/figures/strips/demo_smic")
    assert faces == {"demo": 1, "catalog_demo_smic": 1, "faces": faces["faces"], "strips": 1}
    single = "results/artifacts/demo_casme2/flow_onset/sub01_EP08_01.h5"
    jobs = clone.planned("results/catalog/demo_smic/flow_apex.csv", single)
    catalogs = {"demo": 2, "catalog_demo_smic": 1, "catalog_demo_casme2": 1}
    clips = jobs["flow_apex"]
    assert clips > 1
    assert jobs == catalogs | {"flow_apex": clips, "usable_stage": 1, "flow_onset": 1, "faces": clips + 1}
    refused = clone.snakemake("-n", "results/scores/auwgcn/demo_smic.csv")
    assert refused.returncode != 0 and "No rule to produce" in refused.stdout


def test_features_are_planned_from_the_flow_they_are_made_of(tmp_path):
    folder, video = "results/artifacts/demo_casme2", "sub01_EP08_01.h5"
    wanted = [f"{folder}/features-{name}/{video}" for name in FEATURES]
    jobs = Clone(tmp_path).planned(*wanted, "results/catalog/demo_smic/features-biwoof.csv")
    clips = jobs["flow_apex"] - 1
    once = {"demo": 2, "catalog_demo_casme2": 1, "catalog_demo_smic": 1, "usable_stage": 1}
    single = {"flow_pair": 1, "flow_onset": 1, "flow_apex": 1 + clips, "faces": 1 + clips}
    assert jobs == once | single | {"features": len(FEATURES) + clips} and clips > 1


def test_magnified_expressions_are_planned_and_weights_are_trained_where_none_are_given(tmp_path):
    clone, video = Clone(tmp_path), "sub01_EP08_01.h5"
    folder, smic = "results/artifacts/demo_casme2", "results/catalog/demo_smic"
    learned = [f"{folder}/magnified-magnet-2.5/{video}", f"{folder}/shape/{video}"]
    jobs = clone.planned(f"{folder}/magnified-phase-4/{video}", *learned)
    assert jobs == {
        "demo": 1,
        "catalog_demo_casme2": 1,
        "faces": 1,
        "magnified": 2,
        "shape": 1,
        "train_magnet": 1,
    }
    for name in ("magnified", "magnified-lagrangian-4"):  # the configured method and factor by either name
        jobs = clone.planned(f"{smic}/{name}.csv")
        clips = jobs["magnified"]
        assert jobs == {
            "demo": 1, "catalog_demo_smic": 1, "faces": clips, "magnified": clips, "usable_stage": 1
        } and clips > 1  # fmt: skip
    (tmp_path / "magnet.pth").touch()
    clone.configure(magnify={"magnet_weights": str(tmp_path / "magnet.pth")})
    assert "train_magnet" not in clone.planned(*learned)
    refused = clone.snakemake("-n", f"{folder}/magnified-phases-4/{video}")
    assert refused.returncode != 0 and "No rule to produce" in refused.stdout


def test_clips_of_one_length_are_planned_with_the_weights_they_need(tmp_path):
    clone = Clone(tmp_path, interpolate={"method": "linear", "length": 10})
    jobs = clone.planned("results/catalog/demo_smic/interpolated.csv")
    clips = jobs["faces"]
    assert clips > 1
    assert jobs == {
        "demo": 1,
        "catalog_demo_smic": 1,
        "usable_stage": 1,
        "faces": clips,
        "interpolated": clips,
    }
    single = "results/artifacts/demo_smic/interpolated-rife-11/s01_sur_03.h5"
    jobs = clone.planned(single)
    assert (jobs["interpolated"], jobs["train_rife"]) == (1, 1) and jobs["faces"] > clips, (
        "all clips are faces"
    )
    (tmp_path / "flownet.pkl").touch()
    clone.configure(interpolate={"rife_weights": str(tmp_path / "flownet.pkl")})
    assert clone.planned(single) == {"demo": 1, "catalog_demo_smic": 1, "faces": 1, "interpolated": 1}
    refused = clone.snakemake("-n", "results/artifacts/demo_smic/interpolated-tmi-11/s01_sur_03.h5")
    assert refused.returncode != 0


def test_spotters_go_with_recognisers_that_hold_out_the_same_subject(tmp_path):
    clone = Clone(tmp_path, demo={"subjects": 4}, flow={"missing_apex": "spotted"})
    everybody = "results/models/microattention/demo_casme_sq_4class/everybody/model.h5"
    text = clone.finish(
        "-n", "-p", "--quiet", "progress", "--", "results/strs_mdmo_peaks_hoof_svm.csv", everybody
    )
    told = [line for line in text.splitlines() if "mezoo " in line]
    pairs = [job for job in told if "mezoo recognise-spotted" in job]
    assert len(pairs) == 2 * 4
    for job in pairs:
        (subject,) = re.findall(r"models/mdmo_peaks/demo_\w+/(\w+)/seed0/model.h5", job)
        assert re.search(rf"models/hoof_svm/demo_\w+_4class/demo_\w+\.{subject}/seed0/model.h5", job), job
    packs = [job for job in told if "mezoo pack apex_image" in job]
    assert packs and all("--missing-apex spotted" in job for job in packs)
    assert not any("--missing-apex" in job for job in told if "mezoo pack hoof" in job)
    (fit,) = [job for job in told if f"-o {everybody}" in job]
    assert "--seed 0" in fit and len(re.findall(r"pack-apex_image-\d+/s\d+.h5", fit)) == 4
    refused = clone.snakemake("-n", "results/strs_hoof_svm_mdmo_peaks.csv")
    assert refused.returncode != 0 and "No rule to produce" in refused.stdout


def test_a_user_of_clips_alone(tmp_path):
    """Artifacts of the clips can be asked for; spotting is refused in one line."""
    root = tmp_path / "mmew"
    for name in ("happiness/S01-01-001", "fear/S02-05-001"):
        (root / "Micro_Expression" / name).mkdir(parents=True)
        (root / "Micro_Expression" / name / "1.jpg").touch()
    clone = Clone(tmp_path / "clone", datasets={"mmew": {"root": str(root)}})
    assert clone.planned("results/catalog/mmew/flow_apex.csv")["flow_apex"] == 2
    run = clone.snakemake("-n")
    (line,) = [line for line in run.stdout.splitlines() if "only corpora of clips" in line]
    assert run.returncode != 0 and line.startswith("mezoo: ") and "Traceback" not in run.stdout


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"flow": {"backnd": "dis"}}, ["flow.backnd", "Did you mean 'flow.backend'?"]),
        ({"mdmo": {"radius": "wide"}}, ["mdmo.radius", "wide"]),
        ({"datasets": {"casme_sq": {"root": "no/such/folder"}}}, ["casme_sq.root", "no/such/folder"]),
        ({"datasets": {"casme_sq": {"root": "workflow"}}}, ["casme_sq", "no video of this layout"]),
        ({"demo": {"enabled": False}}, ["no dataset has a root"]),
        ({"recipes": ["auwgnc"]}, ["auwgnc", "auwgcn"]),
    ],
)
def test_a_faulty_configuration_is_one_readable_line(tmp_path, settings, words):
    run = Clone(tmp_path, **settings).snakemake("-n")
    assert run.returncode != 0
    lines = [line for line in run.stdout.splitlines() if all(word in line for word in words)]
    assert len(lines) == 1 and lines[0].startswith("mezoo: "), run.stdout
    for noise in ("Traceback", "Error in", "Exception", 'File "'):
        assert noise not in run.stdout


def test_a_slip_in_a_recipe_is_told_before_any_job(tmp_path):
    clone = Clone(tmp_path)
    clone.recipe("auwgcn", epochz=3)
    run = clone.snakemake("-n")
    assert run.returncode != 0 and "Traceback" not in run.stdout
    assert "Did you mean 'epochs'?" in run.stdout and "auwgcn.yaml" in run.stdout


def test_an_unknown_target_is_told(made):
    run = made.snakemake("-n", "results/loso_nothing.csv")
    assert run.returncode != 0 and "results/loso_nothing.csv" in run.stdout
    assert "Traceback" not in run.stdout
