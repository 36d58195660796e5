"""Stage ``faces_magnified``: the faces of a whole video with their small fast motion made larger; free of labels.

The stage ``magnified`` begins each expression at its onset, which only annotated videos have. Here the reference
runs along: the methods amplify what changes within their temporal band, by default 0.05 Hz up to 20 Hz or 0.4 of
the frame rate, so that nothing of the annotation, and nothing of later frames, enters.
"""

from __future__ import annotations

import math
from pathlib import Path

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.errors import ConfigError, DataError
from mezoo.magnify.frames import BLOCK
from mezoo.magnify.registry import get_magnifier
from mezoo.magnify.stage import check_factors
from mezoo.magnify.streaming import in_blocks
from mezoo.motion.pair_flows import check_frames
from mezoo.stage import produce

#: Methods with a temporal band. The others refer every frame to the first one, seconds or minutes before.
RUNNING_METHODS = ("eulerian", "phase")


def faces_magnified_file(
    faces: str | Path, out: str | Path, *, method: str = "phase", factor: float = 2.0
) -> None:
    """Magnify all frames of a faces artifact and write an artifact that the flow stages read like faces.

    It holds ``frames`` uint8 (T, H, W) and all else as in the faces artifact, landmarks included: where the face is
    was found in the true frames. Frames without landmarks are magnified like
    the others, as the filter needs all of them in a row.

    Parameters
    ----------
    faces : Path
        Faces artifact of a video with a known frame rate.
    out : Path
        Artifact of the stage ``faces_magnified``.
    method : {'eulerian', 'phase'}
        With its default settings.
    factor : float
        Total factor m; 1 gives the frames back.

    Raises
    ------
    ConfigError
        Wrong usage. A `DataError` (no frames, unknown frame rate) becomes a failed artifact.
    """
    if method not in RUNNING_METHODS:
        raise ConfigError(
            f"the magnification {method!r} of a whole video",
            f"one of {', '.join(RUNNING_METHODS)}, which have a temporal band",
            "Choose one of these, or magnify single expressions (mezoo magnified)",
        )
    check_factors([factor])

    def make(writer: ArtifactWriter) -> None:
        with Artifact(faces) as source:
            check_frames(source)
            _write(source, writer, method, factor)

    params = {"factor": factor, **get_magnifier(method).describe()}
    produce(out, stage="faces_magnified", params=params, inputs={"faces": faces}, make=make)


def _write(faces: Artifact, writer: ArtifactWriter, method: str, factor: float) -> None:
    fps = float(faces.attrs.get("fps", math.nan))
    if not fps > 0:
        raise DataError(
            "the frame rate is unknown", "frames per second", "Give fps for this corpus", file=faces.path
        )
    frames = faces["frames"]
    magnify = in_blocks(method, frames[0], fps, factor)
    assert magnify is not None, "the default filters stream"
    out = writer.stream("frames", shape=frames.shape[1:], dtype="uint8", axes="(T, H, W)", units="grey level")
    for start in range(0, len(frames), BLOCK):
        out.extend(magnify(frames[start : start + BLOCK]))
    for name in set(faces.names()) - {"frames"}:
        known = faces[name]
        writer.write(name, known[:], axes=known.attrs["axes"], units=known.attrs.get("units", ""))
