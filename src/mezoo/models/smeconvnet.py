"""SMEConvNet: a network on single faces, whose features over time show the apex. Our reading of it.

Zhang, Chen, Meng, Liu, Fu, "SMEConvNet: a convolutional neural network for spotting spontaneous facial
micro-expression from long videos", IEEE Access 6 (2018) 71143-71151. Its code is not public: the layers are those
of third parties' accounts, and what the network is trained to tell apart, no expression, micro-expression and
macro-expression, is our choice (the paper: expressions of clips; not every corpus of long videos names them). The
search in the matrix of its features is in `mezoo.models.feature_matrix`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mezoo.models.frame_scorer import FrameScorer, check_images, initialise
from mezoo.models.frame_targets import CLASSES
from mezoo.models.registry import register


@register(
    "smeconvnet",
    task="spotting",
    inputs={"face": (1, 224, 224)},
    output=(len(CLASSES),),
    paper="Zhang et al., SMEConvNet, IEEE Access 2018",
    small={"size": 48, "width": 8, "units": 32},
    small_inputs={"face": (1, 48, 48)},
)
class SMEConvNet(FrameScorer):
    """The network; four convolutions, two hidden layers.

    Parameters
    ----------
    size : int
        Side of the face in px, 48 or 224.
    width : int
        Filters of the first two layers; the others have a third more.
    units : int
        Units of the hidden layers.
    """

    def __init__(self, *, size: int = 224, width: int = 96, units: int = 500) -> None:
        super().__init__()
        self.size, wide = size, width * 4 // 3
        large = size >= 224  # on small faces kernels without border, or of 11 px, would leave nothing
        first = nn.Conv2d(1, width, 11, stride=2) if large else nn.Conv2d(1, width, 5, stride=2, padding=2)
        layers: list[nn.Module] = [first, nn.ReLU(), nn.MaxPool2d(2)]
        for n_in, n_out, kernel in ((width, width, 5), (width, wide, 3), (wide, wide, 3)):
            convolution = nn.Conv2d(n_in, n_out, kernel, padding=0 if large else kernel // 2)
            layers += [convolution, nn.ReLU(), nn.MaxPool2d(2, ceil_mode=not large)]
        self.convolutions = nn.Sequential(*layers, nn.Flatten())
        with torch.no_grad():
            n_flat = self.convolutions(torch.zeros(1, 1, size, size)).shape[1]
        self.first, self.second = nn.Linear(n_flat, units), nn.Linear(units, units)
        self.classes = nn.Linear(units, len(CLASSES))
        initialise(self)

    def forward(self, faces: Tensor) -> Tensor:
        """Tell what a face shows.

        Parameters
        ----------
        faces : Tensor, float32, shape (B, 1, size, size)
            Aligned grey faces, levels from 0 to 1.

        Returns
        -------
        Tensor, float32, shape (B, 3)
            Logits of `frame_targets.CLASSES`.

        Raises
        ------
        ValueError
            When the images have another shape.
        """
        return self.classes(self.scores(faces).relu())

    def scores(self, *images: Tensor) -> Tensor:
        """Features of the second hidden layer, shape (B, units): a row of the feature matrix each."""
        (faces,) = images
        check_images(faces, 1, self.size)
        return self.second(self.first(self.convolutions(faces)).relu())

    def loss(self, images: tuple[Tensor, ...], target: Tensor) -> Tensor:
        """Cross entropy; the column of `target` holds the class."""
        return nn.functional.cross_entropy(self(*images), target[:, 0].long())
