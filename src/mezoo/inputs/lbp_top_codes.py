"""LBP-TOP: how often each local binary pattern occurs in the three orthogonal planes of a small video.

Zhao, Pietikäinen, "Dynamic texture recognition using local binary patterns with an application to facial
expressions", IEEE TPAMI 29 (2007) 915-928, section 3. A pixel is compared with its neighbours on an ellipse in the
XY, XT and YT plane; every plane of every block of the face gets a histogram of the codes.

Two programs of the authors circulate that number the neighbours of XT and YT and the bins differently; both can be
had. Default is the later one, with blocks. With blocks that overlap it counts a pixel in its own block and in at most
one further block (the diagonal one where both directions overlap), not in all blocks that cover it; so do we.
"""

from __future__ import annotations

from itertools import product
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mezoo.errors import ConfigError
from mezoo.motion.features.blocks import sums_to_one

Convention = Literal["blocks", "toolbox2009"]
Patterns = Literal["uniform", "all"]
Sampling = Literal["nearest", "bilinear"]
CONVENTIONS, PATTERNS, SAMPLINGS = ("blocks", "toolbox2009"), ("uniform", "all"), ("nearest", "bilinear")
N_NEIGHBOURS = (4, 8)


def lbp_top(
    volume: np.ndarray,
    *,
    radii: tuple[int, int, int] = (1, 1, 4),
    n_neighbours: int = 4,
    blocks: tuple[int, int, int] = (1, 5, 5),
    overlap: float = 0.0,
    patterns: Patterns = "uniform",
    convention: Convention = "blocks",
    sampling: Sampling = "nearest",
) -> NDArray[np.int64]:
    """Count the patterns of one clip.

    Parameters
    ----------
    volume : ndarray, uint8, shape (T, H, W)
        Grey levels.
    radii : tuple of int
        Rx, Ry, Rt in px, px, frames. Pixels nearer than max(Rx, Ry) to a border, and frames nearer than Rt to an
        end, are no centres.
    n_neighbours : {4, 8}
        Neighbour p lies at the angle a = 2 pi p / n on the ellipse; it sets bit p of the code when it is at
        least as bright as the centre.
    blocks : tuple of int
        Blocks along time, height and width. Without overlap the last one takes the rest; two or more blocks in
        time share a frame, as in the authors' program.
    overlap : float
        Share of the height and width of a block that its neighbour shares, 0 to below 1.
    patterns : {'uniform', 'all'}
        ``uniform``: codes with at most two changes around the circle have a bin each, the others share one (15
        bins for 4 neighbours, 59 for 8). ``all``: a bin for each code.
    convention : {'blocks', 'toolbox2009'}
        ``blocks``: XT (x + Rx cos a, t - Rt sin a), YT (y - Ry cos a, t - Rt sin a), the shared bin last.
        ``toolbox2009``: XT (x + Rx cos a, t + Rt sin a), YT (y - Ry sin a, t + Rt cos a), the shared bin first.
        XY is (x + Rx cos a, y - Ry sin a) in both. (The authors' block program has Rx in place of Ry in YT.)
    sampling : {'nearest', 'bilinear'}
        A neighbour between pixels has the grey level of the nearest one, or the bilinear one, rounded down.

    Returns
    -------
    ndarray, int64, shape (*blocks, 3, bins)
        Counts of the planes XY, XT, YT.

    Raises
    ------
    ConfigError
        A volume of another type, smaller than its borders and blocks, or an option out of range.
    """
    for value, known in (
        (n_neighbours, N_NEIGHBOURS),
        (patterns, PATTERNS),
        (convention, CONVENTIONS),
        (sampling, SAMPLINGS),
    ):
        if value not in known:
            raise ConfigError(f"LBP-TOP with {value!r}", f"one of {known}", "Correct the options of LBP-TOP")
    borders = (radii[2], max(radii[:2]), max(radii[:2]))
    centres = _n_centres(volume, borders, radii, blocks)
    own, further = _cells(centres, blocks, overlap)
    twice = own != further
    bins = _bins(n_neighbours, patterns, convention)
    n_bins = int(bins.max()) + 1
    counts = np.empty((3, int(np.prod(blocks)), n_bins), np.int64)
    for k, offsets in enumerate(_planes(radii, n_neighbours, convention)):
        found = bins[_codes(volume, borders, centres, offsets, sampling)]
        cells = np.concatenate([(own * n_bins + found).ravel(), (further * n_bins + found)[twice]])
        counts[k] = np.bincount(cells, minlength=counts[k].size).reshape(-1, n_bins)
    return counts.transpose(1, 0, 2).reshape(*blocks, 3, n_bins)


def lbp_top_feature(counts: np.ndarray) -> NDArray[np.float32]:
    """Every histogram divided by its own sum, all of them end to end: (..., bins) -> float32 (F,).

    The authors' program divides by the sum of all counts, so that a video's length does not matter; here the area
    of a block does not matter either.
    """
    return sums_to_one(counts.astype(np.float64)).ravel().astype(np.float32)


def _n_centres(
    volume: np.ndarray, borders: tuple[int, ...], radii: tuple[int, ...], blocks: tuple[int, ...]
) -> tuple[int, ...]:
    """Count the centres along t, y, x."""
    centres = tuple(side - 2 * border for side, border in zip(volume.shape, borders, strict=False))
    fits = volume.ndim == 3 and all(1 <= n <= centre for n, centre in zip(blocks, centres, strict=True))
    if not fits or volume.dtype != np.uint8 or min(radii) < 1:
        raise ConfigError(
            f"LBP-TOP of a {volume.dtype} video of shape {volume.shape}, radii {radii}, blocks {blocks}",
            "uint8 (T, H, W), larger than twice the radii by a pixel for each block",
            "Ask for more frames, smaller radii or fewer blocks",
        )
    return centres


