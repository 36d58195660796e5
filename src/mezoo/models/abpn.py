"""ABPN: one weight per face ROI, then convolutions over time, for spotting in long videos.

Leng, Zhao, Zhang, Liu, Mao, Wang, Xu, Chen, "ABPN: apex and boundary perception network for micro- and
macro-expression spotting", ACM MM 2022; numbers follow its code (`wenhaocold/USTC_ME_Spotting`). AUW-GCN is
this network with a graph convolution in place of the ROI weights, so clips, targets, losses and proposals are
those of `mezoo.models.auwgcn_clips` and its neighbours; of a proposal the code limits no length.

In the code the ROI weights are no parameter: the optimiser does not know them, a line of the training loop
changes them with a gradient that is never set to zero and a decay that ignores the learning rate, and the
checkpoint leaves them out, so that every prediction weighs all ROIs alike. `roi_weights="official"` does so;
by default they are trained and kept as any other weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from mezoo.models.auwgcn_layout import N_CHANNELS, N_ROIS
from mezoo.models.layers.boundary_head import boundary_head, initialise, renamed, temporal_convolutions
from mezoo.models.registry import register

_OFFICIAL_NAMES = {"_sequential.": "temporal.", "_classification.": "head."}


@register(
    "abpn",
    task="spotting",
    inputs={"mdmo": ("T", N_ROIS, 2)},
    output=(N_CHANNELS, "T"),
    paper="Leng et al., ABPN: apex and boundary perception network, ACM MM 2022",
)
class ABPN(nn.Module):
    """The network; 28,416 weights of convolutions and normalisation, and 12 of the ROIs.

    Parameters
    ----------
    roi_weights : {"trained", "official"}
        Whether the ROI weights are parameters, or changed by `step_roi_weights` and left out in evaluation
        mode.
    """

    roi_weights: Tensor
    roi_gradient: Tensor

    def __init__(self, *, roi_weights: Literal["trained", "official"] = "trained") -> None:
        super().__init__()
        self.by_hand = roi_weights == "official"
        if self.by_hand:
            self.register_buffer("roi_weights", torch.ones(N_ROIS, 1))
            self.register_buffer("roi_gradient", torch.zeros(N_ROIS, 1))
        else:
            self.roi_weights = nn.Parameter(torch.ones(N_ROIS, 1))
        self.temporal = temporal_convolutions(N_ROIS * 2)
        self.head = boundary_head()
        initialise(self)

    def forward(self, features: Tensor) -> Tensor:
        """Score every frame.

        Parameters
        ----------
        features : Tensor, float32, shape (B, T, 12, 2)
            Normalised MDMO features (dx, dy), any T.

        Returns
        -------
        Tensor, float32, shape (B, 10, T)
            Logits; channels as in `mezoo.models.auwgcn_layout.CHANNELS`.

        Raises
        ------
        ValueError
            When the axes are not (B, T, 12, 2).
        """
        if features.ndim != 4 or features.shape[2:] != (N_ROIS, 2):
            raise ValueError(f"features have shape {tuple(features.shape)}, expected (B, T, {N_ROIS}, 2)")
        weighted = features * torch.softmax(self._weights(), dim=0)
        return self.head(self.temporal(weighted.flatten(2).mT))  # channel = ROI * 2 + component

    def _weights(self) -> Tensor:
        if not self.by_hand:
            return self.roi_weights
        if not self.training:
            return torch.ones_like(self.roi_weights)
        weights = self.roi_weights.detach().clone().requires_grad_()
        if torch.is_grad_enabled():
            weights.register_hook(self._add_gradient)
        return weights

    def _add_gradient(self, gradient: Tensor) -> None:
        self.roi_gradient += gradient  # never set to zero, as in the code

    @torch.no_grad()
    def step_roi_weights(self, *, learning_rate: float, decay: float) -> None:
        """Change the ROI weights as the official loop does after each batch; nothing when they are trained.

        Parameters
        ----------
        learning_rate : float
            The initial one: the schedule of the optimiser does not reach these weights.
        decay : float
            Share of the weights taken away at each step, whatever the learning rate.
        """
        if self.by_hand:
            self.roi_weights -= learning_rate * self.roi_gradient + decay * self.roi_weights


def from_official(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename the parameters of an official checkpoint, which holds no ROI weights: load with ``strict=False``.

    Raises
    ------
    ValueError
        When a name belongs to no part of the network.
    """
    return renamed(state, _OFFICIAL_NAMES, network="ABPN")


def normalise_first_rois(features: NDArray, *, mean: ArrayLike, std: ArrayLike) -> NDArray[np.float32]:
    """Normalise a whole video as the official prediction does, ROIs 0 and 1 only.

    The code means components x and y but indexes the axis of the ROIs: ROI 0 gets the constants of x in both
    components, ROI 1 those of y, the others stay as they are, unlike in training.

    Parameters
    ----------
    features : ndarray, shape (T, 12, 2)
        Raw MDMO features.
    mean, std : array_like, shape (2,)

    Returns
    -------
    ndarray, float32, shape (T, 12, 2)
    """
    result = features.astype(np.float32)
    mean, std = np.asarray(mean, np.float32)[:, None], np.asarray(std, np.float32)[:, None]
    result[:, :2] = (result[:, :2] - mean) / std
    return result
