"""STRCN-A: recurrent convolutional layers over a picture of pixels by time, of the pixels that move.

Xia, Hong, Gao, Feng, Zhao, "Spatiotemporal recurrent convolutional networks for recognizing spontaneous
micro-expressions", IEEE TMM 22(3), 2020, with appearance connection, and its official programs: a mask of the
pixels that move most in the training clips; each clip becomes a matrix with a row per pixel of the mask and a column
per frame.

The mask belongs to a fold and is a buffer here: all pixels until `fit_constants` has seen the training clips.
Deviations: square frames of 64 px (the program has 64 x 48); the released file holds the layers of STRCN-G only, so
sizes of the pooling are ours; a mask of which the opening leaves almost nothing is kept as it was before.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mezoo.models.recogniser import Recogniser
from mezoo.models.registry import register
from mezoo.models.strcn_g import recurrent_stack

#: Share of the pixels that the mask keeps before its opening (official program).
KEPT = 0.25
#: (pixels, frames) of each pooling; ours. The mask needs as many pixels as the first factors multiply to.
POOLING = ((4, 2), (4, 2), (2, 2), (2, 2))
MIN_PIXELS = 64


@register(
    "strcn_a",
    task="recognition",
    inputs={"clip_frames-30-64": (1, 30, 64, 64)},
    output=(4,),
    paper="Xia et al., Spatiotemporal recurrent convolutional networks, IEEE TMM 22(3), 2020",
    small={"width": 16, "size": 32},
    small_inputs={"clip_frames-30-32": (1, 30, 32, 32)},
)
class STRCNA(Recogniser):
    """The network; 938,116 parameters with four classes.

    Parameters
    ----------
    n_classes : int
    width : int
        Maps of every convolution.
    size : int
        Side of the frames in px.
    """

    mask: Tensor

    def __init__(self, *, n_classes: int = 4, width: int = 128, size: int = 64) -> None:
        super().__init__()
        self.register_buffer("mask", torch.ones(size, size, dtype=torch.bool))
        self.body = recurrent_stack(1, width, POOLING)
        self.head = nn.Linear(width, n_classes)

    @torch.no_grad()
    def fit_constants(self, frames: Tensor) -> None:  # type: ignore[override]
        """Find the pixels that move most in the training clips (N, 1, T, size, size)."""
        self.mask.copy_(motion_mask(frames))

    def features(self, frames: Tensor) -> Tensor:  # type: ignore[override]
        """Give the means of the last maps (B, width), of clips (B, 1, T, size, size)."""
        return self.body(frames[..., self.mask].mT).mean((2, 3))  # (B, 1, pixels, T) -> (B, width)

    def forward(self, frames: Tensor) -> Tensor:
        """Score the classes.

        Parameters
        ----------
        frames : Tensor, float32, shape (B, 1, T, size, size)
            Grey levels of clips of one length, T at least 16.

        Returns
        -------
        Tensor, float32, shape (B, n_classes)
            Logits.
        """
        return self.head(self.features(frames))


def motion_mask(frames: Tensor) -> Tensor:
    """Pixels that differ most from the first frame: the upper quarter, then an opening with a cross of 5 px.

    Parameters
    ----------
    frames : Tensor, float32, shape (N, 1, T, H, W)

    Returns
    -------
    Tensor, bool, shape (H, W)
    """
    motion = (frames - frames[:, :, :1]).abs().mean((1, 2))  # (N, H, W)
    largest = motion.amax((1, 2), keepdim=True)
    motion = (motion / largest.where(largest > 0, 1)).mean(0)  # each clip counts alike, however strong it is
    moving = motion >= motion.flatten().quantile(1 - KEPT)
    opened = _opening(moving)
    return opened if opened.sum() >= MIN_PIXELS else moving


def _opening(mask: Tensor) -> Tensor:
    """Drop what no cross of 5 px fits into."""
    cross = torch.tensor([[0.0, 1, 0], [1, 1, 1], [0, 1, 0]], device=mask.device)[None, None]
    eroded = F.conv2d(mask[None, None].float(), cross, padding=1) > 4.5
    return F.conv2d(eroded.float(), cross, padding=1)[0, 0] > 0.5
