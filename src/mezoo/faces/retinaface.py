"""Faces by RetinaFace with the weights that its authors publish. Imports torch.

Deng et al., CVPR 2020; the steps and numbers are those of AUW-GCN's ``feature_extraction`` (Yin et al., ICME 2023):
picture as it is, blue-green-red minus the training mean, boxes with a score above 0.5. Deviations: of several faces
the foremost instead of the best scored one, as with dlib; corners keep their fractions; no face is an answer, where
the official code raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mezoo.faces.detect import Face, file_sha256, foremost
from mezoo.faces.pictures import as_rgb
from mezoo.faces.published import filled, read_weights
from mezoo.faces.retinaface_boxes import decode_boxes, decode_points, priors, strongest
from mezoo.faces.retinaface_net import RetinaFace, backbone_of

#: Training mean of blue, green and red.
_MEAN = np.array([104, 117, 123], np.float32)
#: Score above which a box is a face.
_FACE_SCORE = 0.5


class RetinaFaceDetector:
    """The detector; the file tells whether its backbone is ResNet-50 or the small MobileNet.

    Parameters
    ----------
    weights : Path
        ``Resnet50_Final.pth`` or ``mobilenet0.25_Final.pth``.

    Raises
    ------
    ConfigError
        The file is absent, no state dict, or of another network.
    """

    colour = True
    wanted = f"a face (RetinaFace score above {_FACE_SCORE})"

    def __init__(self, weights: Path) -> None:
        self._file = weights
        state = read_weights(weights, "RetinaFace")
        with torch.device("meta"):
            network = RetinaFace(backbone_of(state))
        self._network = filled(network, state, weights)

    def read(self, pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Find the faces of pictures of one size, as one batch.

        Parameters
        ----------
        pictures : sequence of ndarray, uint8, shape (H, W, 3) RGB or (H, W)

        Returns
        -------
        list of ndarray, float32, shape (n, 15)
            One row per face by falling score: left, top, right, bottom in px, score, and (x, y) of eyes, tip of the
            nose and corners of the mouth.
        """
        shape = pictures[0].shape[:2]
        values = np.stack([as_rgb(picture)[:, :, ::-1] for picture in pictures]).astype(np.float32) - _MEAN
        with torch.inference_mode():
            boxes, logits, points = self._network(torch.from_numpy(values).permute(0, 3, 1, 2).contiguous())
            scores = logits.softmax(dim=-1)[:, :, 1]
        anchors = priors(shape)
        found = []
        for offsets, score, five in zip(boxes.numpy(), scores.numpy(), points.numpy(), strict=True):
            box = decode_boxes(offsets, anchors, shape)
            kept = strongest(box, score)
            five = decode_points(five[kept], anchors[kept], shape)
            found.append(np.concatenate([box[kept], score[kept, None], five], axis=1))
        return found

    def detect(self, picture: np.ndarray) -> tuple[Face | None, float]:
        """Find the face of a frame; see `mezoo.faces.detect.Detector`."""
        (rows,) = self.read([picture])
        best = float(rows[0, 4]) if len(rows) else -np.inf
        faces = [
            Face(row[:4].astype(np.float64), float(row[4]), "retinaface")
            for row in rows[rows[:, 4] > _FACE_SCORE]
        ]
        return (foremost(faces) if faces else None), best

    def confirm(self, crops: Sequence[np.ndarray], side: float) -> list[list[np.ndarray]]:
        """Boxes of the faces in crops of one size; `side` is not needed."""
        return [
            [row[:4].astype(np.float64) for row in rows if row[4] > _FACE_SCORE] for rows in self.read(crops)
        ]

    def missed(self, best: float, number: int) -> str:
        """Tell how far off the best box of all frames was."""
        return (
            f"best RetinaFace score {best:.2f}, in frame {number}" if np.isfinite(best) else "no box at all"
        )

    def record(self, face: Face) -> dict[str, Any]:
        """Attributes of the artifact."""
        return {"detector_sha256": file_sha256(self._file)}
