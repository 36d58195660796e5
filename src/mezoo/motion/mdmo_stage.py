"""Stage ``mdmo``: MDMO features of a video from its flow artifact and the landmarks of its faces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mezoo.artifact import Artifact, ArtifactWriter, digest
from mezoo.errors import ConfigError, DataError
from mezoo.motion.flow_stage import landmark_blocks, no_usable_pair, video_radius
from mezoo.motion.mdmo import cut, mdmo_of_regions
from mezoo.motion.rois import ROI_LANDMARKS, RadiusUnit, frame_boxes
from mezoo.stage import produce

#: Frame pairs whose windows are read together.
_BLOCK = 64


def mdmo_file(
    flow: str | Path, faces: str | Path, out: str | Path, *, radius: float = 5, radius_unit: RadiusUnit = "px"
) -> None:
    """Compute MDMO for every frame pair of a video and write an mdmo artifact.

    Pairs are those of the flow, k frames apart; the regions lie at the landmarks of the first frame. The
    artifact holds ``mdmo`` float32 (T - k, 12, 2), ``valid`` bool (T - k), False (and the features 0) where a
    face or its landmarks cannot be used, and ``index`` int32 (T - k), the number of the first frame.

    Parameters
    ----------
    flow : Path
        Flow artifact (``flow_pair``), windows or full.
    faces : Path
        The faces artifact the flow was computed from.
    out : Path
        Mdmo artifact.
    radius, radius_unit : float, {'px', 'interocular'}
        Half width of the regions; with ``interocular`` a share of the video's median distance between the
        eyes.

    Raises
    ------
    ConfigError
        The flow artifact keeps windows too small for this radius, or the radius is not positive.
    """

    def make(writer: ArtifactWriter) -> None:
        with Artifact(flow) as fields, Artifact(faces) as source:
            check_faces(fields, faces)
            _write(fields, source, writer, video_radius(source, radius, radius_unit))

    params = {"radius": radius, "radius_unit": radius_unit}
    produce(out, stage="mdmo", params=params, inputs={"flow": flow, "faces": faces}, make=make)


def check_faces(flow: Artifact, faces: str | Path) -> None:
    """Raise `DataError` unless the flow was computed from this very faces artifact."""
    if flow.inputs.get("faces") != digest(faces):
        raise DataError(
            "flow that was computed from other faces",
            f"flow of {faces}",
            f"Run the stage {flow.stage} again",
            file=flow.path,
        )


def _write(flow: Artifact, faces: Artifact, writer: ArtifactWriter, radius: int) -> None:
    shape, n_pairs = faces["frames"].shape[1:], len(flow["valid"])
    if "roi" in flow and 2 * radius + 1 > flow["roi"].shape[2]:
        raise ConfigError(
            f"ROI radius of {radius} px, but the flow is kept in windows of {flow['roi'].shape[2]} px",
            f"a radius of at most {flow['roi'].shape[2] // 2} px",
            "Set a smaller mdmo.radius, or flow.keep to 'full'",
            file=flow.path,
        )
    features = writer.stream(
        "mdmo", shape=(len(ROI_LANDMARKS), 2), dtype="float32", axes="(T-k, roi, (dx, dy))", units="px"
    )
    valid = writer.stream("valid", shape=(), dtype="bool", axes="(T-k)")
    writer.write("index", faces["index"][:n_pairs], axes="(T-k) of the first frame", units="frame number")
    flow_valid, n_used = flow["valid"][:], 0
    pairs = stored_flow(flow)
    for start, landmarks in landmark_blocks(faces, n_pairs):
        nose_boxes, roi_boxes, usable = frame_boxes(landmarks, radius=radius, shape=(shape[0], shape[1]))
        usable &= flow_valid[start : start + len(landmarks)]
        for k in range(len(landmarks)):
            nose, nose_origin, rois, origins = next(pairs)
            values = np.zeros((len(ROI_LANDMARKS), 2), np.float32)
            if usable[k]:
                cuts = [cut(*roi) for roi in zip(rois, roi_boxes[k], origins, strict=True)]
                values, _ = mdmo_of_regions(cut(nose, nose_boxes[k], nose_origin), cuts)
            features.append(values)
            valid.append(usable[k])
        n_used += int(usable.sum())
    if n_used == 0:
        raise no_usable_pair(faces)


def stored_flow(flow: Artifact) -> Iterator[tuple[np.ndarray, np.ndarray, Sequence[np.ndarray], np.ndarray]]:
    """Yield what an artifact holds of each pair, in windows or in full.

    Yields
    ------
    nose : ndarray, float16, shape (h, w, 2)
        Flow around the nose in px; of the whole frame where no windows are kept.
    nose_origin : ndarray, int16, shape (2,)
        (x, y) of its top left pixel.
    rois : sequence of 12 ndarray, float16, shape (S, S, 2)
        Flow around the regions; of the whole frame where no windows are kept.
    origins : ndarray, int16, shape (12, 2)
    """
    if "roi" not in flow:
        origins = np.zeros((len(ROI_LANDMARKS), 2), np.int16)
        for t in range(len(flow["flow"])):
            field = flow["flow"][t]
            yield field, origins[0], [field] * len(ROI_LANDMARKS), origins
        return
    names = ("nose", "nose_origin", "roi", "roi_origin")
    for start in range(0, len(flow["valid"]), _BLOCK):
        yield from zip(*(flow[name][start : start + _BLOCK] for name in names), strict=True)
