"""Stage ``flow_pair``: optical flow between frames of a faces artifact that are a fixed number of frames apart.

One pair is in memory at a time, or one batch for methods that solve several together. Whole flow fields of
a long video are large, so by default only windows around the regions of `rois` are kept (in full precision
of the cache, float16), and one around the nose.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.errors import ConfigError, DataError
from mezoo.motion.backends import Backend
from mezoo.motion.pair_flows import Accelerator, Profile, check_frames, flow_method, pair_flows
from mezoo.motion.rois import (
    ROI_LANDMARKS,
    RadiusUnit,
    frame_boxes,
    interocular,
    plausible,
    radius_px,
    window_origins,
)
from mezoo.stage import produce

#: Frames whose landmarks are read together.
BLOCK = 256

Keep = Literal["windows", "full"]


def flow_pair_file(
    faces: str | Path,
    out: str | Path,
    *,
    backend: str = "native",
    scales: int = 5,
    profile: Profile = "exact",
    accelerator: Accelerator = "auto",
    stride: int = 1,
    keep: Keep = "windows",
    radius: float = 5,
    radius_unit: RadiusUnit = "px",
    margin: int = 3,
) -> None:
    """Compute the flow of a video and write a flow artifact.

    Pair t is the frames t (reference) and t + k (moving) with k = `stride`. The artifact holds ``valid`` bool
    (T - k), False where the face of either frame is not valid (flow and windows are 0 there), and

    - for ``keep="full"``: ``flow`` float16 (T - k, H, W, 2);
    - for ``keep="windows"``: ``roi`` float16 (T - k, 12, S, S, 2) with the top left pixels ``roi_origin``
      int16 (T - k, 12, 2), and ``nose`` float16 (T - k, h, w, 2) with ``nose_origin`` int16 (T - k, 2),
      origins as (x, y). They are 0 too where the landmarks cannot be a face.

    Parameters
    ----------
    faces : Path
        Faces artifact with T frames.
    out : Path
        Flow artifact.
    backend : str
        Name of a flow method.
    scales : int
        Pyramid levels of the TV-L1 methods; the others do not read it.
    profile : {'exact', 'stream'}
        ``stream`` starts each pair from the flow of the one before: faster, other numbers; ``native`` only.
    accelerator : {'auto', 'cpu', 'gpu'}
        Where the method ``torch`` computes; not recorded, see `pair_flows.flow_method`.
    stride : int
        Frames from the reference to the moving frame of a pair.
    keep : {'windows', 'full'}
        What is stored.
    radius, radius_unit : float, {'px', 'interocular'}
        Half width of the regions the windows are made for; read for ``windows`` only.
    margin : int
        Windows are larger than the regions by this many px on each side, so that features with a somewhat
        larger radius need no new flow.

    Raises
    ------
    ConfigError
        Wrong usage. A `DataError` (no pair of frames, no usable frame) becomes a failed artifact.
    """
    if keep not in ("windows", "full") or margin < 0:
        raise ConfigError(
            f"keep {keep!r} and margin {margin!r}", "'windows' or 'full', and at least 0", "Correct flow.keep"
        )
    if stride < 1:
        raise ConfigError(f"stride {stride}", "at least 1", "Correct flow.stride")
    method, params = flow_method(backend, scales=scales, profile=profile, accelerator=accelerator)
    params |= {"keep": keep, "stride": stride}
    if keep == "windows":
        params |= {"radius": radius, "radius_unit": radius_unit, "margin": margin}

    def make(writer: ArtifactWriter) -> None:
        with Artifact(faces) as source:
            check_frames(source, at_least=stride + 1)
            if keep == "full":
                _write_full(source, writer, method, stride)
            else:
                half = video_radius(source, radius, radius_unit) + margin
                _write_windows(source, writer, method, stride, half)

    produce(out, stage="flow_pair", params=params, inputs={"faces": faces}, make=make)


def landmark_blocks(faces: Artifact, n: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the landmarks of the first `n` frames in blocks: position of the first frame, (b, 68, 2)."""
    for start in range(0, n, BLOCK):
        yield start, faces["landmarks"][start : min(start + BLOCK, n)]


def video_radius(faces: Artifact, radius: float, unit: RadiusUnit) -> int:
    """Half width of the regions of this video in px; relative to the median distance between the eyes."""
    distances = []
    if unit == "interocular":
        valid = faces["valid"][:]
        for start, landmarks in landmark_blocks(faces, len(valid)):
            distances.append(interocular(landmarks[plausible(landmarks) & valid[start : start + BLOCK]]))
        if not sum(map(len, distances)):
            raise no_usable_pair(faces)
    eye_distance = float(np.median(np.concatenate(distances))) if distances else 0.0
    return radius_px(radius, unit, eye_distance=eye_distance)


