"""68 landmarks per frame by SAN with the weights that its authors publish. Imports torch.

Dong et al., CVPR 2018; AUW-GCN (Yin et al., ICME 2023) took its landmarks from it, with the box that RetinaFace found
in each frame. Boxes jump from frame to frame and points follow them a little, so here a box stays while the face
does; it is the tight box of the points, on which SAN was trained. Frames are read in batches, with the same result as
one by one. Further deviations: fractions of a pixel are kept, and the two in `San`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from mezoo.faces.detect import Detector, file_sha256
from mezoo.faces.landmarks import confirmed, face_box, overlap, plausible
from mezoo.faces.pictures import as_rgb
from mezoo.faces.published import filled, read_weights
from mezoo.faces.san_net import SAN
from mezoo.faces.san_peaks import cut_face, find_peaks, to_picture

_POINTS = 68
#: Overlap (intersection over union) of the tight boxes up to which the face has moved: 15 % of its side.
_MOVED = 0.75


def tight_box(landmarks: np.ndarray) -> np.ndarray:
    """Box (left, top, right, bottom) that just holds landmarks (68, 2)."""
    return np.concatenate([landmarks.min(axis=0), landmarks.max(axis=0)]).astype(np.float64)


class San:
    """The predictor.

    Parameters
    ----------
    weights : Path
        ``checkpoint_49.pth.tar`` of the authors' model for 300-W, whose licence excludes commercial use.
    swap_colours : bool
        Read blue for red, as AUW-GCN's official code does by mistake; changes nothing on grey pictures.
    align_corners : bool
        False: place the points as AUW-GCN's version of torch did (`mezoo.faces.san_peaks`).

    Raises
    ------
    ConfigError
        The file is absent, no state dict, or of another network.
    """

    colour = True

    def __init__(self, weights: Path, *, swap_colours: bool = False, align_corners: bool = True) -> None:
        self._file, self._swap, self._align = weights, swap_colours, align_corners
        state = read_weights(weights, "SAN")
        with torch.device("meta"):
            network = SAN()
        self._network = filled(network, state, weights)

    def points(
        self, pictures: Sequence[np.ndarray], boxes: Sequence[np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Find the landmarks of one face in each picture, as one batch.

        Parameters
        ----------
        pictures : sequence of ndarray, uint8, shape (H, W, 3) RGB or (H, W)
        boxes : sequence of ndarray, float, shape (4,)
            (left, top, right, bottom) in px.

        Returns
        -------
        points : ndarray, float32, shape (N, 68, 2)
            (x, y) in px of each picture.
        scores : ndarray, float32, shape (N, 68)
            Peak of the heat map, about 0 to 1.
        """
        cut = [cut_face(as_rgb(picture), box) for picture, box in zip(pictures, boxes, strict=True)]
        faces = np.stack([face[:, :, ::-1] if self._swap else face for face, _ in cut])
        values = torch.from_numpy(faces.astype(np.float32)).permute(0, 3, 1, 2) / 255
        with torch.inference_mode():
            maps = self._network(((values - 0.5) / 0.5).contiguous()).third[:, :_POINTS].numpy()
        found, scores = find_peaks(maps, align_corners=self._align)
        placed = [to_picture(own, outer) for own, (_, outer) in zip(found, cut, strict=True)]
        return np.stack(placed).astype(np.float32), scores

    def settle(self, picture: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Find the landmarks in a detector's box, then once more in the tight box of these."""
        first, _ = self.points([picture], [box])
        return self.points([picture], [tight_box(first[0])])[0][0]

    def track(self, start: np.ndarray, detector: Detector) -> SanTracker:
        """Follow a face that has the landmarks `start`."""
        return SanTracker(start, self, detector)

    def record(self) -> dict[str, str]:
        """Attributes of the artifact."""
        return {"predictor_sha256": file_sha256(self._file)}


class SanTracker:
    """Follow one face through the crops of a video.

    Parameters
    ----------
    start : ndarray, shape (68, 2)
        Landmarks of the first face in crop pixels.
    san : San
    detector : Detector
    """

    batch = 8

    def __init__(self, start: np.ndarray, san: San, detector: Detector) -> None:
        self._anchor, self._san, self._detector = start, san, detector

    def steps(self, crops: Sequence[np.ndarray]) -> list[np.ndarray | None]:
        """Find the landmarks of the next frames.

        Parameters
        ----------
        crops : sequence of ndarray, uint8, shape (h, w, 3) RGB or (h, w)

        Returns
        -------
        list of ndarray, float32, shape (68, 2), or None
            None when no face is confirmed, or its landmarks are not plausible.
        """
        found: list[np.ndarray | None] = []
        while len(found) < len(crops):
            found += self._until_moved(crops[len(found) :])
        return found

    def _until_moved(self, crops: Sequence[np.ndarray]) -> list[np.ndarray | None]:
        """Read all crops by the box of the anchor; what follows a frame in which the face has left it is dropped."""
        expected, box = face_box(self._anchor), tight_box(self._anchor)
        seen = self._detector.confirm(crops, expected[2] - expected[0])
        found: list[np.ndarray | None] = []
        for crop, boxes, points in zip(
            crops, seen, self._san.points(crops, [box] * len(crops))[0], strict=True
        ):
            nearest, is_near = confirmed(boxes, expected)
            if nearest is None:
                found.append(None)
                continue
            stayed = is_near and overlap(tight_box(points), box) > _MOVED
            if stayed and plausible(points, crop.shape[:2]):
                found.append(points)
                continue
            points = self._san.settle(crop, nearest)
            if plausible(points, crop.shape[:2]):
                self._anchor = points
                return [*found, points]
            found.append(None)
        return found
