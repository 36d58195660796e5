"""What SAN reads and what becomes of its heat maps: face crops, and points with fractions of a pixel. No torch.

Dong et al., CVPR 2018, official code. A point is the mean of the heat map around its highest value. The official code
samples that neighbourhood with torch, whose meaning of the borders of a picture changed with version 1.3: the published
network was made before, AUW-GCN ran it after, which moved its points by up to 4 of the 128 px. Here the cells
themselves are read, as meant; ``align_corners=False`` gives AUW-GCN's points.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

#: Side in px of what the network sees.
SIDE = 128
#: Share of the box added on every side before it is cut out.
_MARGIN = 0.2
#: Pixels per cell of a heat map, and the place of a cell's centre.
_CELL, _CENTRE = 8, 3.5
#: Cells on every side of the highest one that count.
_RADIUS = 3
#: Values up to here count as next to nothing.
_LEAST, _NOTHING = 1e-6, np.finfo(np.float64).eps


def cut_face(picture: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut out an enlarged box, clipped to the picture, and scale it to 128 x 128 px.

    Parameters
    ----------
    picture : ndarray, uint8, shape (H, W) or (H, W, 3)
    box : ndarray, float, shape (4,)
        (left, top, right, bottom) in px, mostly inside the picture.

    Returns
    -------
    face : ndarray, uint8, shape (128, 128) or (128, 128, 3)
        Scaled as Pillow does, which averages when it shrinks; OpenCV's differs by up to 15 grey levels then.
    outer : ndarray, int, shape (4,)
        What was cut out: (left, top, right, bottom), right and bottom exclusive.
    """
    reach = _MARGIN * (box[2:] - box[:2])
    size = np.array(picture.shape[1::-1])
    low = np.clip(np.floor(box[:2] - reach), 0, size - 1)
    high = np.clip(np.ceil(box[2:] + reach), low + 1, size)
    outer = np.concatenate([low, high]).astype(int)
    left, top, right, bottom = outer
    face = Image.fromarray(picture[top:bottom, left:right])
    return np.asarray(face.resize((SIDE, SIDE), Image.Resampling.BILINEAR)), outer


def to_picture(points: np.ndarray, outer: np.ndarray) -> np.ndarray:
    """Turn points (..., 2) of a 128-px face into points of the picture it was cut from with the box `outer`.

    Fractions are kept; AUW-GCN and the official interface round to whole pixels, and lose all small motion.
    """
    return points * ((outer[2:] - outer[:2]) / SIDE) + outer[:2]


def find_peaks(heatmaps: np.ndarray, *, align_corners: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Place of the peak of each heat map.

    Parameters
    ----------
    heatmaps : ndarray, float32, shape (..., h, w)
    align_corners : bool
        False: as AUW-GCN's version of torch sampled, see above.

    Returns
    -------
    points : ndarray, float64, shape (..., 2)
        (x, y) in px of what the network saw; the highest cell's centre where no value is above zero.
    scores : ndarray, float32, shape (...)
        Highest value; about 0 to 1, no probability.
    """
    *lead, height, width = heatmaps.shape
    maps = heatmaps.reshape(-1, height, width)
    highest = maps.reshape(len(maps), -1).argmax(axis=1)
    cells = np.stack([highest % width, highest // width], axis=1)
    steps = np.arange(-_RADIUS, _RADIUS + 1)
    x, y = (_sampled(cells[:, k, None], steps, n, align_corners) for k, n in enumerate((width, height)))
    patch = _bilinear(maps, x, y)
    patch = np.where(patch > _LEAST, patch, _NOTHING)
    total = patch.sum(axis=(1, 2))
    offset = np.stack([(patch.sum(axis=axis) * steps).sum(axis=1) / total for axis in (1, 2)], axis=1)
    points = (cells + offset) * _CELL + _CENTRE
    return points.reshape(*lead, 2), maps.max(axis=(1, 2)).reshape(lead)


def _sampled(cell: np.ndarray, steps: np.ndarray, n: int, align_corners: bool) -> np.ndarray:
    """Coordinates (M, 2 r + 1) at which the neighbourhood of cells (M, 1) is read, in a row of n cells."""
    if align_corners:
        return (cell + steps).astype(np.float64)
    stretch = n / (n - 1)
    return cell * stretch - 0.5 + steps * (2 * _RADIUS / len(steps)) * stretch


def _bilinear(maps: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Values of maps (M, h, w) at all pairs of x (M, k) and y (M, k) -> (M, k, k); zero outside."""
    rows, columns = (_weights(at, n) for at, n in zip((y, x), maps.shape[1:], strict=True))
    return rows @ maps.astype(np.float64) @ columns.transpose(0, 2, 1)


def _weights(at: np.ndarray, n: int) -> np.ndarray:
    """Weights (M, k, n) of n cells for linear interpolation at places (M, k); none beyond the ends."""
    return np.maximum(1 - np.abs(at[:, :, None] - np.arange(n)), 0)
