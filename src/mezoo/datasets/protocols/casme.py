"""Protocols of CASME II and CAS(ME)^3 for recognition."""

from __future__ import annotations

from collections.abc import Mapping

from mezoo.datasets.protocols.protocol import Disagreement, Expected, Part, Protocol
from mezoo.datasets.protocols.words import OBJECTIVE, expect, merged, same

CODING_2014, CODING_2019 = "CASME2-coding-20140508.xlsx", "CASME2-coding-20190701.xlsx"
OBJECTIVE_2018 = "CASME2-ObjectiveClasses.xlsx"
CASME3_TABLE = "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"
PART_A, PART_C = "spNO.", "C"  # how subjects of the parts of CAS(ME)^3 begin

_BY_COUNTS = "Yan et al., 2014, and the released coding files"
_CODINGS = Disagreement(
    "Papers and code use 246 or 249 clips of five classes, surprise 25 or 28",
    "246 with the coding of 2014, 249 with that of 2019",
    "The coding of 2019 calls three clips of subject 24 surprise that were sadness before (EP07_01,"
    " EP07_04f, EP10_03). Frame numbers and all other emotions are the same.",
)
_PAPER_247 = Disagreement(
    "The paper counts 247 expressions, many lists 64 of disgust",
    "255 rows in both files, 63 of disgust, 246 or 249 in five classes",
    "247 = 246 of the coding of 2014 and a clip sub24/EP02_07 (disgust), which exists as a folder but in no"
    " released table. It is listed as unannotated; the option extra_clip: add gives it its event.",
)
_NO_APEX = Disagreement(
    "Public code gives up to 21 clips another apex",
    "one clip without an apex (sub04/EP12_01f), five whose apex is their onset or offset",
    "Membership does not need an apex; methods that do must say what they put there.",
)


def _casme2(name: str, title: str, rule: str, labels: Mapping[str, str], *expected: Expected) -> Protocol:
    return Protocol(
        name=name,
        title=f"CASME II, {title}",
        rule=rule,
        source=_BY_COUNTS,
        parts=(Part("casme2", "emotion", labels),),
        expected=expected,
        disagreements=(_CODINGS, _PAPER_247, _NO_APEX),
    )


_CASME2 = (
    _casme2(
        "casme2_5class",
        "five emotions",
        "Every coded clip whose emotion is others, disgust, happiness, repression or surprise; sadness and"
        " fear are left out.",
        same("others", "disgust", "happiness", "repression", "surprise"),
        expect(CODING_2014, 26, others=99, disgust=63, happiness=32, repression=27, surprise=25),
        expect(CODING_2019, 26, others=99, disgust=63, happiness=32, repression=27, surprise=28),
    ),
    _casme2(
        "casme2_7class",
        "seven emotions",
        "Every coded clip, by its emotion.",
        same("others", "disgust", "happiness", "repression", "surprise", "sadness", "fear"),
        expect(
            CODING_2014,
            26,
            others=99,
            disgust=63,
            happiness=32,
            repression=27,
            surprise=25,
            sadness=7,
            fear=2,
        ),
        expect(
            CODING_2019,
            26,
            others=99,
            disgust=63,
            happiness=32,
            repression=27,
            surprise=28,
            sadness=4,
            fear=2,
        ),
    ),
    _casme2(
        "casme2_4class",
        "positive, negative, surprise, others",
        "Every coded clip: positive = happiness; negative = disgust, sadness, fear; others = others,"
        " repression.",
        merged(
            positive="happiness",
            negative="disgust sadness fear",
            surprise="surprise",
            others="others repression",
        ),
        expect(CODING_2014, 26, positive=32, negative=72, surprise=25, others=126),
        expect(CODING_2019, 26, positive=32, negative=69, surprise=28, others=126),
    ),
    _casme2(
        "casme2_3class",
        "positive, negative, surprise",
        "Positive = happiness; negative = disgust, repression; surprise. Others, sadness and fear are left"
        " out, and with them the subjects 10 and 18.",
        merged(positive="happiness", negative="disgust repression", surprise="surprise"),
        expect(CODING_2014, 24, positive=32, negative=90, surprise=25),
        expect(CODING_2019, 24, positive=32, negative=90, surprise=28),
    ),
    Protocol(
        name="casme2_objective",
        title="CASME II, objective classes I to V",
        rule="Every coded clip whose objective class is I to V; the class comes from its action units.",
        source="Davison, Merghani, Yap, 2018; MEGC 2018",
        parts=(Part("casme2", "objective_class", OBJECTIVE),),
        expected=(
            Expected(OBJECTIVE_2018, {"I": 25, "II": 15, "III": 99, "IV": 26, "V": 20}, 26),
            Expected(CODING_2019, {"I": 30, "II": 18, "III": 93, "IV": 15, "V": 18}, 26),
        ),
        disagreements=(
            Disagreement(
                "185 or 174 clips in the classes I to V",
                f"185 with {OBJECTIVE_2018}, 174 with the last column of the coding of 2019",
                "The coding of 2019 changed 57 cells of action units and with them 37 classes. MEGC 2018 used"
                " the file of 2018; numbers of the two are not comparable.",
            ),
        ),
    ),
)
CASME3_AGE = Disagreement(
    "The paper counts 1,109 micro- and 3,490 macro-expressions",
    "860 in part A and 165 in part C; 3,346 and 303 macro-expressions",
    "Release v2 coded anew what is micro; v1 has 921 micro-expressions in part A.",
)
_CASME3_687 = Disagreement(
    "HTNet's three-class list has 687 samples (449 / 54 / 184) of 87 subjects",
    "699 samples (457 / 55 / 187) of 88 subjects",
    "It lacks twelve samples of the released table.",
)


