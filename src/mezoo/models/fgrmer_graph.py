"""Graph over nine action units from how often they are coded together: the AU branch of FGRMER.

Lei, Chen, Li, Li, "Micro-expression recognition based on facial graph representation learning and facial action
unit fusion", CVPR Workshops 2021, and its official code raying777/FGRMER @ 1ed1be2. That code ships one matrix per
fold; here it is counted from the clips of the training subjects, because a matrix that has seen the AUs of the
tested subject has seen its labels. The variant ``reproduction`` is that of Justin900429's repository @ a41fe68.

Deviations from the official matrices: one vote per clip, where they count clips of rare classes several times
(`cooccurrence` takes such `copies`); an AU that is never coded has an empty column, where a division by zero waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mezoo.errors import unknown

if TYPE_CHECKING:
    from torch import Tensor

Matrix = TypeVar("Matrix", NDArray, "Tensor")
Variant = Literal["official", "reproduction"]

#: Nodes of the graph in their order.
AUS = (1, 2, 4, 10, 12, 14, 15, 17, 25)
#: So many of them, from the first on, move the eyebrows; the others move the mouth.
N_EYEBROW_AUS = 3


def presence(aus: Iterable[Iterable[int]], *, set_per_clip: bool = True) -> NDArray[np.int64]:
    """Mark which of the nine action units each clip shows.

    Parameters
    ----------
    aus : iterable of iterables of int
        Action units of each clip; others than `AUS` are ignored.
    set_per_clip : bool
        An AU that is coded twice (``L12+R12``) counts once; False counts it twice, as the reproduction does.

    Returns
    -------
    ndarray, int64, shape (n, 9)
    """
    rows = [[list(units).count(unit) for unit in AUS] for units in aus]
    counted = np.array(rows, np.int64).reshape(len(rows), len(AUS))
    return np.minimum(counted, 1) if set_per_clip else counted


def cooccurrence(
    present: NDArray[np.int64], *, copies: ArrayLike = 1
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count how often action units occur, and occur together.

    Parameters
    ----------
    present : ndarray, int64, shape (n, 9)
        Of `presence`.
    copies : array, int, shape (n,)
        How often each clip counts; the official matrices count 100 per class and corpus, so that a clip of a rare
        class counts several times.

    Returns
    -------
    counts : ndarray, int64, shape (9, 9)
        Clips with both AUs; the diagonal holds what an AU coded twice has with itself, 0 for one vote per clip.
    n : ndarray, int64, shape (9,)
        Clips with the AU.
    """
    weighed = present * np.reshape(copies, (-1, 1))
    n = weighed.sum(axis=0)
    return weighed.T @ present - np.diag(n), n


def conditional(
    counts: NDArray[np.int64], n: NDArray[np.int64], *, variant: Variant = "official"
) -> NDArray[np.float32]:
    """Turn counts into conditional probabilities.

    Parameters
    ----------
    counts, n : ndarray, int64, shapes (9, 9) and (9,)
        Of `cooccurrence`.
    variant : {'official', 'reproduction'}
        ``official``: entry (i, j) is counts_ij / n_j, the probability of AU i given AU j. ``reproduction``: counts_ij /
        n_i, of AU j given AU i.

    Returns
    -------
    ndarray, float32, shape (9, 9)
        0 where the AU that is given never occurs.

    Raises
    ------
    ConfigError
        Unknown variant.
    """
    _check(variant)
    given = np.maximum(n, 1)
    return (counts / (given if variant == "official" else given[:, None])).astype(np.float32)


def normalise(matrix: Matrix, *, variant: Variant = "official") -> Matrix:
    """Balance the links of well and of badly connected action units: ``D A^T D``.

    Parameters
    ----------
    matrix : ndarray or Tensor, float32, shape (9, 9)
        A of `adjacency`, identity included.
    variant : {'official', 'reproduction'}
        D is the diagonal matrix of r ** -0.5, where r_i is the sum of row i (``official``) or the number of its
        entries that are not 0 (``reproduction``).

    Returns
    -------
    ndarray or Tensor, shape (9, 9)
        Row i is what AU i gathers from all.
    """
    row = matrix.sum(1) if variant == "official" else (matrix != 0).sum(1)
    scale = row**-0.5
    return scale[:, None] * matrix.T * scale


def adjacency(aus: Iterable[Sequence[int]], *, variant: Variant = "official") -> NDArray[np.float32]:
    """Graph of the training clips of a fold: conditional probabilities plus the identity.

    Parameters
    ----------
    aus : iterable of sequences of int
        Action units of each training clip. Without any the graph is the identity: no links.
    variant : {'official', 'reproduction'}
        See `conditional`.

    Returns
    -------
    ndarray, float32, shape (9, 9)
        The official state dict holds it as ``A``.
    """
    probability = conditional(*cooccurrence(presence(aus)), variant=variant)
    return probability + np.eye(len(AUS), dtype=np.float32)


def _check(variant: str) -> None:
    if variant not in get_args(Variant):
        raise unknown(f"graph variant '{variant}'", variant, get_args(Variant))
