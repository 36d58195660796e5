import numpy as np
import pytest
from made_motion import BROWS, MOUTH, NOSE, bump, feature_video, noise

from mezoo.models.mdmo_peaks import motion
from mezoo.motion.rois import ROI_LANDMARKS
from mezoo.report.own.untrained import HALF_LENGTHS, LEAST, PARTS, UntrainedPeaks

FPS = 30.0


def apexes(rows, kind, valid=None, fps=FPS):
    """Seconds at which peaks are found."""
    return np.sort(UntrainedPeaks(fps).spot(feature_video(rows, fps, valid), 0)[kind].apex) / fps


def test_every_region_belongs_to_one_part():
    landmarks = {name: ROI_LANDMARKS[regions] for name, regions in PARTS.items()}
    assert sum(landmarks.values(), ()) == ROI_LANDMARKS
    assert all(17 <= point < 27 for name in ("left brow", "right brow") for point in landmarks[name])
    assert all(27 <= point < 36 for point in landmarks["nose"])
    assert all(48 <= point < 68 for point in landmarks["mouth"])


@pytest.mark.parametrize("fps", [10.0, 24.0, 30.0])
@pytest.mark.parametrize(("kind", "other", "back"), [("micro", "macro", True), ("macro", "micro", False)])
def test_what_comes_and_goes_is_micro_and_lengths_are_seconds(fps, kind, other, back):
    rows = bump(round(10 * fps), fps, 5.0, 0.2, 8, back=back)
    found = UntrainedPeaks(fps).spot(feature_video(rows, fps), 0)
    best = found[kind]
    assert len(best) == 1 and best.apex[0] / fps == pytest.approx(5.0, abs=1.5 / fps)
    assert (best.offset[0] - best.onset[0]) / fps == pytest.approx(2 * HALF_LENGTHS[kind], abs=1 / fps)
    assert len(found[other]) == 0


def test_the_rise_and_fall_of_a_long_expression_are_no_micro_expressions():
    rows = (
        bump(600, FPS, 5.0, 0.15, 12)
        - bump(600, FPS, 6.5, 0.15, 12)
        + bump(600, FPS, 14, 0.15, 12, MOUTH, back=True)
    )
    found = UntrainedPeaks(FPS).spot(feature_video(rows, FPS), 0)
    assert (found["micro"].apex / FPS).tolist() == pytest.approx([14.0], abs=0.1)
    assert len(found["macro"]) == 2


def test_what_stays_away_is_macro_even_below_the_threshold_of_slow_movements():
    rows = noise(600, 0.02) + bump(600, FPS, 5.0, 0.8, 24) + bump(600, FPS, 14.0, 0.08, 30, BROWS)
    spotter, video = UntrainedPeaks(FPS), feature_video(rows, FPS)
    curve = np.max([spotter.curves(video)[f"macro {name}"] for name in PARTS], axis=0)
    assert curve[330:].max() < spotter.levels(video)["macro"]
    found = spotter.spot(video, 0)
    assert len(found["micro"]) == 0
    assert np.sort(found["macro"].apex / FPS).tolist() == pytest.approx([5, 14], abs=0.2)
    assert found["macro"].score.tolist() == sorted(found["macro"].score, reverse=True)


def test_a_smile_is_found_beside_a_movement_three_times_as_strong():
    rows = bump(600, FPS, 5.0, 0.3, 24) + bump(600, FPS, 14.0, 0.3, 8)
    assert apexes(rows, "macro").tolist() == pytest.approx([5, 14], abs=0.1)


@pytest.mark.parametrize("regions", [BROWS, MOUTH, PARTS["left brow"], PARTS["nose"]])
def test_what_one_part_does_alone_is_found_beside_a_movement_of_the_whole_face(regions):
    rows = noise(600, 0.02) + bump(600, FPS, 5.0, 0.3, 24) + bump(600, FPS, 14.0, 0.3, 10, regions)
    assert apexes(rows, "macro").tolist() == pytest.approx([5, 14], abs=0.15)
    mean = motion(rows, window=18)
    between = mean.mean() ** 0.45 * mean.max() ** 0.55
    # the mean of all regions stays below the same threshold, but for the brows, which are half of them
    assert regions == BROWS or mean[390:450].max() < between


