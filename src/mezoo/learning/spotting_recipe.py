"""What a spotting recipe may say: the method, what it reads, and how it is trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from mezoo.config import Section
from mezoo.learning.recognition_recipe import Optimiser, evenly_spaced
from mezoo.models.auwgcn_proposals import ProposalSettings
from mezoo.models.mtsn_layout import Reach
from mezoo.motion.spot_images import parse_name

#: Recipes that name no value for a layout are read as if for this one.
_DEFAULT_LAYOUT = "casme_sq"


class _Spotting(Section):
    """What every spotting recipe says."""

    features: Literal["mdmo", "spot_images"] = "mdmo"
    thresholds: list[float] = Field(min_length=1)
    counting: Literal["megc2021", "auwgcn"] = "megc2021"

    def stages(self, layout: str) -> list[str]:
        """Folders of the artifacts of a video that the method reads, for a corpus of this layout."""
        return ["mdmo"]

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


class Negatives(Section):
    """Rows without expression that are trained on; one of the two."""

    share: float | None = Field(None, gt=0, le=1, description="Of all of them.")
    per_positive: float | None = Field(None, gt=0, description="For each row with an expression.")

    @model_validator(mode="after")
    def _check(self) -> Negatives:
        if (self.share is None) == (self.per_positive is None):
            raise ValueError("give share or per_positive")
        return self


class FrameScorerLayout(Section):
    """Images that the networks see (`mezoo.motion.spot_images`): one network per type, or one for both."""

    micro: list[str] | None = None
    macro: list[str] | None = None
    both: list[str] | None = None

    @model_validator(mode="after")
    def _check(self) -> FrameScorerLayout:
        if not self.networks or (self.both and len(self.networks) > 1):
            raise ValueError("give images of micro, of macro, of each, or of both together")
        for name in (name for names in self.networks.values() for name in names):
            parse_name(name)
        return self

    @property
    def networks(self) -> dict[str, list[str]]:
        """What each network sees, by the type that it tells."""
        given = {"micro": self.micro, "macro": self.macro, "both": self.both}
        return {name: images for name, images in given.items() if images}


class FrameScorerRecipe(_Spotting):
    """A network that scores single frames by small images of them."""

    model: str
    features: Literal["spot_images"]
    options: dict[str, Any] = Field(default_factory=dict, description="Arguments of the network.")
    negatives: Negatives
    augment: list[Literal["micro", "macro", "both"]] = Field(
        default_factory=list, description="Networks whose rows with an expression are multiplied."
    )
    epochs: int = Field(ge=1)
    looks: int | None = Field(None, ge=1, description="Epochs kept, evenly spaced; all when empty.")
    batch_size: int = Field(ge=2)
    optimiser: Optimiser
    inner_share: float = Field(gt=0, lt=1)
    layouts: Mapping[str, FrameScorerLayout]

    def layout(self, name: str) -> FrameScorerLayout:
        """Values for the layout `name`; those of CAS(ME)^2 where the recipe has none."""
        return self.layouts.get(name, self.layouts[_DEFAULT_LAYOUT])

    def stages(self, layout: str) -> list[str]:
        """Folders of the artifacts of a video that the method reads, for a corpus of this layout."""
        seen = [name for names in self.layout(layout).networks.values() for name in names]
        return [f"spot_images-{name}" for name in dict.fromkeys(seen)]

    @property
    def look_epochs(self) -> list[int]:
        """Epochs (from 0) that are kept as looks; the last one is among them."""
        return evenly_spaced(self.epochs, self.looks)


class CurveRecipe(FrameScorerRecipe):
    """SOFTNet, MEAN and SMEConvNet: expressions are peaks of a curve."""

    model: Literal["softnet", "mean", "smeconvnet"]
    threshold: float = Field(ge=0, le=1, description="Between mean (0) and maximum (1) of the curve.")


class MtsnLayout(FrameScorerLayout):
    """Values of MTSN per corpus; its threshold is one of them."""

    threshold: float = Field(ge=0, le=1, description="Least height of a peak.")
    margin: float = Field(ge=0, le=1, description="Micro curve above macro curve at a micro-expression.")
    reach: dict[str, Reach] = Field(description="Seconds, of micro and macro.")


class MtsnRecipe(FrameScorerRecipe):
    """MTSN (Liong et al., FME 2022)."""

    model: Literal["mtsn"]
    layouts: Mapping[str, MtsnLayout]

    def layout(self, name: str) -> MtsnLayout:
        """Values for the layout `name`; those of CAS(ME)^2 where the recipe has none."""
        return self.layouts.get(name, self.layouts[_DEFAULT_LAYOUT])


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


SpottingRecipe = AuwgcnRecipe | AbpnRecipe | CurveRecipe | MtsnRecipe | PeaksRecipe | MdmdRecipe
