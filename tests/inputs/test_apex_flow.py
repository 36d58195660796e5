"""Onset-apex flow at another size: what a resized field holds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mezoo.catalog_items import EventRecord
from mezoo.errors import DataError
from mezoo.inputs import request
from mezoo.inputs.clip import Clip


class Flow(dict):
    """Stands for a flow artifact of two events, the first of which cannot be used."""

    path = Path("v.h5")
    attrs = {"events": json.dumps(["e0", "e1"]), "reasons": json.dumps(["no valid face in frame 3", ""])}


def clip(event="e1"):
    y, x = np.mgrid[:60, :48].astype(np.float16)
    flow = np.zeros((2, 60, 48, 2), np.float16)
    flow[1] = np.stack([x, 2 * y], -1)
    strain = np.full((2, 60, 48), 0.25, np.float16)
    return Clip(EventRecord("d", "v", "s", event), {"flow_apex": Flow(flow=flow, strain=strain)})


@pytest.mark.parametrize(
    ("name", "height", "width"),
    [
        ("apex_flow-12", 12, 12),
        ("apex_flow_rect-20-12", 20, 12),
        ("apex_flow_rect-120-96", 120, 96),
    ],
)
def test_a_ramp_stays_a_ramp_in_px_of_the_crop(name, height, width):
    asked = request(name)
    found = asked.make(clip())
    assert found.shape == asked.shape == (3, height, width) and found.dtype == np.float32
    centres = [(np.arange(n) + 0.5) * side / n - 0.5 for n, side in ((height, 60), (width, 48))]
    inner = np.s_[1:-1, 1:-1]  # pixels beyond the border are not there to interpolate with
    np.testing.assert_allclose(
        found[0][inner], np.broadcast_to(centres[1], (height, width))[inner], atol=1e-3
    )
    np.testing.assert_allclose(
        found[1][inner], np.broadcast_to(2 * centres[0][:, None], (height, width))[inner], atol=1e-3
    )
    np.testing.assert_allclose(found[2], 0.25)


def test_unusable_expressions():
    with pytest.raises(DataError, match="no valid face in frame 3"):
        request("apex_flow_rect-20-12").make(clip("e0"))
    with pytest.raises(DataError, match="does not hold it"):
        request("apex_flow-12").make(clip("e7"))
