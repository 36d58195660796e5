"""Changes of the apex picture in training: mirrored, turned, brighter or darker, cut out.

Released nets of MicroAttention (Wang et al., Neurocomputing 2020: resized to 240 px, 224 px cut out at random) and of
ATNet (Peng et al., ACII 2019: mirror, up to 5 degrees, up to 10 grey levels). The latter are coded there but never
ran, because two files name their probability differently, and they turn one way and darken only; here both ways. They
leave the flow alone, so they are not for networks that read flow too.
"""

from __future__ import annotations

import cv2
import numpy as np

_PROBABILITY = 0.5  # of each change, as coded
_MOST_DEGREES, _MOST_LEVELS = 5.0, 10.0
_CROP_SHARE = 240 / 224  # side of the picture that is cut into, in units of what is left


def apex_jitter(arrays: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Mirror, turn and shift the grey levels of the first input, each with probability 1/2.

    Parameters
    ----------
    arrays : list of ndarray
        Inputs of one clip; the first is an image (1, H, W), grey levels 0 to 255. It is not changed in place.
    rng : Generator

    Returns
    -------
    list of ndarray
        The same shapes and dtypes; up to 5 degrees either way about the middle, the border repeated, and up to 10
        levels, within 0 to 255.
    """
    first, *others = arrays
    image = first[0]
    mirror, turn, shift = rng.random(3) < _PROBABILITY
    degrees, levels = rng.uniform(-_MOST_DEGREES, _MOST_DEGREES), rng.uniform(-_MOST_LEVELS, _MOST_LEVELS)
    if mirror:
        image = image[:, ::-1]
    if turn:
        height, width = image.shape
        matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
        image = cv2.warpAffine(
            np.ascontiguousarray(image), matrix, (width, height), borderMode=cv2.BORDER_REPLICATE
        )
    if shift:
        image = np.clip(image.astype(np.float32) + np.float32(levels), 0, 255)
    if image.dtype != first.dtype:
        image = np.rint(image).astype(first.dtype)
    return [np.ascontiguousarray(image)[None], *others]


def apex_crop(arrays: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Enlarge the first input by 240/224 and cut its size out at a random place.

    The released net resizes the original picture to 240 px; here one pack serves training and test, so the picture of
    224 px is enlarged.

    Parameters
    ----------
    arrays : list of ndarray
        Inputs of one clip; the first is an image (1, H, W), grey levels. It is not changed in place.
    rng : Generator

    Returns
    -------
    list of ndarray
        The same shapes and dtypes.
    """
    first, *others = arrays
    height, width = first.shape[1:]
    larger = round(height * _CROP_SHARE), round(width * _CROP_SHARE)
    image = cv2.resize(first[0], larger[::-1], interpolation=cv2.INTER_LINEAR)
    top, left = (
        int(rng.integers(0, big - small + 1)) for big, small in zip(larger, (height, width), strict=True)
    )
    return [np.ascontiguousarray(image[top : top + height, left : left + width])[None], *others]
