"""Clips of AUW-GCN: cut a video into 256-frame clips with 7 frames of context, and normalise its channels.

Yin et al., ICME 2023 (arXiv 2303.09114); geometry as in the official segmentation. The official code
normalises after padding, so its padding holds -mean/std instead of zeros: call `segment` first and
`normalise` second to get the same, in training and in prediction.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from mezoo.models.auwgcn_layout import CLIP, CONTEXT, OFFICIAL_MEAN, OFFICIAL_STD


def segment(values: NDArray, *, clip: int = CLIP, context: int = CONTEXT) -> NDArray:
    """Cut a video into non-overlapping clips, each with real context on both sides, zero outside the video.

    Parameters
    ----------
    values : ndarray, shape (T, ...)
        Features, label rows, or anything else with one entry per frame.
    clip : int
        Frames of a clip.
    context : int
        Frames of context on each side.

    Returns
    -------
    ndarray, shape (ceil(T / clip), context + clip + context, ...)
        Clip i covers frames ``clip * i - context`` to ``clip * (i + 1) + context - 1``.
    """
    frames = len(values)
    n_clips = -(-frames // clip)
    edges = [(context, n_clips * clip - frames + context)] + [(0, 0)] * (values.ndim - 1)
    padded = np.pad(values, edges)
    if n_clips == 0:
        return np.zeros((0, clip + 2 * context, *values.shape[1:]), values.dtype)
    windows = sliding_window_view(padded, clip + 2 * context, axis=0)[::clip]  # window axis comes last
    return np.ascontiguousarray(np.moveaxis(windows, -1, 1))


def pad_context(features: NDArray, *, context: int = CONTEXT) -> NDArray:
    """Put `context` zero frames before and after a whole video, so that the network's output can be cropped.

    Parameters
    ----------
    features : ndarray, shape (T, ...)
        Features of a whole video.
    context : int
        Frames added on each side.

    Returns
    -------
    ndarray, shape (context + T + context, ...)
    """
    edges = [(context, context)] + [(0, 0)] * (features.ndim - 1)
    return np.pad(features, edges)


def has_expression(labels: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Tell which clips hold a frame of an expression, context included; only these are trained on.

    Parameters
    ----------
    labels : ndarray, int, shape (n, 270, 8)
        Label rows of `mezoo.models.auwgcn_labels`, segmented.

    Returns
    -------
    ndarray, bool, shape (n,)
    """
    actions = labels[:, :, [3, 7]] > 0
    return np.asarray(actions.any(axis=(1, 2)))


def channel_statistics(features: Iterable[NDArray]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation of dx and dy over all frames and ROIs of the training videos.

    Parameters
    ----------
    features : iterable of ndarray, shape (T, 12, 2)
        Features of the training videos, before padding.

    Returns
    -------
    mean, std : ndarray, float32, shape (2,)

    Raises
    ------
    ValueError
        When there is no frame, or a channel is constant or not finite.
    """
    count, total, squares = 0, np.zeros(2), np.zeros(2)
    for video in features:
        vectors = video.reshape(-1, 2).astype(np.float64)
        count += len(vectors)
        total += vectors.sum(axis=0)
        squares += np.square(vectors).sum(axis=0)
    if count == 0:
        raise ValueError("no frame to compute channel statistics from")
    mean = total / count
    std = np.sqrt(np.maximum(squares / count - mean**2, 0))
    if not (np.isfinite(std).all() and (std > 0).all()):
        raise ValueError(f"channel standard deviations are {std}, expected finite and positive")
    return mean.astype(np.float32), std.astype(np.float32)


def normalise(
    features: NDArray, *, mean: ArrayLike = OFFICIAL_MEAN, std: ArrayLike = OFFICIAL_STD
) -> NDArray[np.float32]:
    """Subtract the channel mean and divide by the channel standard deviation.

    Parameters
    ----------
    features : ndarray, shape (..., 2)
        Raw MDMO features.
    mean, std : array_like, shape (2,)
        From `channel_statistics`; the defaults belong to the features released with the official code.

    Returns
    -------
    ndarray, float32, same shape
    """
    centred: NDArray[np.float32] = features.astype(np.float32) - np.asarray(mean, np.float32)
    return np.divide(centred, np.asarray(std, np.float32), dtype=np.float32)
