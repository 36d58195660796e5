"""Patches of the magnified shape around brows and mouth, one set per factor: the input of FGRMER.

Lei et al., CVPR Workshops 2021. The official code ships no preprocessing; steps and numbers are those of the
reproduction by Justin900429 @ a41fe68. Deviations from it:

- Rows of a patch are y and columns x; there they are exchanged, so that it cuts mirrored places.
- Landmarks are those of the apex frame itself. The reproduction looks for them anew in every magnified picture, and
  loses a clip where the magnified face is no longer found; here all factors look at the same places, so that what
  differs between them is the shape alone. The points of the two differ by (factor - 1) times the motion, a pixel or
  two of the map at the largest factor, less than half a window.
- A window that would leave the picture is moved back inside.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mezoo.errors import ConfigError
from mezoo.inputs.clip import Clip
from mezoo.inputs.registry import clip_input

#: Landmarks of the 68: both eyebrows, then the mouth.
NODES = (*range(17, 27), *range(48, 68))
SIDE = 7


@clip_input(
    "shape_patches",
    stages=("faces", "shape"),
    shape=("views", len(NODES), SIDE, SIDE),
    axes="factor as in magnify.shape_factors, landmark (10 eyebrow, 20 mouth), y, x",
    units="0 to 1, mean over the channels of the shape after each is stretched over the picture",
    arguments=("views",),
    paper="Lei et al., FGRMER, CVPR Workshops 2021",
    reads_apex=True,
)
def shape_patches(clip: Clip, *, views: int) -> np.ndarray:
    """Cut the patches of all factors.

    Parameters
    ----------
    clip : Clip
        Needs the stages ``faces`` and ``shape``.
    views : int
        Number of factors of the artifact.

    Returns
    -------
    ndarray, float32, shape (views, 30, 7, 7)

    Raises
    ------
    ConfigError
        The artifact holds another number of factors.
    DataError
        The expression cannot be used.
    """
    from mezoo.magnify.shape_map import shape_map

    shapes, rows = clip.artifacts["shape"], clip.rows("shape")
    if len(rows) != views:
        factors = [round(float(factor), 3) for factor in shapes["factor"][:][rows]]
        raise ConfigError(
            f"{shapes.path.name} holds {len(rows)} factors {factors}",
            f"{views}, as in the input 'shape_patches-{views}'",
            "Correct the name of the input in the recipe, or magnify.shape_factors",
        )
    clip.require_face(clip.apex)
    faces = clip.artifacts["faces"]
    size = shapes["shape"].shape[-2:]
    points = scaled(faces["landmarks"][clip.apex][list(NODES)], faces["frames"].shape[1:], size)
    return np.stack([cut(shape_map(shapes["shape"][row]), points) for row in rows])


def scaled(points: NDArray, size: tuple[int, ...], new_size: tuple[int, ...]) -> NDArray:
    """Places of points after a picture has been resized, its borders kept.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        (x, y) in px, 0 in the middle of the first pixel.
    size, new_size : tuple of int
        (height, width) before and after.

    Returns
    -------
    ndarray, shape (n, 2)
    """
    ratio = np.array(new_size[::-1]) / np.array(size[::-1])
    return (points + 0.5) * ratio - 0.5


def cut(picture: NDArray, points: NDArray) -> NDArray:
    """Cut a square of 7 x 7 px around each point.

    Parameters
    ----------
    picture : ndarray, shape (H, W)
    points : ndarray, shape (n, 2)
        (x, y) in px; the middle of a square is the nearest pixel, or the nearest whose square lies inside.

    Returns
    -------
    ndarray, shape (n, 7, 7)
        Rows run along y, columns along x.
    """
    half = SIDE // 2
    inside = np.array(picture.shape[::-1]) - 1 - half
    x, y = np.clip(np.rint(points).astype(int), half, inside).T
    window = np.arange(-half, half + 1)
    return picture[(y[:, None] + window)[:, :, None], (x[:, None] + window)[:, None, :]]
