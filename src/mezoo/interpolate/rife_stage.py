"""Train the small RIFE on faces artifacts, other subjects held out, and report what it is worth. Imports torch.

No label is read, but the faces of all subjects given are seen: where the strictest separation matters, use
official weights or a method that learns nothing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import torch

from mezoo.artifact import Artifact
from mezoo.errors import ConfigError, DataError
from mezoo.interpolate.rife_origin import write_report
from mezoo.interpolate.rife_train import RifeProfile, train_rife_file

_LOG = logging.getLogger("mezoo")
#: One of this many subjects is held out for the check.
_HOLD_OUT = 4
#: Most videos that are read; they stay open while training.
_MOST = 200


def train_rife_stage(
    faces: Sequence[str | Path], out: str | Path, *, profile: RifeProfile | None = None, seed: int = 0
) -> None:
    """Train on faces artifacts; every fourth subject of a corpus, at least one of all, is for the check only.

    Writes `out` (see `train_rife_file`) and, beside it with the ending ``.json``, the report: corpora, subjects
    trained on and held out, steps, minutes, loss, PSNR of left-out frames by spacing and method.

    Parameters
    ----------
    faces : sequence of Path
        Faces artifacts; failed ones are skipped.
    out : Path
        File of weights.
    profile : RifeProfile, optional
    seed : int

    Raises
    ------
    ConfigError
        Fewer than two subjects with frames.
    """
    by_subject = _by_subject(faces)
    held_out = sorted(_hold_out(list(by_subject)))
    known = [subject for subject in by_subject if subject not in held_out]
    if not known or not held_out:
        raise ConfigError(
            f"faces of {len(by_subject)} subject(s)",
            "at least two, one of them for the check",
            "Give the faces of more subjects",
        )
    clips, unseen = ([path for s in subjects for path in by_subject[s]] for subjects in (known, held_out))
    _LOG.info("train_rife: %d clips of %d subjects, %d held out", len(clips), len(known), len(held_out))
    train_rife_file(clips, unseen, out, profile=profile, seed=seed)
    facts = json.loads(torch.load(out, map_location="cpu", weights_only=True)["metadata"])
    kept = {key: facts[key] for key in ("steps", "minutes", "loss", "psnr", "profile", "seed")}
    subjects = {"trained_on": _names(known), "held_out": _names(held_out)}
    write_report(out, kept | subjects | {"corpora": sorted({dataset for dataset, _ in by_subject})})


def _by_subject(faces: Sequence[str | Path]) -> dict[tuple[str, str], list[Path]]:
    """(dataset, subject) -> its artifacts; videos are taken from all subjects in turn, up to `_MOST`."""
    found: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(map(Path, faces)):
        with Artifact(path) as artifact:
            if artifact.ok:
                owner = tuple(str(artifact.attrs.get(key, "")) for key in ("dataset", "subject"))
                found.setdefault((owner[0], owner[1]), []).append(path)
    if not found:
        raise DataError("no faces artifact with frames", "at least two subjects", "Look at `mezoo status`")
    each = max(1, _MOST // len(found))
    return {subject: paths[:each] for subject, paths in sorted(found.items())}


def _hold_out(subjects: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Every fourth subject of each corpus; the last of all where no corpus has four."""
    chosen = set()
    for dataset in {dataset for dataset, _ in subjects}:
        own = [subject for subject in subjects if subject[0] == dataset]
        chosen |= set(own[_HOLD_OUT - 1 :: _HOLD_OUT])
    return chosen or set(subjects[-1:])


def _names(subjects: Sequence[tuple[str, str]]) -> list[str]:
    return ["/".join(subject) for subject in subjects]
