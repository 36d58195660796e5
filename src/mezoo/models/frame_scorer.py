"""What every network that scores single frames of a video offers to training and prediction.

Such a network sees small images of one frame (`mezoo.motion.spot_images`) and knows nothing of its neighbours:
expressions are found in the curve of its scores over time.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class FrameScorer(nn.Module):
    """Base of these networks.

    Subclasses define ``forward(*images)``: one Tensor (B, C, S, S) per input, levels from 0 to 1, gives (B, D).
    """

    def loss(self, images: tuple[Tensor, ...], target: Tensor) -> Tensor:
        """Loss of one training step, a scalar: mean squared error unless the paper takes another.

        Parameters
        ----------
        images : tuple of Tensor, float32, shape (B, C, S, S)
        target : Tensor, float32, shape (B, targets)
            As `mezoo.models.frame_targets` makes them.
        """
        return F.mse_loss(self(*images), target)

    def scores(self, *images: Tensor) -> Tensor:
        """Compute what is kept of each frame, (B, D): the output unless the paper takes a layer before it."""
        return self(*images)


def initialise(network: nn.Module) -> None:
    """Draw weights as Keras does by default: Glorot uniform, biases 0."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def check_images(images: Tensor, channels: int, size: int) -> None:
    """Raise `ValueError` unless images are (B, channels, size, size)."""
    if images.ndim != 4 or tuple(images.shape[1:]) != (channels, size, size):
        raise ValueError(f"images have shape {tuple(images.shape)}, expected (B, {channels}, {size}, {size})")
