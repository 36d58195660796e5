"""Graph over nine action units whose links are there or not: the prior of MER-GCN.

Lo, Xie, Shuai, Cheng, "MER-GCN: micro-expression recognition based on relation modeling with graph convolutional
networks", MIPR 2020, arXiv 2004.08915. No code is published, and beyond its abstract this is our reading: links are
conditional probabilities that reach a threshold, normalised symmetrically with a loop at every node. Our choice are the
action units (those of FGRMER), the threshold, and that a link counts in both directions, without which the symmetric
normalisation of Kipf and Welling, ICLR 2017, is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from mezoo.errors import ConfigError
from mezoo.models.fgrmer_graph import AUS, conditional, cooccurrence, presence

#: Of the 36 possible links the counts behind FGRMER's released matrices (CASME II and SAMM) keep 5; 0.1 keeps 14.
THRESHOLD = 0.2


def binary_adjacency(aus: Iterable[Sequence[int]], *, threshold: float = THRESHOLD) -> NDArray[np.float32]:
    """Graph of the training clips of a fold.

    Parameters
    ----------
    aus : iterable of sequences of int
        Action units of each training clip; without any there are no links.
    threshold : float
        Two action units are linked when one is coded in at least this share of the clips that show the other.

    Returns
    -------
    ndarray, float32, shape (9, 9)
        ``D (B + I) D``, symmetric, with D the diagonal matrix of the number of links to the power of -0.5, loop
        included.

    Raises
    ------
    ConfigError
        The threshold is not in (0, 1].
    """
    if not 0 < threshold <= 1:
        raise ConfigError(
            f"threshold {threshold}", "a share above 0, at most 1", "Correct the options of mergcn"
        )
    share = conditional(*cooccurrence(presence(aus)))
    linked = (np.maximum(share, share.T) >= threshold) | np.eye(len(AUS), dtype=bool)
    scale = linked.sum(axis=1) ** -0.5
    return (scale[:, None] * linked * scale).astype(np.float32)
