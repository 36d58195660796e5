"""Faces and event tables of made videos."""

from motion.conftest import face_points, write_faces, write_labels

__all__ = ["face_points", "write_faces", "write_labels"]
