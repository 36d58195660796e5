from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mezoo.evaluation.apex_error import apex_error

TRUTH = pd.DataFrame({"apex": [10, 100, np.nan, 500]})
PREDICTIONS = pd.DataFrame({"apex": [104, 7, 300, np.nan]})
PAIRS = np.array([[0, 1], [1, 0], [2, 2], [3, 3]])


def test_by_hand():
    # |7 - 10| and |104 - 100|; the other two pairs lack an apex.
    assert apex_error(TRUTH, PREDICTIONS, PAIRS) == {"apex_n": 2, "apex_error": 3.5}


def test_each_video_has_its_own_frame_rate():
    result = apex_error(TRUTH, PREDICTIONS, PAIRS, fps=pd.Series([200.0, 25.0, 25.0, 25.0]))
    assert result["apex_error_ms"] == pytest.approx((3 * 5 + 4 * 40) / 2)


def test_nothing_matched():
    result = apex_error(TRUTH, PREDICTIONS, PAIRS[:0], fps=pd.Series(25.0, index=TRUTH.index))
    assert result.pop("apex_n") == 0 and np.isnan(list(result.values())).all()
