"""The plan of a run: corpora, folds, and which settings a stage depends on."""

from __future__ import annotations

import inspect

import pytest

from mezoo import config, plan
from mezoo.errors import ConfigError
from mezoo.motion import flow_apex_file, flow_onset_file, flow_pair_file, spot_images_file


def made_tree(root, subjects=("s15", "s16", "s19")):
    for subject in subjects:
        for code in ("0101disgustingteeth", "0502funnyerrors"):
            folder = root / "rawpic" / subject / f"{subject[1:]}_{code}"
            folder.mkdir(parents=True)
            (folder / "img001.jpg").touch()
    return root


def test_the_demo_stands_in_while_no_corpus_is_configured():
    corpora = plan.corpora(config.Config())
    assert list(plan.spotted(corpora)) == ["demo_casme_sq", "demo_samm_lv"]
    assert set(corpora) == {*plan.spotted(corpora), "demo_casme2", "demo_samm", "demo_smic"}
    for corpus in corpora.values():
        assert corpus.is_demo and len(corpus.subjects) == 8
        assert len(corpus.all_videos()) == len(set(corpus.all_videos())) >= 8


def test_a_real_root_replaces_the_demo(tmp_path):
    settings = config.parse({"datasets": {"casme_sq": {"root": str(made_tree(tmp_path))}}})
    corpora = plan.corpora(settings)
    assert list(corpora) == ["casme_sq"]
    assert corpora["casme_sq"].videos == {
        "s15": ["s15_0101", "s15_0502"],
        "s16": ["s16_0101", "s16_0502"],
        "s19": ["s19_0101", "s19_0502"],
    }


def test_training_videos_never_hold_the_held_out_subject(tmp_path):
    settings = config.parse({"datasets": {"casme_sq": {"root": str(made_tree(tmp_path))}}})
    corpus = plan.corpora(settings)["casme_sq"]
    for subject in corpus.subjects:
        training = corpus.training_videos(subject)
        assert not set(training) & set(corpus.videos[subject])
        assert set(training) | set(corpus.videos[subject]) == set(corpus.all_videos())


def test_excluded_videos_are_left_out(tmp_path):
    values = {"root": str(made_tree(tmp_path)), "exclude": ["s15_0101"]}
    corpus = plan.corpora(config.parse({"datasets": {"casme_sq": values}}))["casme_sq"]
    assert corpus.videos["s15"] == ["s15_0502"]


def test_one_subject_cannot_be_held_out(tmp_path):
    settings = config.parse({"datasets": {"casme_sq": {"root": str(made_tree(tmp_path, ("s15",)))}}})
    with pytest.raises(ConfigError, match="at least two"):
        plan.corpora(settings)


def test_no_corpus_at_all_is_an_error():
    with pytest.raises(ConfigError, match="at least one corpus"):
        plan.corpora(config.parse({"demo": {"enabled": False}}))


@pytest.mark.parametrize(
    ("change", "stale"),
    [
        ({"faces": {"margin": 0.3}}, {"faces"}),
        (
            {"faces": {"detector_weights": "a.pth", "landmark_weights": "b.pth"}},
            set(),
        ),  # read by neither of dlib's
        ({"faces": {"detector": "retinaface", "detector_weights": __file__}}, {"faces"}),
        ({"flow": {"scales": 7}}, {"flow_pair", "flow_onset", "flow_apex", "spot_images"}),
        ({"flow": {"profile": "stream"}}, {"flow_pair", "flow_onset", "flow_apex", "spot_images"}),
        ({"flow": {"stride": 3}}, {"flow_pair"}),
        ({"accelerator": "cpu"}, set()),  # read by the flow method torch only
        ({"flow": {"head_motion": "remove"}}, {"flow_onset", "flow_apex"}),
        ({"flow": {"strain": "backward"}}, {"flow_onset", "flow_apex"}),
        ({"flow": {"missing_apex": "skip"}}, {"flow_apex", "shape"}),
        ({"magnify": {"shape_factors": [2]}}, {"shape"}),
        ({"magnify": {"method": "phase", "factor": 2, "profile": "standard"}}, set()),  # in the file names
        ({"flow": {"keep": "windows"}}, set()),  # what auto means for long videos
        ({"flow": {"keep": "full"}}, {"flow_pair"}),
        ({"mdmo": {"radius": 6}}, {"flow_pair", "mdmo"}),  # stored windows must cover the ROIs
        ({"flow": {"keep": "full"}, "mdmo": {"radius": 6}}, {"flow_pair", "mdmo"}),
        ({"seeds": [1, 2]}, set()),
        ({"max_failed_share": 0.5}, set()),
        ({"datasets": {"samm_lv": {"target_fps": 50}}}, set()),
        ({"datasets": {"casme_sq": {"target_fps": 15}}}, {"faces"}),
    ],
)
def test_a_stage_depends_on_its_own_settings_only(change, stale):
    before, after = config.Config(), config.parse(change)
    corpus, changed = (plan.corpora(c)["demo_casme_sq"] for c in (before, after))
    differing = {
        stage
        for stage in ("faces", "flow_pair", "flow_onset", "flow_apex", "mdmo", "spot_images", "shape")
        if plan.stage_settings(before, corpus, stage) != plan.stage_settings(after, changed, stage)
    }
    assert differing == stale


