"""Augmentations of STRCN: other strengths of the motion, other moments of the clip.

Xia, Hong, Gao, Feng, Zhao, "Spatiotemporal recurrent convolutional networks for recognizing spontaneous
micro-expressions", IEEE TMM 22(3), 2020, and its official programs. There each clip is multiplied beforehand; here each
epoch draws one version anew, so that a training sees as many versions without storing them.
"""

from __future__ import annotations

import numpy as np

#: Factors of the Eulerian magnification whose eight clips stand for one (official data folders).
ALPHAS = np.arange(5, 13)
#: Shares of the frames that may be left out, in steps of a twentieth (official program).
DROPPED = np.arange(0, 0.56, 0.05)


def strcn_motion(arrays: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Scale the flow of one clip as magnification of its motion would.

    The authors magnify the frames and compute flow anew, eight times per clip; to first order a magnification by
    alpha multiplies the flow by 1 + alpha. The mean factor is 1, so that a clip without augmentation lies in the
    middle.

    Parameters
    ----------
    arrays : list of ndarray
        Inputs of one clip; all are scaled.
    rng : Generator

    Returns
    -------
    list of ndarray
        New arrays of the same shape, float32.
    """
    factor = np.float32((1 + rng.choice(ALPHAS)) / (1 + ALPHAS.mean()))
    return [factor * np.asarray(array, np.float32) for array in arrays]


def strcn_frames(arrays: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Leave out a random share of the frames, and bring the clip back to its length by linear interpolation.

    The official program varies the kernel of the interpolation as well, and drops a single frame where the text says a
    share; this follows the text. The first and the last frame stay.

    Parameters
    ----------
    arrays : list of ndarray, shape (1, T, H, W)
        Inputs of one clip, all of one length T of at least 2.
    rng : Generator

    Returns
    -------
    list of ndarray, float32, shape (1, T, H, W)
    """
    length = arrays[0].shape[1]
    n_kept = max(2, length - round(length * rng.choice(DROPPED)))
    inner = rng.choice(np.arange(1, length - 1), n_kept - 2, replace=False)
    kept = np.sort(np.concatenate([[0, length - 1], inner])).astype(int)
    places = np.linspace(0, n_kept - 1, length)  # even steps over what is left
    before = np.minimum(places.astype(int), n_kept - 2)
    share = (places - before).astype(np.float32)[:, None, None]
    return [
        (1 - share) * array[:, kept[before]] + share * array[:, kept[before + 1]]
        for array in (np.asarray(array, np.float32) for array in arrays)
    ]
