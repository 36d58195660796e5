"""Faces: one box per video and 68 landmarks per frame, with dlib."""

from mezoo.faces.stage import faces

__all__ = ["faces"]
