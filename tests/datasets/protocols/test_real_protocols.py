"""Every protocol, applied to the stored coding tables, gives the counts of the papers, or the known others."""

from __future__ import annotations

import json
import shutil

import pytest
from datasets.protocols import catalogs

from mezoo.datasets import read
from mezoo.datasets.protocols import PROTOCOLS, compare, get
from mezoo.datasets.protocols.casme import CODING_2014, CODING_2019, OBJECTIVE_2018

CASME3_V1 = "CAS(ME)3_part_A_v1.xls"


@pytest.fixture(scope="module")
def tables(shared):
    return shared / "oracles/datasets"


@pytest.fixture(scope="module")
def corpora(tables, tmp_path_factory):
    """Catalogs by the release that `Expected.source` names; those of one release under the layout's name."""

    def of(layout, file, **options):
        return read(layout, None, coding=tables / file, frames=False, options=options)

    return {
        CODING_2014: of("casme2", f"casme2/{CODING_2014}", objective="workbook"),
        CODING_2019: of("casme2", f"casme2/{CODING_2019}", objective="workbook"),
        OBJECTIVE_2018: of("casme2", f"casme2/{CODING_2014}", objective="file"),
        "samm": of("samm", "samm/SAMM_Micro_FACS_Codes_v2.xlsx"),
        "smic": catalogs.smic(tables, tmp_path_factory.mktemp("SMIC_all_raw")),
        "smic_e": of("smic_e", "smic/SMIC-HS-E_annotation.xlsx"),
        "casme3": of("casme3", "cas_me_3", part="all"),
        CASME3_V1: of("casme3", "cas_me_3", version="v1"),
        "mmew": of("mmew", "mmew/MMEW_Micro_Exp.csv"),
        "casme_sq": of("casme_sq", "cas_me_2/CASME_sq_gt.xlsx"),
        "samm_lv": of("samm_lv", beside(tmp_path_factory, tables) / "SAMMLV_gt.xlsx"),
    }


def beside(tmp_path_factory, tables):
    """Folder with the workbooks of SAMM-LV and of SAMM, which has the emotions."""
    folder = tmp_path_factory.mktemp("samm_both")
    for name in ("samm_lv/SAMMLV_gt.xlsx", "samm/SAMM_Micro_FACS_Codes_v2.xlsx"):
        shutil.copy(tables / name, folder)
    return folder


def chosen(corpora, source):
    first = next((name for name in (CODING_2014, CODING_2019, OBJECTIVE_2018) if name in source), CODING_2014)
    casme3 = corpora[CASME3_V1 if source == CASME3_V1 else "casme3"]
    return corpora | {"casme2": corpora[first], "casme3": casme3}


CASES = [
    pytest.param(protocol, expected, id=f"{protocol.name}-{expected.corpus or 'all'}-{i}")
    for protocol in PROTOCOLS.values()
    if protocol.corpora
    != ("ckplus",)  # has no table that could be stored: its labels are files beside the frames
    for i, expected in enumerate(protocol.expected)
]


@pytest.mark.parametrize(("protocol", "expected"), CASES)
def test_counts(protocol, expected, corpora):
    members = protocol.members(chosen(corpora, expected.source))
    if expected.corpus:
        members = members[members["dataset"] == expected.corpus]
    rows = compare(members, expected, protocol.classes)
    assert [(name, measured) for name, measured, _ in rows] == [(name, wanted) for name, _, wanted in rows]
    assert not members.duplicated(["dataset", "event"]).any()


@pytest.mark.parametrize("coding", [CODING_2014, CODING_2019])
def test_megc_2019_by_rule_is_the_official_list(coding, corpora, tables):
    protocol, known = get("megc2019_cde"), chosen(corpora, coding)
    by_list = protocol.members(known, official=tables / "megc2019/combined_3class_gt.csv")
    assert len(by_list) == 442 and by_list["group"].nunique() == 68
    assert protocol.members(known).equals(by_list)


def test_the_second_official_file_lacks_one_sample(corpora, tables):
    protocol = get("megc2019_cde")
    first = protocol.members(chosen(corpora, CODING_2014))
    second = protocol.members(
        chosen(corpora, CODING_2014), official=tables / "megc2019/combined_3class_gt-2.csv"
    )
    assert set(first["event"]) - set(second["event"]) == {"032_3_1"}
    assert len(second) == 441


def test_per_subject_counts(corpora, tables):
    wanted = json.loads((tables / "expected_counts.json").read_text(encoding="utf-8"))
    for name, coding in (("casme2_2014", CODING_2014), ("casme2_2019", CODING_2019)):
        found = get("casme2_5class").members(chosen(corpora, coding))
        assert per_subject(found) == {f"sub{k}": v for k, v in wanted[name]["5class"]["per_subject"].items()}
    found = get("samm_5class").members(corpora)
    assert per_subject(found) == {
        subject: {word.lower(): n for word, n in counts.items()}
        for subject, counts in wanted["samm"]["5class"]["per_subject"].items()
    }
    found = get("smic_hs_3class").members(corpora)
    assert per_subject(found) == {f"s{int(k):02d}": v for k, v in wanted["smic_hs"]["per_subject"].items()}
    found = get("mmew_7class").members(corpora)
    assert per_subject(found) == {f"S{int(k):02d}": v for k, v in wanted["mmew"]["per_subject"].items()}


