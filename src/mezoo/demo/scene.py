"""From a planned video to its scene: the subject's face and the time courses of everything that moves it."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mezoo.demo.action_units import au_field, blink_field, face_unit, support
from mezoo.demo.layout import DemoLayout, PlannedVideo
from mezoo.demo.layouts import LAYOUTS
from mezoo.demo.motion import blinks, envelope, head_pose, light_gain
from mezoo.demo.person import Person, paint
from mezoo.demo.traits import describe
from mezoo.demo.truth import Truth
from mezoo.demo.warp import pose_weight


def build_scene(video: PlannedVideo, layout: str, seed: int) -> Truth:
    """Paint the subject and compute all time courses of a planned video.

    Parameters
    ----------
    video : PlannedVideo
        From `mezoo.demo.plan.plan_corpus`.
    layout : str
        Name of the corpus imitated: its recording conditions and its cast.
    seed : int
        Seed of the corpus; all videos of a subject show the same face.
    """
    shape = LAYOUTS[layout].shape
    person = _person(layout, video.person, seed)
    image = np.round(person.image).astype(np.uint8)
    if not video.colour:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    unit, box = face_unit(person.landmarks), support(person.landmarks, shape)
    names = tuple(sorted({name for event in video.events for name in event.aus}))
    fields = [_field(layout, video.person, seed, name) for name in names]
    activation = np.zeros((video.n_frames, len(names)), np.float32)
    for event in video.events:
        course = envelope(event.onset, event.apex, event.offset, video.n_frames)
        for name, peak in event.aus.items():
            activation[:, names.index(name)] += peak * unit * course
    rng = np.random.default_rng([*video.seed, 99])
    left, top, right, bottom = box
    return Truth(
        video=video.video,
        first_frame=video.first_frame,
        subject=video.subject,
        fps=video.fps,
        events=video.events,
        au_names=names,
        origin=(left, top),
        centre=(float(person.landmarks[33, 0]), float(person.landmarks[33, 1])),
        rest_image=image,
        landmarks=person.landmarks,
        activation=activation,
        basis=np.array(fields, np.float16).reshape(len(names), bottom - top, right - left, 2),
        blink=blinks(video.n_frames, video.fps, rng).astype(np.float32),
        blink_field=blink_field(person.landmarks, box),
        pose=head_pose(video.n_frames, video.fps, rng, unit=unit),
        pose_weight=pose_weight(shape),
        gain=light_gain(video.n_frames, video.fps, rng),
    )


# A subject has several clips: its face and its action units are made once.
@lru_cache(maxsize=4)
def _person(layout: str, number: int, seed: int) -> Person:
    known: DemoLayout = LAYOUTS[layout]
    face = 100 * known.number + number  # no person appears in two corpora
    return paint(describe(face, seed), known.shape, face_width=known.face_width, seed=1000 * seed + face)


@lru_cache(maxsize=32)
def _field(layout: str, number: int, seed: int, name: str) -> NDArray[np.float16]:
    shape, landmarks = LAYOUTS[layout].shape, _person(layout, number, seed).landmarks
    return au_field(name, landmarks, support(landmarks, shape), shape)
