"""Stills of macro-expressions for pretraining: from catalogs to one file of face crops with classes. Free of torch.

Peng et al., "From macro to micro expression recognition", FG 2018: the network learns posed and spontaneous expressions
first, from people who are not in the micro-expression corpora. Which images the paper takes is not known in detail;
here the last three frames before the peak of a sequence (CK+), and every image of a collection of stills.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from mezoo.artifact import ArtifactWriter, digest
from mezoo.catalog import Catalog
from mezoo.errors import ConfigError, DataError
from mezoo.faces.backends import Backend, load_backend
from mezoo.faces.crop import crop_frame, enlarge_box
from mezoo.faces.landmarks import face_box
from mezoo.faces.stage import find_first_face
from mezoo.inputs.apex_image import square
from mezoo.video import open_video

#: Classes, with the other words that corpora use for them; neutral faces and unknown words are left out.
EMOTIONS = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
_SYNONYMS = {"angry": "anger", "happy": "happiness", "sad": "sadness"}


@dataclass(frozen=True)
class Still:
    """One picture.

    Attributes
    ----------
    dataset, subject, video, event : str
        Ids of the catalog.
    path : Path
        Folder of frames, video or image.
    frame : int
        The corpus's own number in it; 1 for an image.
    emotion : str
        One of `EMOTIONS`.
    """

    dataset: str
    subject: str
    video: str
    event: str
    path: Path
    frame: int
    emotion: str


def list_stills(catalog: Catalog, *, frames: int = 3) -> list[Still]:
    """Find the peaks of the macro-expressions of a corpus.

    Parameters
    ----------
    catalog : Catalog
        Of CK+, a folder of classes, or any corpus whose macro-expressions have a coded apex.
    frames : int
        Frames taken of a sequence: the apex and those before it, without the onset. An image is its own apex.

    Returns
    -------
    list of Still
        In the order of the events. Expressions without apex, path or one of `EMOTIONS` are left out.
    """
    paths = dict(zip(catalog.videos["video"], catalog.videos["path"], strict=True))
    events = catalog.events
    found = []
    for row in events[(events["type"] == "macro") & events["apex"].notna()].itertuples():
        emotion, path = _SYNONYMS.get(row.emotion, row.emotion), paths.get(row.video, "")
        if emotion not in EMOTIONS or not path:
            continue
        apex = int(row.apex)
        onset = apex - frames if pd.isna(row.onset) else int(row.onset)
        numbers = range(max(apex - frames, onset) + 1, apex + 1) or [apex]
        ids = row.dataset, row.subject, row.video, row.event
        found += [Still(*ids, Path(path), number, emotion) for number in numbers]
    return found


def refuse_subjects(stills: Iterable[Still], subjects: Collection[str]) -> None:
    """Make sure that nobody of the micro-expression corpora is among the pictures.

    Parameters
    ----------
    stills : iterable of Still
    subjects : collection of str
        Subjects of the micro-expression corpora, ``subject`` or ``dataset/subject``.

    Raises
    ------
    ConfigError
        A picture shows one of them: a network that has seen a face before is not tested on a new one.
    """
    shared = sorted({s.subject for s in stills if {s.subject, f"{s.dataset}/{s.subject}"} & set(subjects)})
    if shared:
        raise ConfigError(
            f"the macro-expressions show subject {', '.join(shared[:5])}{' ...' * (len(shared) > 5)}",
            "other people than in the micro-expression corpora",
            "Leave this corpus out of the pretraining",
        )


def read_stills(
    stills: Sequence[Still], *, size: int, margin: float, cropped: bool, backend: Backend | None
) -> np.ndarray:
    """Read the pictures of one expression and cut the face out, all by the box of the first.

    Parameters
    ----------
    stills : sequence of Still
        Of one expression, by ascending frame.
    size : int
        Side of the crops in px.
    margin : float
        Share of the face box added on every side, as for the faces of micro-expressions.
    cropped : bool
        The pictures are face crops already (RAF-DB aligned, FER-2013): only resize them.
    backend : Backend, optional
        Detector and landmarks; not needed for cropped pictures.

    Returns
    -------
    ndarray, uint8, shape (n, size, size)

    Raises
    ------
    DataError
        Unreadable picture, or no face in any.
    """
    path = stills[0].path
    pictures = list(open_video(path).iter_frames([still.frame for still in stills]))
    if cropped or backend is None:
        return np.stack([square(picture, size) for _, picture in pictures])
    first = find_first_face(iter(pictures), backend, path)
    box = enlarge_box(face_box(first.landmarks), margin=margin, shape=first.shape)
    return np.stack([square(crop_frame(picture, box), size) for _, picture in pictures])


def macro_stills_file(
    catalogs: Sequence[str | Path],
    out: str | Path,
    *,
    size: int = 224,
    frames: int = 3,
    margin: float = 0.2,
    cropped: bool = False,
    micro: Sequence[str | Path] = (),
    models: str | Path | None = None,
) -> None:
    """Write the face crops of macro-expressions with their classes: a ``stills`` artifact.

    It holds ``images`` uint8 (N, 1, size, size), ``target`` int64 (N, position in the attribute ``classes``), texts in
    UTF-8: ``id`` (N, ``dataset/subject/video/frame``) and ``left_out`` (why an expression gave no image); and the
    attributes ``classes``, ``datasets`` (JSON) and ``n_subjects``.

    Parameters
    ----------
    catalogs : sequence of Path
        Folders of catalogs of the macro-expression corpora.
    out : Path
    size, margin, cropped : see `read_stills`
    frames : see `list_stills`
    micro : sequence of Path
        Folders of catalogs of the micro-expression corpora, whose subjects must not be among the pictures.
    models : Path, optional
        Folder of the dlib model files.

    Raises
    ------
    ConfigError
        A subject of a micro-expression corpus is among them, or no picture is left.
    """
    stills = [still for folder in catalogs for still in list_stills(Catalog.read(folder), frames=frames)]
    refuse_subjects(
        stills, {subject for folder in micro for subject in Catalog.read(folder).videos["subject"]}
    )
    backend = None if cropped else load_backend(models=None if models is None else Path(models))
    inputs = {
        str(Path(f) / name): digest(Path(f) / name) for f in catalogs for name in ("videos.csv", "events.csv")
    }
    params = {"size": size, "frames": frames, "margin": margin, "cropped": cropped}
    with ArtifactWriter(out, stage="stills", params=params, inputs=inputs) as writer:
        stream = writer.stream(
            "images", shape=(1, size, size), dtype=np.uint8, axes="(N, grey, H, W)", units="grey level"
        )
        used: list[Still] = []
        left_out: list[str] = []
        groups = [list(own) for _, own in groupby(stills, key=lambda still: (still.dataset, still.event))]
        for own in tqdm(groups, desc="stills", unit="expression", disable=None):
            try:
                images = read_stills(own, size=size, margin=margin, cropped=cropped, backend=backend)
            except DataError as error:
                left_out.append(f"{own[0].dataset}/{own[0].event}: {error.found}")
                continue
            stream.extend(images[:, None])
            used += own
        _describe(writer, used, left_out)


def _describe(writer: ArtifactWriter, used: Sequence[Still], left_out: Sequence[str]) -> None:
    if not used:
        raise ConfigError(
            f"no still of a macro-expression ({left_out[0] if left_out else 'none is listed'})",
            f"macro-expressions with an apex and one of {', '.join(EMOTIONS)}",
            "Give catalogs made with frames, of layouts such as ckplus or folder",
        )
    classes = sorted({still.emotion for still in used})
    target = np.array([classes.index(still.emotion) for still in used], np.int64)
    writer.write("target", target, axes="(N)", units="position in classes")
    writer.write("id", _texts(f"{s.dataset}/{s.subject}/{s.video}/{s.frame}" for s in used), axes="(N)")
    writer.write("left_out", _texts(left_out), axes="(expression)")
    writer.attrs |= {
        "classes": classes,
        "datasets": sorted({s.dataset for s in used}),
        "n_subjects": len({(s.dataset, s.subject) for s in used}),
    }


def _texts(lines: Iterable[str]) -> np.ndarray:
    return np.array([line.encode() for line in lines], np.bytes_)
