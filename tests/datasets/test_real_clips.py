"""The real coding files and lists of the clip corpora and SMIC-E give the counts established for them."""

from __future__ import annotations

import csv
import json
from collections import Counter

import pytest

from mezoo.datasets import read

CASME2 = {"2014": "CASME2-coding-20140508.xlsx", "2019": "CASME2-coding-20190701.xlsx"}
HS, ORIGINAL = "SMIC-HS-E_annotation.xlsx", "SMIC-HS-E_annotation_orig.xlsx"


@pytest.fixture(scope="module")
def tables(shared):
    return shared / "oracles/datasets"


@pytest.fixture(scope="module")
def expected(tables):
    return json.loads((tables / "expected_counts.json").read_text(encoding="utf-8"))


def chosen(events, words):
    return events[events["emotion"].isin(words)]


def by_subject(events):
    return {subject: own["emotion"].value_counts().to_dict() for subject, own in events.groupby("subject")}


def intervals(events):
    return sorted(events[["video", "onset", "offset"]].values.tolist())


@pytest.mark.parametrize("version", CASME2)
class TestCasme2:
    @pytest.fixture
    def catalog(self, tables, version):
        return read("casme2", None, coding=tables / "casme2" / CASME2[version], frames=False)

    def test_counts(self, catalog, expected, version):
        events, counts = catalog.events, expected[f"casme2_{version}"]
        assert len(events) == counts["rows"]
        assert events["subject"].nunique() == counts["subjects"]
        assert events["emotion"].value_counts().to_dict() == counts["7class"]
        five = chosen(events, counts["5class"]["classes"])
        assert len(five) == counts["5class"]["n"]
        assert five["emotion"].value_counts().to_dict() == counts["5class"]["classes"]
        per_subject = {f"sub{subject}": n for subject, n in counts["5class"]["per_subject"].items()}
        assert by_subject(five) == per_subject
        slash = [f"sub{name.replace('/', '_')}" for name in counts["apex_slash"]]
        assert events[events["apex"].isna()]["event"].tolist() == slash

    def test_audit(self, catalog, version):
        audit = catalog.audit
        assert (audit["severity"] == "info").all()
        assert audit.query("check == 'coding_version'")["found"].item() == f"{version}, 255 rows"
        assert set(audit.query("check == 'apex_weak'")["event"]) == {
            "sub05_EP09_05f", "sub05_EP16_04f", "sub12_EP09_06", "sub20_EP16_01", "sub25_EP18_04f",
        }  # fmt: skip

    @pytest.mark.parametrize("option", ["auto", "file"])
    def test_objective_classes(self, tables, expected, version, option):
        coding = tables / "casme2" / CASME2[version]
        events = read("casme2", None, coding=coding, frames=False, options={"objective": option}).events
        in_column = version == "2019" and option == "auto"
        counts = expected["casme2_objective"]["2019_coding" if in_column else "2018_file"]
        assert events["objective_class"].value_counts().to_dict() == counts["counts"]
        one_to_five = events[events["objective_class"].isin(list("12345"))]
        assert len(one_to_five) == counts["I-V"]
        assert one_to_five["subject"].nunique() == counts["subjects_I-V"]


class TestSamm:
    @pytest.fixture
    def catalog(self, tables):
        return read("samm", None, coding=tables / "samm/SAMM_Micro_FACS_Codes_v2.xlsx", frames=False)

    def test_counts(self, catalog, expected):
        events, counts = catalog.events, expected["samm"]
        assert len(events) == counts["rows"] and events["subject"].nunique() == counts["subjects"]
        assert events["emotion"].value_counts().to_dict() == counts["8class"]
        five = chosen(events, counts["5class"]["classes"])
        assert by_subject(five) == counts["5class"]["per_subject"]
        assert (len(five), five["subject"].nunique()) == (counts["5class"]["n"], counts["5class"]["subjects"])
        assert events["objective_class"].value_counts().to_dict() == counts["objective"]["counts"]
        one_to_five = events[events["objective_class"].isin(list("12345"))]
        assert len(one_to_five) == counts["objective"]["I-V"]
        assert one_to_five["subject"].nunique() == counts["objective"]["subjects_I-V"]

    def test_two_apexes_are_mended_and_two_are_weak(self, catalog, tables):
        audit = catalog.audit
        assert audit.query("severity == 'repaired'")["event"].tolist() == ["028_4_1", "032_3_1"]
        assert audit.query("check == 'apex_weak'")["event"].tolist() == ["026_3_3", "032_3_2"]
        mended = tables / "samm/quangdtsc_patched_SAMM_Micro_FACS_Codes_v2.xlsx"
        other = read("samm", None, coding=mended, frames=False)
        assert (other.audit["severity"] == "info").all()
        assert other.events.drop(columns="flags").equals(catalog.events.drop(columns="flags"))


