"""Losses that RIFE is trained with: differences of Laplacian pyramids, and what the teacher's flow knows better.

Huang et al., ECCV 2022, section 3.4, and the official code. Imports torch.

Deviation: the official loss leaves out the pyramid's coarsest image, so an offset of all grey levels costs
nothing. A small network in a short training does drift away (3 dB behind blending on noisy, nearly still
faces), so `total_loss` counts that image too. It also counts the distance to the flow that a sample is made
with, as the first release did with labels of another network: grey levels of a face that moves by some px tell
a network so little that a short training ends at blending.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from mezoo.interpolate.rife_net import Lesson

_LEVELS = 5
#: The teacher counts where its image is nearer to the truth than the network's by more than this.
_MARGIN = 0.01
#: Shortest crop whose pyramid has all levels.
SHORTEST_CROP = 2 ** (_LEVELS + 1)


def laplacian_loss(image: Tensor, truth: Tensor, *, coarsest: bool = False) -> Tensor:
    """Sum over five levels of the mean absolute difference of the Laplacian pyramids.

    Parameters
    ----------
    image, truth : Tensor, float32, shape (B, C, H, W)
        Sides multiples of 32, at least `SHORTEST_CROP`.
    coarsest : bool
        Add that of the image which remains after them.
    """
    # The pyramid is linear, so that of the difference is the difference of the pyramids.
    current, loss = image - truth, image.new_zeros(())
    for _ in range(_LEVELS):
        smaller = _smooth(current)[..., ::2, ::2]
        larger = current.new_zeros(current.shape)
        larger[..., ::2, ::2] = 4 * smaller
        loss = loss + (current - _smooth(larger)).abs().mean()
        current = smaller
    return loss + current.abs().mean() if coarsest else loss


def _smooth(x: Tensor) -> Tensor:
    """Binomial filter 5x5, mirrored at the border."""
    channels = x.shape[1]
    row = x.new_tensor([1, 4, 6, 4, 1]) / 16
    kernel = (row[:, None] * row).expand(channels, 1, 5, 5)
    return F.conv2d(F.pad(x, (2, 2, 2, 2), mode="reflect"), kernel, groups=channels)


def distillation_loss(lesson: Lesson, truth: Tensor) -> Tensor:
    """Distance of the flow of each block to the teacher's, where the teacher's image is the better one.

    Sum over the blocks of the mean over all pixels of the root mean squared difference of the 4 channels.
    """
    teacher = lesson.teacher_flow.detach()
    allowed = (lesson.teacher_merged - truth).abs().mean(dim=1, keepdim=True) + _MARGIN
    loss = truth.new_zeros(())
    for flow, merged in zip(lesson.prediction.flows, lesson.prediction.merged, strict=True):
        better = ((merged - truth).abs().mean(dim=1, keepdim=True) > allowed).float().detach()
        # The root has no slope at 0: its argument stays above.
        distance = (teacher - flow).square().mean(dim=1, keepdim=True).clamp(min=1e-12).sqrt()
        loss = loss + (distance * better).mean()
    return loss


def flow_loss(lesson: Lesson, known: Tensor) -> Tensor:
    """Mean distance of the flow of the blocks to the known one (B, 4, H, W), per channel, px."""
    flows = lesson.prediction.flows
    return torch.stack([(flow - known).abs().mean() for flow in flows]).mean()


def total_loss(lesson: Lesson, truth: Tensor, flow: Tensor, *, distillation: float, known: float) -> Tensor:
    """Laplacian losses of the network's and the teacher's image, and weighted: distillation, known flow."""
    own = laplacian_loss(lesson.prediction.image, truth, coarsest=True)
    teacher = laplacian_loss(lesson.teacher_merged, truth, coarsest=True)
    taught = distillation * distillation_loss(lesson, truth) + known * flow_loss(lesson, flow)
    return own + teacher + taught
