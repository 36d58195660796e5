"""Flow of many frame pairs of one video: what the stages ``flow_pair``, ``flow_onset`` and ``flow_apex`` share.

The choice of the method, the reading of frames, the grouping of pairs into batches, and when a method that
starts from the pair before has to forget it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, Protocol

import numpy as np

from mezoo.artifact import Artifact
from mezoo.errors import ConfigError, DataError
from mezoo.motion.backends import TVL1_BACKENDS, Backend, get_backend

Profile = Literal["exact", "stream"]
Accelerator = Literal["auto", "cpu", "gpu"]
#: The setting ``accelerator`` in the words of torch.
_DEVICES = {"auto": "auto", "cpu": "cpu", "gpu": "cuda"}
#: Positions of the reference and of the moving frame.
Pair = tuple[int, int]


class Frames(Protocol):
    """Grey frames by position: a dataset of an artifact, or what changes them on the way."""

    def __getitem__(self, t: int, /) -> np.ndarray:
        """One frame, uint8 (H, W)."""


def flow_method(
    backend: str, *, scales: int, profile: Profile, accelerator: Accelerator = "auto"
) -> tuple[Backend, dict[str, Any]]:
    """Make the flow method of a stage.

    Parameters
    ----------
    backend : str
        Name of a flow method.
    scales : int
        Pyramid levels of the TV-L1 methods; the others do not read it.
    profile : {'exact', 'stream'}
        ``stream`` starts each pair from the one before, for methods that can.
    accelerator : {'auto', 'cpu', 'gpu'}
        Where the method ``torch`` computes; the others do not read it. It is not recorded: the flow on a GPU
        differs by rounding only.

    Returns
    -------
    Backend
    dict
        What the artifact records of it: its settings, and under ``method`` all its effective parameters.

    Raises
    ------
    ConfigError
        Unknown method, a value out of range, or a profile that the method does not have.
    """
    given: dict[str, Any] = {"n_scales": scales} if backend in TVL1_BACKENDS else {}
    if profile != "exact":
        given["profile"] = profile
    if accelerator not in _DEVICES:
        raise ConfigError(
            f"accelerator {accelerator!r}", f"one of {', '.join(_DEVICES)}", "Correct accelerator"
        )
    if backend == "torch":
        given["device"] = _DEVICES[accelerator]
    method = get_backend(backend, **given)
    return method, {"backend": method.name, "scales": scales, "profile": profile, "method": method.params}


def check_frames(faces: Artifact, *, at_least: int = 2) -> None:
    """Raise `DataError` unless the artifact holds grey frames, `at_least` of them."""
    frames = faces["frames"]
    if len(frames.shape) != 3 or len(frames) < at_least:
        raise DataError(
            f"face frames of shape {frames.shape}",
            f"at least {'two' if at_least == 2 else at_least} grey frames (T, H, W)",
            "Check the length of the video",
            file=faces.path,
        )


def pair_flows(frames: Frames, pairs: Iterable[Pair | None], method: Backend) -> Iterator[np.ndarray | None]:
    """Yield the flow of each pair, None for None; ``method.batch`` pairs are in memory at a time.

    Parameters
    ----------
    frames : Frames, uint8, shape (T, H, W)
    pairs : iterable of (int, int) or None
        Positions of the reference and the moving frame. A pair that does not continue the one before (both
        frames, or only the moving one, a frame later) restarts the method.
    method : Backend

    Yields
    ------
    ndarray, float32, shape (H, W, 2), or None
        (dx right, dy down) in px, with moving(x + flow(x)) = reference(x).
    """
    waiting: list[tuple[np.ndarray, np.ndarray]] = []
    held: dict[int, np.ndarray] = {}
    before: Pair | None = None
    for pair in pairs:
        follows = pair is not None and before is not None and _follows(before, pair)
        gap = pair is None or (method.in_order and not follows)
        if waiting and (gap or len(waiting) >= method.batch):
            yield from _solve(waiting, method)
            waiting.clear()
        before = pair
        if pair is None:
            yield None
            continue
        if not follows:
            method.restart()
        held = {t: held[t] if t in held else frames[t] for t in pair}
        waiting.append((held[pair[0]], held[pair[1]]))
    if waiting:
        yield from _solve(waiting, method)


def _follows(before: Pair, pair: Pair) -> bool:
    return (pair[0] - before[0], pair[1] - before[1]) in ((1, 1), (0, 1))


def _solve(waiting: list[tuple[np.ndarray, np.ndarray]], method: Backend) -> np.ndarray:
    references, movings = zip(*waiting, strict=True)
    return method.many(np.stack(references), np.stack(movings))
