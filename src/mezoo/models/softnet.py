"""SOFTNet: a score per frame from the flow of brows and mouth, a network per type of expression.

Liong, See, Wong, "Shallow optical flow three-stream CNN for macro- and micro-expression spotting from long
videos", ICIP 2021; numbers follow its code (`genbing99/SoftNet-SpotME`), written in Keras.
"""

from __future__ import annotations

from torch import Tensor, nn

from mezoo.models.frame_scorer import FrameScorer, check_images, initialise
from mezoo.models.layers.three_streams import FILTERS, ThreeStreams
from mezoo.models.registry import register

SIZE = 42


@register(
    "softnet",
    task="spotting",
    inputs={"softnet": (3, SIZE, SIZE)},
    output=(1,),
    paper="Liong et al., Shallow optical flow three-stream CNN, ICIP 2021",
    stated_parameters=314_817,
)
class SOFTNet(FrameScorer):
    """The network: three streams, 400 units, one linear score that follows the label 0 or 1."""

    def __init__(self) -> None:
        super().__init__()
        self.streams = ThreeStreams()
        self.hidden = nn.Linear(sum(FILTERS) * (SIZE // 6) ** 2, 400)
        self.score = nn.Linear(400, 1)
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        """Score frames.

        Parameters
        ----------
        images : Tensor, float32, shape (B, 3, 42, 42)
            Horizontal flow, vertical flow and strain, levels from 0 to 1.

        Returns
        -------
        Tensor, float32, shape (B, 1)

        Raises
        ------
        ValueError
            When the images have another shape.
        """
        check_images(images, 3, SIZE)
        return self.score(self.hidden(self.streams(images).flatten(1)).relu())
