"""Stage ``spot_images``: what networks that spot expressions see of each frame of a video, small enough to keep.

The flow is solved from frame to frame and forgotten: of a frame some kilobytes stay, in place of a field of flow.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from mezoo.artifact import Artifact, ArtifactWriter, CheckedDataset
from mezoo.motion.backends import Backend
from mezoo.motion.flow_stage import landmark_blocks, no_usable_pair
from mezoo.motion.pair_flows import Accelerator, Profile, check_frames, flow_method, pair_flows
from mezoo.motion.rois import plausible
from mezoo.motion.spot_images import FACE_WIDTH, Kind, face_image, flow_image, frames_of, parse_name
from mezoo.stage import produce


def spot_images_file(
    faces: str | Path,
    out: str | Path,
    *,
    images: str,
    backend: str = "native",
    scales: int = 5,
    profile: Profile = "exact",
    accelerator: Accelerator = "auto",
) -> None:
    """Make the images of every frame of a video and write a spot_images artifact.

    Image t shows the flow from frame t to t + k, with k the frames of the interval, or face t (then k = 0). The
    artifact holds ``images`` uint8 (T - k, S, S, C), ``span`` float32 (T - k, C, 2), the values of the levels 0 and
    255, ``valid`` bool (T - k), False (and the rest 0) where a face cannot be used, and ``index`` int32 (T - k),
    the number of frame t; and the attribute ``interval``, k.

    Parameters
    ----------
    faces : Path
        Faces artifact with T frames.
    out : Path
    images : str
        What is seen and how far apart, see `spot_images.parse_name`.
    backend, scales, profile, accelerator : see `pair_flows.flow_method`

    Raises
    ------
    ConfigError
        Wrong usage. A `DataError` (too few frames, no usable frame) becomes a failed artifact.
    """
    kind, ms = parse_name(images)
    method, params = flow_method(backend, scales=scales, profile=profile, accelerator=accelerator)
    params = {"images": images, **(params if kind.flow else {})}

    def make(writer: ArtifactWriter) -> None:
        with Artifact(faces) as source:
            k = frames_of(ms, float(source.attrs["fps"])) if kind.flow else 0
            check_frames(source, at_least=k + 1 if k else 2)
            writer.attrs["interval"] = k
            _write(source, writer, kind, method, k)

    produce(out, stage="spot_images", params=params, inputs={"faces": faces}, make=make)


def _write(faces: Artifact, writer: ArtifactWriter, kind: Kind, method: Backend, k: int) -> None:
    n, shape = len(faces["frames"]) - k, (kind.size, kind.size, kind.channels)
    images = writer.stream(
        "images", shape=shape, dtype="uint8", axes="(T-k, H, W, channel)", units="share of the span, 255"
    )
    span = writer.stream("span", shape=(kind.channels, 2), dtype="float32", axes="(T-k, channel, (0, 255))")
    valid = writer.stream("valid", shape=(), dtype="bool", axes="(T-k)")
    writer.write("index", faces["index"][:n], axes="(T-k) of the first frame", units="frame number")
    nothing = np.zeros(shape, np.uint8), np.zeros((kind.channels, 2), np.float32)
    n_used = 0
    for found in _flow_images(faces, kind, method, k) if kind.flow else _face_images(faces, kind):
        image, values = found or nothing
        images.append(image)
        span.append(values)
        valid.append(found is not None)
        n_used += found is not None
    if not n_used:
        raise no_usable_pair(faces)


_Images = Iterator[tuple[np.ndarray, np.ndarray] | None]


def _flow_images(faces: Artifact, kind: Kind, method: Backend, k: int) -> _Images:
    frames = _Resized(faces)
    n = len(faces["frames"]) - k
    valid = faces["valid"][:].astype(bool)
    upright = np.concatenate([plausible(landmarks) for _, landmarks in landmark_blocks(faces, n)])
    usable = valid[:n] & valid[k:] & upright
    pairs = ((t, t + k) if good else None for t, good in enumerate(usable))
    flows = pair_flows(frames, pairs, method)
    for _, landmarks in landmark_blocks(faces, n):
        for points in landmarks:
            flow = next(flows)
            yield None if flow is None else flow_image(flow, points * frames.scale, kind)


def _face_images(faces: Artifact, kind: Kind) -> _Images:
    frames, valid = faces["frames"], faces["valid"][:].astype(bool)
    for start, landmarks in landmark_blocks(faces, len(frames)):
        upright = plausible(landmarks)
        for t, points in enumerate(landmarks):
            good = valid[start + t] and upright[t]
            yield face_image(frames[start + t], points, kind) if good else None


class _Resized:
    """The frames of a faces artifact, scaled so that the box of the face is `FACE_WIDTH` px wide."""

    def __init__(self, faces: Artifact) -> None:
        self._frames: CheckedDataset = faces["frames"]
        width = FACE_WIDTH * (1 + 2 * float(faces.params.get("margin", 0)))
        self.scale = width / self._frames.shape[2]
        self._size = tuple(round(side * self.scale) for side in self._frames.shape[2:0:-1])

    def __getitem__(self, t: int) -> np.ndarray:
        return cv2.resize(self._frames[t], self._size, interpolation=cv2.INTER_AREA)
