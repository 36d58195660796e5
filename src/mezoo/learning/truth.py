"""Ground-truth intervals of a video, as the metrics take them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mezoo.evaluation.spotting import TYPES, scored_intervals


def truth_intervals(events: pd.DataFrame) -> dict[str, NDArray[np.int64]]:
    """Inclusive intervals (n, 2) per type, in the corpus's frame numbers, by the convention of MEGC 2020.

    Parameters
    ----------
    events : DataFrame
        Rows of the event table of one video.
    """
    columns = (events[name].to_numpy(float, na_value=np.nan) for name in ("onset", "apex", "offset"))
    intervals = scored_intervals(*columns, first_frame=1)  # both corpora count frames from 1
    return {kind: intervals[(events["type"] == kind).to_numpy()] for kind in TYPES}
