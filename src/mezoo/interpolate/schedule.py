"""SLSTT's choice of 11 frames around the apex, with new frames between them where the clip is too short.

Zhang, Hong, Arandjelović, Zhao, "Short and long range relation based spatio-temporal transformer", IEEE TAC
13(4), 2022, and its official code. The input is a window of consecutive frames around the apex at the native
rate. Only clips that end soon after their apex lack frames; they get mid-points of mid-points, so all times
are dyadic fractions. The two sources fill the gaps in different orders: see `slstt_schedule`.

Deviation: where the code divides by zero (a single frame is left) the frame is repeated.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mezoo.errors import ConfigError, DataError

#: Frames of a clip in the paper.
LENGTH = 11

Order = Literal["code", "paper"]


def slstt_schedule(
    onset: int, apex: int, offset: int, *, order: Order = "code", length: int = LENGTH
) -> NDArray[np.float64]:
    """Choose the times of the frames that represent an expression.

    The window is ``max(apex - 5, onset + 1)`` to ``min(start + 10, offset)``. Missing frames are spread

    - ``code``: evenly over the gaps of the window; the gaps in the middle of the window get one more. In a gap
      the mid-points are doubled until enough, and the central ones are kept.
    - ``paper``: one per gap from the apex outwards, left before right (a - 0.5, a + 0.5, a - 1.5, ... down to
      onset + 0.5 and up to offset - 0.5), each in the middle; further rounds take 1/4, 3/4, 1/8, ... The
      rounds after 1/4 are our reading of "recursion".

    Parameters
    ----------
    onset, apex, offset : int
        Frame numbers.
    order : {'code', 'paper'}
    length : int
        Frames wanted; odd, so that the apex is in the middle of a full window.

    Returns
    -------
    ndarray, float64, shape (length,)
        Ascending frame numbers; a fraction is a time between two frames. Subtract the number of the clip's
        first frame to get positions for `Interpolator.at`.

    Raises
    ------
    DataError
        The apex is not after the onset (the official code skips such a clip) or is after the offset.
    ConfigError
        Unknown order, or a length that is not odd.
    """
    if order not in ("code", "paper") or length < 1 or length % 2 == 0:
        raise ConfigError(
            f"order {order!r}, {length} frames",
            "'code' or 'paper', and an odd number",
            "Correct the schedule",
        )
    if not onset < apex <= offset:
        raise DataError(
            f"onset {onset}, apex {apex}, offset {offset}",
            "onset < apex <= offset",
            "Correct the coding of this event, or leave it out",
        )
    start = max(apex - length // 2, onset + 1)
    raw = list(range(start, min(start + length - 1, offset) + 1))
    missing = length - len(raw)
    new = _spread_evenly(raw, missing) if order == "code" else _outwards(onset, apex, offset, missing)
    return np.sort(np.array([*raw, *new], np.float64), kind="stable")


def _spread_evenly(raw: list[int], missing: int) -> list[float]:
    n_gaps = len(raw) - 1
    if n_gaps == 0:
        return [float(raw[0])] * missing
    base, extra = divmod(missing, n_gaps)
    first = len(raw) // 2 - extra // 2  # counted in frames, as in the code, although it is a list of gaps
    return [
        raw[gap] + time for gap in range(n_gaps) for time in _central(base + (first <= gap < first + extra))
    ]


def _central(n: int) -> list[float]:
    """Return the `n` central ones of 1, 3, 7, ... mid-points; one more on the left when they cannot be even."""
    levels = n.bit_length()
    inside = np.arange(1, 2**levels) / 2**levels
    first = len(inside) // 2 - n // 2
    return inside[first : first + n].tolist()


def _outwards(onset: int, apex: int, offset: int, missing: int) -> list[float]:
    left, right = [apex - 1 - k for k in range(apex - onset)], [apex + k for k in range(offset - apex)]
    gaps = sorted(left + right, key=lambda gap: (abs(gap + 0.5 - apex), gap))
    new: list[float] = []
    level = 1
    while len(new) < missing:
        for k in range(2 ** (level - 1)):
            new += [gap + (2 * k + 1) / 2**level for gap in gaps]
        level += 1
    return new[:missing]