def test_the_accelerator_reaches_flow_when_torch_computes_it():
    settings = config.parse({"flow": {"backend": "torch"}, "accelerator": "gpu"})
    corpus = plan.corpora(settings)["demo_casme_sq"]
    for stage in ("flow_pair", "flow_onset", "flow_apex"):
        assert plan.stage_settings(settings, corpus, stage)["accelerator"] == "gpu"
    assert "accelerator" not in plan.stage_settings(settings, corpus, "mdmo")


def test_whole_frames_are_kept_of_clips_and_windows_of_long_videos():
    settings = config.Config()
    corpora = plan.corpora(settings)
    kept = {name: plan.stage_settings(settings, c, "flow_pair")["keep"] for name, c in corpora.items()}
    assert {name for name, keep in kept.items() if keep == "windows"} == set(plan.spotted(corpora))
    assert set(kept.values()) == {"windows", "full"}
    stated = config.parse({"flow": {"keep": "windows"}})
    assert plan.stage_settings(stated, corpora["demo_smic"], "flow_pair")["keep"] == "windows"


@pytest.mark.parametrize(
    ("stage", "run"),
    [
        ("flow_pair", flow_pair_file),
        ("flow_onset", flow_onset_file),
        ("flow_apex", flow_apex_file),
        ("spot_images", spot_images_file),
    ],
)
@pytest.mark.parametrize("backend", ["native", "torch"])
def test_a_stage_takes_the_settings_it_is_given(stage, run, backend):
    settings = config.parse({"flow": {"backend": backend}})
    for corpus in plan.corpora(settings).values():
        assert set(plan.stage_settings(settings, corpus, stage)) <= set(inspect.signature(run).parameters)


def test_a_held_out_corpus_is_trained_on_the_others():
    found = plan.corpora(config.Config())
    assert [c.name for c in plan.other_corpora(found, "demo_samm_lv")] == ["demo_casme_sq"]
    alone = {"demo_samm_lv": found["demo_samm_lv"], "demo_casme2": found["demo_casme2"]}
    with pytest.raises(ConfigError, match="the only corpus of long videos"):
        plan.other_corpora(alone, "demo_samm_lv")


def test_with_whole_frames_the_radius_never_recomputes_flow():
    full = {"flow": {"keep": "full"}}
    one, other = config.parse(full), config.parse({**full, "mdmo": {"radius": 9}})
    corpus = plan.corpora(one)["demo_casme_sq"]
    assert plan.stage_settings(one, corpus, "flow_pair") == plan.stage_settings(other, corpus, "flow_pair")


def test_a_corpus_within_its_failed_share_leaves_every_fold_within_its_own(tmp_path):
    settings = config.parse({"datasets": {"casme_sq": {"root": str(made_tree(tmp_path))}}})
    corpus = plan.corpora(settings)["casme_sq"]
    for allowed in (0.0, 1 / 6, 0.5, 1.0):
        share = corpus.failed_share("s15", allowed)
        assert int(allowed * 6 + 1e-9) <= share * 4 or share == 1.0
        assert share <= allowed * 6 / 4 + 1e-6


def clips_tree(root):
    for name in ("happiness/S01-01-001", "fear/S02-05-001"):
        folder = root / "Micro_Expression" / name
        folder.mkdir(parents=True)
        (folder / "1.jpg").touch()
    return root


