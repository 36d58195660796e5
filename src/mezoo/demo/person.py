"""Neutral faces of synthetic subjects: smooth warps and recolouring turn the one portrait into different people.

All shape changes go through one thin-plate spline from the subject's landmarks back to the portrait's, so picture and
landmarks agree by construction.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

from mezoo.demo.complexion import colour_clothes, colour_head, colour_wall
from mezoo.demo.portrait import ZOOM, Portrait, portrait
from mezoo.demo.traits import Traits

# Mirrored landmark order: entry i is the landmark that takes the place of landmark i in the mirrored face.
MIRROR = np.array(
    [*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31]
    + [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40]
    + [54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65]
)


@dataclass(frozen=True)
class Person:
    """A subject's neutral face inside the video frame.

    Attributes
    ----------
    image : ndarray, float32, shape (H, W, 3)
        BGR, 0..255.
    landmarks : ndarray, float32, shape (68, 2)
        (x, y) in frame pixels.
    """

    image: NDArray[np.float32]
    landmarks: NDArray[np.float32]

    @property
    def face_width(self) -> float:
        """Distance between landmarks 0 and 16, px."""
        return float(np.linalg.norm(self.landmarks[16] - self.landmarks[0]))


def paint(traits: Traits, shape: tuple[int, int], *, face_width: float, seed: int) -> Person:
    """Paint the neutral picture of a subject.

    Parameters
    ----------
    traits : Traits
        From `describe`.
    shape : tuple of int
        (H, W) of the frame, px.
    face_width : float
        Distance between landmarks 0 and 16 for a subject of average width, px.
    seed : int
        Seed of skin texture, freckles and wall.

    Returns
    -------
    Person
    """
    height, width = shape
    rng = np.random.default_rng([seed, 1717])
    source = portrait()
    face, outline = _neutral(source.landmarks), source.hair_outline.copy()
    face, outline = _reshape(face, outline, traits)
    # The bridge of the nose sits a little above the middle, so that the chin stays inside the frame.
    place = np.array((width / 2, height * 0.445), np.float32)
    scale = face_width / 92.4
    target = (face - face[27]) * scale + place
    outline = (outline - face[27]) * scale + place
    maps = _spline(source, target, outline, place, scale, shape)
    image = _compose(source, target, maps, traits, rng)
    if traits.mirror:
        image = np.ascontiguousarray(image[:, ::-1])
        target = target[MIRROR] * (-1, 1) + (width - 1, 0)
    return Person(image, target.astype(np.float32))


def _neutral(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take the smile out of the landmarks: corners in and down, lips closed."""
    face = points.copy()
    centre = points[[48, 54]].mean(axis=0)
    mouth = face[48:68]
    mouth[:, 0] = centre[0] + 0.88 * (mouth[:, 0] - centre[0])
    # Height of each point relative to the line between the corners, in portrait pixels.
    depth = {48: 0.0, 49: -3.2, 50: -4.6, 51: -4.1, 52: -4.6, 53: -3.2, 54: 0.0}
    depth |= {55: 3.6, 56: 5.4, 57: 5.9, 58: 5.4, 59: 3.6}
    depth |= {60: 0.0, 61: -0.3, 62: -0.1, 63: -0.3, 64: 0.0, 65: 0.7, 66: 0.9, 67: 0.7}
    mouth[:, 1] = centre[1] + 5.5 + np.array([depth[48 + k] for k in range(20)])
    return face


