"""The folder of an unfinished training: what lets a killed job go on. Free of torch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mezoo.running import alone_in


@contextmanager
def work_folder(out: Path, job: Mapping[str, object]) -> Iterator[Path]:
    """Folder beside `out` for an unfinished training; emptied when it belongs to another job.

    It is removed when the block is left without an error. A training of the same fold that outlived its
    killed workflow is waited for: two would write the same files.

    Parameters
    ----------
    out : Path
        The artifact that the finished training becomes.
    job : mapping
        Everything the training depends on (recipe, seed, digests of the inputs), JSON-able.
    """
    folder = out.parent / f".{out.stem}.unfinished"
    mark, text = folder / "job.json", json.dumps(job, sort_keys=True)
    with alone_in(out.parent):
        if folder.is_dir() and not (mark.is_file() and mark.read_text() == text):
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        mark.write_text(text)
        yield folder
        shutil.rmtree(folder)
