"""Sets for spotting: every coded interval of long videos, with its type as label."""

from __future__ import annotations

from mezoo.datasets.protocols.casme import CASME3_AGE, PART_A
from mezoo.datasets.protocols.protocol import Disagreement, Expected, Part, Protocol

_TYPES = {"macro": "macro", "micro": "micro"}
_SCORING = (
    " A found interval is right at IoU >= 0.5 with an interval of the same type, both ends inclusive. The type"
    " is that of the table, never told by the length."
)

SPOTTING = (
    Protocol(
        name="megc2020_casme_sq",
        title="MEGC 2020 and 2021 spotting, CAS(ME)^2",
        rule="Every coded macro- and micro-expression of the long videos." + _SCORING,
        source="He, Wang, Li, Yap, 2020 (MEGC 2020)",
        parts=(Part("casme_sq", "type", _TYPES, only_micro=False),),
        expected=(Expected("CAS(ME)^2code_final.xlsx", {"macro": 300, "micro": 57}, 22),),
        disagreements=(
            Disagreement(
                "Papers name 87, 97 or 98 long videos",
                "95 videos have an expression; 98 folders, one of which is a copy below a wrong subject",
                "98 folders are 97 videos: 0502 of subject 23 lies below subject 19 too. Two videos have no"
                " expression. 87 stands in the paper of 2018 and in MEGC 2019.",
            ),
            Disagreement(
                "A public list has 336 expressions",
                "357",
                "It was cut by a program that took expression numbers for one digit: 18 macro- and 3"
                " micro-expressions are lost.",
            ),
            Disagreement(
                "57 micro-expressions of 22 subjects",
                "they come from 14 subjects and 33 videos, the macro-expressions from 20 subjects",
                "Folds of the other subjects have no micro-expression to find.",
            ),
        ),
    ),
    Protocol(
        name="megc2020_samm_lv",
        title="MEGC 2020 and 2021 spotting, SAMM Long Videos",
        rule="Every coded macro- and micro-movement; fractional frames are rounded half up." + _SCORING,
        source="He, Wang, Li, Yap, 2020 (MEGC 2020); Yap et al., 2020",
        parts=(Part("samm_lv", "type", _TYPES, only_micro=False),),
        expected=(Expected("SAMM_LongVideos_V1, V2 or V3", {"macro": 343, "micro": 159}, 30),),
        disagreements=(
            Disagreement(
                "SOFTNet and MEAN use 333 macro-movements",
                "343, ten of which begin before the recording (onset 0)",
                "Option onset_zero of the layout: drop instead of clamp.",
            ),
            Disagreement(
                "501 movements once the frames are looked at",
                "502 rows, one (012_4_1) wholly outside its video",
                "It cannot be found by anyone; the audit lists it as outside_video.",
            ),
        ),
    ),
    Protocol(
        name="megc2019_spotting_casme_sq",
        title="MEGC 2019 spotting, micro-expressions of CAS(ME)^2",
        rule="Every coded micro-expression of the long videos." + _SCORING,
        source="MEGC 2019 spotting guideline",
        parts=(Part("casme_sq", "type", {"micro": "micro"}),),
        expected=(Expected("CAS(ME)^2code_final.xlsx", {"micro": 57}, 14),),
        disagreements=(
            Disagreement(
                "The guideline names 87 videos",
                "57 micro-expressions in 33 videos; 97 videos in the release",
                "Which 87 of the 97 videos were meant is not published; the others cost false positives.",
            ),
        ),
    ),
    Protocol(
        name="megc2019_spotting_samm_lv",
        title="MEGC 2019 spotting, micro-movements of SAMM",
        rule="Every coded micro-movement, in the 79 videos that have one." + _SCORING,
        source="MEGC 2019 spotting guideline",
        parts=(Part("samm_lv", "type", {"micro": "micro"}),),
        expected=(Expected("SAMM_LongVideos_V1, V2 or V3", {"micro": 159}, 29),),
        disagreements=(
            Disagreement(
                "Frame numbers of the challenge differ from those of SAMM Long Videos",
                "one constant shift per video, in 43 of the 79 videos not zero",
                "The challenge used the numbers of SAMM; intervals of this table are those of the long videos.",
            ),
        ),
    ),
    Protocol(
        name="casme3_spotting",
        title="CAS(ME)^3 part A, spotting",
        rule="Every coded macro- and micro-expression of part A." + _SCORING,
        source="Li et al., 2023, release v2",
        parts=(Part("casme3", "type", _TYPES, only_micro=False, subjects=PART_A),),
        expected=(
            Expected("CAS(ME)3_part_A_v2.xls", {"macro": 3346, "micro": 860}, 98),
            Expected("CAS(ME)3_part_A_v1.xls", {"macro": 3285, "micro": 921}, 98),
        ),
        disagreements=(CASME3_AGE,),
    ),
    Protocol(
        name="smic_e_spotting",
        title="SMIC-E-HS, spotting",
        rule="Every micro-expression of the long clips of the high-speed camera; a second or third interval of"
        " a row counts when it lies in the clip and repeats none." + _SCORING,
        source="Li et al., 2013, and the released sheet",
        parts=(Part("smic_e", "type", {"micro": "micro"}),),
        expected=(Expected("SMIC-HS-E_annotation.xlsx", {"micro": 166}, 16),),
        disagreements=(
            Disagreement(
                "157 or 166 micro-expressions",
                "157 clips, which hold 166",
                "Four clips of SMIC are joined with others, and some clips have two; five third intervals of"
                " the sheet are no intervals.",
            ),
        ),
    ),
    Protocol(
        name="megc2022_spotting",
        title="MEGC 2022 and later spotting, unseen set",
        rule="Long videos of CAS(ME)^3 and SAMM kept by the organisers, scored on their server.",
        source="MEGC 2022, 2023",
        parts=(),
        expected=(),
    ),
)
