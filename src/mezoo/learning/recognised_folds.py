"""What the folds of a recogniser said, and the members of the protocol with their labels, as tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mezoo.artifact import Artifact
from mezoo.errors import ConfigError, DataError
from mezoo.learning.pooling import with_leaks

#: What identifies an expression.
CLIP = ["dataset", "video", "event"]


@dataclass(frozen=True, eq=False)
class RecognitionFold:
    """What the looks of one fold with one seed predict for every expression of the held-out subjects.

    Attributes
    ----------
    path : Path
    recipe, protocol : str
        The protocol carries the names of leaky options.
    seed : int
    classes : tuple of str
    looks : list of int
        Number of each look, e.g. its epoch.
    last : int
        Position among `looks`.
    inner : int or None
        Position among `looks`; None where nothing was chosen on training subjects.
    clips, failed : DataFrame
        Columns dataset, subject, video, event; `failed` could not be predicted.
    probability : ndarray, float32, shape (looks, clips, classes)
    chance : ndarray, int64, shape (looks, clips)
        The class that the guesser says.
    """

    path: Path
    recipe: str
    protocol: str
    seed: int
    classes: tuple[str, ...]
    looks: list[int]
    last: int
    inner: int | None
    clips: pd.DataFrame
    failed: pd.DataFrame
    probability: NDArray[np.float32]
    chance: NDArray[np.int64]


def read_recognition_fold(path: str | Path) -> RecognitionFold:
    """Read an artifact of the stage ``recognise``.

    Raises
    ------
    DataError
        Damaged, probabilities that are not finite, or a clip that is listed twice.
    """
    with Artifact(path) as artifact:
        attrs = artifact.attrs
        looks, inner = json.loads(attrs["looks"]), int(attrs["inner"])
        fold = RecognitionFold(
            path=Path(path),
            recipe=attrs["name"],
            protocol=with_leaks(attrs["protocol"], json.loads(attrs["leaks"])),
            seed=int(attrs["seed"]),
            classes=tuple(json.loads(attrs["classes"])),
            looks=looks,
            last=looks.index(int(attrs["last"])),
            inner=None if inner < 0 else looks.index(inner),
            clips=_clips(attrs["clips"]),
            failed=_clips(attrs["failed"]),
            probability=artifact["probability"][:],
            chance=artifact["chance"][:].astype(np.int64),
        )
    if not np.isfinite(fold.probability).all():
        raise DataError(
            "probabilities that are no numbers", "finite ones", "Fit the fold with a lower rate", file=path
        )
    return fold


def _clips(text: str) -> pd.DataFrame:
    return pd.DataFrame(json.loads(text), columns=["dataset", "subject", "video", "event"], dtype=str)


def read_members(labels: Sequence[str | Path]) -> pd.DataFrame:
    """Read the members of a protocol with their labels; ids stay text.

    Parameters
    ----------
    labels : sequence of Path
        CSV with the columns dataset, video, subject, event and label, one file per subject.

    Raises
    ------
    ConfigError
        An expression has two rows.
    """
    tables = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in labels]
    members = pd.concat(tables, ignore_index=True)[[*CLIP, "subject", "label"]]
    each_once(members, "labels")
    return members


def each_once(clips: pd.DataFrame, what: str, file: Path | None = None) -> None:
    """Raise `ConfigError` where an expression is listed twice."""
    twice = clips[clips.duplicated(CLIP)]
    if len(twice):
        raise ConfigError(
            f"{what} hold the expression twice",
            "each expression once",
            "Give each file once, and write it again if that does not help",
            item="/".join(twice[CLIP].iloc[0]),
            file=file,
        )
