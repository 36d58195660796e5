"""AKMNet's variation of a training clip: a slightly larger face behind a window of the usual size.

Peng et al., AKMNet (arXiv 2009.09179, section IV-B) and its code: half of the clips are resized to 144 px and
seen through one window of 128 px, the same in all frames; the others are resized to 128 px. (The paper only
describes the window.)

Deviation: the frames arrive at 128 px and are enlarged to 144, which the code makes of the original picture.
The part of the face that is seen and its size are the same; the picture is a little less sharp. In exchange
training and test read one pack, and a clip without variation is exactly the one of the test.
"""

from __future__ import annotations

import numpy as np

#: Side of the enlarged picture relative to the window.
_ENLARGED = 144 / 128


def clip_window(arrays: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Vary one clip.

    Parameters
    ----------
    arrays : list of one ndarray, uint8 or float32, shape (T, 1, S, S)
        Grey frames.
    rng : Generator

    Returns
    -------
    list of one ndarray, same type and shape
        With probability 0.5 the clip itself.
    """
    (frames,) = arrays
    if rng.random() < 0.5:
        return arrays
    import cv2

    side = frames.shape[-1]
    enlarged = round(side * _ENLARGED)
    top, left = rng.integers(0, enlarged - side + 1, size=2)
    out = np.empty_like(frames)
    for t, (picture,) in enumerate(frames):
        larger = cv2.resize(picture, (enlarged, enlarged), interpolation=cv2.INTER_LINEAR)
        out[t, 0] = larger[top : top + side, left : left + side]
    return [out]
