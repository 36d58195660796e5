"""Protocols of one corpus of clips for recognition: SAMM, SMIC, MMEW and CK+; those of CASME lie beside."""

from __future__ import annotations

from mezoo.datasets.protocols.protocol import Disagreement, Expected, Part, Protocol
from mezoo.datasets.protocols.words import OBJECTIVE, SAMM_TABLE, expect, merged, same

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
        expected=(expect(SAMM_TABLE, 27, anger=57, contempt=12, happiness=26, surprise=15, other=26),),
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
        expected=(expect(SAMM_TABLE, 28, positive=26, negative=92, surprise=15),),
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
        expected=(expect("names of the folders", 16, negative=70, positive=51, surprise=43),),
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
        expect(
            _MMEW_TABLE, 30, surprise=89, disgust=72, others=66, happiness=36, fear=16, sadness=13, anger=8
        ),
    ),
    _mmew(
        "mmew_6class",
        "six emotions",
        "Every micro-expression but others.",
        expect(_MMEW_TABLE, 30, surprise=89, disgust=72, happiness=36, fear=16, sadness=13, anger=8),
    ),
    _mmew(
        "mmew_4class",
        "four emotions",
        "Micro-expressions of happiness, surprise, disgust and others.",
        expect(_MMEW_TABLE, 30, happiness=36, surprise=89, disgust=72, others=66),
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
            expect(
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

SINGLE = (*_SAMM, *_SMIC, *_MMEW, *_CKPLUS)
