"""Lagrangian magnification: the flow to the first frame, made larger, carries each frame's own appearance.

After Liu et al., "Motion magnification", SIGGRAPH 2005 (register, follow, magnify, fill), with dense flow from one
reference in the place of clustered trajectories, as in Flotho et al., "Lagrangian motion magnification with
double sparse optical flow decomposition", arXiv 2204.07636.

Where a pixel x of the first frame lies in frame t, x + u(x), is known from the flow. Its motion is that of the head
and a local one; the local part l(x) in the frame's coordinates is smoothed, and the pixel moves on by (m - 1) l(x).
Instead of colours the shift -(m - 1) l is carried forward (`splat`), holes take the shift of the nearest filled
pixel, and frame t is then looked up once. It keeps its brightness changes, is blurred by one
interpolation only, and is itself to the bit for m = 1. Folds appear where m times the gradient of l passes 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import cv2
import numpy as np
from scipy.ndimage import distance_transform_edt

from mezoo.errors import ConfigError
from mezoo.magnify.frames import check_clip
from mezoo.motion import head_motion
from mezoo.motion.backends import Backend, get_backend

Background = Literal["affine", "landmarks", "none"]
Splat = Literal["softmax", "mesh"]
#: Points per side of the grid at which the background is fitted, and rounds of reweighting.
_GRID, _ROUNDS = 32, 20
#: Smallest scale of the residuals of that fit, px.
_SCALE = 0.02


def lagrangian(
    frames: np.ndarray,
    fps: float,
    factor: float,
    *,
    backend: str = "dis",
    flow: Mapping[str, Any] | None = None,
    refine: int = 2,
    background: Background = "affine",
    landmarks: np.ndarray | None = None,
    smooth: float = 3.0,
    splat: Splat = "softmax",
) -> tuple[np.ndarray, np.ndarray]:
    """Magnify the local motion of a clip relative to its first frame.

    Parameters
    ----------
    frames : ndarray, uint8, shape (T, H, W) or (T, H, W, 3)
        Grey levels or RGB.
    fps : float
        Frames per second; the result does not depend on it.
    factor : float
        Total factor m of the local displacement.
    backend, flow : str, dict
        Flow method and its parameters, see `get_backend`. It is given frames less their local mean, over
        their local contrast (`refine.flatten`): a passing shadow would otherwise become motion.
    refine : int
        Lucas-Kanade steps after it (`refine`); 0 for none.
    background : {'affine', 'landmarks', 'none'}
        Motion that is kept as it is: a robust affine map of the whole flow; an affine map at stable points of
        the face (needs `landmarks`); nothing.
    landmarks : ndarray, shape (68, 2), optional
        (x, y) in px of the first frame.
    smooth : float
        Standard deviation in px of the Gaussian blur of the local flow; 0 for none.
    splat : {'softmax', 'mesh'}
        Forward warp.

    Returns
    -------
    magnified : ndarray, uint8, shape of `frames`
    hole_ratio : ndarray, float32, shape (T,)
        Share of the pixels to which nothing moved.

    Raises
    ------
    ConfigError
        Wrong usage.
    """
    check_clip(frames, fps, factor)
    if background not in ("affine", "landmarks", "none") or (background == "landmarks") != (
        landmarks is not None
    ):
        raise ConfigError(
            f"background {background!r} {'without' if landmarks is None else 'with'} landmarks",
            "affine or none, or landmarks together with them",
            "Correct background",
        )
    if splat not in ("softmax", "mesh") or smooth < 0 or refine < 0:
        raise ConfigError(
            f"splat {splat!r}, smooth {smooth:g}, refine {refine}",
            "softmax or mesh, and at least 0",
            "Correct them",
        )
    out, holes = np.empty_like(frames), np.zeros(len(frames), np.float32)
    for t, field in enumerate(_flows(frames, get_backend(backend, **(flow or {})), refine)):
        shift = (factor - 1) * _local(field, background, landmarks, smooth)
        out[t], holes[t] = _carry(frames[t], field, shift, splat)
    return out, holes


def _flows(frames: np.ndarray, method: Backend, rounds: int) -> Iterator[np.ndarray]:
    """Flow from the first frame to every frame, itself included, on frames without their shading."""
    from mezoo.magnify.refine import Refiner, flatten

    def prepared(frame: np.ndarray) -> np.ndarray:
        return flatten(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) if frame.ndim == 3 else frame)

    first = prepared(frames[0])
    refine = Refiner(first)
    yield np.zeros((*first.shape, 2), np.float32)
    for start in range(1, len(frames), method.batch):
        moving = np.stack([prepared(frame) for frame in frames[start : start + method.batch]])
        coarse = method.many(np.broadcast_to(first, moving.shape), moving)
        for field, target in zip(coarse, moving, strict=True):
            yield refine(field, target, rounds)


def _local(
    flow: np.ndarray, background: Background, landmarks: np.ndarray | None, smooth: float
) -> np.ndarray:
    """Motion less that of the background, in the coordinates of the moved frame, float32 (H, W, 2)."""
    local = flow
    if background != "none":
        affine = _fit(flow) if landmarks is None else head_motion.fit(flow, landmarks)
        y, x = np.mgrid[: flow.shape[0], : flow.shape[1]]
        places = np.stack([x, y], axis=-1)
        back = (places + flow) @ affine[:2] + affine[2] - places
        local = back @ np.linalg.inv(affine[:2])
    local = np.ascontiguousarray(local, np.float32)
    return cv2.GaussianBlur(local, (0, 0), smooth) if smooth else local


def _fit(flow: np.ndarray) -> np.ndarray:
    """Robust affine map (3, 2) from the moved pixels back, as `head_motion.fit`.

    Reweighted least squares of Geman and McClure, from the median displacement on: up to about a third of the
    pixels may move in another way.
    """
    rows, columns = (np.linspace(0, n - 1, min(n, _GRID)).round().astype(int) for n in flow.shape[:2])
    y, x = np.meshgrid(rows, columns, indexing="ij")
    places = np.stack([x.ravel(), y.ravel()], axis=-1).astype(np.float64)
    moved = np.column_stack([places + flow[y, x].reshape(-1, 2), np.ones(len(places))])
    affine = np.vstack([np.eye(2), np.median(places - moved[:, :2], axis=0)])
    for _ in range(_ROUNDS):
        square = ((moved @ affine - places) ** 2).sum(axis=1)
        weight = 1 / (1 + square / max(_SCALE**2, np.median(square)))
        affine = np.linalg.lstsq(weight[:, None] * moved, weight[:, None] * places, rcond=None)[0]
    return affine


def _carry(frame: np.ndarray, flow: np.ndarray, shift: np.ndarray, splat: Splat) -> tuple[np.ndarray, float]:
    """Frame whose pixels have moved on by `shift`, given where the first frame's pixels lie in it."""
    from mezoo.magnify import splat as forward
    from mezoo.magnify.lookup import look_up

    target = flow + shift
    carried, filled = getattr(forward, splat)(-shift, target, np.linalg.norm(target, axis=-1))
    if not filled.all():
        nearest = distance_transform_edt(~filled, return_distances=False, return_indices=True)
        carried = carried[nearest[0], nearest[1]]
    y, x = np.mgrid[: frame.shape[0], : frame.shape[1]]
    looked_up = look_up(frame, x + carried[..., 0], y + carried[..., 1])
    return np.clip(np.rint(looked_up), 0, 255).astype(np.uint8), 1 - float(filled.mean())
