"""Ground truth of a synthetic video: everything that moved it, and the exact displacement between any two frames."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from mezoo.demo.layout import PlannedEvent
from mezoo.demo.warp import invert, invert_columns, pose_basis, pose_map, sample

SCHEMA = "mezoo.demo_truth/1"
_ARRAYS = {
    "rest_image": "(H, W[, 3]) grey or BGR, 0-255",
    "landmarks": "(68, 2) (x, y) px at rest",
    "activation": "(T, K) px, movement of the landmark each AU is known by",
    "basis": "(K, h, w, 2) (dx right, dy down) px per px of activation, at rest",
    "blink": "(T,) eyelid closure 0-1",
    "blink_field": "(h, w) px down at full closure, at rest",
    "pose": "(T, 4) relative size, clockwise angle rad, x px, y px of the head",
    "pose_weight": "(H, W) share of the head pose each pixel follows",
    "gain": "(T,) brightness factor",
}


@dataclass(frozen=True)
class Truth:
    """What one video is made of; axes and units of the arrays are those of `_ARRAYS` and of the file's attributes.

    ``T`` counts frames (0-based), ``K`` action units; ``origin`` is the (x, y) frame pixel of the first pixel of
    `basis` and `blink_field`, ``centre`` the (x, y) the head turns about, ``first_frame`` the number of the first frame
    in the corpus.
    """

    video: str
    subject: str
    fps: int
    events: tuple[PlannedEvent, ...]
    au_names: tuple[str, ...]
    origin: tuple[int, int]
    centre: tuple[float, float]
    rest_image: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    activation: NDArray[np.float32]
    basis: NDArray[np.float16]
    blink: NDArray[np.float32]
    blink_field: NDArray[np.float16]
    pose: NDArray[np.float64]
    pose_weight: NDArray[np.float16]
    gain: NDArray[np.float64]
    first_frame: int = 1

    def expression(self, frame: int) -> NDArray[np.float32]:
        """Return the expression's displacement at rest points, float32, shape (h, w, 2), px."""
        mix = np.tensordot(self.activation[frame], self.basis.astype(np.float32), axes=1)
        return mix if self.au_names else np.zeros((*self.blink_field.shape, 2), np.float32)


def save_truth(truth: Truth, path: Path) -> None:
    """Write the truth to an HDF5 file; the same truth gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    with h5py.File(draft, "w") as file:
        file.attrs["schema"] = SCHEMA
        for name in ("video", "subject", "fps", "origin", "centre"):
            file.attrs[name] = getattr(truth, name)
        if truth.first_frame != 1:
            file.attrs["first_frame"] = truth.first_frame
        file.attrs["au_names"] = json.dumps(truth.au_names)
        file.attrs["events"] = json.dumps([_stated(event) for event in truth.events])
        for name, axes in _ARRAYS.items():
            array = getattr(truth, name)
            packed = {"compression": "gzip", "compression_opts": 4, "shuffle": True} if array.size else {}
            data = file.create_dataset(name, data=array, track_times=False, **packed)
            data.attrs["axes"] = axes
    os.replace(draft, path)


def _stated(event: PlannedEvent) -> dict[str, Any]:
    """Return the fields of an event; those added later only where they say something, so that old files stay."""
    return {name: value for name, value in vars(event).items() if name != "au_text" or value}


def load_truth(path: Path) -> Truth:
    """Read a truth file written by `save_truth`."""
    with h5py.File(path) as file:
        left, top = (int(v) for v in file.attrs["origin"])
        x, y = (float(v) for v in file.attrs["centre"])
        events = []
        for event in json.loads(file.attrs["events"]):
            events.append(PlannedEvent(**{**event, "coded": tuple(event["coded"])}))
        return Truth(
            video=str(file.attrs["video"]),
            subject=str(file.attrs["subject"]),
            fps=int(file.attrs["fps"]),
            events=tuple(events),
            au_names=tuple(json.loads(file.attrs["au_names"])),
            origin=(left, top),
            centre=(x, y),
            first_frame=int(file.attrs.get("first_frame", 1)),
            **{name: file[name][()] for name in _ARRAYS},
        )


def dense_displacement(truth: Truth, frame: int, *, start: int | None = None) -> NDArray[np.float32]:
    """Compute the true displacement field towards a frame.

    Parameters
    ----------
    truth : Truth
        Ground truth of the video.
    frame : int
        0-based position of the frame to which points move.
    start : int, optional
        0-based position of the frame the field is defined on; the resting face by default.

    Returns
    -------
    ndarray, float32, shape (H, W, 2)
        u = (dx right, dy down) in px with ``I_frame(x + u(x)) = I_start(x)`` (brightness and noise apart).
    """
    height, width = truth.pose_weight.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    grid = np.stack([x, y], axis=-1)
    rest = grid if start is None else _to_rest(truth, start)
    return _from_rest(truth, rest, frame) - grid


def landmarks_at(truth: Truth, frame: int) -> NDArray[np.float32]:
    """Return the true landmarks of a frame (0-based position), float32, shape (68, 2), (x, y) in frame pixels."""
    return _from_rest(truth, truth.landmarks[None], frame)[0]


def _from_rest(truth: Truth, points: NDArray[np.float32], frame: int) -> NDArray[np.float32]:
    """Move points (..., 2) of the resting face to where they are in a frame."""
    drop = sample(truth.blink_field.astype(np.float32), points, truth.origin)
    moved = points.copy()
    moved[..., 1] += truth.blink[frame] * drop
    moved += sample(truth.expression(frame), moved, truth.origin)
    weight = truth.pose_weight.astype(np.float32)
    back = pose_map(pose_basis(weight, truth.centre), truth.pose[frame], weight.shape)
    y, x = np.mgrid[0 : weight.shape[0], 0 : weight.shape[1]].astype(np.float32)
    pose = np.stack([back[0] - x, back[1] - y], axis=-1)
    found = moved.copy()
    for _ in range(
        8
    ):  # the pose changes by at most a few percent per pixel: each step gains more than a digit
        found = moved - sample(pose, found, (0, 0))
    return found


def _to_rest(truth: Truth, frame: int) -> NDArray[np.float32]:
    """Return where each pixel of a frame lies on the resting face, float32, shape (H, W, 2)."""
    weight = truth.pose_weight.astype(np.float32)
    back = pose_map(pose_basis(weight, truth.centre), truth.pose[frame], weight.shape)
    points = np.ascontiguousarray(np.moveaxis(back, 0, -1))
    field = truth.expression(frame)
    levels = max(1, int(np.ceil(np.abs(field).max() / 0.5)))
    points += sample(invert(field, levels)[-1], points, truth.origin)
    drop = invert_columns(truth.blink[frame] * truth.blink_field.astype(np.float32))
    points[..., 1] += sample(drop, points, truth.origin)
    return points
