"""Protocols for recognition of the micro-expressions in long videos: CAS(ME)^2 and SAMM Long Videos."""

from __future__ import annotations

from mezoo.datasets.protocols.protocol import Disagreement, Part, Protocol
from mezoo.datasets.protocols.words import SAMM_TABLE, expect, merged, same

_MEAN = Disagreement(
    "MEAN prints STRS 0.0809 on CAS(ME)^2 and 0.0499 on SAMM-LV",
    "micro-expressions alone, chosen thresholds and epochs on the test videos",
    "Products of spotting F1 and recognition F1; ours hold out the subject from both and choose nothing on it.",
)
LONG_VIDEOS = (
    Protocol(
        name="casme_sq_4class",
        title="CAS(ME)^2, micro-expressions, negative, positive, surprise, others",
        rule="Every coded micro-expression of the long videos, by its emotion.",
        source="Qu et al., 2018, and the released workbook",
        parts=(Part("casme_sq", "emotion", same("negative", "positive", "surprise", "others")),),
        expected=(expect("CAS(ME)^2code_final.xlsx", 14, negative=21, positive=8, surprise=9, others=19),),
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
            expect(
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