def no_usable_pair(faces: Artifact) -> DataError:
    """Build the error of a video in which no frame pair can be used."""
    return DataError(
        "no pair of frames with a valid upright face",
        "at least one",
        "Look at the landmarks of this video, or list it under exclude",
        file=faces.path,
    )


def _flows(faces: Artifact, method: Backend, stride: int) -> Iterator[np.ndarray | None]:
    """Flow of each pair; None when one of its faces is not valid."""
    usable = _valid_pairs(faces["valid"][:], stride)
    pairs = ((t, t + stride) if both else None for t, both in enumerate(usable))
    return pair_flows(faces["frames"], pairs, method)


def _valid_pairs(valid: np.ndarray, stride: int) -> np.ndarray:
    return valid[:-stride] & valid[stride:]


def _write_full(faces: Artifact, writer: ArtifactWriter, method: Backend, stride: int) -> None:
    _, height, width = faces["frames"].shape
    flow = writer.stream(
        "flow", shape=(height, width, 2), dtype="float16", axes="(T-k, H, W, (dx, dy))", units="px"
    )
    valid = writer.stream("valid", shape=(), dtype="bool", axes="(T-k)")
    nothing = np.zeros((height, width, 2), np.float16)
    for field in _flows(faces, method, stride):
        flow.append(nothing if field is None else field)
        valid.append(field is not None)


def _write_windows(faces: Artifact, writer: ArtifactWriter, method: Backend, stride: int, half: int) -> None:
    n_frames, *shape = faces["frames"].shape
    image, side = (shape[0], shape[1]), 2 * half + 1
    nose_size = _nose_size(faces, stride, half, image)
    if side > min(image):
        raise DataError(
            f"windows of {side} px for face frames of {image[1]}x{image[0]} px",
            "frames larger than a window",
            "Set a smaller mdmo.radius, or faces.size to enlarge the frames",
            file=faces.path,
        )
    n_rois = len(ROI_LANDMARKS)
    axes, origin_axes = "(T-k, roi, row, column, (dx, dy))", "(T-k, roi, (x, y)) of the top left pixel"
    roi = writer.stream("roi", shape=(n_rois, side, side, 2), dtype="float16", axes=axes, units="px")
    roi_at = writer.stream("roi_origin", shape=(n_rois, 2), dtype="int16", axes=origin_axes, units="px")
    axes, origin_axes = axes.replace(" roi,", ""), origin_axes.replace(" roi,", "")
    nose = writer.stream("nose", shape=(*nose_size, 2), dtype="float16", axes=axes, units="px")
    nose_at = writer.stream("nose_origin", shape=(2,), dtype="int16", axes=origin_axes, units="px")
    valid = writer.stream("valid", shape=(), dtype="bool", axes="(T-k)")
    flows = _flows(faces, method, stride)
    for _, landmarks in landmark_blocks(faces, n_frames - stride):
        nose_boxes, roi_boxes, usable = frame_boxes(landmarks, radius=half, shape=image)
        origins = window_origins(roi_boxes, window=(side, side), shape=image) * usable[:, None, None]
        nose_origins = window_origins(nose_boxes, window=nose_size, shape=image) * usable[:, None]
        for k in range(len(landmarks)):
            field = next(flows)
            valid.append(field is not None)
            field = np.zeros((*image, 2), np.float32) if field is None or not usable[k] else field
            roi.append(np.stack([_window(field, origin, (side, side)) for origin in origins[k]]))
            roi_at.append(origins[k])
            nose.append(_window(field, nose_origins[k], nose_size))
            nose_at.append(nose_origins[k])


def _nose_size(faces: Artifact, stride: int, half: int, shape: tuple[int, int]) -> tuple[int, int]:
    """(height, width) that covers the nose rectangle of every usable frame pair of the video."""
    size = np.zeros(2, np.int64)
    valid = _valid_pairs(faces["valid"][:], stride)
    for start, landmarks in landmark_blocks(faces, len(valid)):
        nose, _, usable = frame_boxes(landmarks, radius=half, shape=shape)
        usable = usable & valid[start : start + len(nose)]
        if usable.any():
            size = np.maximum(size, (nose[usable, 2:] - nose[usable, :2]).max(axis=0))
    if not size.all():
        raise no_usable_pair(faces)
    return int(size[1]), int(size[0])


def _window(flow: np.ndarray, origin: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    x, y = origin
    return flow[y : y + size[0], x : x + size[1]]
