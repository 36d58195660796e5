"""Counts of published spotters, put through the evaluator as files: the published scores come back."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from mezoo.evaluation.score_files import score_spotting

#: method, data set, type, true positives, false alarms, misses, F1 as printed.
PUBLISHED = [
    ("MDMD", "CAS(ME)^2", "macro", 109, 1414, 191, 0.1196),
    ("MDMD", "CAS(ME)^2", "micro", 21, 5014, 36, 0.0082),
    ("MDMD", "SAMM-LV", "macro", 22, 334, 321, 0.0629),
    ("MDMD", "SAMM-LV", "micro", 29, 1407, 130, 0.0364),
    ("SOFTNet, released weights", "CAS(ME)^2", "micro", 18, 327, 39, 0.0896),
    ("SOFTNet, released weights", "CAS(ME)^2", "macro", 91, 348, 209, 0.2463),
    ("SOFTNet, released weights", "SAMM-LV", "micro", 41, 323, 118, 0.1568),
    ("SOFTNet, released weights", "SAMM-LV", "macro", 60, 231, 273, 0.1923),
    ("MEAN", "CAS(ME)^2", "micro", 17, 206, 40, 0.1214),
    ("MEAN", "SAMM-LV", "micro", 26, 363, 133, 0.0949),
    ("AUW-GCN, reproduced", "CAS(ME)^2", "macro", 136, 189, 164, 0.4352),
    ("AUW-GCN, reproduced", "CAS(ME)^2", "micro", 6, 34, 51, 0.1237),
    ("AUW-GCN, reproduced", "SAMM-LV", "macro", 175, 296, 168, 0.4300),
    ("AUW-GCN, reproduced", "SAMM-LV", "micro", 21, 56, 138, 0.1780),
]
FAR = 10**7  # frames after the end of any video: a prediction there is a false alarm


def intervals(kind: str, onsets: range) -> pd.DataFrame:
    return pd.DataFrame(
        {"video": "v", "type": kind, "onset": list(onsets), "offset": [onset + 9 for onset in onsets]}
    )


@pytest.mark.parametrize(("method", "dataset", "kind", "tp", "fp", "fn", "f1"), PUBLISHED)
def test_counts_give_the_printed_f1(tmp_path, method, dataset, kind, tp, fp, fn, f1):
    truth = intervals(kind, range(0, 100 * (tp + fn), 100))
    false = intervals(kind, range(FAR, FAR + 100 * fp, 100))
    truth.to_csv(tmp_path / "truth.csv", index=False)
    pd.concat([truth.iloc[:tp], false]).to_csv(tmp_path / "predictions.csv", index=False)
    row = score_spotting(tmp_path / "truth.csv", tmp_path / "predictions.csv").set_index("type").loc[kind]
    assert row[["tp", "fp", "fn"]].tolist() == [tp, fp, fn]
    assert round(row["f1"], 4) == f1


@pytest.mark.parametrize(("dataset", "title"), [("casme2", "ME2"), ("sammlv", "SAMM_MEGC")])
def test_baseline_of_megc2020(shared, tmp_path, dataset, title):
    """Its annotations as truth; as many of them found, and as many false alarms, as it reports."""
    folder = shared / "oracles" / "auwgcn" / "megc2020_baseline"
    truth = pd.read_csv(
        folder / f"{dataset}_intervals.txt",
        sep=r"\s+",
        names=["subject", "code", "type", "onset", "apex", "offset"],
        dtype=str,
    )
    truth["video"] = truth["subject"] + "_" + truth["code"]
    truth["type"] = truth["type"].str.removesuffix("-expression")
    reported = _reported((folder / "mdmd_results.txt").read_text(), title)
    parts = []
    for kind in ("micro", "macro"):
        labels, predicted, found = (
            int(reported[kind][name]) for name in ("labels", "predict", "true_predict")
        )
        own = truth[truth["type"] == kind]
        assert len(own) == labels
        onset = range(FAR, FAR + 1000 * (predicted - found), 1000)
        first = own.iloc[0]
        false = pd.DataFrame({"onset": list(onset), "offset": [frame + 20 for frame in onset]})
        parts += [own.iloc[:found], false.assign(video=first["video"], subject=first["subject"], type=kind)]
    truth.to_csv(tmp_path / "truth.csv", index=False)
    pd.concat(parts).to_csv(tmp_path / "predictions.csv", index=False)
    scores = score_spotting(tmp_path / "truth.csv", tmp_path / "predictions.csv").set_index("type")
    for kind, name in (("micro", "micro"), ("macro", "macro"), ("all", "total")):
        expected = reported[name]
        assert scores.loc[kind, ["n_gt", "n_pred", "tp"]].tolist() == [
            expected["labels"],
            expected["predict"],
            expected["true_predict"],
        ]
        assert scores.loc[kind, ["recall", "precision", "f1"]].tolist() == pytest.approx(
            [expected["recall"], expected["precision"], expected["F1-Score"]], abs=1e-12
        )


def _reported(text: str, title: str) -> dict[str, dict[str, float]]:
    block = re.search(rf"^{title} .*?(?=^\w+ \(number|\Z)", text, re.MULTILINE | re.DOTALL)
    return {
        line.split("-")[0].split(":")[0]: {
            name: float(number) for name, number in re.findall(r"([\w-]+): +([\d.]+)", line)
        }
        for line in block[0].splitlines()
        if "predict:" in line
    }
