"""Protocols of one corpus for recognition: CASME II, SAMM, SMIC, CAS(ME)^3, MMEW and CK+."""

from __future__ import annotations

from collections.abc import Mapping

from mezoo.datasets.protocols.protocol import Disagreement, Expected, Part, Protocol

CODING_2014, CODING_2019 = "CASME2-coding-20140508.xlsx", "CASME2-coding-20190701.xlsx"
OBJECTIVE_2018 = "CASME2-ObjectiveClasses.xlsx"
SAMM_TABLE = "SAMM_Micro_FACS_Codes_v2.xlsx"
CASME3_TABLE = "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"
PART_A, PART_C = "spNO.", "C"  # how subjects of the parts of CAS(ME)^3 begin
#: Classes I to V of Davison et al., 2018 (actions alone); VI and VII are contempt and the rest.
OBJECTIVE = {numeral: numeral for numeral in ("I", "II", "III", "IV", "V")}


def same(*words: str) -> dict[str, str]:
    """Labels that are the words of the sheet."""
    return {word: word for word in words}


def merged(**labels: str) -> dict[str, str]:
    """Labels that join words of the sheet: ``merged(negative="disgust repression")``."""
    return {word: label for label, words in labels.items() for word in words.split()}


def _expected(source: str, subjects: int, corpus: str = "", /, **counts: int) -> Expected:
    return Expected(source, counts, subjects, corpus)


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
        _expected(CODING_2014, 26, others=99, disgust=63, happiness=32, repression=27, surprise=25),
        _expected(CODING_2019, 26, others=99, disgust=63, happiness=32, repression=27, surprise=28),
    ),
    _casme2(
        "casme2_7class",
        "seven emotions",
        "Every coded clip, by its emotion.",
        same("others", "disgust", "happiness", "repression", "surprise", "sadness", "fear"),
        _expected(
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
        _expected(
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
        _expected(CODING_2014, 26, positive=32, negative=72, surprise=25, others=126),
        _expected(CODING_2019, 26, positive=32, negative=69, surprise=28, others=126),
    ),
    _casme2(
        "casme2_3class",
        "positive, negative, surprise",
        "Positive = happiness; negative = disgust, repression; surprise. Others, sadness and fear are left"
        " out, and with them the subjects 10 and 18.",
        merged(positive="happiness", negative="disgust repression", surprise="surprise"),
        _expected(CODING_2014, 24, positive=32, negative=90, surprise=25),
        _expected(CODING_2019, 24, positive=32, negative=90, surprise=28),
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
_SAMM_136 = Disagreement(
    "159 clips in the paper, 136 in papers on five classes",
    "159 coded, 136 in the five classes, 29 and 27 subjects",
    "Disgust (9), fear (8) and sadness (6) are left out; the subjects 024 and 036 have nothing else.",
)
_SAMM = (
    Protocol(
        name="samm_5class",
        title="SAMM, five emotions",
        rule="Every micro-movement whose emotion is anger, contempt, happiness, surprise or other.",
        source="Davison et al., 2018, and the released table",
        parts=(Part("samm", "emotion", same("anger", "contempt", "happiness", "surprise", "other")),),
        expected=(_expected(SAMM_TABLE, 27, anger=57, contempt=12, happiness=26, surprise=15, other=26),),
        disagreements=(_SAMM_136,),
    ),
    Protocol(
        name="samm_3class",
        title="SAMM, positive, negative, surprise",
        rule="Positive = happiness; negative = anger, contempt, disgust, fear, sadness; surprise. Other is"
        " left out, and with it subject 025.",
        source="See et al., 2019 (MEGC 2019)",
        parts=(
            Part(
                "samm",
                "emotion",
                merged(
                    positive="happiness", negative="anger contempt disgust fear sadness", surprise="surprise"
                ),
            ),
        ),
        expected=(_expected(SAMM_TABLE, 28, positive=26, negative=92, surprise=15),),
    ),
    Protocol(
        name="samm_objective",
        title="SAMM, objective classes I to V",
        rule="Every micro-movement whose objective class is I to V.",
        source="Davison, Merghani, Yap, 2018; MEGC 2018",
        parts=(Part("samm", "objective_class", OBJECTIVE),),
        expected=(Expected(SAMM_TABLE, {"I": 24, "II": 13, "III": 20, "IV": 8, "V": 3}, 21),),
    ),
)
_SMIC = (
    Protocol(
        name="smic_hs_3class",
        title="SMIC-HS, negative, positive, surprise",
        rule="Every clip of the high-speed camera; ne, po or sur in its name tells the label.",
        source="Li et al., 2013",
        parts=(Part("smic", "emotion", same("negative", "positive", "surprise")),),
        expected=(_expected("names of the folders", 16, negative=70, positive=51, surprise=43),),
        disagreements=(
            Disagreement(
                "The table of SMIC-E has 162 or 157 rows and calls s18_sur_03 negative",
                "164 folders, s18_sur_03 by its name surprise",
                "Two clips are absent from the table, four are joined with others in the long videos, and one"
                " has no long video; the name is right.",
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
        _expected(
            CASME3_TABLE, 94, disgust=250, surprise=187, others=161, fear=86, anger=64, sad=57, happy=55
        ),
    ),
    _casme3(
        "casme3_4class",
        "negative, positive, surprise, others",
        "Negative = disgust, fear, anger, sad; positive = happy; surprise; others.",
        merged(negative="disgust fear anger sad", positive="happy", surprise="surprise", others="others"),
        _expected(CASME3_TABLE, 94, negative=457, positive=55, surprise=187, others=161),
    ),
    _casme3(
        "casme3_3class",
        "negative, positive, surprise",
        "Negative = disgust, fear, anger, sad; positive = happy; surprise. Others is left out.",
        merged(negative="disgust fear anger sad", positive="happy", surprise="surprise"),
        _expected(CASME3_TABLE, 88, negative=457, positive=55, surprise=187),
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
        expected=(
            _expected("CAS(ME)3_part_C_ME.xlsx", 30, negative=99, positive=16, surprise=30, others=20),
        ),
        disagreements=(
            Disagreement(
                "CAS(ME)3_part_C.xls has 160 micro-expressions",
                "165 in CAS(ME)3_part_C_ME.xlsx, which alone has emotions",
                "159 rows of the two are the same.",
            ),
        ),
    ),
)
_MMEW_SUBJECTS = Disagreement(
    "The paper names 36 participants",
    "300 micro-expressions of 30 subjects",
    "Nobody else is in the table.",
)


def _mmew(name: str, title: str, rule: str, expected: Expected) -> Protocol:
    return Protocol(
        name=name,
        title=f"MMEW, {title}",
        rule=rule,
        source="Ben et al., 2021",
        parts=(Part("mmew", "emotion", same(*expected.counts)),),
        expected=(expected,),
        disagreements=(_MMEW_SUBJECTS,),
    )


_MMEW_TABLE = "MMEW_Micro_Exp.xlsx"
_MMEW = (
    _mmew(
        "mmew_7class",
        "seven emotions",
        "Every micro-expression, by its emotion.",
        _expected(
            _MMEW_TABLE, 30, surprise=89, disgust=72, others=66, happiness=36, fear=16, sadness=13, anger=8
        ),
    ),
    _mmew(
        "mmew_6class",
        "six emotions",
        "Every micro-expression but others.",
        _expected(_MMEW_TABLE, 30, surprise=89, disgust=72, happiness=36, fear=16, sadness=13, anger=8),
    ),
    _mmew(
        "mmew_4class",
        "four emotions",
        "Micro-expressions of happiness, surprise, disgust and others.",
        _expected(_MMEW_TABLE, 30, happiness=36, surprise=89, disgust=72, others=66),
    ),
)

_CKPLUS = (
    Protocol(
        name="ckplus_7class",
        title="CK+, seven posed emotions",
        rule="Every sequence with an emotion file, by its emotion. The published hold-out of a fifth of the subjects is"
        " ckplus_7class-5fold.",
        source="Lucey et al., 2010, and the release notes",
        parts=(
            Part(
                "ckplus",
                "emotion",
                same("anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise"),
                only_micro=False,
            ),
        ),
        expected=(
            _expected(
                "Emotion folder",
                118,
                anger=45,
                contempt=18,
                disgust=59,
                fear=25,
                happy=69,
                sadness=28,
                surprise=83,
            ),
        ),
    ),
)

_MEAN = Disagreement(
    "MEAN prints STRS 0.0809 on CAS(ME)^2 and 0.0499 on SAMM-LV",
    "micro-expressions alone, chosen thresholds and epochs on the test videos",
    "Products of spotting F1 and recognition F1; ours hold out the subject from both and choose nothing on it.",
)
_LONG = (
    Protocol(
        name="casme_sq_4class",
        title="CAS(ME)^2, micro-expressions, negative, positive, surprise, others",
        rule="Every coded micro-expression of the long videos, by its emotion.",
        source="Qu et al., 2018, and the released workbook",
        parts=(Part("casme_sq", "emotion", same("negative", "positive", "surprise", "others")),),
        expected=(_expected("CAS(ME)^2code_final.xlsx", 14, negative=21, positive=8, surprise=9, others=19),),
        disagreements=(_MEAN,),
    ),
    Protocol(
        name="samm_lv_4class",
        title="SAMM Long Videos, micro-movements, negative, positive, surprise, others",
        rule="Every micro-movement of the long videos, by its emotion in SAMM's own workbook, which must lie beside"
        " that of SAMM-LV. Positive = happiness; negative = anger, contempt, disgust, fear, sadness; surprise;"
        " others = other.",
        source="Yap et al., 2020; Davison et al., 2018",
        parts=(
            Part(
                "samm_lv",
                "emotion",
                merged(
                    negative="anger contempt disgust fear sadness",
                    positive="happiness",
                    surprise="surprise",
                    others="other",
                ),
            ),
        ),
        expected=(
            _expected(
                f"SAMM_LongVideos_V1, V2 or V3, and {SAMM_TABLE}",
                29,
                negative=92,
                positive=26,
                surprise=15,
                others=26,
            ),
        ),
        disagreements=(_MEAN,),
    ),
)

SINGLE = (*_CASME2, *_SAMM, *_SMIC, *_CASME3, *_CASME3_C, *_MMEW, *_CKPLUS, *_LONG)
