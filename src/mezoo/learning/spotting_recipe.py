"""What a spotting recipe may say: the method, what it reads, and how it is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from mezoo.config import Section
from mezoo.models.auwgcn_proposals import ProposalSettings

#: Recipes that name no value for a layout are read as if for this one.
_DEFAULT_LAYOUT = "casme_sq"


class _Spotting(Section):
    """What every spotting recipe says."""

    features: Literal["mdmo"] = "mdmo"
    thresholds: list[float] = Field(min_length=1)
    counting: Literal["megc2021", "auwgcn"] = "megc2021"

    @property
    def leaks(self) -> list[str]:
        """Options through which the held-out subject reaches the training."""
        return []


class NetworkLayout(Section):
    """Values that papers set per corpus; lengths in frames of the sampled video."""

    first_epoch: int = Field(ge=0, description="First epoch (0-based) among which the oracle chooses.")
    macro_weight: float = Field(gt=0, description="Weight of the macro terms of the loss.")
    micro: ProposalSettings = Field(description="Search for micro-expressions.")
    macro: ProposalSettings = Field(description="Search for macro-expressions.")


class SpottingNetworkRecipe(_Spotting):
    """A network that scores every frame as onset, apex and offset, trained as AUW-GCN and ABPN are."""

    model: str
    normalisation: Literal["train_fold", "official"]
    targets: Literal["corrected", "official"]
    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=2, description="At least 2: batch normalisation needs more than one clip.")
    learning_rate: float = Field(gt=0)
    learning_rate_decay: float = Field(gt=0, le=1)
    weight_decay: float = Field(ge=0)
    inner_share: float = Field(gt=0, lt=1)
    label_control: Literal["none", "shuffle_videos"] = "none"
    layouts: dict[str, NetworkLayout]

    def layout(self, name: str) -> NetworkLayout:
        """Values for the layout `name`; those of CAS(ME)^2 where the recipe has none."""
        return self.layouts.get(name, self.layouts[_DEFAULT_LAYOUT])

    @property
    def leaks(self) -> list[str]:
        """Options through which the held-out subject reaches the training."""
        return ["normalisation"] if self.normalisation == "official" else []


class AuwgcnRecipe(SpottingNetworkRecipe):
    """AUW-GCN (Yin et al., ICME 2023)."""

    model: Literal["auwgcn"]
    adjacency: Literal["official_asset", "train_fold", "train_fold+identity", "identity", "learned"]
    adjacency_file: Path | None = Field(None, description="Released graph (.npy) for official_asset.")
    au_mapping: Literal["official", "facs"]

    @property
    def leaks(self) -> list[str]:
        """Options through which the held-out subject reaches the training."""
        return [*(["adjacency"] if self.adjacency == "official_asset" else []), *super().leaks]


class AbpnRecipe(SpottingNetworkRecipe):
    """ABPN (Leng et al., MEGC 2022)."""

    model: Literal["abpn"]
    roi_weights: Literal["trained", "official"] = Field(
        description="official: updated by hand in training, left out in prediction."
    )
    prediction_normalisation: Literal["as_training", "official"] = Field(
        description="official: of a whole video, only the first two ROIs are normalised."
    )


class PeaksRecipe(_Spotting):
    """A curve per type and an interval around each of its peaks: no training."""

    model: Literal["mdmo_peaks", "frame_difference", "divide_and_conquer"]
    threshold: float = Field(ge=0, le=1)


class Seconds(Section):
    """A length per expression type."""

    micro: float = Field(gt=0)
    macro: float = Field(gt=0)


class MdmdRecipe(_Spotting):
    """MDMD (Wang et al., 2017; He et al., 2020): nothing is taken from the training subjects but a threshold."""

    model: Literal["mdmd"]
    threshold: float = Field(ge=0, le=1)
    k_seconds: Seconds = Field(description="From the middle frame to either reference.")
    micro_seconds: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] = Field(
        description="Shortest and longest run of a micro-expression; longer runs are macro-expressions."
    )


SpottingRecipe = AuwgcnRecipe | AbpnRecipe | PeaksRecipe | MdmdRecipe
