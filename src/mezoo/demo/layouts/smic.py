"""Demo corpus like SMIC: clips from onset to offset of a fast camera (HS) and, for some subjects, of two slow ones.

There is no coding file: the folders and the names of the clips say everything.  Planted: folders padded (``s01``) and
not (``s1``), missing frames, an empty clip folder, a blank in file names, hidden files and a doubled top folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mezoo.demo.clips import DS_STORE, THUMBS, in_turn, micro, plant
from mezoo.demo.layout import Content, Copy, CorpusPlan, DemoLayout, PlannedVideo, Wanted

_NUMBER, FPS = 5, {"HS": 100, "VIS": 25, "NIR": 25}
_TOP = "SMIC_all_raw/SMIC_all_raw"
# Only those above 10 were filmed by the slow cameras; in turn, so that a small cast has both kinds.
SUBJECTS = tuple(f"s{n:02d}" for n in (1, 11, 3, 20, 4, 12, 2, 14, 5, 13, 6, 15, 8, 18, 9, 19))
_FRAMES = {"HS": "image{:06d}.jpg", "VIS": "image {:05d}.bmp", "NIR": "{:05d}.bmp"}
#: Prefix of the clip name -> label, and the emotions behind it.
LABELS = {
    "ne": ("negative", ("disgust", "anger", "sadness", "fear")),
    "po": ("positive", ("happiness",)),
    "sur": ("surprise", ("surprise",)),
}
PREFIXES = ("ne", "po", "sur", "ne", "po", "ne", "sur")


def plan(wanted: Wanted) -> tuple[Sequence[PlannedVideo], Sequence[Copy]]:
    """Plan the clips of the three cameras."""
    fast = [_clip(wanted, person, k, "HS") for person in _people(wanted) for k in range(wanted.clips_each)]
    fast.sort(key=lambda video: video.video)
    plant(
        fast,
        [
            ("frames missing", lambda video: replace(video, missing=_two(video))),
        ],
    )
    fast.append(_empty(wanted))
    fast.sort(key=lambda video: video.video)
    slow = [
        _clip(wanted, person, k, camera)
        for camera in ("NIR", "VIS")
        for person in _people(wanted)
        if int(wanted.subjects[person][1:]) > 10
        for k in range(2)
    ]
    return fast + slow, ()


def _people(wanted: Wanted) -> range:
    return range(len(wanted.subjects))


def _two(video: PlannedVideo) -> tuple[int, int]:
    return video.first_frame + 5, video.first_frame + video.n_frames - 6


def _empty(wanted: Wanted) -> PlannedVideo:
    """Plan a clip whose folder holds no frame."""
    last = wanted.subjects[-1]
    video = f"{last}_sur_19"
    path = f"{_TOP}/HS/{last}/micro/surprise/{video}"
    person, seed = len(wanted.subjects) - 1, (wanted.seed, _NUMBER, len(wanted.subjects) - 1, 99)
    return PlannedVideo(video, last, person, path, _FRAMES["HS"], 1, FPS["HS"], seed, (), missing=(1,))


def _clip(wanted: Wanted, person: int, k: int, camera: str) -> PlannedVideo:
    subject, fps = wanted.subjects[person], FPS[camera]
    seed = (wanted.seed, _NUMBER, person, k) if camera == "HS" else (wanted.seed, _NUMBER, person, k, fps)
    rng = np.random.default_rng(seed)
    prefix = in_turn(PREFIXES, wanted, person, k)
    label, emotions = LABELS[prefix]
    first = int(rng.integers(1000, 9000)) if camera != "HS" else int(rng.integers(5000, 900_000))
    emotion = str(rng.choice(emotions))
    n_frames, event = micro(rng, fps, emotion, written=label, first_frame=first)
    clip = f"{subject}_{prefix}_{k + 1:02d}"
    # Some copies write s1 and s1_ne_01, others s01 and s01_ne_01.
    folder, name = (subject, clip) if person else (_unpadded(subject), _unpadded(clip))
    return PlannedVideo(
        video=clip,
        subject=subject,
        person=person,
        path=f"{_TOP}/{camera}/{folder}/micro/{label}/{name}",
        frame=_FRAMES[camera],
        n_frames=n_frames,
        fps=fps,
        seed=seed,
        events=(event,),
        first_frame=first,
        colour=camera != "NIR",
        part="" if camera == "HS" else camera,
    )


def _unpadded(name: str) -> str:
    return "s" + name[1:].lstrip("0")


def files(plan: CorpusPlan) -> dict[str, Content]:
    """Return what file managers left behind."""
    first = plan.videos[0].path
    return {
        f"{first}/.DS_Store": DS_STORE,
        f"{first}/Thumbs.db": THUMBS,
        f"{first.rsplit('/', 1)[0]}/.DS_Store": DS_STORE,
    }


LAYOUT = DemoLayout(
    name="smic",
    number=_NUMBER,
    shape=(200, 180),
    face_width=104.0,
    fps=100,
    subjects=SUBJECTS,
    plan=plan,
    files=files,
)
