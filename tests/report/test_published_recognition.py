"""The numbers of the papers: where each is from, and whether it can be what it says it is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mezoo.datasets.protocols import PROTOCOLS
from mezoo.report.published_recognition import METRICS, SELECTIONS, other_protocols, published_recognition

TABLE = published_recognition()


def rows(method, protocol="megc2019_cde"):
    own = TABLE[(TABLE["method"] == method) & (TABLE["protocol"] == protocol)]
    return own.set_index("dataset")


def test_every_row_has_a_source_a_protocol_and_a_rule():
    assert (TABLE["source"].str.len() > 0).all() and (TABLE["method"].str.len() > 0).all()
    assert set(TABLE["selection"]) == set(SELECTIONS)
    known = {*PROTOCOLS, *other_protocols()}
    assert set(TABLE["protocol"]) <= known and not set(PROTOCOLS) & set(other_protocols())
    assert TABLE[list(METRICS)].notna().any(axis=1).all()
    selected = TABLE[TABLE["selection"] == "test-selected"]
    assert (selected["note"].str.len() > 0).all(), "what shows that the tested clips were looked at"


def test_datasets_and_clips_are_those_of_the_protocol():
    for row in TABLE[TABLE["protocol"].isin(PROTOCOLS)].itertuples():
        protocol = PROTOCOLS[row.protocol]
        assert row.dataset in (*protocol.corpora, "pooled"), row
        if row.clips == row.clips and row.method not in ("OFF-ApexNet", "SLSTT-LSTM", "SLSTT-Mean"):
            part = "" if row.dataset == "pooled" or len(protocol.corpora) == 1 else row.dataset
            assert row.clips in {one.n for one in protocol.expected if one.corpus == part}, row


def test_numbers_are_shares_and_doubts_name_them():
    for row in TABLE.itertuples():
        for metric in METRICS:
            value = getattr(row, metric)
            assert np.isnan(value) or 0 < value < 1, row
        assert set(row.corrected) <= set(row.doubts) <= set(METRICS)
        assert not any(np.isnan(getattr(row, metric)) for metric in row.doubts)
        assert not any(";" in why for why in row.doubts.values()), "the tables separate doubts by it"


def test_accuracies_that_no_number_of_clips_gives_are_doubted_and_no_other():
    """An accuracy is k of n clips; a unit of the last printed digit is allowed for rounding or cutting."""
    for row in TABLE[TABLE["accuracy"].notna() & TABLE["clips"].notna()].itertuples():
        decimals = max(2, len(str(row.accuracy).split(".")[1]))
        right = np.arange(row.clips + 1)
        possible = (np.abs(right / row.clips - row.accuracy) < 1.01 * 10.0**-decimals).any()
        assert possible != ("accuracy" in row.doubts), row


def uf1_bounds(counts, uar, *, steps=5):
    """Lowest and highest UF1 that predictions of three classes can have with this UAR (a digit more or less).

    For given hits, UF1 is convex in the errors, so it is highest when each class sends its errors to one other
    class; the lowest is searched on a grid.
    """
    n = np.array(counts)
    hits = np.stack([axis.ravel() for axis in np.meshgrid(*(np.arange(k + 1) for k in n))], axis=1)
    hits = hits[np.abs((hits / n).mean(axis=1) - uar) <= 1.01 * 10.0 ** -len(str(uar).split(".")[1])]
    errors = n - hits
    share = np.arange(steps + 1) / steps

    def uf1_with(shares):  # share of the errors of each class that goes to the next class
        following = errors * np.array(shares)
        false_alarms = np.roll(following, 1, axis=1) + np.roll(errors - following, -1, axis=1)
        return (2 * hits / (n + hits + false_alarms)).mean(axis=1)

    lowest = min(uf1_with(shares).min() for shares in product(share, repeat=3))
    return lowest, max(uf1_with(shares).max() for shares in product((0, 1), repeat=3))


def test_uf1_and_uar_that_exclude_each_other_are_doubted():
    parts = {one.corpus or "pooled": tuple(one.counts.values()) for one in PROTOCOLS["megc2019_cde"].expected}
    own = TABLE[(TABLE["protocol"] == "megc2019_cde") & TABLE["uf1"].notna() & TABLE["uar"].notna()]
    single = own[(own["dataset"] != "pooled") & (own["method"] != "OFF-ApexNet")]  # it has other clips
    assert len(single) > 45
    for row in single.itertuples():
        low, high = uf1_bounds(parts[row.dataset], row.uar)
        possible = low - 0.01 <= row.uf1 <= high + 0.0005
        assert possible or row.doubts, (row, low, high)
        assert not possible or not any("impossible" in why for why in row.doubts.values()), (row, low, high)


def test_the_uar_of_ststnet_is_marked_and_corrected():
    found = rows("STSTNet")
    assert found["uar"].to_dict() == {"pooled": 0.7605, "smic": 0.7013, "casme2": 0.8686, "samm": 0.6810}
    assert found["corrected"].map(lambda by: by["uar"]).to_dict() == {
        "pooled": 0.7186, "smic": 0.6703, "casme2": 0.8190, "samm": 0.6415
    }  # fmt: skip
    assert found["doubts"].map(lambda by: "macro precision" in by["uar"]).all()
    assert (found["selection"] == "last").all()


@pytest.mark.parametrize(
    ("method", "dataset", "metric", "value"),
    [
        ("HTNet", "pooled", "uf1", 0.8603),
        ("CausalNet", "smic", "accuracy", 0.8415),
        ("OFF-ApexNet, run by Varanka et al., best epoch", "samm", "uf1", 0.7898),
        ("ATNet", "casme2", "uar", 0.7550),
        ("SLSTT-LSTM", "pooled", "uf1", 0.816),
        ("FGRMER", "samm", "uar", 0.7890),
    ],
)
def test_some_numbers(method, dataset, metric, value):
    assert rows(method).loc[dataset, metric] == value


def test_scores_that_follow_from_printed_confusion_matrices():
    """AKMNet, Fig. 4: positive, negative, surprise, others (SMIC without the last)."""
    from mezoo.evaluation.recognition import accuracy, uar, uf1

    matrices = {
        "casme_4class": [[2, 0, 1, 6], [1, 26, 1, 25], [0, 2, 12, 6], [0, 3, 1, 103]],
        "casme2_4class": [[15, 2, 0, 15], [1, 34, 0, 37], [1, 4, 6, 14], [3, 7, 0, 116]],
        "smic_hs_3class": [[43, 6, 2], [11, 53, 6], [6, 14, 23]],
        "samm_4class": [[8, 15, 0, 3], [0, 91, 1, 0], [2, 9, 2, 2], [0, 13, 0, 13]],
    }
    for protocol, matrix in matrices.items():
        row = rows("AKMNet", protocol).iloc[0]
        for name, metric in (("accuracy", accuracy), ("uf1", uf1), ("uar", uar)):
            assert float(metric(np.array(matrix))) == pytest.approx(row[name], abs=6e-5), (protocol, name)
