"""Spot, then recognise: classes of the intervals that a spotter found in a held-out subject, and their score.

The task of MEGC 2025 and of MEAN (Liong et al., 2023). Both models are those of folds that hold the subject out, so
that nobody has seen whom it is tested on; labels are read by the score alone. Where MEAN shares one network, any
spotter of the zoo goes with any recogniser here.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mezoo.artifact import Artifact, digest
from mezoo.catalog_items import EventRecord, read_events, write_event_table
from mezoo.datasets.protocol_labels import read_protocol_labels
from mezoo.errors import ConfigError
from mezoo.evaluation.score_strs_files import score_strs_files
from mezoo.inputs.pack import ClipId
from mezoo.learning.pooling import write_csv
from mezoo.learning.score import read_fold
from mezoo.learning.trained_recogniser import TrainedRecogniser

#: Who found and named an interval; what it is; which class, and why it is a guess where one is.
COLUMNS = (
    *("spotter", "recogniser", "protocol", "dataset", "seed", "selection", "subject", "video"),
    *("type", "onset", "apex", "offset", "score", "label", "reason"),
)
_RUN = ["spotter", "recogniser", "protocol", "dataset", "seed", "selection"]
_TEXT = dict.fromkeys(("subject", "video", "label", "seed", "reason"), str)


def recognise_spotted(
    model: str | Path,
    spotter: str | Path,
    proposals: str | Path,
    faces: Sequence[Path],
    out: str | Path,
    *,
    protocol: str,
    kinds: Sequence[str] = ("micro",),
    weights: Mapping[str, Path] | None = None,
) -> None:
    """Give a class to every interval that the look ``last`` of a spotter found in the videos of one subject.

    Parameters
    ----------
    model : Path
        Artifact of the stage ``fit_recogniser``.
    spotter, proposals : Path
        Artifacts of the stages ``fit`` and ``predict`` of the spotter.
    faces : sequence of Path
        Faces artifacts of the videos of the subject.
    out : Path
        CSV with the columns `COLUMNS` and a probability per class. An interval that cannot be used (no face) gets the
        most frequent class of the training, and a reason.
    protocol : str
        Name for the tables.
    kinds : sequence of str
        Types of expressions that the protocol labels.
    weights : mapping, optional
        See `fresh_packs`.

    Raises
    ------
    ConfigError
        One of the models was trained on the subject, or on the same frames under another name, or the proposals
        are of another spotter.
    """
    trained, fold = TrainedRecogniser(model), read_fold(proposals)
    with Artifact(proposals) as artifact:
        dataset, known = str(artifact.attrs["dataset"]), set(artifact.inputs.values())
    person = f"{dataset}/{fold.subject}"
    _check_held_out(person, trained.subjects, Path(model))
    name = _check_spotter(Path(spotter), person, known)
    found = fold.intervals("look", fold.last)
    found = found[found["type"].isin(kinds)].sort_values(["video", "onset", "offset"]).reset_index(drop=True)
    by_video = {path.stem: path for path in faces}
    with tempfile.TemporaryDirectory(prefix=".spotted-", dir=_folder(out)) as text:
        work, tables, crops = Path(text), [], []
        for video, part in found.groupby("video"):
            tables.append(work / "labels" / f"{video}.csv")
            crops.append(by_video[str(video)])
            write_event_table(tables[-1], [_event(dataset, fold.subject, row) for row in _rows(part)])
        said = (
            trained.recognise(
                crops, tables, work / "stages", dataset=dataset, subject=fold.subject, weights=weights
            )
            if tables
            else None
        )
    if said and said.seen:
        raise ConfigError(
            f"{len(said.seen)} intervals on whose very frames the recogniser was trained",
            "every clip under one subject",
            "Look for copies in audit.csv, and list them under datasets.<name>.exclude",
            item=person,
            file=trained.path,
        )
    run = (name, trained.name, protocol, dataset, fold.seed, "last", fold.subject)
    rows = []
    for row in _rows(found):
        clip = ClipId(dataset, fold.subject, row["video"], row["event"])
        probability = said.probability.get(clip) if said else None
        guess = probability is None
        label = trained.most_frequent if probability is None else trained.classes[int(probability.argmax())]
        reason = said.reasons.get(clip, "") if guess and said else ""
        places = [row[key] for key in ("video", "type", "onset", "apex", "offset", "score")]
        shares = [np.nan] * len(trained.classes) if probability is None else probability.tolist()
        rows.append([*run, *places, label, reason, *shares])
    table = pd.DataFrame(rows, columns=[*COLUMNS, *(f"p_{c}" for c in trained.classes)])
    write_csv(table, out, digits="%.6g")


def _folder(out: str | Path) -> Path:
    folder = Path(out).parent
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _rows(part: pd.DataFrame) -> list[dict]:
    """Rows of a table of intervals with an id, their place in the table."""
    return [
        {**row, "event": f"spotted{i}"} for i, row in zip(part.index, part.to_dict("records"), strict=True)
    ]


def _event(dataset: str, subject: str, row: Mapping) -> EventRecord:
    """Interval as an event without labels; an apex at its edge is none and is searched."""
    onset, apex, offset = (int(row[key]) for key in ("onset", "apex", "offset"))
    inside = apex if onset < apex <= offset else None
    return EventRecord(
        dataset, row["video"], subject, row["event"], onset, inside, offset, row["type"], flags=("spotted",)
    )


def _check_spotter(path: Path, person: str, inputs_of_proposals: set[str]) -> str:
    """Name of the spotter; refuse one that did not make the proposals, or that knows the subject."""
    with Artifact(path) as artifact:
        name, subjects = str(artifact.attrs["name"]), json.loads(artifact.attrs["subjects"])
    if digest(path) not in inputs_of_proposals:
        raise ConfigError(
            "a spotter that did not find these intervals",
            "the model.h5 beside proposals.h5",
            "Give the model of the same fold",
            file=path,
        )
    _check_held_out(person, subjects, path)
    return name


def _check_held_out(person: str, subjects: Sequence[str], path: Path) -> None:
    if person in subjects:
        raise ConfigError(
            f"a model trained on {person}",
            "one that has not seen whom it is tested on",
            "Give the model of the fold that holds this subject out",
            file=path,
        )


def score_spotted(
    found: Sequence[Path],
    labels: Sequence[Path],
    events: Sequence[Path],
    out: str | Path,
    *,
    classes: Sequence[str],
) -> None:
    """Score the classes of spotted intervals of all held-out subjects of one protocol.

    Parameters
    ----------
    found : sequence of Path
        What `recognise_spotted` wrote: every subject, every seed.
    labels : sequence of Path
        Label files of the protocol.
    events : sequence of Path
        Event tables of the corpora.
    out : Path
        CSV: who and what, then type, metric, value, lower, upper and n as `score_strs_files` gives them (f1 of
        spotting, uf1 of recognition on its true positives, strs = f1 x uf1, and more), and ``n_guessed``, the
        intervals of all types that could not be used.
    classes : sequence of str
        Of the protocol.

    Raises
    ------
    ConfigError
        A label has no event, or there is no label.
    """
    table = pd.concat([pd.read_csv(path, dtype=_TEXT, keep_default_na=False) for path in found])
    truth = _truth(labels, events)
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder) / "truth.csv", Path(folder) / "found.csv"
        write_csv(truth, paths[0])
        for run, own in table.groupby(_RUN, sort=False):
            write_csv(own[["subject", "video", "type", "onset", "apex", "offset", "label"]], paths[1])
            scores = score_strs_files(*paths, classes=classes).table
            head = pd.DataFrame([run] * len(scores), columns=_RUN)
            parts.append(head.join(scores).assign(n_guessed=int((own["reason"] != "").sum())))
    if not parts:
        raise ConfigError(
            "no interval was spotted in any video", "some", "Look at the scores of the spotter alone"
        )
    write_csv(pd.concat(parts, ignore_index=True), out)


def _truth(labels: Sequence[Path], events: Sequence[Path]) -> pd.DataFrame:
    """Labelled expressions with their frames; an offset that is not coded is the apex, as in MEGC 2020."""
    known = {(e.dataset, e.video, e.event): e for path in events for e in read_events(path)}
    rows = []
    for row in read_protocol_labels(labels).itertuples(index=False):
        event = known.get((row.dataset, row.video, row.event))
        end = None if event is None else event.apex if event.offset is None else event.offset
        if event is None or event.onset is None or end is None:
            raise ConfigError(
                "a label of an expression without frames",
                "onset and offset, or apex",
                "Make catalog and labels again",
                item=f"{row.dataset}/{row.event}",
            )
        apex = "" if event.apex is None or event.apex > end else event.apex
        rows.append([row.subject, row.video, event.type, event.onset, apex, end, row.label])
    return pd.DataFrame(
        rows, columns=["subject", "video", "type", "onset", "apex", "offset", "label"], dtype=object
    )