def test_smic_hs_by_folders(tables, expected, tmp_path):
    with (tables / "smic/ini17_HS_cropped.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        emotion = row["Estimated Emotion"]
        folder = tmp_path / "SMIC_all_cropped/HS" / f"s{row['Subject']}/micro/{emotion}/{row['Filename']}"
        folder.mkdir(parents=True)
        for number in (row["OnsetFrame"], row["OffsetFrame"]):
            (folder / f"reg_image{number:0>6}.bmp").touch()
    catalog = read("smic", tmp_path)
    events, counts = catalog.events, expected["smic_hs"]
    assert len(events) == counts["rows"] and events["subject"].nunique() == counts["subjects"]
    assert events["emotion"].value_counts().to_dict() == counts["3class"]
    assert by_subject(events) == {f"s{int(s):02d}": n for s, n in counts["per_subject"].items()}
    frames = {(int(row["OnsetFrame"]), int(row["OffsetFrame"])) for row in rows}
    assert set(zip(events["onset"], events["offset"], strict=True)) == frames
    assert (catalog.audit["severity"] == "info").all()


class TestSmicE:
    def read(self, tables, file, **kwargs):
        return read("smic_e", kwargs.pop("root", None), coding=tables / "smic" / file, **kwargs)

    def test_high_speed(self, tables, expected):
        catalog, counts = self.read(tables, HS, frames=False), expected["smic_e"]["HS"]
        events, audit = catalog.events, catalog.audit
        assert len(events) == counts["valid_distinct_MEs"]
        assert (events["video"].nunique(), events["subject"].nunique()) == (
            counts["clips"],
            counts["subjects"],
        )
        assert set(audit.query("check == 'interval_outside'")["event"]) == {
            "s20_ne_06_3", "s20_ne_09_3", "s20_sur_02_3", "s18_ne_01_3", "s18_sur_03_3",
        }  # fmt: skip
        assert audit.query("check == 'interval_repeated'")["event"].tolist() == ["s09_sur_01_3"]
        assert audit.query("severity == 'repaired'")["video"].tolist() == ["s18_sur_03"]
        assert audit.query("check == 'clip_range'")["video"].tolist() == ["s01_ne_03"]

    @pytest.mark.parametrize("file", [HS, ORIGINAL])
    def test_visual(self, tables, expected, file):
        events = self.read(tables, file, frames=False, options={"camera": "VIS"}).events
        counts = expected["smic_e"]["VIS"]
        videos = events["video"].unique()
        assert (len(events), len(videos)) == (counts["MEs"], counts["clips"])
        assert events["subject"].nunique() == counts["subjects"]
        assert Counter(video.split("_")[1] for video in videos) == counts["by_filename_prefix"]

    def test_the_original_sheet_gives_the_same_intervals(self, tables, tmp_path):
        catalog = self.read(tables, HS, frames=False)
        original = self.read(tables, ORIGINAL, frames=False)
        lost = original.audit.query("check == 'clip_range'")["video"].tolist()
        assert lost == ["s01_ne_03", "s03_ne_20"]
        kept = original.events[original.events["video"] != "s03_ne_20"]  # it has no long clip
        assert intervals(kept) == intervals(catalog.events)
