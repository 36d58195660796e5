"""The number of a frame by the name of its file: the one rule for every corpus, image type and padding."""

from __future__ import annotations

import re

_FRAME_NAME = re.compile(r"(?<![0-9])([0-9]{1,15})(?=\.(?:jpe?g|png|bmp)$)", re.IGNORECASE)


def frame_number(name: str) -> int | None:
    """Give the number of a frame by its file name: the last integer of the stem of a jpg, jpeg, png or bmp.

    Parameters
    ----------
    name : str
        File name without folder.

    Returns
    -------
    int or None
        None for any other file, and for hidden ones (``._img001.jpg``).
    """
    match = None if name.startswith(".") else _FRAME_NAME.search(name)
    return None if match is None else int(match[1])
