"""Scenes whose motion is known by construction, and a schematic face."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pytest

from mezoo.artifact import ArtifactWriter
from mezoo.catalog_items import EventRecord


def _texture(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """Grey levels at real-valued places: 40 waves of 6-40 px."""
    rng = np.random.default_rng(seed)
    value = np.zeros(x.shape)
    for _ in range(40):
        angle, phase, length = rng.uniform(0, 2 * np.pi, 2).tolist() + [rng.uniform(6, 40)]
        value += np.cos(2 * np.pi / length * (np.cos(angle) * x + np.sin(angle) * y) + phase)
    return np.clip(np.rint(128 + 40 * value / value.std()), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def moving_pair() -> Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Make (reference, moving, flow) for a displacement function (x, y) -> (dx, dy)."""

    def make(displacement, shape=(96, 96), seed=0):
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
        flow = np.stack(np.broadcast_arrays(*displacement(x, y)), axis=-1) + np.zeros((*shape, 1))
        # moving(x + u) = reference(x): the moving image is the texture, the reference the displaced one
        reference = _texture(x + flow[..., 0], y + flow[..., 1], seed)
        return reference, _texture(x, y, seed), flow.astype(np.float32)

    return make


@pytest.fixture(scope="session")
def face_pair() -> Callable[[int], tuple[np.ndarray, np.ndarray]]:
    """Make (reference, moving) of a real face with a smooth motion of 0-2 px, size x size."""
    cv2 = pytest.importorskip("cv2")
    data = pytest.importorskip("skimage.data")
    face = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)[60:280, 130:350]

    def make(size: int) -> tuple[np.ndarray, np.ndarray]:
        image = cv2.resize(face, (size, size))
        y, x = np.mgrid[:size, :size].astype(np.float32) / size
        dx = 0.7 + 1.5 * np.exp(-((x - 0.35) ** 2 + (y - 0.6) ** 2) / (2 * 0.08**2))
        dy = -0.4 - np.exp(-((x - 0.65) ** 2 + (y - 0.3) ** 2) / (2 * 0.07**2))
        moved = cv2.remap(image, x * size - dx, y * size - dy, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        return image, moved

    return make


@pytest.fixture(scope="session")
def face_points() -> Callable[..., np.ndarray]:
    """Make 68 landmarks of an upright schematic face, (68, 2) float32, for a crop of `size` px."""

    def make(size: float = 160.0) -> np.ndarray:
        points = np.zeros((68, 2))
        jaw = np.linspace(np.pi, 0, 17)
        points[:17] = np.stack([0.5 + 0.4 * np.cos(jaw), 0.45 + 0.45 * np.sin(jaw)], -1)
        points[17:22] = np.stack([np.linspace(0.2, 0.42, 5), np.full(5, 0.27)], -1)
        points[22:27] = np.stack([np.linspace(0.58, 0.8, 5), np.full(5, 0.27)], -1)
        points[27:31] = np.stack([np.full(4, 0.5), np.linspace(0.37, 0.55, 4)], -1)
        points[31:36] = np.stack([np.linspace(0.44, 0.56, 5), np.full(5, 0.6)], -1)
        hexagon = np.array([[-1, 0], [-0.4, -0.5], [0.4, -0.5], [1, 0], [0.4, 0.5], [-0.4, 0.5]])
        points[36:42] = hexagon * 0.06 + [0.33, 0.37]
        points[42:48] = hexagon * 0.06 + [0.67, 0.37]
        around = np.linspace(np.pi, 3 * np.pi, 13)[:12]
        points[48:60] = np.stack([0.5 + 0.13 * np.cos(around), 0.73 + 0.06 * np.sin(around)], -1)
        around = np.linspace(np.pi, 3 * np.pi, 9)[:8]
        points[60:] = np.stack([0.5 + 0.1 * np.cos(around), 0.73 + 0.03 * np.sin(around)], -1)
        return (points * size).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def true_flow() -> Callable[..., np.ndarray]:
    """Flow between two frames of `write_faces`, float64 (H, W, 2)."""

    def make(reference, moving, shape=(160, 160)):
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
        flow = np.zeros((*shape, 2))
        for _ in range(40):  # texture place x - 0.4 t bump(x), y + 0.3 t bump(x) + 0.1 t stays with the point
            there = _bump(x + flow[..., 0], y + flow[..., 1], shape)
            here = _bump(x, y, shape)
            flow[..., 0] = 0.4 * (moving * there - reference * here)
            flow[..., 1] = -0.3 * (moving * there - reference * here) - 0.1 * (moving - reference)
        return flow

    return make


def _bump(x: np.ndarray, y: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    return np.exp(-((x - 0.4 * shape[1]) ** 2 + (y - 0.7 * shape[0]) ** 2) / (2 * 15**2))


@pytest.fixture(scope="session")
def write_labels() -> Callable[..., None]:
    """Write the event table of a video from (onset, apex, offset), None where not coded; ids e0, e1, ..."""

    def write(path, *events):
        lines = [",".join(column.name for column in fields(EventRecord))]
        for k, frames in enumerate(events):
            numbers = ["" if number is None else str(number) for number in frames]
            lines.append(",".join(["d", "v", "s", f"e{k}", *numbers, "micro", "", "", "", "", ""]))
        path.write_text("\n".join(lines) + "\n")

    return write


@pytest.fixture(scope="session")
def write_faces(face_points) -> Callable[..., None]:
    """Write a faces artifact: textured frames of growing displacement, landmarks that drift a little."""

    def write(path, n_frames=8, shape=(160, 160), landmarks=None, valid=None, index=None, fps=30.0):
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
        rng = np.random.default_rng(3)
        if landmarks is None:
            drift = np.cumsum(rng.normal(0, 0.4, (n_frames, 1, 2)), axis=0)
            landmarks = face_points(min(shape)) + drift + rng.normal(0, 0.3, (n_frames, 68, 2))
        bump = _bump(x, y, shape)
        with ArtifactWriter(path, stage="faces", params={}, inputs={}) as writer:
            frames = writer.stream("frames", shape=shape, dtype="uint8", axes="(T, H, W)", units="grey level")
            for t in range(n_frames):
                frames.append(_texture(x - 0.4 * t * bump, y + 0.3 * t * bump + 0.1 * t, seed=1))
            writer.write("landmarks", np.asarray(landmarks, np.float32), axes="(T, 68, (x, y))", units="px")
            writer.write("box", np.array([0, 0, shape[1], shape[0]], np.int32), axes="box", units="px")
            numbers = np.arange(1, n_frames + 1) if index is None else np.asarray(index)
            writer.write("index", numbers.astype(np.int32), axes="(T)")
            writer.write("valid", np.ones(n_frames, bool) if valid is None else valid, axes="(T)")
            writer.attrs["fps"] = fps

    return write