def test_a_quiet_part_is_not_hidden_by_a_restless_one():
    """The mouth speaks all the time; the brows are raised once, by less than that."""
    rows = noise(900, 0.02)
    rows[:, MOUTH, 0] += 0.4 + 0.1 * np.sin(np.arange(900) / 3)[:, None]
    rows += bump(900, FPS, 20.0, 0.25, 9, BROWS, back=True)
    assert apexes(rows, "micro").tolist() == pytest.approx([20.0], abs=0.15)
    curves = UntrainedPeaks(FPS).curves(feature_video(rows, FPS))
    assert curves["micro mouth"].max() < 2 < curves["micro left brow"][600]


def test_a_face_that_moves_most_of_the_time_has_a_rest_too():
    rows = noise(900, 0.02)
    for second in range(8, 28, 2):
        rows += bump(900, FPS, second, 0.4, 10)
    assert set(range(8, 28, 2)) == set(apexes(rows, "macro").round().astype(int))


@pytest.mark.parametrize("size", [0.002, 0.02, 0.1])
def test_a_still_face_has_no_intervals_however_large_the_noise(size):
    for seed in range(3):
        found = UntrainedPeaks(FPS).spot(feature_video(noise(1800, size, seed), FPS), 0)
        assert not any(map(len, found.values()))


@pytest.mark.parametrize(("kind", "seconds"), [("micro", 0.5), ("macro", 1.5)])
def test_a_clip_that_is_cut_to_one_expression_has_its_interval(kind, seconds):
    """It moves from beginning to end: there is no rest to stand out from."""
    n = round(seconds * FPS)
    rows = bump(n, FPS, seconds / 2, seconds, 8, back=kind == "micro")
    assert apexes(rows, kind).tolist() == pytest.approx([seconds / 2], abs=0.1)


def test_a_face_that_does_not_move_at_all_has_no_intervals():
    spotter, still = UntrainedPeaks(FPS), feature_video(np.zeros((90, 12, 2)), FPS)
    assert not any(map(len, spotter.spot(still, 0).values()))
    assert set(spotter.levels(still).values()) == {LEAST}


@pytest.mark.parametrize("regions", [slice(None), MOUTH, NOSE])
def test_an_invalid_stretch_is_no_peak_and_moves_no_threshold(regions):
    rows = noise(300, 0.02) + bump(300, FPS, 5.0, 0.2, 8, regions, back=True)
    valid = np.ones(300, bool)
    valid[200:] = False
    rows[200:] = 0
    spotter = UntrainedPeaks(FPS)
    whole, part = feature_video(rows[:200], FPS), feature_video(rows, FPS, valid)
    for kind in HALF_LENGTHS:
        assert spotter.levels(part)[kind] == pytest.approx(spotter.levels(whole)[kind], rel=0.02)
        assert spotter.spot(part, 0)[kind].apex.tolist() == spotter.spot(whole, 0)[kind].apex.tolist()
    assert len(spotter.spot(part, 0)["micro"]) == 1


def test_nothing_is_found_where_no_row_is_valid():
    video = feature_video(np.zeros((60, 12, 2)), FPS, np.zeros(60, bool))
    assert not any(map(len, UntrainedPeaks(FPS).spot(video, 0).values()))


def test_peaks_and_threshold_are_those_of_the_uppermost_curve():
    rows = bump(300, FPS, 3.0, 0.2, 8, MOUTH, back=True) + bump(300, FPS, 7.0, 0.3, 8, MOUTH)
    video = feature_video(noise(300, 0.02) + rows, FPS)
    spotter = UntrainedPeaks(FPS)
    curves, levels, found = spotter.curves(video), spotter.levels(video), spotter.spot(video, 0)
    assert list(curves) == [f"{kind} {name}" for kind in HALF_LENGTHS for name in PARTS]
    for kind, best in found.items():
        top = np.max([curves[f"{kind} {name}"] for name in PARTS], axis=0)
        assert best.score[0] == pytest.approx(top[best.apex[0]]) and best.score.min() >= levels[kind]
        assert curves[f"{kind} mouth"][best.apex[0]] == top[best.apex[0]]
