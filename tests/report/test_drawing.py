"""Text, arrows and heat maps in pixels."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

from mezoo.report.drawing import (
    arrow_scale,
    arrows,
    fitting,
    heat,
    lettering,
    paste,
    rgb_of,
    strain_top,
)
from mezoo.report.style import STRAIN_MAP


def test_text_has_the_ink_and_the_ground_it_was_asked_for():
    patch = lettering("apex 121", 13, "#0072b2", "#fff7e6").astype(int)
    assert (patch == rgb_of("#0072b2")).all(axis=-1).any() and (patch[:, :3] == rgb_of("#fff7e6")).all()
    assert lettering("apex 121", 13, "#0072b2", "#fff7e6", bold=True).shape[1] > patch.shape[1]


@pytest.mark.parametrize("width", [40, 90, 200])
def test_text_is_shortened_to_its_width(width):
    line = fitting("a rather long line of words", 12, width)
    assert (
        line.endswith("…") == (width < 200)
        and lettering(line, 12, "#000000", "#ffffff").shape[1] <= width + 1
    )


def test_a_patch_is_cut_off_at_the_border():
    picture = np.zeros((4, 6, 3), np.uint8)
    paste(picture, np.full((3, 3, 3), 9, np.uint8), 4, 2)
    assert picture[..., 0].tolist() == [[0] * 6, [0] * 6, [0] * 4 + [9, 9], [0] * 4 + [9, 9]]


def test_strain_has_the_colours_of_the_figures():
    strain = np.array([[0.0, 0.1, 0.2, 0.4]])
    wanted = matplotlib.colormaps[STRAIN_MAP](np.clip(strain / 0.2, 0, 1))[..., :3] * 255
    np.testing.assert_allclose(heat(strain, 0.2), wanted, atol=2)


def test_the_scale_of_strain_passes_over_single_peaks_and_is_never_zero():
    strain = np.full((100, 100), 0.1)
    strain[3, 3] = 5.0
    assert strain_top(strain) == pytest.approx(0.1) and strain_top(np.zeros((9, 9))) > 0


def test_arrows_are_as_long_as_stated():
    flow = np.zeros((40, 40, 2), np.float32)
    flow[20:30, 10:20] = (0.5, 0)
    places, vectors, factor = arrow_scale(flow, 10)
    assert factor == 20, "a longest arrow of at most 2.4 steps, rounded down"
    picture = np.zeros((80, 80, 3), np.uint8)
    arrows(picture, places, vectors * factor, enlarged=2.0)
    y, x = np.nonzero(picture.max(axis=-1) > 60)  # on black the dark edge is not seen
    assert x.min() == pytest.approx(29.5, abs=1.5) and x.max() == pytest.approx(29.5 + 20, abs=1.5)
    assert np.median(y) == pytest.approx(49.5, abs=1), (
        "enlarged about the corner, centres of pixels at n + 1/2"
    )
    assert arrow_scale(np.zeros_like(flow), 10)[2] == 1.0