def _reshape(
    face: NDArray[np.float32], outline: NDArray[np.float32], traits: Traits
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Apply the shape traits to the landmarks and the hair outline."""
    face = face.copy()
    middle = face[27, 0]
    jaw = np.clip((face[:, 1] - face[1, 1]) / (face[8, 1] - face[1, 1]), 0, 1)
    for eye in (slice(36, 42), slice(42, 48)):
        centre = face[eye].mean(axis=0)
        face[eye] = centre + (face[eye] - centre) * traits.eye_size
        face[eye, 0] += (traits.eye_distance - 1) * (centre[0] - middle)
    for brow, outward in ((slice(17, 22), -1), (slice(22, 27), 1)):
        centre = face[brow].mean(axis=0)
        face[brow, 1] += traits.brow_height + traits.brow_tilt * outward * (face[brow, 0] - centre[0]) / 15
        face[brow, 0] += (traits.eye_distance - 1) * (centre[0] - middle)
    face[31:36, 0] = face[33, 0] + (face[31:36, 0] - face[33, 0]) * traits.nose_width
    face[28:36, 1] = face[27, 1] + (face[28:36, 1] - face[27, 1]) * traits.nose_length
    corners = face[[48, 54]].mean(axis=0)
    face[48:, 0] = corners[0] + (face[48:, 0] - corners[0]) * traits.mouth_width
    lips = np.r_[49:54, 55:60]
    face[lips, 1] = corners[1] + (face[lips, 1] - corners[1]) * traits.lip_fullness
    face[:17, 0] = middle + (face[:17, 0] - middle) * (1 + (traits.jaw_width - 1) * jaw[:17])
    below = np.maximum(face[:, 1] - face[33, 1], 0)
    face[:, 1] += (traits.face_length - 1) * 1.6 * below
    face[:, 0] = middle + (face[:, 0] - middle) * traits.face_width
    centre = face[27]
    outline = centre + (outline - centre) * (traits.face_width * traits.hair_volume, traits.hair_volume)
    return face.astype(np.float32), outline.astype(np.float32)


def _spline(
    source: Portrait,
    target: NDArray[np.float32],
    outline: NDArray[np.float32],
    place: NDArray[np.float32],
    scale: float,
    shape: tuple[int, int],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the maps (x, y) from frame pixels to pixels of the enlarged portrait (thin-plate spline)."""
    height, width = shape
    # The inner lips (60-67) are left out: the portrait's mouth is open, the neutral one is closed.
    # Far control points keep the spline tame outside the head: there it is the plain scaling.
    far = np.array([(x, y) for x in (-0.3, 0.5, 1.3) for y in (-0.3, 1.3)]) * (width, height)
    far_source = (far - place) / scale + source.landmarks[27]
    spline = RBFInterpolator(
        np.concatenate([target[:60], outline, far]),
        np.concatenate([source.landmarks[:60], source.hair_outline, far_source]),
        kernel="thin_plate_spline",
    )
    y, x = np.mgrid[0:height, 0:width]
    found = spline(np.stack([x.ravel(), y.ravel()], axis=1)).reshape(height, width, 2)
    maps = ((found + 0.5) * ZOOM - 0.5).astype(np.float32)
    return np.ascontiguousarray(maps[..., 0]), np.ascontiguousarray(maps[..., 1])


def _compose(
    source: Portrait,
    target: NDArray[np.float32],
    maps: tuple[NDArray[np.float32], NDArray[np.float32]],
    traits: Traits,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Layer wall, head and clothes, then light them."""
    height, width = maps[0].shape

    def warp(picture: NDArray[np.float32]) -> NDArray[np.float32]:
        warped = cv2.remap(picture, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(warped, np.float32)

    hair = np.clip(warp(source.hair), 0, 1)[..., None]
    # The soft edge of the head carries the portrait's pale wall: keep only its inner part.
    head = np.clip((warp(source.head) - 0.5) / 0.45, 0, 1)[..., None]
    face = np.clip(warp(source.image), 0, 255)
    picture = colour_wall(traits, (height, width), rng)
    cover, cloth = colour_clothes(traits, target, (height, width), rng)
    picture += head * (colour_head(face, hair, target, traits, rng) - picture)
    picture += cover * (cloth - picture)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    light = 1 + traits.light[0] * x + traits.light[1] * y
    picture = (picture * light[..., None] - 120) * traits.contrast + 120
    return np.clip(picture, 0, 255).astype(np.float32)
