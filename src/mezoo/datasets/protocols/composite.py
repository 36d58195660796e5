"""Protocols over several corpora: MEGC 2018 (CDE, HDE) and MEGC 2019 (CDE)."""

from __future__ import annotations

from mezoo.datasets.protocols.casme import CODING_2014, CODING_2019, OBJECTIVE_2018
from mezoo.datasets.protocols.protocol import Disagreement, Expected, Part, Protocol
from mezoo.datasets.protocols.words import OBJECTIVE, SAMM_TABLE, merged, same

_OLD, _NEW = (
    {"I": 25, "II": 15, "III": 99, "IV": 26, "V": 20},
    {"I": 30, "II": 18, "III": 93, "IV": 15, "V": 18},
)
_SAMM = {"I": 24, "II": 13, "III": 20, "IV": 8, "V": 3}
_MEGC2018_PARTS = (Part("casme2", "objective_class", OBJECTIVE), Part("samm", "objective_class", OBJECTIVE))
_MEGC2018_EXPECTED = (
    Expected(f"{OBJECTIVE_2018}, {SAMM_TABLE}", {"I": 49, "II": 28, "III": 119, "IV": 34, "V": 23}, 47),
    Expected(f"{CODING_2019}, {SAMM_TABLE}", {"I": 54, "II": 31, "III": 113, "IV": 23, "V": 21}, 47),
    Expected(OBJECTIVE_2018, _OLD, 26, "casme2"),
    Expected(CODING_2019, _NEW, 26, "casme2"),
    Expected(SAMM_TABLE, _SAMM, 21, "samm"),
)
_OBJECTIVE_FILE = Disagreement(
    "253 = 185 + 68 samples, or 242 = 174 + 68",
    f"253 with {OBJECTIVE_2018}, 242 with the last column of the coding of 2019",
    "The challenge used the file of 2018; the coding of 2019 moves 37 clips to other classes.",
)

#: The CASME II clips of MEGC 2019 that the rule of its paper names but the official list leaves out: no apex,
#: apex = onset, and three that are surprise in the coding of 2019 only.
_MEGC2019_WITHOUT = (
    ("sub04", "EP12_01f"),
    ("sub05", "EP09_05f"),
    ("sub24", "EP07_01"),
    ("sub24", "EP07_04f"),
    ("sub24", "EP10_03"),
)
_MEGC2019_TABLES = f"{CODING_2014}, {SAMM_TABLE}, folders of SMIC-HS"

COMPOSITE = (
    Protocol(
        name="megc2018_cde",
        title="MEGC 2018 composite database evaluation, objective classes I to V",
        rule="Every clip of CASME II and SAMM whose objective class is I to V, in one pool; each of the 47"
        " subjects is held out once.",
        source="Yap, See, Hong, Wang, 2018 (MEGC 2018)",
        parts=_MEGC2018_PARTS,
        expected=_MEGC2018_EXPECTED,
        disagreements=(_OBJECTIVE_FILE,),
    ),
    Protocol(
        name="megc2018_hde",
        title="MEGC 2018 holdout database evaluation, objective classes I to V",
        rule="The samples of megc2018_cde; train on CASME II and test on SAMM, and the reverse.",
        source="Yap, See, Hong, Wang, 2018 (MEGC 2018)",
        parts=_MEGC2018_PARTS,
        expected=_MEGC2018_EXPECTED,
        held_out="corpus",
        disagreements=(_OBJECTIVE_FILE,),
    ),
    Protocol(
        name="megc2019_cde",
        title="MEGC 2019 composite database evaluation, negative, positive, surprise",
        rule="CASME II (coding of 2014): positive = happiness, negative = disgust and repression, surprise;"
        " without two clips that lack a usable apex. SAMM: all but other; negative = anger, contempt,"
        " disgust, fear, sadness. SMIC-HS: all. Each of the 68 subjects is held out once. Join"
        " combined_3class_gt.csv where you have it: the rule gives the same samples and labels.",
        source="See, Yap, Li, Hong, Wang, 2019 (MEGC 2019) and its combined_3class_gt.csv",
        parts=(
            Part(
                "casme2",
                "emotion",
                merged(negative="disgust repression", positive="happiness", surprise="surprise"),
                without=_MEGC2019_WITHOUT,
            ),
            Part(
                "samm",
                "emotion",
                merged(
                    negative="anger contempt disgust fear sadness", positive="happiness", surprise="surprise"
                ),
            ),
            Part("smic", "emotion", same("negative", "positive", "surprise")),
        ),
        expected=(
            Expected(_MEGC2019_TABLES, {"negative": 250, "positive": 109, "surprise": 83}, 68),
            Expected(CODING_2014, {"negative": 88, "positive": 32, "surprise": 25}, 24, "casme2"),
            Expected(SAMM_TABLE, {"negative": 92, "positive": 26, "surprise": 15}, 28, "samm"),
            Expected("folders of SMIC-HS", {"negative": 70, "positive": 51, "surprise": 43}, 16, "smic"),
        ),
        disagreements=(
            Disagreement(
                "CASME II has 145 clips here, 147 in its own three-class protocol",
                "147 with the coding of 2014, 150 with that of 2019, 145 in the official list",
                "The list leaves out sub04/EP12_01f (apex not coded) and sub05/EP09_05f (apex = onset), both"
                " disgust, and keeps the emotions of 2014, so that three clips of subject 24 that later became"
                " surprise are not members.",
            ),
            Disagreement(
                "The guideline counts fear and sadness as negative",
                "no clip of CASME II with fear or sadness is in the official list; those of SAMM are",
                "A rule written from the guideline gives more than 442 samples.",
            ),
            Disagreement(
                "One list leaves out sub05/EP12_03f in place of sub05/EP09_05f",
                "the official list leaves out sub05/EP09_05f",
                "A difference of one sample with the same counts (Varanka et al., MEB).",
            ),
            Disagreement(
                "The organisers posted a second list, combined_3class_gt-2.csv",
                "it has 441 samples: SAMM 032_3_1 is absent",
                "Use the first file.",
            ),
            Disagreement(
                "Class numbers are permuted in published code",
                "0 negative, 1 positive, 2 surprise in the official list",
                "Compare labels by name.",
            ),
        ),
        official={"0": "negative", "1": "positive", "2": "surprise"},
    ),
)