def test_corpora_of_clips_take_no_part_in_spotting(tmp_path):
    mmew = {"root": str(clips_tree(tmp_path / "mmew"))}
    values = {"datasets": {"casme_sq": {"root": str(made_tree(tmp_path))}, "mmew": mmew}}
    corpora = plan.corpora(config.parse(values))
    assert list(corpora) == ["casme_sq", "mmew"] and corpora["mmew"].kind == "clip"
    assert list(plan.spotted(corpora)) == plan.require_spotted(corpora) == ["casme_sq"]


def test_clips_alone_can_be_planned_but_not_spotted(tmp_path):
    corpora = plan.corpora(config.parse({"datasets": {"mmew": {"root": str(clips_tree(tmp_path))}}}))
    assert corpora["mmew"].all_videos() and plan.spotted(corpora) == {}
    with pytest.raises(ConfigError, match=r"only corpora of clips have a root \(mmew\).*mmew/flow_apex\.csv"):
        plan.require_spotted(corpora)


def test_clips_of_one_person_are_enough_for_artifacts(tmp_path):
    folder = tmp_path / "Micro_Expression/fear/S02-05-001"
    folder.mkdir(parents=True)
    (folder / "1.jpg").touch()
    corpora = plan.corpora(config.parse({"datasets": {"mmew": {"root": str(tmp_path)}}}))
    assert len(corpora["mmew"].subjects) == 1


def test_still_images_take_no_part(tmp_path):
    (tmp_path / "happy").mkdir()
    (tmp_path / "happy/1.jpg").touch()
    with pytest.raises(ConfigError, match=r"only still images have a root \(folder\)"):
        plan.corpora(config.parse({"datasets": {"folder": {"root": str(tmp_path)}}}))


def test_own_videos_bring_their_frame_rate(tmp_path):
    for subject in ("anna", "ben"):
        (tmp_path / subject / "one").mkdir(parents=True)
        (tmp_path / subject / "one/img1.jpg").touch()
    (tmp_path / "events.csv").write_text("video,onset,offset,type\nanna/one,1,1,micro\n")
    own = {"root": str(tmp_path), "options": {"fps": 50}}
    corpus = plan.corpora(config.parse({"datasets": {"generic": own}}))["generic"]
    assert corpus.subjects == ["anna", "ben"]
    assert corpus.record("anna_one")["fps"] == 50
    as_clips = {"root": str(tmp_path), "options": {"kind": "clip"}}
    assert plan.corpora(config.parse({"datasets": {"generic": as_clips}}))["generic"].kind == "clip"


def test_a_network_without_labels_learns_from_clips_of_every_subject(tmp_path):
    mmew = {"root": str(clips_tree(tmp_path / "mmew"))}
    values = {"datasets": {"casme_sq": {"root": str(made_tree(tmp_path))}, "mmew": mmew}}
    corpora = plan.corpora(config.parse(values))
    assert plan.training_faces(corpora) == {"mmew": corpora["mmew"].all_videos()}
    long = {"casme_sq": corpora["casme_sq"]}
    few = plan.training_faces(long, most=1)["casme_sq"]
    assert few == [videos[0] for videos in corpora["casme_sq"].videos.values()], "one of each subject"


def test_the_rule_of_a_missing_apex_counts_for_clips_around_the_apex_only():
    found = {}
    for schedule in ("even", "slstt"):
        settings = config.parse({"interpolate": {"schedule": schedule}})
        corpus = plan.corpora(settings)["demo_smic"]
        found[schedule] = plan.stage_settings(settings, corpus, "interpolated")
    assert found == {"even": {"schedule": "even"}, "slstt": {"schedule": "slstt", "missing_apex": "middle"}}


def test_settings_of_the_faces_name_only_what_is_not_dlibs():
    """A run made before there was a choice is still up to date."""
    corpus = plan.corpora(config.Config())["demo_casme_sq"]
    assert list(plan.stage_settings(config.Config(), corpus, "faces")) == [
        *["target_fps", "margin", "size", "max_gap", "smooth", "missing_frames", "min_valid_share", "models"]
    ]
    chosen = config.parse({"faces": {"landmarks": "san", "landmark_weights": __file__}})
    settings = plan.stage_settings(chosen, corpus, "faces")
    assert settings["landmarks"] == "san" and settings["landmark_weights"] == __file__
    assert "detector" not in settings and "detector_weights" not in settings