def _casme3(name: str, title: str, rule: str, labels: Mapping[str, str], expected: Expected) -> Protocol:
    return Protocol(
        name=name,
        title=f"CAS(ME)^3 part A, {title}",
        rule=rule,
        source="Li et al., 2023, release v2",
        parts=(Part("casme3", "emotion", labels, subjects=PART_A),),
        expected=(expected,),
        disagreements=(CASME3_AGE, _CASME3_687) if name == "casme3_3class" else (CASME3_AGE,),
    )


_CASME3 = (
    _casme3(
        "casme3_7class",
        "seven emotions",
        "Every micro-expression of part A; capitals do not matter (three are written Others).",
        same("disgust", "surprise", "others", "fear", "anger", "sad", "happy"),
        expect(CASME3_TABLE, 94, disgust=250, surprise=187, others=161, fear=86, anger=64, sad=57, happy=55),
    ),
    _casme3(
        "casme3_4class",
        "negative, positive, surprise, others",
        "Negative = disgust, fear, anger, sad; positive = happy; surprise; others.",
        merged(negative="disgust fear anger sad", positive="happy", surprise="surprise", others="others"),
        expect(CASME3_TABLE, 94, negative=457, positive=55, surprise=187, others=161),
    ),
    _casme3(
        "casme3_3class",
        "negative, positive, surprise",
        "Negative = disgust, fear, anger, sad; positive = happy; surprise. Others is left out.",
        merged(negative="disgust fear anger sad", positive="happy", surprise="surprise"),
        expect(CASME3_TABLE, 88, negative=457, positive=55, surprise=187),
    ),
)
_CASME3_C = (
    Protocol(
        name="casme3_c_4class",
        title="CAS(ME)^3 part C, negative, positive, surprise, others",
        rule="Every micro-expression of part C (options: part C), by its emotion; no apex is coded.",
        source="Li et al., 2023",
        parts=(
            Part("casme3", "emotion", same("negative", "positive", "surprise", "others"), subjects=PART_C),
        ),
        expected=(expect("CAS(ME)3_part_C_ME.xlsx", 30, negative=99, positive=16, surprise=30, others=20),),
        disagreements=(
            Disagreement(
                "CAS(ME)3_part_C.xls has 160 micro-expressions",
                "165 in CAS(ME)3_part_C_ME.xlsx, which alone has emotions",
                "159 rows of the two are the same.",
            ),
        ),
    ),
)

CASME = (*_CASME2, *_CASME3, *_CASME3_C)
