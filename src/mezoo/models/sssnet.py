"""SSSNet: two convolutions and a hidden layer over the flow from onset to apex.

From the benchmark of Varanka, Li, Peng, Zhao, MEB (tvaranka/meb @ f731b0a), where it is the best of the small
networks. As published: ReLU, pooling, batch normalisation, then whole channels dropped. The parameters have its names.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from mezoo.models.recogniser import Recogniser
from mezoo.models.registry import register

#: Maps of the two convolutions, width of the hidden layer, and side of the maps that it reads (64 px input).
MAPS, HIDDEN, SIDE = (32, 64), 256, 9


@register(
    "sssnet",
    task="recognition",
    inputs={"apex_flow-64": (3, 64, 64)},
    output=(3,),
    paper="Varanka et al., MEB benchmark, github.com/tvaranka/meb",
    stated_parameters=1_349_251,
)
class SSSNet(Recogniser):
    """The network; 1,349,251 parameters with three classes.

    Parameters
    ----------
    n_classes : int
    dropout : float
        Share of the channels, and of the hidden numbers, that a training step leaves out.
    """

    def __init__(self, *, n_classes: int = 3, dropout: float = 0.5) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, MAPS[0], 5), nn.BatchNorm2d(MAPS[0])
        self.conv2, self.bn2 = nn.Conv2d(MAPS[0], MAPS[1], 3), nn.BatchNorm2d(MAPS[1])
        self.fc1 = nn.Linear(MAPS[1] * SIDE**2, HIDDEN)
        self.fc = nn.Linear(HIDDEN, n_classes)
        self.channels, self.dropout = nn.Dropout2d(dropout), nn.Dropout(dropout)

    def features(self, flow: Tensor) -> Tensor:  # type: ignore[override]
        """Give the 256 numbers that the last layer reads, of flow (B, 3, 64, 64)."""
        maps = self.channels(self.bn1(F.max_pool2d(F.relu(self.conv1(flow)), 3)))  # (B, 32, 20, 20)
        maps = self.channels(self.bn2(F.max_pool2d(F.relu(self.conv2(maps)), 2)))  # (B, 64, 9, 9)
        return self.dropout(F.relu(self.fc1(maps.flatten(1))))

    def forward(self, flow: Tensor) -> Tensor:
        """Score the classes.

        Parameters
        ----------
        flow : Tensor, float32, shape (B, 3, 64, 64)
            (dx, dy, strain) from onset to apex.

        Returns
        -------
        Tensor, float32, shape (B, n_classes)
            Logits.
        """
        return self.fc(self.features(flow))
