"""Strips of known flow, read back from their pixels and words."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.report import strip_picture
from mezoo.report.drawing import ARROW_COLOUR
from mezoo.report.strip_picture import CELL, GAP, HEAD, HEIGHT, MARGIN, WIDTH, Moment, Strip, draw_strip
from mezoo.report.style import KIND_COLOURS

SIDE = 72  # cells are twice as large


@pytest.fixture
def words(monkeypatch):
    """Lines of text in the order in which they are drawn."""
    lines, real = [], strip_picture.lettering
    monkeypatch.setattr(
        strip_picture,
        "lettering",
        lambda text, *rest, **more: lines.append(text) or real(text, *rest, **more),
    )
    return lines


def cell(picture, place):
    x, y = MARGIN + place * (CELL + GAP), MARGIN + HEAD
    return picture[y : y + CELL, x : x + CELL].astype(int)


def patch(vector, where=(36, 36)):
    """Flow that rests but for 10 x 10 px."""
    flow = np.zeros((SIDE, SIDE, 2), np.float32)
    flow[where[1] - 5 : where[1] + 5, where[0] - 5 : where[0] + 5] = vector
    return flow


def strip(to_apex, to_offset=None, **changes):
    moments = [
        Moment(np.full((SIDE, SIDE), grey, np.uint8), (name, f"{name} note"))
        for name, grey in (("onset", 40), ("apex", 120), ("offset", 200))
    ]
    given = {"title": "title", "facts": "facts", "kind": "micro", "moments": moments}
    return Strip(**(given | {"to_apex": to_apex, "to_offset": to_offset} | changes))


def test_faces_colours_and_strain_are_in_their_cells(words):
    picture = draw_strip(strip(patch((2, 0)), patch((0, 1))))
    assert picture.shape == (HEIGHT, WIDTH, 3) and picture.dtype == np.uint8
    for place, grey in enumerate((40, 120, 200)):
        assert (cell(picture, place)[5:-5, 5:-5] == grey).all()
    apex, offset, strain = (cell(picture, place) for place in (3, 5, 6))
    assert apex[72, 72, 0] == 255 and max(apex[72, 72, 1:]) < 20, "to the right is red"
    assert offset[72, 72, 0] > 240 and 100 < offset[72, 72, 2] < 160, (
        "down is yellow, pale at half the length"
    )
    assert apex[20, 72].min() == 255, "no motion is white"
    assert strain[72, 72].max() < 10 < 150 < strain[72, 60:66].max(), "the edge of what moves is stretched"
    assert {"onset", "apex note", "rim of wheel 2 px", "largest 1 px"} <= set(words)
    chip = picture[MARGIN + 2, MARGIN + 2]
    assert bytes(chip).hex() == KIND_COLOURS["micro"][1:]


@pytest.mark.parametrize("direction", [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_arrows_point_where_the_skin_moves(words, direction):
    picture = draw_strip(strip(patch(np.array(direction))))
    colour = np.frombuffer(bytes.fromhex(ARROW_COLOUR[1:]), np.uint8)
    y, x = np.nonzero(np.abs(cell(picture, 4) - colour).max(axis=-1) < 60)
    ahead = np.array([x.mean() - 72, y.mean() - 72]) @ direction
    assert ahead > 8, "arrows begin in the patch that moves and leave it in the direction of the motion"
    factor = int(next(line for line in words if line.startswith("drawn")).split()[1])
    assert factor == 10, "2.4 steps of 5 px for the longest, rounded down"


def test_what_is_not_coded_is_said(words):
    blank = strip(patch((1, 0)))
    moments = [*blank.moments[:2], Moment(None, ("offset", "not coded"))]
    picture = draw_strip(strip(patch((1, 0)), moments=moments))
    assert {"not coded", "offset not coded"} <= set(words)
    assert len(np.unique(cell(picture, 2))) <= 3 and len(np.unique(cell(picture, 5))) <= 3, "empty cells"


def test_a_reason_takes_the_place_of_the_pictures(words):
    picture = draw_strip(Strip("title", "facts", "macro", reason="no valid face in frame 7"))
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert "not shown: no valid face in frame 7" in words
    assert cell(picture, 0).min() > 240, "no face"


def test_a_face_of_another_shape_is_not_distorted(words):
    moments = [Moment(np.zeros((90, 30), np.uint8), ("", ""))] * 3
    picture = draw_strip(strip(np.zeros((90, 30, 2), np.float32), moments=moments))
    dark = cell(picture, 0).max(axis=-1) < 5
    assert abs(int(dark.any(axis=0).sum()) - 48) <= 2 and dark.any(axis=1).sum() >= CELL - 2


def test_long_titles_are_shortened(words):
    draw_strip(strip(patch((1, 0)), title="t" * 400))
    title = next(line for line in words if line.startswith("tt"))
    assert title.endswith("…") and 50 < len(title) < 200


def test_nothing_moves(words):
    still = np.zeros((SIDE, SIDE, 2), np.float32)
    picture = draw_strip(strip(still, still))
    assert cell(picture, 5)[5:-5, 5:-5].min() == 255 and cell(picture, 6)[5:-5, 5:-5].max() < 10
    assert (cell(picture, 4)[5:-5, 5:-5] == 40).all(), "no arrow"
