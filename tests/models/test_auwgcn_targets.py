from __future__ import annotations

import numpy as np
import pytest

from mezoo.models.auwgcn_targets import training_targets


def clip(frames: int = 40, **marks: int | list[int]) -> np.ndarray:
    """One clip of label rows; keywords like micro_apex=12."""
    columns = {"micro": 0, "macro": 4}
    heads = {"start": 0, "apex": 1, "end": 2, "action": 3}
    labels = np.zeros((1, frames, 8), int)
    for name, where in marks.items():
        kind, head = name.split("_")
        labels[0, where, columns[kind] + heads[head]] = 1
    return labels


def test_widths_and_order_by_hand():
    targets = training_targets(clip(micro_start=10, micro_end=12, macro_start=20, macro_end=30), context=5)
    assert targets.start_end.shape == (1, 2, 30) and targets.start_end.dtype == np.int64
    micro, macro = targets.start_end[0]
    assert micro[3:10].tolist() == [2, 0, 0, 1, 1, 1, 2]  # the end at 12 takes 11 from the start
    assert np.flatnonzero(macro == 0).tolist() == list(range(12, 19))
    assert np.flatnonzero(macro == 1).tolist() == list(range(22, 29))


def test_apex_is_a_gaussian_of_sigma_four():
    micro, macro = training_targets(clip(micro_apex=12, macro_apex=20), context=5).apex[0]
    assert np.flatnonzero(micro).tolist() == [6, 7, 8]
    np.testing.assert_allclose(macro[15:19], np.exp(-(np.arange(4) ** 2) / 32), rtol=1e-6)
    np.testing.assert_allclose(macro[12:16], macro[18:14:-1])


def test_action_is_copied():
    targets = training_targets(clip(micro_action=[9, 10, 11], macro_action=[39]), context=5)
    assert np.flatnonzero(targets.action[0, 0]).tolist() == [4, 5, 6]
    assert not targets.action[0, 1].any()  # lies in the context


def test_marks_in_the_context_reach_into_the_clip():
    targets = training_targets(clip(macro_start=3, macro_apex=36), context=5)
    assert np.flatnonzero(targets.start_end[0, 1] == 0).tolist() == [0, 1]
    assert np.flatnonzero(targets.apex[0, 1]).tolist() == [28, 29]


def test_repaired_fault_at_the_right_edge():
    labels = clip(macro_start=29)
    repaired, official = (training_targets(labels, context=5, mode=m) for m in ("corrected", "official"))
    assert np.flatnonzero(repaired.start_end[0, 1] == 0).tolist() == list(range(21, 28))
    assert np.flatnonzero(official.start_end[0, 1] == 0).tolist() == list(range(21, 25))


def test_repaired_fault_of_neighbouring_apexes():
    labels = clip(macro_apex=[20, 22])
    repaired, official = (
        training_targets(labels, context=5, mode=m).apex[0, 1] for m in ("corrected", "official")
    )
    assert repaired[15] == repaired[17] == 1
    assert official[15] == pytest.approx(np.exp(-4 / 32)) and official[17] == 1


def test_no_clips():
    targets = training_targets(np.zeros((0, 270, 8), int))
    assert targets.start_end.shape == targets.apex.shape == targets.action.shape == (0, 2, 256)


def test_parity_with_official_targets(shared):
    oracle = np.load(shared / "oracles" / "auwgcn" / "target_oracle.npz")
    targets = training_targets(oracle["input_label"][None], mode="official")
    for i, kind in enumerate(("micro", "macro")):
        assert np.array_equal(targets.start_end[0, i], oracle[f"{kind}_start_end"])
        assert np.array_equal(targets.action[0, i], oracle[f"{kind}_action"])
        np.testing.assert_allclose(targets.apex[0, i], oracle[f"{kind}_apex"], rtol=0, atol=1e-6)
