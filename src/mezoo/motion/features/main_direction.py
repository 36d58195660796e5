"""Main directions: of eight directions, the one in which most pixels of a region move, and their mean flow.

Liu et al., "A main directional mean optical-flow feature for spontaneous micro-expression recognition", IEEE
Trans. Affective Computing 7 (2016) 299-310, section 3.3. Public ports average raw angles across the cut between
0 and 360 degrees and weigh the frames; here vectors are averaged, and all frames alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from mezoo.errors import ConfigError, DataError
from mezoo.motion.features.directions import angles, check_flow, direction_bins

#: Directions of 45 degrees; bin k is centred on k times 45 degrees (x right, y down).
N_DIRECTIONS = 8
_HALF_BIN = np.pi / N_DIRECTIONS


@dataclass(frozen=True)
class Regions:
    """Pixels of regions that may overlap.

    Attributes
    ----------
    pixels : ndarray, int64, shape (P,)
        Positions in the raveled image, one region after the other.
    region : ndarray, int64, shape (P,)
        Whose pixel it is.
    n : int
        Number of regions; some may have no pixel.
    """

    pixels: np.ndarray
    region: np.ndarray
    n: int

    @classmethod
    def of_masks(cls, masks: np.ndarray) -> Regions:
        """Regions of masks, bool (n, H, W)."""
        region, pixels = np.divmod(np.flatnonzero(masks), masks[0].size)
        return cls(pixels, region, len(masks))


class MainDirections(NamedTuple):
    """Main directions of R regions: bin and number of its pixels, int64 (R,), mean flow, float64 (R, 2) in px."""

    bin: np.ndarray
    n_pixels: np.ndarray
    mean: np.ndarray


class Mdmo(NamedTuple):
    """MDMO of R regions over a clip.

    Attributes
    ----------
    feature : ndarray, float32, shape (2 R,)
        [alpha rho, (1 - alpha) theta].
    rho : ndarray, float32, shape (R,)
        Magnitudes divided by the largest; all 0 without motion.
    theta : ndarray, float32, shape (R,)
        Directions in rad, (-pi, pi].
    """

    feature: np.ndarray
    rho: np.ndarray
    theta: np.ndarray


def main_directions(flow: np.ndarray, regions: Regions) -> MainDirections:
    """Find the main direction of each region and the mean of the flow vectors that have it.

    Parameters
    ----------
    flow : ndarray, float, shape (H, W, 2)
        (dx right, dy down) in px.
    regions : Regions

    Returns
    -------
    MainDirections
        The first of equally populated bins counts; a region without a pixel has 0 throughout.
    """
    vectors = vectors_of(flow, regions)
    bins = direction_bins(angles(vectors), n_bins=N_DIRECTIONS, start=-_HALF_BIN)
    return mean_of_fullest(vectors, regions.region * N_DIRECTIONS + bins, regions.n)


def vectors_of(flow: np.ndarray, regions: Regions) -> np.ndarray:
    """Flow vectors of the pixels of all regions, float32 (P, 2)."""
    return np.asarray(flow).reshape(-1, 2).take(regions.pixels, axis=0).astype(np.float32)


def mean_of_fullest(values: np.ndarray, cells: np.ndarray, n: int) -> MainDirections:
    """Mean of two columns of values (P, 2) in the fullest cell of each of `n` groups of eight cells."""
    counts = np.bincount(cells, minlength=n * N_DIRECTIONS).reshape(n, N_DIRECTIONS)
    fullest = counts.argmax(axis=1)
    chosen = np.arange(n), fullest
    sums = [np.bincount(cells, values[:, k], n * N_DIRECTIONS).reshape(n, -1)[chosen] for k in range(2)]
    n_pixels = counts[chosen]
    return MainDirections(fullest, n_pixels, np.stack(sums, axis=-1) / np.maximum(n_pixels, 1)[:, None])


def opened(flows: Iterable[np.ndarray]) -> tuple[tuple[int, int], Iterator[np.ndarray]]:
    """Shape (H, W) of the fields of a clip, and all of them, still read one by one.

    Raises
    ------
    ConfigError
        The first field is none of shape (H, W, 2).
    DataError
        No field.
    """
    rest = iter(flows)
    first = next(rest, None)
    if first is None:
        raise DataError(
            "a clip without a flow field", "at least one", "Check onset, offset and the faces of this video"
        )
    check_flow(first)
    return (first.shape[0], first.shape[1]), chain([first], rest)


def mean_over_frames(flows: Iterator[np.ndarray], regions: Regions) -> np.ndarray:
    """Mean over the frames of the mean flow of each region, float64 (R, 2) in px; one field at a time."""
    total, n_frames = np.zeros((regions.n, 2)), 0
    for flow in flows:
        total += main_directions(flow, regions).mean
        n_frames += 1
    return total / n_frames


def balanced(vectors: np.ndarray, alpha: float) -> Mdmo:
    """Polar form of the mean vectors (R, 2), magnitudes relative to the largest, weighed against the angles.

    Parameters
    ----------
    vectors : ndarray, float, shape (R, 2)
        (dx, dy) in px.
    alpha : float
        Weight of the magnitudes, 0 to 1; the angles get the rest.

    Raises
    ------
    ConfigError
        Alpha outside of 0..1.
    """
    rho = np.hypot(vectors[:, 0], vectors[:, 1])
    return weighed(rho, angles(vectors), alpha)


def weighed(rho: np.ndarray, theta: np.ndarray, alpha: float) -> Mdmo:
    """Put magnitudes, made relative to their largest, and angles together; see `balanced`."""
    if not 0 <= alpha <= 1:
        raise ConfigError(f"alpha {alpha!r}", "a number from 0 to 1", "Correct alpha of MDMO")
    relative = rho / (rho.max() if rho.max() > 0 else 1.0)
    feature = np.concatenate([alpha * relative, (1 - alpha) * theta])
    return Mdmo(*(part.astype(np.float32) for part in (feature, relative, theta)))