class _Axis(NamedTuple):
    """Block of each centre along one axis, and the further block in which it may be counted: int64 (n,)."""

    own: NDArray[np.int64]
    further: NDArray[np.int64]


def _cells(
    centres: tuple[int, ...], blocks: tuple[int, ...], overlap: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Own and further block of each centre, both (t, y, x), as the position among all blocks."""
    axes = [
        _along_time(centres[0], blocks[0]),
        *(_along_space(n, b, overlap) for n, b in zip(centres[1:], blocks[1:], strict=True)),
    ]
    own, further = (
        np.ravel_multi_index(np.ix_(*(axis[k] for axis in axes)), blocks).astype(np.int64) for k in range(2)
    )
    return own, further


def _along_space(n: int, n_blocks: int, overlap: float) -> _Axis:
    position = np.arange(n)
    if overlap == 0:
        own = np.minimum(position // (n // n_blocks), n_blocks - 1)
        return _Axis(own, own)
    # as in the authors' program, what is shared comes from the length that blocks without overlap would have
    shared = int(np.ceil((np.ceil(n / n_blocks) - 1) * overlap)) - 1
    length = (n + shared * (n_blocks - 1)) // n_blocks
    if not 0 < overlap < 1 or shared < 0 or length <= shared:
        raise ConfigError(
            f"LBP-TOP blocks with an overlap of {overlap}, {n_blocks} along {n} px",
            "a share from 0 to below 1, and larger blocks",
            "Correct the overlap or ask for fewer blocks",
        )
    own = np.clip((position - length) // (length - shared) + 1, 0, n_blocks - 1)
    further = -(-(position + 1 + (own + 1) * shared) // length) - 1
    return _Axis(own, np.minimum(further, n_blocks - 1))


def _along_time(n: int, n_blocks: int) -> _Axis:
    position = np.arange(n)
    length = (n + n_blocks - 1) // n_blocks  # neighbours share one frame
    if n_blocks == 1:
        return _Axis(position * 0, position * 0)
    if length < 2:
        raise ConfigError(
            f"{n_blocks} LBP-TOP blocks along {n} frames", "two frames per block", "Ask for fewer blocks"
        )
    own = np.clip(-(-(position - length) // (length - 1)), 0, n_blocks - 1)
    further = -(-(position + own + 1) // length) - 1
    return _Axis(own, np.minimum(further, n_blocks - 1))


def _planes(radii: tuple[int, int, int], n: int, convention: Convention) -> NDArray[np.float64]:
    """Offsets (t, y, x) of the neighbours in the three planes, shape (3, n, 3)."""
    rx, ry, rt = radii
    angle = 2 * np.pi * np.arange(n) / n
    cos, sin, zero = np.cos(angle), np.sin(angle), np.zeros(n)
    if convention == "blocks":
        xt, yt = (-rt * sin, zero, rx * cos), (-rt * sin, -ry * cos, zero)
    else:
        xt, yt = (rt * sin, zero, rx * cos), (rt * cos, -ry * sin, zero)
    return np.array([(zero, -ry * sin, rx * cos), xt, yt]).transpose(0, 2, 1)


def _codes(
    volume: np.ndarray,
    borders: tuple[int, ...],
    centres: tuple[int, ...],
    offsets: NDArray[np.float64],
    sampling: Sampling,
) -> NDArray[np.uint8]:
    sampled = _nearest if sampling == "nearest" else _bilinear
    centre, codes = _nearest(volume, borders, centres, np.zeros(3)), np.zeros(centres, np.uint8)
    for p, offset in enumerate(offsets):
        codes |= (sampled(volume, borders, centres, offset) >= centre).view(np.uint8) << p
    return codes


def _nearest(
    volume: np.ndarray, borders: tuple[int, ...], centres: tuple[int, ...], offset: NDArray[np.float64]
) -> np.ndarray:
    steps = np.floor(offset + 0.5).astype(int).tolist()
    starts = [border + step for border, step in zip(borders, steps, strict=True)]
    return volume[tuple(slice(s, s + n) for s, n in zip(starts, centres, strict=True))]


def _bilinear(
    volume: np.ndarray, borders: tuple[int, ...], centres: tuple[int, ...], offset: NDArray[np.float64]
) -> np.ndarray:
    """Grey levels between pixels; one axis of `offset` is 0.

    The authors' program rounds positions, which count from 1, and products to single precision: in smooth patches it
    decides on which side of a whole grey level a sum falls, so that the same is done here, in their order.
    """
    corners = []
    for border, n, step in zip(borders, centres, offset, strict=True):
        position = (np.arange(border + 1, border + n + 1) + step).astype(np.float32)
        share = position - np.floor(position)
        corners.append(((np.floor(position), 1 - share), (np.ceil(position), share)))
    total = np.zeros(centres, np.float32)
    for (x, of_x), (y, of_y), (t, of_t) in product(*reversed(corners)):
        corner = volume[np.ix_(*(side.astype(int) - 1 for side in (t, y, x)))].astype(np.float32)
        total += corner * of_x * of_y[:, None] * of_t[:, None, None]
    return np.floor(total)


def _bins(n: int, patterns: Patterns, convention: Convention) -> NDArray[np.int64]:
    """Bin of each code, shape (2**n,)."""
    codes = np.arange(2**n)
    if patterns == "all":
        return codes
    bits = codes[:, None] >> np.arange(n) & 1
    uniform = (bits != np.roll(bits, 1, axis=1)).sum(axis=1) <= 2
    first = int(convention == "toolbox2009")
    return np.where(uniform, np.cumsum(uniform) - 1 + first, 0 if first else uniform.sum())
