"""From the frames of a video to the features of its motion."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from mezoo.config.section import Section


class FacesConfig(Section):
    """Face box and landmarks."""

    margin: float = Field(
        0.2,
        ge=0,
        le=1,
        description="Enlargement of the first frame's face box, share of its size on each side.",
    )
    size: int | None = Field(
        None,
        ge=64,
        le=1024,
        description="Width in px to which the face box is scaled; empty = native resolution.",
    )
    max_gap: int = Field(
        10,
        ge=0,
        description="Longest run of frames without landmarks that is interpolated; longer ones are invalid.",
    )
    smooth: int = Field(
        5, ge=1, description="Frames over which landmarks are smoothed, odd; 1 leaves them as they are."
    )
    missing_frames: Literal["fail", "hold"] = Field(
        "fail",
        description="A number missing among the frames: fail = record it; hold = repeat the frame before.",
    )
    min_valid_share: float = Field(
        0.5, ge=0, le=1, description="A video with a smaller share of usable frames is recorded as failed."
    )
    models: Path | None = Field(
        None,
        description="Folder with dlib's model files; empty = those of the package face_recognition_models.",
    )
    detector: Literal["dlib", "retinaface"] = Field(
        "dlib", description="What finds the face: dlib = HOG, then its CNN; retinaface needs weights."
    )
    detector_weights: Path | None = Field(
        None,
        description="Published weights of RetinaFace (Resnet50_Final.pth or mobilenet0.25_Final.pth);"
        " read only with detector: retinaface.",
    )
    landmarks: Literal["dlib", "san"] = Field(
        "dlib", description="What finds the 68 landmarks: dlib = regression trees; san needs weights."
    )
    landmark_weights: Path | None = Field(
        None,
        description="Published weights of SAN (checkpoint_49.pth.tar, not for commercial use); read only with"
        " landmarks: san.",
    )


class FlowConfig(Section):
    """Optical flow between frames."""

    backend: Literal["native", "torch", "opencv", "farneback", "dis"] = Field(
        "native",
        description="native = our TV-L1; torch = the same in batches, for GPUs; opencv = OpenCV's TV-L1, the"
        " slow reference; farneback; dis.",
    )
    scales: int = Field(
        5, ge=1, le=20, description="Pyramid scales of TV-L1 (step 0.8); 10 reaches larger motion."
    )
    profile: Literal["exact", "stream"] = Field(
        "exact",
        description="exact = each pair alone; stream = start from the pair before (native only): faster.",
    )
    stride: int = Field(
        1, ge=1, le=1000, description="Frames from the first to the second frame of a pair (flow_pair)."
    )
    keep: Literal["auto", "windows", "full"] = Field(
        "auto",
        description="windows = flow around the ROIs only (small files); full = every pixel;"
        " auto = windows for long videos, full for clips.",
    )
    head_motion: Literal["keep", "remove"] = Field(
        "keep",
        description="remove = take out the affine motion of jaw and nose tip (flow_onset, flow_apex).",
    )
    strain: Literal["central", "backward"] = Field(
        "central", description="Differences of the optical strain (flow_onset, flow_apex)."
    )
    missing_apex: Literal["middle", "skip", "spotted"] = Field(
        "middle",
        description="An apex that is not coded (SMIC): middle = the middle frame; skip = leave it out; spotted = the"
        " frame in which brows and mouth have moved furthest since the onset.",
    )


class MdmoConfig(Section):
    """ROI features from the flow (main directional mean optical flow)."""

    radius: float = Field(5, gt=0, description="Half width of an ROI window, in the unit below.")
    radius_unit: Literal["px", "interocular"] = Field(
        "px",
        description="px = pixels for any face size (as published); interocular = share of the eye distance.",
    )