def per_subject(members):
    return {s: own["label"].value_counts().to_dict() for s, own in members.groupby("subject")}


def of_type(corpora, name, kind):
    return (lambda events: events[events["type"] == kind])(corpora[name].events)


#: What papers claim (section by section of their data pages) -> how to count it -> what the tables give.
CLAIMS = {
    "CASME II 247": (lambda c: len(c[CODING_2014].events), 255),
    "CASME II 5-class 246, coding of 2014": (lambda c: n("casme2_5class", c, CODING_2014), 246),
    "CASME II 5-class, coding of 2019": (lambda c: n("casme2_5class", c, CODING_2019), 249),
    "CASME II disgust 63 or 64": (lambda c: label("casme2_5class", c, CODING_2014, "disgust"), 63),
    "CASME II surprise 25": (lambda c: label("casme2_5class", c, CODING_2014, "surprise"), 25),
    "CASME II surprise 28": (lambda c: label("casme2_5class", c, CODING_2019, "surprise"), 28),
    "CASME II without the clip sub24/EP02_07": (
        lambda c: int((c[CODING_2019].events["event"] == "sub24_EP02_07").sum()), 0),
    "SAMM 159": (lambda c: len(c["samm"].events), 159),
    "SAMM 29 subjects": (lambda c: c["samm"].events["subject"].nunique(), 29),
    "SAMM 136": (lambda c: n("samm_5class", c), 136),
    "SMIC-HS 164": (lambda c: n("smic_hs_3class", c), 164),
    "MEGC 2019 442": (lambda c: n("megc2019_cde", c), 442),
    "MEGC 2019 68 subjects": (lambda c: groups("megc2019_cde", c), 68),
    "MEGC 2018 253": (lambda c: n("megc2018_cde", c, OBJECTIVE_2018), 253),
    "MEGC 2018 47 subjects": (lambda c: groups("megc2018_cde", c, OBJECTIVE_2018), 47),
    "MEGC 2018, 185 by the file of 2018": (lambda c: n("casme2_objective", c, OBJECTIVE_2018), 185),
    "MEGC 2018, 174 by the coding of 2019": (lambda c: n("casme2_objective", c, CODING_2019), 174),
    "MEGC 2018 HDE holds out two corpora": (lambda c: groups("megc2018_hde", c, OBJECTIVE_2018), 2),
    "CAS(ME)^2 macro": (lambda c: len(of_type(c, "casme_sq", "macro")), 300),
    "CAS(ME)^2 micro": (lambda c: len(of_type(c, "casme_sq", "micro")), 57),
    "CAS(ME)^2 subjects with micro": (lambda c: of_type(c, "casme_sq", "micro")["subject"].nunique(), 14),
    "CAS(ME)^2 videos annotated, of 97": (lambda c: c["casme_sq"].events["video"].nunique(), 95),
    "SAMM-LV macro": (lambda c: len(of_type(c, "samm_lv", "macro")), 343),
    "SAMM-LV micro": (lambda c: len(of_type(c, "samm_lv", "micro")), 159),
    "SAMM-LV videos": (lambda c: c["samm_lv"].events["video"].nunique(), 147),
    "SAMM-LV subjects": (lambda c: c["samm_lv"].events["subject"].nunique(), 30),
    "SMIC-E-HS clips": (lambda c: c["smic_e"].events["video"].nunique(), 157),
    "SMIC-E-HS micro": (lambda c: n("smic_e_spotting", c), 166),
    "CAS(ME)^3 1,109 micro, part A": (lambda c: n("casme3_7class", c), 860),
    "CAS(ME)^3 1,109 micro, part C": (lambda c: n("casme3_c_4class", c), 165),
    "CAS(ME)^3 3,490 macro, parts A and C": (lambda c: len(of_type(c, "casme3", "macro")), 3346 + 303),
    "MMEW 300": (lambda c: n("mmew_7class", c), 300),
    "MMEW subjects": (lambda c: groups("mmew_7class", c), 30),
}  # fmt: skip


def members(name, corpora, source=CODING_2014):
    return get(name).members(chosen(corpora, source))


def n(name, corpora, source=CODING_2014):
    return len(members(name, corpora, source))


def groups(name, corpora, source=CODING_2014):
    return members(name, corpora, source)["group"].nunique()


def label(name, corpora, source, word):
    return int((members(name, corpora, source)["label"] == word).sum())


@pytest.mark.parametrize("claim", CLAIMS)
def test_verdicts_on_published_numbers(claim, corpora):
    count, verdict = CLAIMS[claim]
    assert count(corpora) == verdict
