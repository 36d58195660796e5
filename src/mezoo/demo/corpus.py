"""Write demo corpora to disk: frames in the corpora's native folders, coding workbook, ground truth beside them.

A video is drawn into a hidden folder and renamed when complete, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from functools import partial
from itertools import groupby
from pathlib import Path

import cv2
from tqdm import tqdm

from mezoo.atomic import write_text
from mezoo.demo.layout import Copy, CorpusPlan, PlannedVideo
from mezoo.demo.layouts import DEFAULT, LAYOUTS
from mezoo.demo.pictures import draw, duplicate
from mezoo.demo.plan import plan_corpus
from mezoo.demo.scene import build_scene
from mezoo.demo.tables import write_content
from mezoo.demo.truth import save_truth
from mezoo.errors import ConfigError
from mezoo.running import alone_in

_BATCH = 600  # frames drawn by a process before it asks for more
VERSION = 1  # of the pictures: raise it when the same plan draws other frames


def write_demo(
    folder: str | Path,
    *,
    layouts: Sequence[str] | None = None,
    n_subjects: int | None = None,
    seed: int = 0,
    size: str = "small",
    workers: int | None = None,
) -> dict[str, Path]:
    """Write demo corpora with a progress bar.

    Parameters
    ----------
    folder : path
        Receives ``<layout>/`` and, once that is complete, ``<layout>.json`` with its counts.
    layouts : sequence of str, optional
        Which of `mezoo.demo.layouts.LAYOUTS`; the two of long videos by default.
    n_subjects, seed, size
        As for `mezoo.demo.plan.plan_corpus`, for each corpus.
    workers : int, optional
        Processes; the number of usable processors by default.

    Returns
    -------
    dict
        Layout -> root of the corpus.
    """
    plans = {
        layout: plan_corpus(layout, n_subjects=n_subjects, seed=seed, size=size)
        for layout in layouts or DEFAULT
    }
    roots = {layout: Path(folder) / layout for layout in plans}
    total = sum(video.n_frames for plan in plans.values() for video in plan.videos)
    workers = len(os.sched_getaffinity(0)) if workers is None else workers
    with ExitStack() as alone, tqdm(total=total, unit="frame", desc="demo") as bar:
        for root in roots.values():
            alone.enter_context(alone_in(root))
        _write([(plan, roots[layout]) for layout, plan in plans.items()], workers, bar.update)
    for layout, plan in plans.items():
        counts = {
            "videos": len(plan.videos),
            "frames": sum(video.n_frames for video in plan.videos),
            "events": sum(len(video.events) for video in plan.videos),
        }
        write_text(Path(folder) / f"{layout}.json", json.dumps(counts) + "\n")
    return roots


def write_corpus(
    root: str | Path,
    layout: str,
    *,
    n_subjects: int | None = None,
    seed: int = 0,
    size: str = "small",
    workers: int = 1,
) -> CorpusPlan:
    """Write one demo corpus and return its plan.

    Complete videos that are already there are kept.  The same arguments give the same bytes in every file.

    Parameters
    ----------
    root : path
        Root of the corpus: the native tree and the coding file lie in it, ground truth in ``root/truth/<video>.h5``.
    layout : str
        Corpus to imitate, one of `mezoo.demo.layouts.LAYOUTS`.
    n_subjects, seed, size
        As for `mezoo.demo.plan.plan_corpus`.
    workers : int
        Processes.

    Raises
    ------
    ConfigError
        `root` holds a demo corpus made with other arguments, or the arguments are unknown.
    """
    plan = plan_corpus(layout, n_subjects=n_subjects, seed=seed, size=size)
    with alone_in(root):
        _write([(plan, Path(root))], workers, lambda n_frames: None)
    return plan


def _write(corpora: list[tuple[CorpusPlan, Path]], workers: int, done: Callable[[int], object]) -> None:
    """Write corpora; `done` hears the number of frames of each finished batch of videos."""
    for plan, root in corpora:
        _claim(plan, root)
    jobs = [
        partial(_write_videos, batch, plan.copies, root=root, layout=plan.layout, seed=plan.seed)
        for plan, root in corpora
        for batch in _batches(plan.videos)
    ]
    if workers <= 1:
        for job in jobs:
            done(job())
    else:
        # Spawned rather than forked: a forked child of a process with running threads may hang.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
            running = [pool.submit(job) for job in jobs]
            try:
                for finished in as_completed(running):
                    done(finished.result())
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    for plan, root in corpora:
        for path, content in LAYOUTS[plan.layout].files(plan).items():
            write_content(content, root / path)


def _batches(videos: Sequence[PlannedVideo]) -> Iterator[list[PlannedVideo]]:
    """Split into pieces for one process each: a long video, or the clips of a subject, whose face is made once."""
    for _, group in groupby(videos, key=lambda video: video.person):
        batch: list[PlannedVideo] = []
        for video in group:
            if batch and sum(one.n_frames for one in batch) + video.n_frames > _BATCH:
                yield batch
                batch = []
            batch.append(video)
        yield batch


def _claim(plan: CorpusPlan, root: Path) -> None:
    """Note what the folder holds; refuse to mix it with a corpus made otherwise."""
    note = root / "truth" / "corpus.json"
    wanted = {"layout": plan.layout, "n_subjects": plan.n_subjects, "seed": plan.seed, "size": plan.size}
    wanted["version"] = VERSION
    if note.exists():
        found = json.loads(note.read_text())
        if found != wanted:
            raise ConfigError(
                f"a demo corpus made with {_settings(found)}",
                f"one made with {_settings(wanted)}",
                "Choose another folder or delete this one",
                file=root,
            )
        return
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps(wanted, indent=1) + "\n")


def _settings(values: dict) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())


def _write_videos(
    videos: Sequence[PlannedVideo], copies: Sequence[Copy], *, root: Path, layout: str, seed: int
) -> int:
    """Draw videos and their copies, as far as they are not complete; return the number of frames."""
    cv2.setNumThreads(1)  # one video per process: more threads would only get in each other's way
    for video in videos:
        own = [copy for copy in copies if copy.video == video.key]
        _write_video(video, own, root=root, layout=layout, seed=seed)
    return sum(video.n_frames for video in videos)


def _write_video(video: PlannedVideo, copies: Sequence[Copy], *, root: Path, layout: str, seed: int) -> None:
    draft = root / "truth" / f".part-{video.key}"
    if not (root / video.path).exists() or not _truth_file(video, root).is_file():
        _draw(video, draft, root=root, layout=layout, seed=seed)
    for copy in copies:
        if not (root / copy.path).is_dir():
            _remove(draft)
            duplicate(video, copy, root, draft)
            _publish(draft, root / copy.path)


def _truth_file(video: PlannedVideo, root: Path) -> Path:
    return root / "truth" / f"{video.key}.h5"


def _draw(video: PlannedVideo, draft: Path, *, root: Path, layout: str, seed: int) -> None:
    place = root / video.path
    for leftover in (draft, place):
        _remove(leftover)
    truth = build_scene(video, layout, seed)
    draw(video, truth, draft)
    beside = LAYOUTS[layout].beside
    for path, content in beside(video, truth).items() if beside else ():
        write_content(content, root / path)
    save_truth(truth, _truth_file(video, root))
    _publish(draft, place)


def _publish(draft: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    os.replace(draft, place)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
