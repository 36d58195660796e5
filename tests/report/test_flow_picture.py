"""The picture of `mezoo flow`, read back from its pixels and words."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from matplotlib.text import Text
from typer.testing import CliRunner

from mezoo.cli import app
from mezoo.errors import ConfigError
from mezoo.motion.show import flow_colors
from mezoo.report.drawing import ARROW_COLOUR
from mezoo.report.flow_picture import draw_flow, flow_picture
from mezoo.report.style import rgb

SIDE = 120
#: Places of the panels in px, as the figure lays them out: 360 px wide, 95 px below the upper border.
PANELS = [(20 + k * 390, 95) for k in range(3)]


def drawn(flow, image=None):
    figure = draw_flow(np.zeros((SIDE, SIDE), np.uint8) if image is None else image, flow, title="a → b")
    pixels = rgb(figure).astype(int)
    words = " ".join(text.get_text() for text in figure.findobj(Text)).replace("\n", " ")
    return [pixels[y + 3 : y + 357, x + 3 : x + 357] for x, y in PANELS], words


def still():
    return np.zeros((SIDE, SIDE, 2), np.float32)


def arrow(panel):
    """Bounding box (left, top, right, bottom) of what is drawn in the colour of arrows."""
    colour = np.frombuffer(bytes.fromhex(ARROW_COLOUR[1:]), np.uint8)
    y, x = np.nonzero(np.abs(panel - colour).max(axis=-1) < 40)
    return x.min(), y.min(), x.max(), y.max()


def test_colours_and_the_legend_tell_the_largest_motion():
    flow = still()
    flow[:, :60] = (3, 0)
    flow[:, 60:] = (0, -1.5)
    (colours, _, _), words = drawn(flow)
    right, up = colours[180, 80], colours[180, 280]
    np.testing.assert_allclose([right, up], flow_colors(flow, largest=3.0)[60, [20, 100]], atol=2)
    assert right[0] == 255 and max(right[1:]) < 20, "to the right is red"
    assert up[2] > 240 and up[1] > 100, "up is blue, and pale at half the magnitude"
    assert "border of the wheel = 3 px" in words and "largest 3 px" in words and "mean 2.25 px" in words


@pytest.mark.parametrize("direction", [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_an_arrow_points_where_the_skin_moves(direction):
    flow = still()
    step = SIDE // 20
    flow[10 * step : 11 * step, 10 * step : 11 * step] = 2 * np.array(direction)
    (_, panel, _), words = drawn(flow)
    left, top, right, bottom = arrow(panel)
    start = (10.5 * step) * 3 - 3  # the images are enlarged three times
    ahead = {(1, 0): right, (-1, 0): left, (0, 1): bottom, (0, -1): top}[direction]
    length = 5 * 2 * 3  # stated factor, motion, enlargement
    assert abs(ahead - (start + sum(direction) * length)) < 4
    across = (top, bottom) if direction[0] else (left, right)
    assert all(abs(side - start) < 8 for side in across)
    assert "arrows are 5 times as long as the motion" in words and "the mean of 6 × 6 px" in words


def test_strain_is_bright_where_the_skin_is_stretched_only():
    flow = still()
    flow[:, 60:, 0] = 0.2 * np.arange(60)  # the right half is stretched by a fifth, the left one rests
    (_, _, strain), words = drawn(flow)
    assert strain[180, 60].max() < 10 and strain[180, 280].min() > 100
    assert "px per px; largest 0.2" in words


def test_nothing_moves():
    (colours, arrows, strain), words = drawn(still(), np.full((SIDE, SIDE), 90, np.uint8))
    assert colours.min() == 255 and strain.max() < 10
    assert "border of the wheel = 0 px" in words and abs(arrows[9, 9] - 90).max() < 4


@pytest.mark.parametrize("shape", [(40, 200), (200, 40)])
def test_words_stay_inside_for_any_shape(shape):
    figure = draw_flow(np.zeros(shape, np.uint8), np.ones((*shape, 2), np.float32), title="a → b")
    rgb(figure)
    whole = figure.bbox
    boxes = [text.get_window_extent() for text in figure.findobj(Text)]
    boxes = [box for box in boxes if box.width > 1]  # what is not drawn has no size
    assert all(box.x0 >= 0 and box.x1 <= whole.x1 and box.y0 >= 0 and box.y1 <= whole.y1 for box in boxes)
    overlaps = [a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert len(boxes) > 8 and not any(overlaps)


@pytest.fixture
def images(tmp_path):
    y, x = np.mgrid[:64, :80]
    for name, shift in (("a", 0.0), ("b", 1.0)):
        grey = 128 + 60 * np.sin((x - shift) / 4) * np.cos(y / 5)
        cv2.imwrite(str(tmp_path / f"{name}.png"), grey.astype(np.uint8))
    return str(tmp_path / "a.png"), str(tmp_path / "b.png")


def test_the_command_draws_the_picture_or_the_colours_alone(images, tmp_path):
    for name, options in (("whole.png", []), ("plain.png", ["--plain"])):
        run = CliRunner().invoke(
            app, ["flow", *images, "-o", str(tmp_path / name), "--backend", "dis", *options]
        )
        assert run.exit_code == 0, run.output
    whole, plain = (cv2.imread(str(tmp_path / name)) for name in ("whole.png", "plain.png"))
    assert plain.shape == (64, 80, 3) and whole.shape[1] > 1000
    assert not list(tmp_path.glob(".*")), "no temporary file stays"


def test_wrong_use(images, tmp_path):
    with pytest.raises(ConfigError, match="flow method 'nativ'"):
        flow_picture(*images, tmp_path / "flow.png", backend="nativ")
    with pytest.raises(ConfigError, match="parameter 'profile'"):
        flow_picture(*images, tmp_path / "flow.png", backend="dis", profile="stream")
