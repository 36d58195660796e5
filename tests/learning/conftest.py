"""A made corpus of feature artifacts: events are bumps of motion in the ROIs that their AUs move."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mezoo.artifact import ArtifactWriter
from mezoo.atomic import write_text

torch.set_num_threads(1)  # as every job of the workflow; two would fight over the cores of a parallel run

HEADER = "dataset,video,subject,event,onset,apex,offset,type,emotion,objective_class,aus,aus_raw,flags\n"


def write_features(path: Path, features: np.ndarray, *, subject: str, valid=None, dataset="made") -> None:
    n = len(features)
    with ArtifactWriter(path, stage="mdmo", params={}, inputs={}) as writer:
        writer.write("mdmo", features.astype(np.float32), axes="(T-1, ROI, (dx, dy))", units="px")
        writer.write("valid", np.ones(n, bool) if valid is None else valid, axes="(T-1)")
        writer.write("index", np.arange(1, n + 1, dtype=np.int32), axes="(T-1)")
        writer.attrs.update(dataset=dataset, subject=subject, video=path.stem, fps=30.0)


def write_labels(path: Path, rows: list[tuple], *, subject: str) -> None:
    lines = [
        f"made,{path.stem},{subject},e{i},{on},{apex},{off},{kind},,,{aus},{aus},\n"
        for i, (on, apex, off, kind, aus) in enumerate(rows)
    ]
    write_text(path, HEADER + "".join(lines))


def made_video(rng: np.random.Generator, n: int = 500) -> tuple[np.ndarray, list[tuple]]:
    """Noise with events: the mouth corners move out during onset to apex and back until offset."""
    features = 0.03 * rng.normal(size=(n, 12, 2))
    rows, t = [], 20
    while t < n - 80:
        kind = "micro" if rng.random() < 0.5 else "macro"
        rise = int(rng.integers(4, 7) if kind == "micro" else rng.integers(14, 24))
        fall = int(rng.integers(4, 7) if kind == "micro" else rng.integers(14, 24))
        speed = 0.35 if kind == "micro" else 0.6
        for roi, sign in ((8, -1), (10, 1)):
            features[t : t + rise, roi] += [sign * speed, -speed]
            features[t + rise : t + rise + fall, roi] -= [sign * speed, -speed]
        rows.append((t + 1, t + rise + 1, t + rise + fall + 1, kind, "12"))
        t += rise + fall + int(rng.integers(25, 60))
    return features, rows


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> Path:
    """Five subjects with one video each: ``features/<s>.h5`` and ``labels/<s>.csv``."""
    folder = tmp_path_factory.mktemp("corpus")
    rng = np.random.default_rng(7)
    for subject in ("01", "02", "03", "04", "05"):
        features, rows = made_video(rng)
        write_features(folder / "features" / f"v{subject}.h5", features, subject=subject)
        write_labels(folder / "labels" / f"v{subject}.csv", rows, subject=subject)
    return folder


def paths(corpus: Path, *subjects: str) -> tuple[list[Path], list[Path]]:
    return (
        [corpus / "features" / f"v{subject}.h5" for subject in subjects],
        [corpus / "labels" / f"v{subject}.csv" for subject in subjects],
    )
