"""The stages of the workflow on a video of one's own: face, flow, and the motion of its regions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import Artifact
from mezoo.errors import DataError
from mezoo.faces.detect import load_models
from mezoo.learning.videos import FeatureVideo, read_features
from mezoo.motion import flow_pair_file, mdmo_file
from mezoo.report.annotate import FaceTrack
from mezoo.report.own.clock import Clock
from mezoo.report.own.even import at_rate
from mezoo.report.own.face import choose_person, survey, write_faces
from mezoo.report.own.model import Model
from mezoo.report.own.reel import Reel


@dataclass(frozen=True, eq=False)
class Features:
    """What the stages made of the video."""

    reel: Reel
    data: FeatureVideo
    track: FaceTrack
    reasons: dict[str, NDArray[np.bool_]]
    n_people: int


def make_features(video: Path, work: Path, model: Model, face: int, fps: float, clock: Clock) -> Features:
    """Follow the face, then flow and MDMO with the settings under which a model's features were made.

    Parameters
    ----------
    video : Path
    work : Path
        Folder for the artifacts ``faces.h5``, ``flow.h5`` and ``mdmo.h5``.
    model : Model
    face : int
        Which face is followed, 1 is the largest.
    fps : float
        Of a folder of frames.
    clock : Clock
        Times the steps.

    Raises
    ------
    ConfigError
        The video has fewer faces than asked for.
    DataError
        The video cannot be read, or no face can be followed in it.
    """
    paths, models = {name: work / f"{name}.h5" for name in ("faces", "flow", "mdmo")}, load_models()
    target = model.spotter.fps if model.spotter else None
    with clock.step("read, find faces") as progress:
        found = survey(video, models, target=target, fps=fps, progress=progress)
        person = choose_person(found, face)
    with clock.step("follow the face", len(found.reel)) as progress:
        own = {key: model.params("faces")[key] for key in ("size", "margin") if key in model.params("faces")}
        track, reasons = write_faces(
            found,
            person,
            paths["faces"],
            models,
            **{"size": None, **own},
            trained=model.spotter is not None,
            progress=progress,
        )
    with clock.step("optical flow"):
        flow_pair_file(paths["faces"], paths["flow"], **model.params("flow_pair"))
    with clock.step("face regions"):
        mdmo_file(paths["flow"], paths["faces"], paths["mdmo"], **model.params("mdmo"))
        data = read_features(paths["mdmo"])
    if data is None:
        raise _failed(paths["mdmo"], video)
    return Features(found.reel, at_rate(data, target or data.fps), track, reasons, len(found.people))


def _failed(path: Path, video: Path) -> DataError:
    with Artifact(path) as artifact:
        reason = artifact.reason.split(". Expected")[0]
    return DataError(
        f"the video cannot be analysed: {reason.rstrip('.')}",
        "one face that is seen from the front for most of the video",
        "Cut the video to the part that shows the face",
        file=video,
    )
