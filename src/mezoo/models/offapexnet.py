"""OFF-ApexNet: a path of two convolutions for each component of the flow from onset to apex.

Gan, Liong, Yau, Huang, Tan, "OFF-ApexNet on micro-expression recognition system", Signal Processing: Image
Communication 74, 2019, arXiv 1805.08699. The authors published no code: kernels of 5 and two layers of 1024 are our
reading (2,664,475 parameters; a later paper of the group says 2.77 M and the same depth of 5).

The form ``meb`` is the simplification in the benchmark MEB (tvaranka/meb @ f731b0a): one path that reads both
components, kernels of 3, one layer of 1024, and dropout before each linear layer instead of after each hidden one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn

from mezoo.models.recogniser import Recogniser
from mezoo.models.registry import register

Form = Literal["paper", "meb"]

#: Numbers that one path gives: 16 maps of 7 x 7. Width of the hidden layers.
PATH, HIDDEN = 16 * 7 * 7, 1024

# Parameter name of MEB -> ours.
_MEB_NAMES = {"conv1": "paths.0.0", "conv2": "paths.0.3", "fc1": "hidden.1", "fc": "fc"}


def _path(n_channels: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(n_channels, 6, kernel, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, kernel, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
    )


@register(
    "offapexnet",
    task="recognition",
    inputs={"apex_flow-28": (3, 28, 28)},
    output=(3,),
    paper="Gan et al., OFF-ApexNet, SPIC 74, 2019, arXiv 1805.08699",
    stated_parameters=2_664_475,
)
class OFFApexNet(Recogniser):
    """The network; 2,664,475 parameters with three classes, 807,909 in the form ``meb``.

    Parameters
    ----------
    n_classes : int
    form : {'paper', 'meb'}
    dropout : float
        Share of the numbers that a training step leaves out.

    Raises
    ------
    ValueError
        Another form.
    """

    def __init__(self, *, n_classes: int = 3, form: Form = "paper", dropout: float = 0.5) -> None:
        super().__init__()
        if form not in ("paper", "meb"):
            raise ValueError(f"form {form!r}, expected 'paper' or 'meb'")
        if form == "paper":
            self.paths = nn.ModuleList(_path(1, 5) for _ in range(2))
            layers = [nn.Linear(2 * PATH, HIDDEN), nn.ReLU(), nn.Dropout(dropout), nn.Linear(HIDDEN, HIDDEN)]
        else:
            self.paths = nn.ModuleList([_path(2, 3)])
            layers = [nn.Dropout(dropout), nn.Linear(PATH, HIDDEN)]
        self.hidden = nn.Sequential(*layers, nn.ReLU(), nn.Dropout(dropout))
        self.fc = nn.Linear(HIDDEN, n_classes)

    def features(self, flow: Tensor) -> Tensor:  # type: ignore[override]
        """Give the 1024 numbers that the last layer reads, of flow (B, 2 or 3, 28, 28)."""
        parts = flow[:, :2].chunk(len(self.paths), dim=1)
        return self.hidden(torch.cat([path(part) for path, part in zip(self.paths, parts, strict=True)], 1))

    def forward(self, flow: Tensor) -> Tensor:
        """Score the classes.

        Parameters
        ----------
        flow : Tensor, float32, shape (B, 2 or 3, 28, 28)
            (dx, dy) from onset to apex; a third channel, the strain, is not read.

        Returns
        -------
        Tensor, float32, shape (B, n_classes)
            Logits.
        """
        return self.fc(self.features(flow))


def load_official(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename the parameters of MEB's class, so that the form ``meb`` accepts them.

    Raises
    ------
    KeyError
        A name belongs to no layer of it.
    """
    parts = {name: name.rpartition(".") for name in state}
    return {f"{_MEB_NAMES[layer]}.{kind}": state[name] for name, (layer, _, kind) in parts.items()}
