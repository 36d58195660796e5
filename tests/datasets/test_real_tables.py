"""The real coding workbooks and folder names give the counts that were established for them."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from mezoo.datasets import list_videos, read

WORDS = {"macro-expression": "macro", "micro-expression": "micro", "Macro": "macro", "Micro - 1/2": "micro"}
NAMES = {
    "0101": "disgustingteeth",
    "0102": "eatingworms",
    "0401": "girlcrashing",
    "0402": "beatingpregnantwoman",
    "0502": "funnyerrors",
    "0503": "unnyfarting",
    "0505": "funnyinnovations",
    "0507": "climbingthewall",
    "0508": "funnydunkey",
}


@pytest.fixture(scope="module")
def tables(shared):
    return shared / "oracles/datasets"


@pytest.fixture(scope="module")
def expected(tables):
    return json.loads((tables / "expected_counts.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def casme(tables):
    return read("casme_sq", None, coding=tables / "cas_me_2/CASME_sq_gt.xlsx", frames=False)


@pytest.fixture(scope="module")
def samm(tables):
    return read("samm_lv", None, coding=tables / "samm_lv/SAMMLV_gt.xlsx", frames=False)


def flagged(events, flag):
    return events[events["flags"].str.split(";").map(lambda flags: flag in flags)]


def assert_counts(events, expected):
    assert len(events) == expected["rows"]
    assert events["subject"].nunique() == expected["subjects"]
    assert events["type"].value_counts().to_dict() == {WORDS[k]: n for k, n in expected["type"].items()}
    for kind in ("micro", "macro"):
        chosen = events[events["type"] == kind]
        assert chosen["video"].nunique() == expected[f"{kind}_videos"]
        assert chosen["subject"].nunique() == expected[f"{kind}_subjects"]
    per_subject = {
        subject: own["type"].value_counts().to_dict() for subject, own in events.groupby("subject")
    }
    assert per_subject == {
        subject: {WORDS[k]: n for k, n in counts.items()}
        for subject, counts in expected["per_subject_type"].items()
    }
    assert events["event"].is_unique


class TestCasmeSq:
    def test_counts(self, casme, expected):
        events, counts = casme.events, expected["cas_me_2"]
        assert_counts(events, counts)
        assert events["video"].nunique() == counts["videos_annotated"]
        assert events["emotion"].value_counts().to_dict() == counts["emotion"]
        micro = events[events["type"] == "micro"]
        assert micro["emotion"].value_counts().to_dict() == counts["micro_emotion"]
        assert (
            len(flagged(events, "offset_missing")) == events["offset"].isna().sum() == counts["offset_zero"]
        )
        assert len(flagged(events, "apex_missing")) == events["apex"].isna().sum() == counts["apex_zero"]
        assert set(flagged(events, "apex_outside")["video"]) == {"s27_0101", "s31_0503", "s32_0401"}
        assert (casme.audit["severity"] == "info").all()

    def test_every_frame_equals_the_megc_2020_list(self, casme, tables):
        columns = ["subject", "code", "type", "onset", "apex", "offset"]
        official = pd.read_csv(
            tables / "cas_me_2/megc2020_all_Info.txt", sep=" ", names=columns, dtype={"code": str}
        )
        official["video"] = official["subject"] + "_" + official["code"]
        official["type"] = official["type"].map(WORDS)
        # the list puts a missing offset at the apex and a missing apex in the middle
        ours = casme.events.assign(
            apex=casme.events["apex"].fillna((casme.events["onset"] + casme.events["offset"]) // 2),
            offset=casme.events["offset"].fillna(casme.events["apex"]),
        )
        key = ["video", "type", "onset", "apex", "offset"]
        assert sorted(ours[key].values.tolist()) == sorted(official[key].values.tolist())

    def test_expressions_numbered_ten_and_higher_are_kept(self, casme, tables):
        short = pd.read_csv(tables / "cas_me_2/mult_casme2_annotation_336rows.csv")
        late = casme.events[casme.events["event"].str.fullmatch(r".*_\d\d")]
        assert late["type"].value_counts().to_dict() == {"macro": 18, "micro": 3}
        assert len(casme.events) - len(short) == len(late)

    def test_98_folders_are_97_videos(self, casme, tables, tmp_path):
        lines = (tables / "cas_me_2/megc2020_framecount_ME2.txt").read_text().split("\n")
        counts = dict(line.split() for line in lines if line)
        assert len(counts) == 98
        for name, last in counts.items():
            subject, code = name.split("_")
            # the release has subject 23's 0502 below s19 once more
            own = "s23" if name == "s19_0502" else subject
            folder = tmp_path / "rawpic" / subject / f"{own[1:]}_{code}{NAMES[code]}"
            folder.mkdir(parents=True)
            for number in (1, int(last)):
                (folder / f"img{number:03d}.jpg").touch()
        catalog = read("casme_sq", tmp_path, coding=tables / "cas_me_2/CASME_sq_gt.xlsx")
        refs = list_videos("casme_sq", tmp_path)
        assert [ref.video for ref in refs] == catalog.videos["video"].tolist()
        assert set(catalog.videos["video"]) == set(counts) - {"s19_0502"}
        unannotated = catalog.audit.query("check == 'unannotated'")["video"]
        assert set(unannotated) == {"s15_0508", "s23_0503"}
        left = catalog.audit.query("severity == 'excluded'")
        assert left[["check", "video", "found"]].values.tolist() == [
            ["misplaced_video", "s23_0502", "s19/23_0502funnyerrors"]
        ]
        assert len(catalog.events) == 357
        assert catalog.events["subject"].nunique() == 22


class TestSammLv:
    def test_counts(self, samm, expected):
        events, counts = samm.events, expected["samm_lv"]
        assert_counts(events, counts)
        assert events["video"].nunique() == counts["videos"]
        assert sorted(flagged(events, "apex_missing")["event"]) == sorted(counts["apex_minus1"])
        before = flagged(events, "onset_before_video")
        assert sorted(before["event"]) == sorted(counts["onset_zero"])
        assert set(before["onset"]) == {1}
        assert events.loc[events["event"].str.startswith("037_4_1"), "type"].tolist() == ["macro", "micro"]

    def test_every_frame_equals_the_megc_2020_list(self, samm, tables):
        columns = ["subject", "code", "type", "onset", "apex", "offset"]
        official = pd.read_csv(
            tables / "samm_lv/megc2020_all_Info_V1.txt", sep=" ", names=columns, dtype={"subject": str}
        )
        official["video"] = official["subject"] + "_" + official["code"].astype(str)
        official["type"] = official["type"].map(WORDS)
        outside = (official["apex"] < official["onset"]) | (official["apex"] > official["offset"])
        assert outside.sum() == 6  # V1 has numbers there, later releases -1
        official["apex"] = official["apex"].mask(outside, -1)
        official["onset"] = official["onset"].replace(0, 1)
        ours = samm.events.assign(apex=samm.events["apex"].fillna(-1))
        key = ["video", "type", "onset", "apex", "offset"]
        assert sorted(ours[key].values.tolist()) == sorted(official[key].values.tolist())

    def test_the_first_release_gives_the_same_events(self, samm, tables, tmp_path):
        lines = (tables / "samm_lv/megc2020_all_Info_V1.txt").read_text().split("\n")
        rows = [line.split() for line in lines if line]
        header = "Subject,Filename,Inducement Code,Onset,Apex,Offset,Type,Action Units"
        body = [
            f"{subject},{subject}_{code}_{i},{code},{on},{apex},{off},{kind},4"
            for i, (subject, code, kind, on, apex, off) in enumerate(rows)
        ]
        (tmp_path / "v1.csv").write_text("\n".join([header, *body]))
        first = read("samm_lv", None, coding=tmp_path / "v1.csv", frames=False)
        key = ["video", "type", "onset", "offset"]
        assert sorted(first.events[key].values.tolist()) == sorted(samm.events[key].values.tolist())
        assert first.events["apex"].isna().sum() == 6
        assert (first.audit["check"] == "apex_outside").sum() == 6

    def test_147_videos_and_what_lies_beyond_them(self, tables, tmp_path):
        lines = (tables / "samm_lv/megc2020_framecount_SAMM_MEGC.txt").read_text().split("\n")
        counts = dict(line.split() for line in lines if line)
        for name, last in counts.items():
            folder = tmp_path / "SAMM_longvideos" / name
            folder.mkdir(parents=True)
            width = len(last)
            for number in (1, int(last)):
                (folder / f"{name}_{number:0{width}d}.jpg").touch()
        catalog = read("samm_lv", tmp_path, coding=tables / "samm_lv/SAMMLV_gt.xlsx")
        refs = list_videos("samm_lv", tmp_path)
        assert len(refs) == 147
        assert [ref.video for ref in refs] == catalog.videos["video"].tolist() == sorted(counts)
        assert catalog.videos["last_frame"].sum() == 482_797
        left = catalog.audit.query("severity == 'excluded'")
        assert left[["check", "event"]].values.tolist() == [["outside_video", "012_4_1"]]
        clipped = catalog.audit.query("check == 'offset_beyond_video'")
        assert set(clipped["event"]) == {"020_6_5", "036_7_4"}
        assert len(catalog.events) == 501
