"""The images of a video as networks that score frames read them: from the disk when they are needed.

Those of a whole corpus are some gigabytes, of which a training sees a part.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import Artifact


@dataclass(frozen=True, eq=False)
class FrameImages:
    """One spot_images artifact.

    Attributes
    ----------
    path : Path
    valid : ndarray, bool, shape (T,)
    """

    path: Path
    valid: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.valid)

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Images of some rows, shape (n, S, S, C)."""
        with Artifact(self.path) as artifact:
            return artifact["images"][:][rows]

    def spans(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Values of the levels 0 and 255 of some rows, shape (n, C, 2)."""
        with Artifact(self.path) as artifact:
            return artifact["span"][:][rows]
