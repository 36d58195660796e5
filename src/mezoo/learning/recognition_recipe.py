"""What a recognition recipe may say: the network or classifier, what it reads, and how it is trained."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from mezoo.config import Section

Normalise = Literal["none", "unit", "train_std", "train_mean_std"]
Balance = Literal["none", "oversample", "class_weights"]


class Optimiser(Section):
    """How weights follow gradients."""

    name: Literal["adam", "adamw", "sgd"]
    learning_rate: float = Field(gt=0)
    momentum: float = Field(0.0, ge=0, lt=1, description="Of sgd.")
    weight_decay: float = Field(0.0, ge=0)

    @model_validator(mode="after")
    def _check(self) -> Optimiser:
        if self.momentum and self.name != "sgd":
            raise ValueError("momentum belongs to sgd")
        return self


class ConstantSchedule(Section):
    """One learning rate."""

    name: Literal["constant"] = "constant"

    def at(self, epoch: int, epochs: int, rate: float) -> float:
        """Factor of the learning rate in an epoch counted from 0."""
        return 1.0


class StepSchedule(Section):
    """The learning rate is multiplied by `factor` every so many epochs."""

    name: Literal["step"]
    every: int = Field(ge=1, description="Epochs.")
    factor: float = Field(gt=0, le=1)

    def at(self, epoch: int, epochs: int, rate: float) -> float:
        """Factor of the learning rate in an epoch counted from 0."""
        return float(self.factor ** (epoch // self.every))


class CosineSchedule(Section):
    """Half a cosine from the learning rate down to `floor`, over all epochs or, going on, every `period`."""

    name: Literal["cosine"]
    floor: float = Field(0.0, ge=0)
    period: int | None = Field(None, ge=1, description="Epochs of half a wave; all epochs when empty.")

    def at(self, epoch: int, epochs: int, rate: float) -> float:
        """Factor of the learning rate in an epoch counted from 0: closed form, so it swings past `period`."""
        from math import cos, pi

        least = self.floor / rate
        return least + (1 - least) * (1 + cos(pi * epoch / (self.period or epochs))) / 2


Schedule = Annotated[ConstantSchedule | StepSchedule | CosineSchedule, Field(discriminator="name")]


def evenly_spaced(epochs: int, looks: int | None) -> list[int]:
    """Epochs (from 0) that are kept, all when `looks` is None; the last one is among them."""
    n = epochs if looks is None else min(looks, epochs)
    return sorted({round((k + 1) * epochs / n) - 1 for k in range(n)})


class SvmSettings(Section):
    """A support vector machine, as the classifier or in place of a network's last layer."""

    kernel: Literal["linear", "rbf", "poly"] = "linear"
    C: float = Field(1.0, gt=0, description="Cost of the look `last` of a recipe without network.")
    candidates: list[float] = Field(
        default_factory=lambda: [0.01, 0.1, 1.0, 10.0],
        min_length=1,
        description="Costs: the looks of a recipe without network; behind a network one is chosen on inner folds.",
    )
    gamma: float | Literal["scale", "auto"] = "scale"
    degree: int = Field(3, ge=1)
    standardise: Literal["none", "train_std", "train_mean_std", "whitened_pca", "l2"] = "none"
    class_weight: Literal["balanced"] | None = None


class _Recognition(Section):
    """What network and classifier share."""

    task: Literal["recognition"]
    inputs: list[str] = Field(min_length=1, description="Names of inputs (`mezoo.inputs`).")
    balance: Balance = "none"
    inner_share: float = Field(
        0.25, ge=0, lt=1, description="Share of the training subjects that choose `inner`."
    )
    label_control: Literal["none", "random"] = "none"
    memory_mb: int = Field(
        2000, ge=500, description="What the training of a fold may take; clusters reserve it."
    )

    @property
    def leaks(self) -> list[str]:
        """Options through which the held-out subject reaches the training: none is offered."""
        return []

    @field_validator("inputs")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        from mezoo.errors import ConfigError
        from mezoo.inputs import request

        for name in names:
            try:
                request(name)
            except ConfigError as error:
                raise ValueError(f"one of the known inputs: {error.expected}") from error
        return names


class SvmRecipe(_Recognition):
    """A support vector machine on vectors."""

    model: Literal["svm"]
    svm: SvmSettings
    combine: Literal["join", "choose"] = Field(
        "join",
        description="Several inputs: join = one vector; choose = the first is that of `last`, and `inner` and `oracle`"
        " may take another, e.g. after magnification by another factor.",
    )

    @property
    def variants(self) -> list[list[int]]:
        """Positions of the inputs that make up a vector, for each way to choose."""
        positions = range(len(self.inputs))
        return [[k] for k in positions] if self.combine == "choose" else [[*positions]]

    @property
    def looks(self) -> list[tuple[int, float]]:
        """Variant and cost of each look."""
        costs = sorted({*self.svm.candidates, self.svm.C})
        return [(variant, cost) for variant in range(len(self.variants)) for cost in costs]

    @property
    def last(self) -> int:
        """The look `last`: the first variant, and the recipe's cost."""
        return self.looks.index((0, self.svm.C))


class NetworkRecipe(_Recognition):
    """A network of the registry."""

    model: str
    options: dict[str, Any] = Field(default_factory=dict, description="Arguments of its constructor.")
    normalise: list[Normalise] = Field(description="Per input.")
    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=1)
    optimiser: Optimiser
    schedule: Schedule = ConstantSchedule()
    augment: str = "none"
    looks: int | None = Field(None, ge=1, description="Epochs kept, evenly spaced; all when empty.")
    pretrained: str | None = None
    classifier: Literal["network", "svm"] = "network"
    svm: SvmSettings | None = None

    @model_validator(mode="after")
    def _check(self) -> NetworkRecipe:
        if len(self.normalise) != len(self.inputs):
            raise ValueError(f"normalise has {len(self.normalise)} entries for {len(self.inputs)} inputs")
        if (self.svm is not None) != (self.classifier == "svm"):
            raise ValueError("svm and classifier: svm belong together")
        return self

    @property
    def look_epochs(self) -> list[int]:
        """Epochs (from 0) that are kept as looks; the last one is among them."""
        return evenly_spaced(self.epochs, self.looks)


RecognitionRecipe = SvmRecipe | NetworkRecipe
