"""Write demo corpora to disk: frames in the corpora's native folders, coding workbook, ground truth beside them.

A video is drawn into a hidden folder and renamed when complete, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import cv2
from tqdm import tqdm

from mezoo.atomic import write_text
from mezoo.demo.plan import LAYOUTS, CorpusPlan, PlannedVideo, plan_corpus
from mezoo.demo.render import frames
from mezoo.demo.scene import build_scene
from mezoo.demo.truth import save_truth
from mezoo.demo.workbooks import write_workbook
from mezoo.errors import ConfigError
from mezoo.running import alone_in

JPEG_QUALITY = 92
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
        Which of `LAYOUTS`; all by default.
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
        for layout in layouts or LAYOUTS
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
        Root of the corpus: the native tree and the workbook lie in it, ground truth in ``root/truth/<video>.h5``.
    layout : {'casme_sq', 'samm_lv'}
        Corpus to imitate.
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
    """Write corpora; `done` hears the number of frames of each finished video."""
    for plan, root in corpora:
        _claim(plan, root)
    jobs = [
        partial(_write_video, video, root=root, layout=plan.layout, seed=plan.seed)
        for plan, root in corpora
        for video in plan.videos
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
        if plan.misplaced is not None:
            video, copy = plan.misplaced
            folder = next(v.folder for v in plan.videos if v.video == video)
            _copy_folder(root / folder, root / copy, root / "truth" / ".part-misplaced")
        write_workbook(plan, root)


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


def _write_video(video: PlannedVideo, *, root: Path, layout: str, seed: int) -> int:
    """Draw one video unless it is complete; return its number of frames."""
    folder, truth_file = root / video.folder, root / "truth" / f"{video.video}.h5"
    if folder.is_dir() and truth_file.is_file():
        return video.n_frames
    cv2.setNumThreads(1)  # one video per process: more threads would only get in each other's way
    draft = root / "truth" / f".part-{video.video}"
    for leftover in (draft, folder):
        shutil.rmtree(leftover, ignore_errors=True)
    draft.mkdir(parents=True)
    stem = "img" if layout == "casme_sq" else f"{video.video}_"
    truth = build_scene(video, layout, seed)
    for number, frame in enumerate(frames(truth, video.seed), 1):
        path = draft / f"{stem}{number:0{video.number_width}d}.jpg"
        if not cv2.imwrite(str(path), frame, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]):
            raise OSError(f"cannot write {path}")
    save_truth(truth, truth_file)
    folder.parent.mkdir(parents=True, exist_ok=True)
    os.replace(draft, folder)
    return video.n_frames


def _copy_folder(source: Path, target: Path, draft: Path) -> None:
    if target.is_dir():
        return
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(source, draft)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(draft, target)
