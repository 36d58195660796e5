"""Feature artifacts and label files of a set of videos, in memory.

All features of a corpus are a few megabytes, so a fold reads them once; positions are 0-based rows
of the feature array, frame numbers are the corpus's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mezoo.artifact import Artifact
from mezoo.catalog import read_labels
from mezoo.datasets.au import parse_aus
from mezoo.errors import ConfigError
from mezoo.learning.frame_images import FrameImages
from mezoo.status import check_failed_share


@dataclass(frozen=True, eq=False)
class FeatureVideo:
    """Features of one video.

    Attributes
    ----------
    dataset, subject, video : str
    features : ndarray, float32, shape (T, 12, 2), or dict of str to FrameImages
        MDMO (dx right, dy down) in px per frame pair; zero where `valid` is false. Or small images by name, of
        which those of a longer interval have fewer rows.
    valid : ndarray, bool, shape (T,)
    index : ndarray, int32, shape (T,)
        The corpus's number of the first frame of each row.
    fps : float
        Rate of the frames that were kept.
    settings : dict
        Settings of the stages that made the features: stage -> params. The frame rate asked for is left
        out: corpora of different rates may be trained on together.
    """

    dataset: str
    subject: str
    video: str
    features: Any
    valid: NDArray[np.bool_]
    index: NDArray[np.int32]
    fps: float
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Name of the video that is unique over all corpora."""
        return f"{self.dataset}/{self.video}"

    @property
    def person(self) -> str:
        """Name of the subject that is unique over all corpora."""
        return f"{self.dataset}/{self.subject}"

    @property
    def stride(self) -> int:
        """Corpus frames from one row to the next."""
        return int(np.median(np.diff(self.index))) if len(self.index) > 1 else 1

    def position(self, frames: Sequence[float] | pd.Series) -> NDArray[np.float64]:
        """Rows in which frame numbers fall; NaN stays NaN."""
        numbers = pd.to_numeric(pd.Series(frames), errors="coerce").to_numpy(float, na_value=np.nan)
        rows = np.searchsorted(self.index, np.nan_to_num(numbers), side="right") - 1.0
        return np.where(np.isnan(numbers), np.nan, np.maximum(rows, 0))

    def frame(self, positions: NDArray[np.integer]) -> NDArray[np.int64]:
        """Frame numbers of rows: the middle of the frames for which a sampled row stands."""
        return self.index[positions].astype(np.int64) + (self.stride - 1) // 2


@dataclass(frozen=True, eq=False)
class LabelledVideo:
    """A training video: features and its events as positions (float, NaN = not annotated)."""

    data: FeatureVideo
    onset: NDArray[np.float64]
    apex: NDArray[np.float64]
    offset: NDArray[np.float64]
    kind: list[str]
    aus: list[list[int]]
    events: pd.DataFrame


def read_features(path: str | Path) -> FeatureVideo | None:
    """Read one ``mdmo`` artifact; None when the item failed in an earlier stage."""
    with Artifact(path) as artifact:
        if not artifact.ok:
            return None
        valid = artifact["valid"][:].astype(bool)
        features = np.where(valid[:, None, None], artifact["mdmo"][:], np.float32(0))
        return FeatureVideo(
            dataset=str(artifact.attrs["dataset"]),
            subject=str(artifact.attrs["subject"]),
            video=str(artifact.attrs["video"]),
            features=features,
            valid=valid,
            index=artifact["index"][:],
            fps=float(artifact.attrs["fps"]),
            settings=_without_rate(artifact.lineage),
        )


def group_by_video(paths: Sequence[Path]) -> dict[str, list[Path]]:
    """Put the artifacts of each video together, in the order given."""
    groups: dict[str, list[Path]] = {}
    for path in paths:
        groups.setdefault(path.stem, []).append(path)
    return groups


def read_video(paths: Sequence[Path]) -> FeatureVideo | None:
    """Read the artifacts of one video that a recipe asks for; None when it failed in an earlier stage."""
    with Artifact(paths[0]) as artifact:
        stage = artifact.stage
    return _read_images(paths) if stage == "spot_images" else read_features(*paths)


