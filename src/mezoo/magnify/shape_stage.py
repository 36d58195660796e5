"""Stage ``shape``: MagNet's shape representation of the apex of each annotated expression.

Lei et al., "Micro-expression recognition based on facial graph representation learning and facial action unit
fusion", CVPR Workshops 2021 (FGRMER), and Lei et al., "A novel Graph-TCN with a graph structured representation for
micro-expression recognition", ACM MM 2020, learn from it; the factors are those of published reproductions.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mezoo.artifact import Artifact, ArtifactWriter
from mezoo.catalog_items import EventRecord, read_events
from mezoo.magnify.magnet import SHAPE_INPUT, load, shape_representation
from mezoo.magnify.stage import check_factors
from mezoo.motion.apex_stage import MissingApex, apex_source, check_missing_apex, locate_apex
from mezoo.motion.event_flows import EventPairs, KeptFrames, locate_events, write_events
from mezoo.motion.pair_flows import check_frames
from mezoo.stage import produce

if TYPE_CHECKING:
    from mezoo.magnify.magnet_weights import LoadedMagNet

#: Total factors that FGRMER is trained on.
FACTORS = (1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.4, 2.6, 2.8, 3.0)


def shape_file(
    faces: str | Path,
    labels: str | Path,
    out: str | Path,
    *,
    weights: str | Path,
    factors: Sequence[float] = FACTORS,
    missing_apex: MissingApex = "middle",
) -> None:
    """Compute the magnified shape of the apex of all events of a video and write a shape artifact.

    Onset and apex are found as in the stage ``flow_apex`` and scaled to 256 x 256 px. Rows run over all F factors
    of the first event, then of the next (N = E F), so that one event with one factor is read alone:

    - ``shape`` float16 (N, C, 128, 128), C channels (32 of the published weights, 16 of ours), and ``frames``
      uint8 (N, 256, 256), the magnified apex, on which landmarks of the shape can be found; 0 where not valid;
    - ``event`` int16 (N), position in the list of events, and ``factor`` float32 (N);

    and over the events what ``flow_apex`` holds: ``valid``, ``index``, ``onset``, ``apex``, ``offset``,
    ``reference`` and the attributes ``events``, ``reasons``, ``apex_source``. `shape_map` makes FGRMER's
    one channel of C. The parameters tell which weights; one event is in memory at a time.

    Parameters
    ----------
    faces : Path
        Faces artifact.
    labels : Path
        Event table of the video, ``results/catalog/<dataset>/labels/<video>.csv``.
    out : Path
        Shape artifact.
    weights : Path
        Weights of MagNet, see `magnet_weights.load_magnet`.
    factors : sequence of float
        Total factors.
    missing_apex : {'middle', 'skip', 'spotted'}
        As in `apex_stage.flow_apex_file`.

    Raises
    ------
    ConfigError
        Wrong usage. A `DataError` (no frames, no usable event among some) becomes a failed artifact.
    """
    check_missing_apex(missing_apex)
    check_factors(factors)
    loaded = load(weights)

    def locate(event: EventRecord, kept: KeptFrames) -> tuple[int, Sequence[int]]:
        return locate_apex(event, kept, missing_apex)

    def make(writer: ArtifactWriter) -> None:
        with Artifact(faces) as source:
            check_frames(source)
            found = locate_events(read_events(labels), KeptFrames(source), locate)
            _write(source, found, writer, loaded, factors)
            writer.attrs["apex_source"] = [apex_source(item, missing_apex) for item in found]

    produce(
        out,
        stage="shape",
        params={"factors": list(factors), "missing_apex": missing_apex, "magnet": loaded.provenance},
        inputs={"faces": faces, "labels": labels, "weights": weights},
        make=make,
    )


def _write(
    faces: Artifact,
    found: list[EventPairs],
    writer: ArtifactWriter,
    loaded: LoadedMagNet,
    factors: Sequence[float],
) -> None:
    size = (loaded.network.layout.width, SHAPE_INPUT // 2, SHAPE_INPUT // 2)
    shape = writer.stream("shape", shape=size, dtype="float16", axes="(N, C, H, W)")
    frames = writer.stream(
        "frames", shape=(SHAPE_INPUT, SHAPE_INPUT), dtype="uint8", axes="(N, H, W)", units="grey level"
    )
    usable = np.array([bool(item.moving) and not item.reason for item in found], np.int64)
    for item, use in zip(found, usable.tolist(), strict=True):
        if use:
            onset, apex = (faces["frames"][t] for t in (item.reference, item.moving[0]))
            shapes, drawn = shape_representation(loaded, onset, apex, factors)
        else:
            shapes = np.zeros((len(factors), *size), np.float16)
            drawn = np.zeros((len(factors), SHAPE_INPUT, SHAPE_INPUT), np.uint8)
        shape.extend(shapes)
        frames.extend(drawn)
    n = len(found)
    event, factor = np.repeat(np.arange(n, dtype=np.int16), len(factors)), np.tile(factors, n)
    writer.write("event", event, axes="(N) position in the list of events")
    writer.write("factor", factor.astype(np.float32), axes="(N) total factor")
    numbers = faces["index"][:]
    index = np.array([numbers[item.moving[0]] if item.moving else -1 for item in found], np.int32)
    writer.write("index", index, axes="(E)", units="frame number, apex; -1 = none")
    writer.write("valid", usable > 0, axes="(E)")
    write_events(writer, faces, found, usable)
