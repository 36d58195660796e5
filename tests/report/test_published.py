import pytest

from mezoo.report.published import CORPORA, POOLED, published


def row(dataset, method, origin="paper"):
    table = published(dataset)
    return table[(table["method"] == method) & (table["origin"] == origin)].iloc[0]


def test_numbers_of_the_auwgcn_table():
    assert row("casme_sq", "AUW-GCN")[["f1_macro", "f1_micro", "f1_all"]].tolist() == [0.4235, 0.1538, 0.3834]
    assert row("samm_lv", "AUW-GCN")[["f1_macro", "f1_micro", "f1_all"]].tolist() == [0.4293, 0.1984, 0.3728]
    assert row(POOLED, "AUW-GCN")["f1_all"] == 0.3771
    assert row("casme_sq", "AUW-GCN")["selection"] == "test"


@pytest.mark.parametrize(
    ("dataset", "method", "micro", "macro", "whole"),
    [
        ("casme_sq", "AUW-GCN, released features", 0.1237, 0.4352, 0.3934),
        ("samm_lv", "AUW-GCN, released features", 0.1780, 0.4300, 0.3733),
        ("casme_sq", "MDMD", 0.0082, 0.1196, 0.0376),
        ("samm_lv", "MDMD", 0.0364, 0.0629, 0.0445),
    ],
)
def test_counts_give_the_f1_that_was_published_with_them(dataset, method, micro, macro, whole):
    found = row(dataset, method, "counts")
    assert found[["f1_micro", "f1_macro", "f1_all"]].tolist() == pytest.approx(
        [micro, macro, whole], abs=6e-5
    )


def test_every_impossible_pooled_number_is_marked_and_no_other():
    """A pooled F1 is a mediant: it lies between those of the corpora (MDMD's also contradicts its counts)."""
    for _, pooled in published(POOLED).iterrows():
        low, high = sorted(row(dataset, pooled["method"])["f1_all"] for dataset in CORPORA)
        impossible = not low <= pooled["f1_all"] <= high
        assert pooled["implausible"] == (impossible or pooled["method"] == "MDMD"), pooled["method"]


def test_all_lies_between_micro_and_macro_within_rounding():
    for dataset in CORPORA:
        table = published(dataset).dropna(subset=["f1_micro", "f1_macro", "f1_all"])
        bounds = table[["f1_micro", "f1_macro"]]
        assert (table["f1_all"] >= bounds.min(axis=1) - 5e-5).all()
        # MDMD on CAS(ME)^2 included: its 0.0376 lies between 0.0082 and 0.1196
        assert (table["f1_all"] <= bounds.max(axis=1) + 5e-5).all()


def test_every_number_has_a_source_and_test_selection_its_evidence():
    for dataset in (*CORPORA, POOLED):
        table = published(dataset)
        assert (table["source"].str.len() > 0).all()
        chosen = table[(table["selection"] == "test") & (table["origin"] == "paper")]
        assert (chosen["note"].str.len() > 0).all()


def test_no_number_for_synthetic_faces():
    assert published("demo_casme_sq").empty
