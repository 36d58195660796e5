"""The folder of an unfinished training: what lets a killed job go on. Free of torch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path


def work_folder(out: Path, job: Mapping[str, object]) -> Path:
    """Folder beside `out` for an unfinished training; emptied when it belongs to another job.

    Parameters
    ----------
    out : Path
        The artifact that the finished training becomes.
    job : mapping
        Everything the training depends on (recipe, seed, digests of the inputs), JSON-able.
    """
    folder = out.parent / f".{out.stem}.unfinished"
    mark, text = folder / "job.json", json.dumps(job, sort_keys=True)
    if folder.is_dir() and not (mark.is_file() and mark.read_text() == text):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(text)
    return folder
