"""Made corpora of clips whose class shows in their flow: what recognisers are tested on."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from mezoo.artifact import ArtifactWriter
from mezoo.catalog_items import EventRecord
from mezoo.datasets.protocol_labels import LABEL_COLUMNS
from mezoo.inputs.pack import pack_file

CLASSES = ("negative", "positive", "surprise")
SIDE = 36
#: The cheapest recipe: a linear machine on the flow to the apex.
SVM_RECIPE = """
task: recognition
model: svm
inputs: [apex_flow-28]
svm: {kernel: linear, C: 1, candidates: [1], standardise: train_std}
inner_share: 0
"""


@dataclass
class MadeCorpus:
    """Paths of what a fold is made of: subject -> pack, and subject -> labels."""

    packs: dict[str, Path]
    labels: dict[str, Path]

    def of(self, subjects: Sequence[str]) -> tuple[list[Path], list[Path]]:
        return [self.packs[s] for s in subjects], [self.labels[s] for s in subjects]

    def but(self, subject: str) -> tuple[list[Path], list[Path]]:
        return self.of([s for s in self.packs if s != subject])


def make_corpus(
    folder: Path,
    *,
    subjects: Sequence[str] = ("01", "02", "03", "04"),
    clips_each: int = 6,
    seed: int = 0,
    dataset: str = "made",
    noise: float = 0.3,
    unusable: Sequence[str] = (),
    kind: str = "apex_flow-28",
) -> MadeCorpus:
    """Write event tables, onset-apex flow, packs and labels; each class moves another part of the face."""
    rng = np.random.default_rng(seed)
    made = MadeCorpus({}, {})
    for subject in subjects:
        tables, rows = [], []
        for k in range(clips_each):
            video, label = f"{subject}_{k}", (k + int(subject)) % len(CLASSES)
            event = EventRecord(dataset, video, subject, f"{video}_e", 1, 5, 9, "micro", "secret", aus="12")
            tables.append(_events(folder / "labels" / f"{video}.csv", event))
            reason = "no face" if video in unusable else ""
            _flow(folder / "flow_apex" / f"{video}.h5", event, _motion(rng, label, noise), reason)
            rows.append([dataset, video, subject, event.event, CLASSES[label], f"{dataset}/{subject}", "12"])
        made.packs[subject] = folder / f"pack-{kind}" / f"{subject}.h5"
        pack_file(kind, folder, tables, made.packs[subject], dataset=dataset, subject=subject)
        made.labels[subject] = write_labels(folder / "protocol" / f"{subject}.csv", rows)
    return made


def write_labels(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([LABEL_COLUMNS, *rows])
    return path


def _motion(rng: np.random.Generator, label: int, noise: float) -> np.ndarray:
    flow = noise * rng.standard_normal((SIDE, SIDE, 2))
    part = slice(label * SIDE // 3, (label + 1) * SIDE // 3)
    flow[part, 6:-6, 1] += rng.uniform(0.7, 1.4)
    return flow.astype(np.float32)


def _events(path: Path, event: EventRecord) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {f.name: getattr(event, f.name) for f in fields(EventRecord)} | {"flags": ""}
    with path.open("w", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([list(values), list(values.values())])
    return path


def _flow(path: Path, event: EventRecord, flow: np.ndarray, reason: str) -> None:
    with ArtifactWriter(path, stage="flow_apex", params={"backend": "made"}, inputs={}) as writer:
        writer.attrs.update(dataset=event.dataset, subject=event.subject, video=event.video, fps=100.0)
        writer.attrs["events"], writer.attrs["reasons"] = [event.event], [reason]
        writer.write("flow", flow[None].astype(np.float16), axes="(E, H, W, (dx, dy))", units="px")
        writer.write("strain", np.abs(flow[None, ..., 1]).astype(np.float16), axes="(E, H, W)")
