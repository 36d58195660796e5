from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from mezoo.models.auwgcn_labels import frame_labels, official_frame_labels

NAN = np.nan


def marks(labels: np.ndarray, first: int) -> tuple[list[int], ...]:
    """Start, apex, end marks and the first and last action frame."""
    start, apex, end, action = (np.flatnonzero(labels[:, first + c]).tolist() for c in range(4))
    return start, apex, end, [action[0], action[-1]] if action else []


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ((10, 14, 20), ([10], [14], [20], [10, 20])),
        ((10, NAN, 20), ([10], [15], [20], [10, 20])),  # midpoint
        ((10, 14, NAN), ([10], [14], [18], [10, 18])),  # symmetric decay
        ((NAN, 14, 20), ([0], [14], [20], [0, 20])),  # running when recording began
        ((10, 25, 20), ([10], [15], [20], [10, 20])),  # apex after the offset is not believed
        ((0, 4, 9), ([0], [4], [9], [0, 9])),  # frame 0 is a frame
        ((25, 28, 40), ([25], [28], [29], [25, 29])),  # clipped to the video
        ((25, 35, 40), ([25], [27], [29], [25, 29])),
        ((30, 35, 40), ([], [], [], [])),  # outside the video
    ],
)
@pytest.mark.parametrize(("kind", "first"), [("micro", 0), ("macro", 4)])
def test_frame_labels(event, expected, kind, first):
    labels = frame_labels(*([value] for value in event), [kind], n_frames=30)
    assert labels.shape == (30, 8)
    assert marks(labels, first) == expected
    assert not np.delete(labels, range(first, first + 4), axis=1).any()


def test_frame_labels_of_a_video_without_events():
    assert not frame_labels([], [], [], [], n_frames=12).any()


def test_frame_labels_exceptions():
    with pytest.raises(ValueError, match="event 1 has neither"):
        frame_labels([1, 2], [3, NAN], [NAN, NAN], ["micro", "macro"], n_frames=30)
    with pytest.raises(ValueError, match="kind 'blink'"):
        frame_labels([1], [3], [4], ["blink"], n_frames=30)


def test_official_faults_are_kept_only_there():
    # A missing apex written as -1 marks the last frame; ours, given as missing, the midpoint.
    official = official_frame_labels([5], [-1], [11], [1], n_frames=30)
    assert marks(official, 4)[1] == [29]
    assert marks(frame_labels([5], [NAN], [11], ["macro"], n_frames=30), 4)[1] == [8]


def test_parity_with_official_labels(shared):
    folder = shared / "oracles" / "auwgcn"
    oracle = json.loads((folder / "segment_label_oracle.json").read_text())
    rows = []
    for table in ("cas(me)_new.csv", "samm_new_25.csv"):
        with open(folder / "info_csv" / table, newline="") as file:
            rows += [row for row in csv.DictReader(file) if row["video_name"] in oracle]
    columns = ("start_frame", "apex_frame", "end_frame", "type_idx")
    for name, video in oracle.items():
        own = [[int(row[c]) for row in rows if row["video_name"] == name] for c in columns]
        labels = official_frame_labels(*own, n_frames=video["frames"])
        found = {column: np.flatnonzero(labels[:, int(column)]).tolist() for column in video["nonzero"]}
        assert found == video["nonzero"], name
        assert (labels[:, 3].sum(), labels[:, 7].sum()) == (video["micro_action"], video["macro_action"])
