"""Faces: one box per video and 68 landmarks per frame, with dlib, or RetinaFace and SAN."""

from mezoo.faces.backends import DETECTORS, LANDMARKS
from mezoo.faces.stage import faces

__all__ = ["DETECTORS", "LANDMARKS", "faces"]
