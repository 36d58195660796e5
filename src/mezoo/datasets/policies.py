"""Fill apex and offset frames that the coders left out, by named conventions.

The tables of the catalog keep the nulls; what to put there depends on the use:

- evaluation (MEGC 2020 baseline, SOFTNet, MEAN): ``offset := apex``;
- training (ABPN and AUW-GCN): ``offset := 2 apex - onset``, a decay as long as the rise;
- a missing apex lies in the middle of onset and offset in all of them.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd


def fill_apex(events: pd.DataFrame) -> pd.DataFrame:
    """Put a missing apex in the middle, ``floor((onset + offset) / 2)``.

    Parameters
    ----------
    events : DataFrame
        Columns ``onset``, ``apex``, ``offset``, nullable integers (`mezoo.catalog.Catalog.events`).

    Returns
    -------
    DataFrame
        A copy; the apex stays null where the offset is missing too.
    """
    return events.assign(apex=events["apex"].fillna((events["onset"] + events["offset"]) // 2))


def fill_offset(events: pd.DataFrame, *, policy: Literal["apex", "symmetric"]) -> pd.DataFrame:
    """Put a missing offset at the apex (evaluation) or as far behind it as the onset is before (training).

    Parameters
    ----------
    events : DataFrame
        As in `fill_apex`.
    policy : {"apex", "symmetric"}
        Which convention. A symmetric offset may lie beyond the end of the video.

    Returns
    -------
    DataFrame
        A copy; the offset stays null where the apex is missing too.
    """
    guess = events["apex"] if policy == "apex" else 2 * events["apex"] - events["onset"]
    return events.assign(offset=events["offset"].fillna(guess))