def _read_images(paths: Sequence[Path]) -> FeatureVideo | None:
    found: dict[str, FrameImages] = {}
    settings: dict[str, Any] = {}
    index, valid, attrs = np.zeros(0, np.int32), np.zeros(0, bool), {}
    for path in paths:
        with Artifact(path) as artifact:
            if not artifact.ok:
                return None
            name, own = artifact.params["images"], artifact["valid"][:].astype(bool)
            found[name] = FrameImages(path, own)
            lineage = _without_rate(artifact.lineage)
            settings |= {f"spot_images-{name}": lineage.pop("spot_images"), **lineage}
            if len(own) > len(valid):
                index, valid = artifact["index"][:], own
            attrs = artifact.attrs
    return FeatureVideo(
        dataset=str(attrs["dataset"]),
        subject=str(attrs["subject"]),
        video=str(attrs["video"]),
        features=found,
        valid=valid,
        index=index,
        fps=float(attrs["fps"]),
        settings=settings,
    )


def _without_rate(lineage: dict[str, Any]) -> dict[str, Any]:
    return {
        stage: {key: value for key, value in params.items() if key != "target_fps"}
        for stage, params in lineage.items()
    }


def check_settings(videos: Iterable[FeatureVideo], settings: dict[str, Any]) -> None:
    """Raise `ConfigError` when a video's features were made with other settings."""
    for video in videos:
        if video.settings != settings:
            raise ConfigError(
                f"features made with {video.settings}",
                f"the settings of the training, {settings}",
                "Run the stages again with one config.yaml, or train a model for these settings",
                item=video.key,
            )


def read_training_videos(
    features: Sequence[Path], labels: Sequence[Path], *, max_failed_share: float
) -> list[LabelledVideo]:
    """Read the training videos of a fold, skipping those that failed.

    Raises
    ------
    ConfigError
        The two lists do not belong together, or too many videos failed.
    """
    groups = group_by_video(features)
    if list(groups) != [path.stem for path in labels]:
        raise ConfigError(
            "features and labels are of different videos",
            "one label file for the features of each video, in the same order",
            "Call the command through the workflow",
        )
    videos = [read_video(paths) for paths in groups.values()]
    failed = [name for name, video in zip(groups, videos, strict=True) if video is None]
    check_failed_share(failed, len(videos), max_failed_share)
    read = [video for video in videos if video is not None]
    check_settings(read, read[0].settings)
    return [
        with_events(video, read_labels(path))
        for video, path in zip(videos, labels, strict=True)
        if video is not None
    ]


def with_events(video: FeatureVideo, events: pd.DataFrame) -> LabelledVideo:
    """Join a video and its rows of the event table."""
    events = events[events["onset"].notna() & (events["apex"].notna() | events["offset"].notna())]
    return LabelledVideo(
        data=video,
        onset=video.position(events["onset"]),
        apex=video.position(events["apex"]),
        offset=video.position(events["offset"]),
        kind=list(events["type"]),
        aus=[parse_aus(text).certain for text in events["aus"]],
        events=events,
    )


def shuffle_events(videos: Sequence[LabelledVideo], *, seed: int) -> list[LabelledVideo]:
    """Give every video the events of another one: the control in which labels mean nothing.

    Positions are scaled to the length of the video that receives them.
    """
    order = np.random.default_rng(seed).permutation(len(videos))
    donors = {
        int(order[i]): videos[order[i - 1]] for i in range(len(videos))
    }  # a cycle: nobody keeps its own
    shuffled = []
    for i, video in enumerate(videos):
        donor = donors[i]
        shift = (len(video.data.index) - 1) / max(1, len(donor.data.index) - 1)
        onset = np.round(donor.onset * shift)
        shuffled.append(
            LabelledVideo(
                video.data,
                onset,
                onset + (donor.apex - donor.onset),  # durations stay as they were
                onset + (donor.offset - donor.onset),
                donor.kind,
                donor.aus,
                donor.events,
            )
        )
    return shuffled


def subjects(videos: Iterable[LabelledVideo]) -> list[str]:
    """Subjects of a set of videos, sorted, as ``dataset/subject``."""
    return sorted({video.data.person for video in videos})
