"""From a planned video to its scene: the subject's face and the time courses of everything that moves it."""

from __future__ import annotations

import cv2
import numpy as np

from mezoo.demo.action_units import au_field, blink_field, face_unit, support
from mezoo.demo.motion import blinks, envelope, head_pose, light_gain
from mezoo.demo.person import paint
from mezoo.demo.plan import LAYOUTS, PlannedVideo
from mezoo.demo.traits import describe
from mezoo.demo.truth import Truth
from mezoo.demo.warp import pose_weight

# Faces of the second corpus continue the numbering, so that no person appears in both.
_FIRST_FACE = {"casme_sq": 0, "samm_lv": 100}


def build_scene(video: PlannedVideo, layout: str, seed: int) -> Truth:
    """Paint the subject and compute all time courses of a planned video.

    Parameters
    ----------
    video : PlannedVideo
        From `mezoo.demo.plan.plan_corpus`.
    layout : {'casme_sq', 'samm_lv'}
        Recording conditions.
    seed : int
        Seed of the corpus; all videos of a subject show the same face.
    """
    conditions = LAYOUTS[layout]
    face = _FIRST_FACE[layout] + video.person
    person = paint(
        describe(face, seed), conditions.shape, face_width=conditions.face_width, seed=1000 * seed + face
    )
    image = np.round(person.image).astype(np.uint8)
    if not conditions.colour:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    unit, box = face_unit(person.landmarks), support(person.landmarks, conditions.shape)
    names = tuple(sorted({name for event in video.events for name in event.aus}))
    fields = [au_field(name, person.landmarks, box, conditions.shape) for name in names]
    activation = np.zeros((video.n_frames, len(names)), np.float32)
    for event in video.events:
        course = envelope(event.onset, event.apex, event.offset, video.n_frames)
        for name, peak in event.aus.items():
            activation[:, names.index(name)] += peak * unit * course
    rng = np.random.default_rng([*video.seed, 99])
    left, top, right, bottom = box
    return Truth(
        video=video.video,
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
        pose_weight=pose_weight(conditions.shape),
        gain=light_gain(video.n_frames, video.fps, rng),
    )
