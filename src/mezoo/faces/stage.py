"""The `faces` stage: from a video to its crops and landmarks, frame by frame, in constant memory.

Order of AUW-GCN (Yin et al., ICME 2023, official ``feature_extraction``): sample, crop by the first
frame's box, landmarks on every crop. Deviations: dlib instead of RetinaFace and SAN unless these are asked
for, an enlarged box instead of a tight one, failures recorded instead of files left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
from tqdm import tqdm

from mezoo.artifact import ArtifactWriter, Stream
from mezoo.errors import DataError
from mezoo.faces.backends import Backend, load_backend
from mezoo.faces.crop import crop_frame, enlarge_box
from mezoo.faces.detect import Face
from mezoo.faces.landmarks import face_box
from mezoo.faces.trajectory import bridge_gaps, smooth_landmarks
from mezoo.stage import produce
from mezoo.video import VideoSource, open_video


@dataclass(frozen=True)
class FirstFace:
    """The first face of a video, which fixes its crop.

    Attributes
    ----------
    number : int
        Frame number.
    face : Face
    landmarks : ndarray, float32, shape (68, 2)
        In pixels of the whole frame.
    shape : tuple of int
        (H, W) of the frame.
    """

    number: int
    face: Face
    landmarks: np.ndarray
    shape: tuple[int, int]


#: Frame number, grey frame (H, W), and the same in colour (H, W, 3) where a back-end reads colours.
Frame = tuple[int, np.ndarray, np.ndarray]


def faces(
    record: str | Path | Mapping[str, Any],
    out: str | Path,
    *,
    target_fps: float | None = None,
    margin: float = 0.2,
    size: int | None = None,
    max_gap: int = 10,
    smooth: int = 5,
    first_face_within: int = 10,
    min_valid_share: float = 0.5,
    missing_frames: Literal["fail", "hold"] = "fail",
    models: str | Path | None = None,
    detector: str = "dlib",
    landmarks: str = "dlib",
    detector_weights: str | Path | None = None,
    landmark_weights: str | Path | None = None,
) -> None:
    """Write the `faces` artifact of one video.

    Parameters
    ----------
    record : mapping or Path
        What is known of the video, as such or in a JSON file: dataset, subject, video, path; may have fps,
        n_frames, first_frame, last_frame, as a row of the catalog does.
    out : Path
        Artifact to write: frames uint8 (T, H, W), landmarks float32 (T, 68, 2), box int32 (4), index
        int32 (T), valid and interpolated bool (T).
    target_fps : float, optional
        Every round(fps / target_fps)-th frame is kept, beginning with the first; all when absent.
    margin : float
        Share of the face box added on every side.
    size : int, optional
        Width in pixels to which the crop is scaled; native resolution when absent.
    max_gap : int
        Longest run of frames without a face that is interpolated.
    smooth : int
        Frames of the smoothing window, odd; 1 leaves the landmarks as they are.
    first_face_within : int
        Kept frames among which the first face must appear.
    min_valid_share : float
        Share of valid frames below which the video fails.
    missing_frames : {'fail', 'hold'}
        What a missing file in a folder of frames means; a held frame counts as one without landmarks.
    models : Path, optional
        Folder of the dlib model files; the package ``face_recognition_models`` when absent.
    detector : {'dlib', 'retinaface'}
    landmarks : {'dlib', 'san'}
    detector_weights, landmark_weights : Path, optional
        Published weights of RetinaFace, of SAN; needed by these.

    Raises
    ------
    ConfigError
        Weights are needed and not given, absent, or of another network.
    """
    params: dict[str, Any] = {
        "target_fps": target_fps,
        "margin": margin,
        "size": size,
        "max_gap": max_gap,
        "smooth": smooth,
        "first_face_within": first_face_within,
        "min_valid_share": min_valid_share,
        "missing_frames": missing_frames,
    }
    # only what is not dlib's is named, so that files made before there was a choice are still up to date
    if detector != "dlib":
        params |= {"detector": detector, "detector_weights": str(detector_weights)}
    if landmarks != "dlib":
        params |= {"landmarks": landmarks, "landmark_weights": str(landmark_weights)}
    backend = load_backend(
        detector,
        landmarks,
        models=_path(models),
        detector_weights=_path(detector_weights),
        landmark_weights=_path(landmark_weights),
    )

    inputs: dict[str, str | Path] = {}
    if isinstance(record, Mapping):
        video = dict(record)
    else:
        video = json.loads(Path(record).read_text(encoding="utf-8"))
        inputs["video_record"] = record
    identity = {key: video[key] for key in ("dataset", "subject", "video")}

    def make(writer: ArtifactWriter) -> None:
        item = f"{video['dataset']}/{video['video']}"
        try:
            _extract(video, item, writer, params, backend)
        except DataError as error:
            error.item = error.item or item
            raise

    produce(out, stage="faces", params=params, inputs=inputs, make=make, identity=identity)


def _path(text: str | Path | None) -> Path | None:
    return None if text is None else Path(text)


def _extract(
    video: Mapping[str, Any], item: str, writer: ArtifactWriter, params: Mapping[str, Any], backend: Backend
) -> None:
    source, numbers, stride, fps = _sampled(video, params)

    def frames() -> Iterator[Frame]:
        grey = source.iter_frames(numbers, stride=stride)
        if not backend.colour:
            return ((number, frame, frame) for number, frame in grey)
        # read twice, so that the grey frames are the same with every back-end
        colour = source.iter_frames(numbers, stride=stride, gray=False)
        return ((number, frame, picture) for (number, frame), (_, picture) in zip(grey, colour, strict=True))

    beginning = islice(frames(), params["first_face_within"])
    first = find_first_face(((number, picture) for number, _, picture in beginning), backend, source.path)
    box = enlarge_box(face_box(first.landmarks), margin=params["margin"], shape=first.shape)
    # disable=None: a bar on a terminal only, not in the log of a cluster job
    total = source.n_frames and -(-(len(numbers) if numbers else source.n_frames) // stride)
    progress = tqdm(frames(), desc=item, total=total, unit="frame", disable=None)
    index, points, observed, scale = _track(
        iter(progress), first, box, source.missing, writer, params["size"], backend
    )
    landmarks, valid, interpolated = bridge_gaps(points, observed, max_gap=params["max_gap"])
    if valid.mean() < params["min_valid_share"]:
        raise DataError(
            f"only {valid.sum()} of {len(valid)} frames show the face of frame {first.number}",
            f"at least {params['min_valid_share']:.0%}",
            "Look at the video: the head may leave the crop (raise margin) or the first face be a wrong one",
            file=source.path,
        )
    landmarks = smooth_landmarks(landmarks, valid, window=params["smooth"])
    writer.write("landmarks", landmarks, axes="(T, 68, (x, y))", units="px of the crop")
    writer.write("box", box, axes="(left, top, right, bottom)", units="px of the source frame")
    writer.write("index", index, axes="(T,)", units="frame number of the corpus")
    writer.write("valid", valid, axes="(T,)")
    writer.write("interpolated", interpolated, axes="(T,)")
    writer.attrs |= {
        "fps": fps,
        "scale": scale,
        "variable_fps": source.variable_fps,
        "detector": first.face.detector,
        "detector_score": first.face.score,
        "first_face": first.number,
        "n_observed": int(observed.sum()),
        **backend.landmarks.record(),
        **backend.detector.record(first.face),
    }


def _sampled(
    video: Mapping[str, Any], params: Mapping[str, Any]
) -> tuple[VideoSource, Sequence[int] | None, int, float]:
    """Open the video and tell which of its frames are kept: numbers, stride and their rate."""
    if not video.get("path") or video.get("n_frames") == 0:
        raise DataError(
            "the catalog lists no frames for this video",
            "a folder of frames or a video file",
            "Check the folder of the corpus, then make the catalog again",
            file=video.get("path"),
        )
    source = open_video(video["path"], missing_frames=params["missing_frames"])
    fps, target = video.get("fps") or source.fps, params["target_fps"]
    if target and not fps:
        raise DataError(
            "the frame rate is unknown", "frames per second", "Give fps for this corpus", file=source.path
        )
    stride = max(1, round(fps / target)) if fps and target else 1
    begin, end = video.get("first_frame"), video.get("last_frame")
    stated = (source.first, source.first + source.n_frames - 1) if source.n_frames else None
    numbers = None  # a whole video is read to its end, where a truncated file shows
    if begin is not None and end is not None and (begin, end) != stated:
        numbers = range(begin, end + 1)
    return source, numbers, stride, fps / stride if fps else float("nan")


def find_first_face(frames: Iterator[tuple[int, np.ndarray]], backend: Backend, path: Path) -> FirstFace:
    """Find the first frame with a face.

    Parameters
    ----------
    frames : iterator of (int, ndarray uint8 (H, W) or (H, W, 3))
        Frame numbers and frames, grey or RGB, only those that may hold the first face.
    backend : Backend
    path : Path
        Named in the error.

    Returns
    -------
    FirstFace

    Raises
    ------
    DataError
        No frame shows a face.
    """
    tried: list[tuple[float, int]] = []
    for number, frame in frames:
        face, best = backend.detector.detect(frame)
        if face is not None:
            return FirstFace(number, face, backend.landmarks.settle(frame, face.box), frame.shape[:2])
        tried.append((best, number))
    best, at = max(tried, default=(-np.inf, 0))
    span = f"frames {tried[0][1]}-{tried[-1][1]}" if tried else "the video, which has no frame"
    raise DataError(
        f"no face in {span} ({backend.detector.missed(best, at)})",
        f"{backend.detector.wanted} in the first kept frames",
        "Check the video, raise first_face_within, or exclude it",
        file=path,
    )


def _track(
    frames: Iterator[Frame],
    first: FirstFace,
    box: np.ndarray,
    held: frozenset[int],
    writer: ArtifactWriter,
    size: int | None,
    backend: Backend,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Stream crops into the artifact; return index, landmarks, observed and the scale of the crops."""
    scale = size / int(box[2] - box[0]) if size else 1.0
    start = (first.landmarks - box[:2] + 0.5) * scale - 0.5
    tracker = backend.landmarks.track(start, backend.detector)
    stream: Stream | None = None
    index: list[int] = []
    points: list[np.ndarray] = []
    observed: list[bool] = []
    while group := list(islice(frames, tracker.batch)):
        shown: list[np.ndarray] = []
        for number, frame, picture in group:
            crop = crop_frame(frame, box, size=size)
            if stream is None:
                stream = writer.stream(
                    "frames", shape=crop.shape, dtype=np.uint8, axes="(T, H, W)", units="grey level"
                )
            stream.append(crop)
            if number not in held:
                shown.append(crop if picture is frame else crop_frame(picture, box, size=size))
        followed = iter(tracker.steps(shown) if shown else [])
        for number, _, _ in group:
            found = None if number in held else next(followed)
            index.append(number)
            observed.append(found is not None)
            points.append(np.zeros((68, 2), np.float32) if found is None else found)
    if not any(observed):
        raise DataError(
            f"the face of frame {first.number} is lost on the crop of the same frame",
            "landmarks in at least one frame",
            "Raise margin",
        )
    return np.array(index, np.int32), np.stack(points), np.array(observed), scale
