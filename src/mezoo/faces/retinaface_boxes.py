"""From the numbers of RetinaFace to boxes: priors, decoding, and one box per face. No torch.

Deng et al., CVPR 2020, and the PyTorch version of it that AUW-GCN used (`mezoo.faces.retinaface_net`). Overlaps
count whole pixels there, a box from 3 to 5 being three wide, although the boxes are fractions of pixels; kept, because
it decides which boxes stay.
"""

from __future__ import annotations

import numpy as np

#: Cell sizes of the three maps in px, and the sides of the two square priors of each cell.
_STEPS = (8, 16, 32)
_SIDES = ((16, 32), (64, 128), (256, 512))
#: Scales of the offsets of places and of sizes.
_PLACE, _SIZE = np.float32(0.1), np.float32(0.2)
#: Scores up to here are never looked at.
FLOOR = 0.02
#: Overlap (intersection over union) above which the weaker of two boxes is dropped.
_MOST_OVERLAP = 0.4


def priors(shape: tuple[int, int]) -> np.ndarray:
    """Squares from which the network's boxes are offset.

    Parameters
    ----------
    shape : tuple of int
        (H, W) of the picture.

    Returns
    -------
    ndarray, float32, shape (P, 4)
        Centre x, centre y, width, height, as shares of the picture; row by row, the finest map first.
    """
    height, width = shape
    found = []
    for step, sides in zip(_STEPS, _SIDES, strict=True):
        y, x = np.mgrid[: -(-height // step), : -(-width // step)]
        centre = np.stack([(x + 0.5) * step / width, (y + 0.5) * step / height], -1)
        size = np.array([[side / width, side / height] for side in sides])
        pair = np.broadcast_to(centre[:, :, None], (*x.shape, len(sides), 2))
        found.append(np.concatenate([pair, np.broadcast_to(size, pair.shape)], -1).reshape(-1, 4))
    return np.concatenate(found).astype(np.float32)


def decode_boxes(offsets: np.ndarray, anchors: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Turn offsets into boxes.

    Parameters
    ----------
    offsets : ndarray, float32, shape (P, 4)
    anchors : ndarray, float32, shape (P, 4)
        As `priors` makes them.
    shape : tuple of int
        (H, W) of the picture.

    Returns
    -------
    ndarray, float32, shape (P, 4)
        (left, top, right, bottom) in px; may reach beyond the picture.
    """
    centre = anchors[:, :2] + _PLACE * offsets[:, :2] * anchors[:, 2:]
    size = anchors[:, 2:] * np.exp(_SIZE * offsets[:, 2:])
    corner = centre - size / 2
    return np.concatenate([corner, corner + size], 1) * np.array(shape[::-1] * 2, np.float32)


def decode_points(offsets: np.ndarray, anchors: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Turn offsets into five points per prior.

    Parameters
    ----------
    offsets : ndarray, float32, shape (P, 10)
    anchors, shape : see `decode_boxes`

    Returns
    -------
    ndarray, float32, shape (P, 10)
        (x, y) in px of the eyes, the tip of the nose and the corners of the mouth.
    """
    points = anchors[:, None, :2] + _PLACE * offsets.reshape(-1, 5, 2) * anchors[:, None, 2:]
    return (points * np.array(shape[::-1], np.float32)).reshape(-1, 10)


def strongest(boxes: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Keep one box per face: the best, then the best of those that hardly overlap it, and so on.

    The published scripts look at the best 5000 boxes and keep 750; AUW-GCN's copy and this keep all.

    Parameters
    ----------
    boxes : ndarray, float32, shape (P, 4)
        In px.
    scores : ndarray, float32, shape (P,)
        Those up to 0.02 are left out.

    Returns
    -------
    ndarray, int, shape (n,)
        Positions of the kept boxes, by falling score.
    """
    left = np.argsort(-scores, kind="stable")
    left = left[scores[left] > FLOOR]
    area = np.prod(boxes[:, 2:] - boxes[:, :2] + 1, axis=1)
    kept = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        low, high = np.maximum(boxes[left, :2], boxes[best, :2]), np.minimum(boxes[left, 2:], boxes[best, 2:])
        shared = np.prod(np.maximum(high - low + 1, 0), axis=1)
        left = left[shared / (area[left] + area[best] - shared) <= _MOST_OVERLAP]
    return np.array(kept, int)
