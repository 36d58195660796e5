"""Made predictions of recognition networks, written as the stage ``recognise`` writes them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from mezoo.artifact import ArtifactWriter
from mezoo.learning.pooling import read_scores
from mezoo.learning.recognition_score import read_predictions, score_recognition

CLASSES = ("negative", "positive", "surprise")
CORPORA = {"casme2": ("sub01", "sub02", "sub03"), "samm": ("006", "007")}
N_CLIPS, LOOKS = 8, (4, 9, 14, 19)


def write_fold(path, clips, probability, chance, *, seed=0, inner=9, failed=(), **attrs):
    """Write predictions as the stage ``recognise`` does; clips are (dataset, subject, video, event)."""
    names = ("dataset", "subject", "video", "event")
    with ArtifactWriter(path, stage="recognise", params={}, inputs={}) as writer:
        writer.write("probability", np.asarray(probability, np.float32), axes="(look, clip, class)")
        writer.write("chance", np.asarray(chance, np.int16), axes="(look, clip)")
        values = {"name": "made", "protocol": "megc2019_cde", "fold": path.stem, "classes": CLASSES}
        values |= {"looks": LOOKS, "last": LOOKS[-1], "inner": inner, "seed": seed, "leaks": []} | attrs
        for key, value in values.items():
            writer.attrs[key] = json.dumps(value) if isinstance(value, list | tuple) else value
        writer.attrs["clips"] = json.dumps([dict(zip(names, clip, strict=True)) for clip in clips])
        lost = [dict(zip(names, clip, strict=True), reason="no face") for clip in failed]
        writer.attrs["failed"] = json.dumps(lost)
    return path


def write_members(path, rows):
    """Write labels: rows are (dataset, subject, video, event, label)."""
    lines = [f"{d},{video},{s},{event},{label},{d}/{s},4+L12" for d, s, video, event, label in rows]
    path.write_text("\n".join(["dataset,video,subject,event,label,group,aus", *lines]) + "\n")
    return path


def right(labels, rng, share):
    """Probabilities whose largest is the label in about this share of the clips."""
    truth = np.array([CLASSES.index(label) for label in labels])
    said = np.where(rng.random(len(truth)) < share, truth, rng.integers(0, 3, len(truth)))
    noise = rng.random((len(truth), 3)) * 0.2
    noise[np.arange(len(truth)), said] += 1
    return noise / noise.sum(axis=1, keepdims=True)


class Run:
    """Folds of five subjects of two corpora; equal event names in every video, a clip outside the protocol."""

    def __init__(
        self, folder: Path, *, corpora=CORPORA, seeds=(0,), shares=(0.3, 0.9, 0.5, 0.6), inner=9, **attrs
    ):
        folder.mkdir(exist_ok=True)
        self.folder, rng = folder, np.random.default_rng(1)
        self.labels, self.rows, self.predictions = [], [], []
        for dataset, subjects in corpora.items():
            for subject in subjects:
                clips = [(dataset, subject, f"{subject}_{i}", "1") for i in range(N_CLIPS)]
                labels = [CLASSES[i % 3] for i in range(N_CLIPS)]
                members = [(*clip, label) for clip, label in zip(clips[:-1], labels, strict=False)]
                self.rows += members  # the last clip is outside the protocol
                self.labels.append(write_members(folder / f"{dataset}_{subject}.csv", members))
                for seed in seeds:
                    probability = np.stack([right(labels, rng, share) for share in shares])
                    chance = rng.integers(0, 3, (len(shares), N_CLIPS))
                    path = folder / f"{dataset}_{subject}_{seed}.h5"
                    write_fold(path, clips, probability, chance, seed=seed, inner=inner, **attrs)
                    self.predictions.append(path)

    def score(self, predictions=None, labels=None) -> tuple[pd.DataFrame, pd.DataFrame]:
        out, long = self.folder / "scores.csv", self.folder / "predictions.csv"
        score_recognition(
            self.predictions if predictions is None else predictions,
            self.labels if labels is None else labels,
            out=out,
            predictions_out=long,
        )
        return read_scores([out]), read_predictions([long])
