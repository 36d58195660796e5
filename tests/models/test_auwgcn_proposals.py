from __future__ import annotations

import json

import numpy as np
import pytest
from conftest import ROOT

from mezoo.evaluation.spotting import TYPES
from mezoo.learning.recipe import load_recipe
from mezoo.models.auwgcn_proposals import ProposalSettings, candidates, spot
from mezoo.models.proposals import suppress_overlaps

# the values that runs use, so that the references check these and no second copy
CASME_SQ, SAMM25 = (
    {kind: getattr(load_recipe(ROOT / "workflow/recipes/auwgcn.yaml").layout(layout), kind) for kind in TYPES}
    for layout in ("casme_sq", "samm_lv")
)
SETTINGS = ProposalSettings(nearest=2, farthest=7, shortest=4, longest=13, top_k=5)


def quiet(frames: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.full(frames, 0.1), np.full(frames, 0.1), np.full(frames, 0.1)


def find(start, end, apex, *, clip=None, settings=SETTINGS):
    return candidates(start, end, apex, settings=settings, clip=clip)


def test_one_event_by_hand():
    start, end, apex = quiet()
    start[20], apex[25], end[31] = 0.8, 0.6, 0.9
    found = find(start, end, apex)
    assert (found.intervals.tolist(), found.apex.tolist()) == ([[20, 31]], [25])
    assert found.score[0] == pytest.approx(0.8 * 0.9 * 0.6)


def test_ties_go_to_the_frame_nearest_to_the_apex():
    start, end, apex = quiet()
    start[[20, 22]], apex[25], end[[28, 31]] = 0.8, 0.6, 0.9
    assert find(start, end, apex).intervals.tolist() == [[22, 28]]


@pytest.mark.parametrize("change", ["threshold", "start", "end", "short", "long"])
def test_what_rejects(change):
    start, end, apex = quiet()
    start[20], apex[25], end[31] = 0.8, 0.6, 0.9
    settings = SETTINGS
    if change == "threshold":
        apex[25] = 0.5  # must exceed, not reach
    elif change == "start":
        end[20] = 0.8  # a start must beat the end there
    elif change == "end":
        start[31] = 0.9
    elif change == "short":
        settings = ProposalSettings(2, 7, 12, 13, 5)  # the interval has length 11
    elif change == "long":
        settings = ProposalSettings(2, 7, 4, 10, 5)
    assert len(find(start, end, apex, settings=settings)) == 0


def test_edges_of_the_video():
    start, end, apex = quiet(20)
    start[0], apex[1], end[8] = 0.8, 0.6, 0.9  # the search range lies before the video: clamped to frame 0
    apex[18], start[12], end[19] = 0.7, 0.8, 0.9
    assert find(start, end, apex).intervals.tolist() == [[0, 8], [12, 19]]


def test_clip_mode_does_not_cross_a_clip():
    start, end, apex = quiet()
    start[28], apex[31], end[36] = 0.8, 0.6, 0.9
    assert find(start, end, apex).intervals.tolist() == [[28, 36]]
    assert len(find(start, end, apex, clip=30)) == 0  # the start lies in the clip before


def test_spot_reads_the_channels_of_each_type():
    probabilities = np.full((10, 60), 0.1)
    probabilities[0, 20], probabilities[6, 25], probabilities[1, 31] = 0.8, 0.6, 0.9
    probabilities[3, 10], probabilities[7, 30], probabilities[4, 50] = 0.8, 0.6, 0.9
    found = spot(probabilities, settings=SAMM25)
    assert {kind: p.intervals.tolist() for kind, p in found.items()} == {
        "micro": [[20, 31]],
        "macro": [[10, 50]],
    }
    with pytest.raises(ValueError, match="expected \\(10, T\\)"):
        spot(probabilities[:9], settings=SAMM25)


def test_silence_gives_nothing():
    assert all(len(found) == 0 for found in spot(np.full((10, 0), 0.1), settings=CASME_SQ).values())
    assert all(len(found) == 0 for found in spot(np.full((10, 50), 0.1), settings=CASME_SQ).values())


@pytest.mark.parametrize(("tag", "settings"), [("samm", SAMM25), ("casme", CASME_SQ)])
@pytest.mark.parametrize("kind", ["micro", "macro"])
def test_parity_with_official_proposals(shared, tag, settings, kind):
    folder = shared / "oracles" / "auwgcn"
    given = np.load(folder / f"proposal_input_{tag}.npz")
    oracle = json.loads((folder / "proposal_oracle.json").read_text())[tag]
    every, kept = [], []
    for video in ("v1", "v2"):
        clips = np.flatnonzero(given["video"] == video)
        start, end, _ = np.concatenate(given["softmax"][clips], axis=1)
        apex = np.concatenate(given["apex"][clips])
        found = candidates(start, end, apex, settings=settings[kind], clip=256)
        found = found.shifted(int(given["offset"][clips[0]]) + 1)  # the official frame numbers are one higher
        best = suppress_overlaps(found, max_iou=0.5, top_k=settings[kind].top_k)
        every += [
            [video, *interval, score]
            for interval, score in zip(found.intervals.tolist(), found.score, strict=True)
        ]
        kept += [
            [video, *interval, score]
            for interval, score in zip(best.intervals.tolist(), best.score, strict=True)
        ]
    expected = [[v, first, last, s * e * a] for v, first, last, s, e, a in oracle[f"{kind}_proposals"]]
    for mine, theirs in ((every, expected), (kept, oracle[f"{kind}_after_nms"])):
        assert [row[:3] for row in mine] == [row[:3] for row in theirs]
        np.testing.assert_allclose([row[3] for row in mine], [row[3] for row in theirs], rtol=0, atol=1e-6)
