"""Frames in, by frame number: one interface for image folders and video files.

Frame numbers are the corpus's own: the last integer of the file stem for a folder of images (rule 5 of
every micro-expression corpus, whose names are padded, unpadded or mixed), 1..n for a video file.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from mezoo.errors import DataError

_FRAME_NAME = re.compile(r"(\d+)(?=\.(?:jpe?g|png|bmp)$)", re.IGNORECASE)


def index_frames(folder: str | Path) -> dict[int, str]:
    """Find the frames of a folder by number, never by position.

    Parameters
    ----------
    folder : Path
        Holds one image (jpg, jpeg, png, bmp) per frame; anything else is ignored, and so are hidden
        files (``.DS_Store``, ``._*``) and ``Thumbs.db``.

    Returns
    -------
    dict of int to str
        Frame number (last integer of the stem) -> file name, in the order of the numbers. Empty when
        the folder holds no frame.

    Raises
    ------
    DataError
        The folder is absent, or two files have the same number.
    """
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise DataError(
            f"the folder of frames cannot be read ({error.strerror})",
            "a folder with one image per frame",
            "Check the path of the corpus in the configuration",
            file=folder,
        ) from error
    found: dict[int, str] = {}
    for name in names:
        match = None if name.startswith(".") else _FRAME_NAME.search(name)
        if match is None:
            continue
        number = int(match[1])
        if number in found:
            raise DataError(
                f"frame {number} has two files ({found[number]}, {name})",
                "one file per frame number",
                "Remove the one that does not belong to the release",
                file=folder,
            )
        found[number] = name
    return dict(sorted(found.items()))
