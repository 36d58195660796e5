"""Error of every flow method on the faces of a demo video, whose dense motion is known.

The frames went through the demo's camera: light, noise and compression are in them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from mezoo.bench.accuracy import STILL, Solver, TruthRow, aae, answers, epe, moving, stored
from mezoo.bench.methods import Method
from mezoo.demo import dense_displacement, landmarks_at, load_truth, write_corpus
from mezoo.demo.layout import PlannedEvent
from mezoo.demo.truth import Truth
from mezoo.faces.crop import crop_frame, enlarge_box
from mezoo.faces.landmarks import face_box
from mezoo.video import open_video

_LAYOUT = "casme_sq"
_MARGIN = 0.2  # share of the face box added on every side, as in the stage `faces`
CONSECUTIVE, ONSET_APEX = "demo, consecutive", "demo, onset to apex"


class DemoFace:
    """The face of one demo video with its truth.

    Parameters
    ----------
    path : Path
        Folder of its frames.
    truth : Truth
    """

    def __init__(self, path: Path, truth: Truth) -> None:
        self._source, self._truth = open_video(path), truth
        box = face_box(landmarks_at(truth, 0))
        self._box = enlarge_box(box, margin=_MARGIN, shape=truth.pose_weight.shape)

    def frames(self, first: int, last: int) -> np.ndarray:
        """Crops of the positions `first` to `last` (0-based, both kept), uint8 (T, H, W)."""
        numbers = range(self._source.first + first, self._source.first + last + 1)
        return np.stack([crop_frame(frame, self._box) for _, frame in self._source.iter_frames(numbers)])

    def motion(self, start: int, frame: int) -> np.ndarray:
        """Return the true flow of the crop from position `start` to `frame`, float32 (H, W, 2) in px."""
        left, top, right, bottom = self._box
        return dense_displacement(self._truth, frame, start=start)[top:bottom, left:right]


def demo_accuracy(
    methods: Sequence[Method], *, events: int = 3, steps: int = 2, done: Callable[[], object]
) -> list[TruthRow]:
    """Measure the error on the first expressions of a tiny demo corpus, made in a temporary folder.

    Parameters
    ----------
    methods : sequence of Method
    events : int
        Expressions taken.
    steps : int
        Consecutive pairs taken between onset and apex of each.
    done : callable
        Called after each expression.
    """
    errors: dict[tuple[str, str], list[tuple[float, float]]] = {}
    solvers = [(method, method.make()) for method in methods]
    with tempfile.TemporaryDirectory() as folder:
        plan = write_corpus(folder, _LAYOUT, n_subjects=1, size="tiny")
        video = next(video for video in plan.videos if video.events)
        face = DemoFace(Path(folder) / video.path, load_truth(Path(folder) / "truth" / f"{video.key}.h5"))
        for event in video.events[:events]:
            for scene, row, flow, truth in _event(face, event, steps, solvers):
                mask = moving(truth)
                errors.setdefault((scene, row), []).append((epe(flow, truth, mask), aae(flow, truth, mask)))
            done()
    return [TruthRow(scene, row, *np.mean(found, axis=0).tolist()) for (scene, row), found in errors.items()]


def _event(
    face: DemoFace, event: PlannedEvent, steps: int, solvers: Sequence[Solver]
) -> Iterator[tuple[str, str, np.ndarray, np.ndarray]]:
    """Yield (scene, row, flow, truth) of one expression."""
    onset, apex = event.onset - 1, event.apex - 1
    frames = face.frames(onset, apex)
    truth = face.motion(onset, apex)
    for row, flow in answers(solvers, frames):
        yield ONSET_APEX, row, flow, truth
    sampled = np.unique(np.linspace(0, apex - onset - 1, steps + 2)[1:-1].round().astype(int)).tolist()
    truths = {t: face.motion(onset + t, onset + t + 1) for t in sampled}
    for method, solve in solvers:
        solve.restart()
        for t in range(max(sampled) + 1) if method.ordered else sampled:
            flow = solve(frames[t], frames[t + 1])
            if t in truths:
                for row, kept in stored(method.label, flow):
                    yield CONSECUTIVE, row, kept, truths[t]
    for truth in truths.values():
        yield CONSECUTIVE, STILL, np.zeros_like(truth), truth
