"""Laplacian and Gaussian pyramids of Eulerian magnification, and the gain of each Laplacian level.

Wu et al., SIGGRAPH 2012, sections 3.2 and 4, with the conventions of the authors' MATLAB code: binomial-5 kernel,
mirrored border without repeating the edge pixel, sizes rounded up, the number of halvings rounded down.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

#: No level is made from an image with a smaller side.
_MIN_SIDE = 5


def laplacian_sizes(shape: tuple[int, int]) -> list[tuple[int, int]]:
    """Return (height, width) of every entry, finest first; the last one is the low-pass residual."""
    sizes, (height, width) = [shape], shape
    while min(height, width) >= _MIN_SIDE:
        height, width = height // 2, width // 2
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    return sizes


def laplacian(image: np.ndarray) -> list[np.ndarray]:
    """Laplacian pyramid of an image.

    Parameters
    ----------
    image : ndarray, float, shape (H, W) or (H, W, C)

    Returns
    -------
    list of ndarray
        Band-pass entries, finest first, and the low-pass residual. Entry k carries the factor 2**k of the
        authors' kernel, whose taps sum to sqrt(2) along each axis.
    """
    entries, rest = [], image
    for size in laplacian_sizes(_shape(image))[1:]:
        low = 2 * cv2.pyrDown(rest, dstsize=size[::-1])
        entries.append(rest - _expand(low, _shape(rest)))
        rest = low
    return [*entries, rest]


def collapse(entries: list[np.ndarray]) -> np.ndarray:
    """Image from its Laplacian pyramid."""
    image = entries[-1]
    for entry in entries[-2::-1]:
        image = entry + _expand(image, _shape(entry))
    return image


def laplacian_gains(
    shape: tuple[int, int], gain: float, cutoff_wavelength: float, *, finest: bool = False, clamp: bool = True
) -> np.ndarray:
    """Gain of each entry by the wavelength rule (section 3.2, "alpha as a function of wavelength").

    An entry of representative wavelength l gets min(gain, 2 (l (1 + gain) / cutoff_wavelength - 1)); l is a
    third of the diagonal for the residual and halves from entry to entry. The residual gets 0.

    Parameters
    ----------
    shape : tuple of int
        (H, W) of the image.
    gain : float
        Extra gain, the total factor less 1.
    cutoff_wavelength : float
        Px; shorter waves get less than `gain`.
    finest : bool
        Magnify the finest entry too; the authors' code does not.
    clamp : bool
        Keep gains from falling below 0; the authors' code does not.
    """
    n_entries = len(laplacian_sizes(shape))
    wavelength = math.hypot(*shape) / 3 / 2.0 ** np.arange(n_entries - 1, -1, -1)
    admissible = 2 * (wavelength * (1 + gain) / cutoff_wavelength - 1)
    gains = np.minimum(np.maximum(admissible, 0) if clamp else admissible, gain)
    gains[-1] = 0
    if not finest:
        gains[0] = 0
    return gains


def blur_down(image: np.ndarray, level: int) -> np.ndarray:
    """Entry `level` of the Gaussian pyramid (kernel of sum 1) of an image (H, W) or (H, W, C)."""
    for _ in range(level):
        height, width = _shape(image)
        image = cv2.pyrDown(image, dstsize=((width + 1) // 2, (height + 1) // 2))
    return image


def bicubic_weights(n_in: int, n_out: int) -> np.ndarray:
    """Matrix (n_out, n_in) of bicubic enlargement: Keys' a = -0.5, centres aligned, edge pixel mirrored too."""
    places = (np.arange(n_out) + 0.5) * n_in / n_out - 0.5
    weights = np.zeros((n_out, n_in))
    for tap in range(-1, 3):
        index = np.floor(places).astype(int) + tap
        d = np.abs(places - index)
        near, far = (1.5 * d - 2.5) * d * d + 1, ((-0.5 * d + 2.5) * d - 4) * d + 2
        period = index % (2 * n_in)
        np.add.at(
            weights,
            (np.arange(n_out), np.minimum(period, 2 * n_in - 1 - period)),
            np.where(d <= 1, near, np.where(d < 2, far, 0)),
        )
    return weights


def _shape(image: np.ndarray) -> tuple[int, int]:
    return image.shape[0], image.shape[1]


def _expand(image: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Zeros between the pixels, then the binomial kernel of sum 2; the mirror is that of the large grid."""
    odd = (shape[0] % 2, shape[1] % 2)
    if any(odd):  # OpenCV repeats the edge there
        image = cv2.copyMakeBorder(image, 0, odd[0], 0, odd[1], cv2.BORDER_REFLECT_101)
    return cv2.pyrUp(image)[: shape[0], : shape[1]] / 2
