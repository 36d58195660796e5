"""Recognition: which methods on which protocols."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from mezoo.config.section import Section


class RecognitionConfig(Section):
    """What results/tables/recognition.md compares."""

    recipes: list[str] = Field(
        [
            "lbptop_svm",
            "hoof_svm",
            "hoof3d_svm",
            "mdmo_svm",
            "biwoof_svm",
            "flow_pixels_svm",
            "ststnet",
            "offapexnet",
            "sssnet",
            "rcn_a",
            "strcn_g",
            "strcn_a",
            "elrcn",
            "mergcn",
            "macro2micro",
            "microattention",
            "atnet",
            "atnet_apex",
            "atnet_time",
            "dtscnn",
            "slstt",
            "akmnet",
            "fgrmer",
        ],
        description="Recipes in the table: names of files in workflow/recipes. Ablations and variants, e.g. akmnet_s12,"
        " can be added or run by themselves; empty = every recipe for recognition.",
    )
    protocols: list[str] = Field(
        ["megc2019_cde", "casme2_5class", "samm_5class", "smic_hs_3class"],
        description="Label protocols (mezoo catalog --explain list), each as far as its corpora have a root. The name"
        " alone holds out one subject at a time; -8fold behind it an eighth of the subjects, -corpus one corpus.",
    )
    demo_protocols: list[str] = Field(
        ["megc2019_cde-8fold"],
        description="The same on the demo corpora; few folds, since starting a job takes longer than training on them.",
    )
    strs_protocols: list[str] = Field(
        ["casme_sq_4class", "samm_lv_4class"],
        description="Protocols of spot-then-recognise (results/strs_<spotter>_<recogniser>.csv), on corpora of long"
        " videos with emotions, each as far as its corpus has a root; on the demo the same.",
    )
    megc2019_list: Path | None = Field(
        None,
        description="combined_3class_gt.csv of MEGC 2019, which then tells members and labels; empty = the rule does.",
    )
    backbones: dict[str, Path] = Field(
        {},
        description="Weights of pretrained backbones by the name that recipes use, e.g. {resnet10: weights.pt}; a"
        " backbone without a file is trained on the macro-expressions (ckplus, folder) that have a root, and without"
        " those its networks start from random numbers.",
    )
    slstt_weights: Path | None = Field(
        None,
        description="Vision transformer of SLSTT, B_16_imagenet1k.pth; on the demo a small untrained one takes its"
        " place, which every file says.",
    )
