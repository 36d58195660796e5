"""Error of every flow method where the true motion is known: analytic motion, Middlebury, demo videos.

End-point error (EPE, px) and average angular error (AAE, degrees, of the vectors (dx, dy, 1)) as in Baker et
al., "A database and evaluation methodology for optical flow", IJCV 92 (2011) 1-31. Two kinds of rows put the
others in proportion: `STILL`, which answers no motion everywhere, and our flow after it was stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mezoo.bench.methods import Method
from mezoo.bench.scenes import portrait_scene
from mezoo.bench.stores import STORES
from mezoo.errors import ConfigError
from mezoo.motion.backends import Backend
from mezoo.motion.show import read_flo

PEAKS = (0.05, 0.1, 0.3, 1.0, 3.0)
NOISES = (0.0, 1.0, 2.0)
#: Row of no motion: its error is the mean true motion.
STILL = "no motion"
#: The method whose flow is stored in each way of `stores`.
_STORED = "native"
_MOVING = 0.2  # share of the largest motion from which on a pixel counts as moving
_FRAMES = 6  # from onset to apex; only methods that follow a sequence see those between
_UNKNOWN = 1e9  # of Middlebury's truth

Solver = tuple[Method, Backend]


@dataclass(frozen=True)
class AnalyticRow:
    """Mean error over the moving pixels of the portrait, px."""

    method: str
    peak: float
    noise: float
    epe: float


@dataclass(frozen=True)
class TruthRow:
    """Mean error over the pairs of a scene, px and degrees.

    Over all known pixels of a Middlebury pair, over the moving pixels of a demo video.
    """

    scene: str
    method: str
    epe: float
    aae: float


def epe(flow: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Mean length of the difference of two flow fields (H, W, 2) in px, over the pixels of `mask` (H, W)."""
    length = np.linalg.norm(flow.astype(np.float64) - truth, axis=-1)
    return float(length.mean() if mask is None else length[mask].mean())


def aae(flow: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Mean angle in degrees between the vectors (dx, dy, 1) of two flow fields (H, W, 2)."""
    one, other = (np.dstack([field.astype(np.float64), np.ones(field.shape[:2])]) for field in (flow, truth))
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    angle = np.degrees(np.arccos(np.clip((one * other).sum(axis=-1) / lengths, -1, 1)))
    return float(angle.mean() if mask is None else angle[mask].mean())


def moving(truth: np.ndarray) -> np.ndarray:
    """Mask of the pixels that move: by at least a fifth of the largest motion of the field (H, W, 2)."""
    length = np.linalg.norm(truth, axis=-1)
    return length >= _MOVING * length.max()


def answers(solvers: Sequence[Solver], frames: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield (row, flow from the first to the last frame) of every method, every store, and no motion.

    Methods that start from the pair before see all frames (T, H, W) in their order, the others the last pair.
    """
    for method, solve in solvers:
        solve.restart()
        for moving in frames[1:] if method.ordered else frames[-1:]:
            flow = solve(frames[0], moving)
        yield from stored(method.label, flow)
    yield STILL, np.zeros((*frames.shape[1:], 2), np.float32)


def stored(label: str, flow: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield (row, flow) of a method, and of our own one also as read back from each kind of store."""
    yield label, flow
    if label == _STORED:
        for store, keep in STORES.items():
            yield f"{label}, {store}", keep(flow)


def analytic(
    methods: Sequence[Method],
    *,
    size: int,
    peaks: Sequence[float] = PEAKS,
    noises: Sequence[float] = NOISES,
    repeats: int = 3,
    done: Callable[[], object],
) -> list[AnalyticRow]:
    """Measure the error on `scenes.portrait_scene`.

    Parameters
    ----------
    methods : sequence of Method
    size : int
        Side of the images, px.
    peaks, noises : sequence of float
        Largest motion in px, and standard deviation of the noise in grey levels.
    repeats : int
        Draws of the noise that are averaged; one where there is none.
    done : callable
        Called after each peak and noise.
    """
    solvers = [(method, method.make()) for method in methods]
    rows = []
    for peak in peaks:
        for noise in noises:
            errors: dict[str, list[float]] = {}
            for seed in range(repeats if noise else 1):
                scene = portrait_scene(size, peak, noise, n=_FRAMES, seed=seed)
                assert scene.truth is not None
                mask = moving(scene.truth)
                for row, flow in answers(solvers, scene.frames):
                    errors.setdefault(row, []).append(epe(flow, scene.truth, mask))
            rows += [AnalyticRow(row, peak, noise, float(np.mean(values))) for row, values in errors.items()]
            done()
    return rows


def middlebury(
    folder: str | Path, methods: Sequence[Method], *, done: Callable[[], object]
) -> list[TruthRow]:
    """Measure the error on every scene below a folder with ``frame10.png``, ``frame11.png``, ``flow10.flo``.

    Raises
    ------
    ConfigError
        There is none, or an image cannot be read.
    """
    rows = []
    for truth_file in scenes_of(folder):
        frames = np.stack([_grey(truth_file.with_name(name)) for name in ("frame10.png", "frame11.png")])
        truth = read_flo(truth_file)
        known = (np.abs(truth) < _UNKNOWN).all(axis=-1)
        truth = np.where(known[..., None], truth, 0)
        solvers = [(method, method.make()) for method in methods]
        for row, flow in answers(solvers, frames):
            rows.append(
                TruthRow(truth_file.parent.name, row, epe(flow, truth, known), aae(flow, truth, known))
            )
        done()
    return rows


def scenes_of(folder: str | Path) -> list[Path]:
    """List the truth files of the Middlebury scenes below a folder; `ConfigError` when there is none."""
    found = sorted(Path(folder).glob("**/flow10.flo"))
    if not found:
        raise ConfigError(
            "no flow10.flo", "folders with frame10.png, frame11.png and flow10.flo", "Check the folder",
            file=folder,
        )  # fmt: skip
    return found


def _grey(path: Path) -> np.ndarray:
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise ConfigError("no image that can be read", "a frame of Middlebury", "Copy it again", file=path)
    return image
