"""What a demo corpus holds, without drawing anything: videos, expressions and the annotation faults planted in them.

Everything follows from (layout, number of subjects, seed, size), so the workflow can list the videos before they
exist.  What is particular to a corpus lies in `mezoo.demo.layouts`.
"""

from __future__ import annotations

from mezoo.demo.layout import CorpusPlan, Wanted
from mezoo.demo.layouts import LAYOUTS
from mezoo.errors import ConfigError

# Subjects, long videos per subject, factor of their length, and clips per subject of each size.
SIZES = {
    "tiny": (3, 1, 0.52, 3),
    "small": (8, 1, 1.0, 6),
    "medium": (12, 2, 1.25, 10),
    "large": (20, 3, 1.5, 16),
}


def list_videos(
    layout: str, *, n_subjects: int | None = None, seed: int = 0, size: str = "small"
) -> list[tuple[str, str]]:
    """List (video, subject) of a demo corpus as its catalog will, in the same order.

    Parameters
    ----------
    layout : str
        Corpus whose layout is imitated, one of `mezoo.demo.layouts.LAYOUTS`.
    n_subjects : int, optional
        Number of subjects; the size's own number by default.
    seed : int
        Seed of everything.
    size : {'tiny', 'small', 'medium', 'large'}
        Number of subjects, videos per subject and length of the videos.
    """
    plan = plan_corpus(layout, n_subjects=n_subjects, seed=seed, size=size)
    return [(video.video, video.subject) for video in plan.listed()]


def plan_corpus(
    layout: str, *, n_subjects: int | None = None, seed: int = 0, size: str = "small"
) -> CorpusPlan:
    """Plan a demo corpus (parameters as for `list_videos`).

    Raises
    ------
    ConfigError
        Unknown layout or size, or a number of subjects the corpus has no names for.
    """
    if layout not in LAYOUTS:
        raise ConfigError(f"demo layout '{layout}'", f"one of {', '.join(LAYOUTS)}", "Choose one of these")
    if size not in SIZES:
        raise ConfigError(f"demo size '{size}'", f"one of {', '.join(SIZES)}", "Choose one of these")
    subjects, videos_each, length, clips_each = SIZES[size]
    names = LAYOUTS[layout].subjects
    n_subjects = min(subjects, len(names)) if n_subjects is None else n_subjects
    if not 1 <= n_subjects <= len(names):
        raise ConfigError(
            f"{n_subjects} demo subjects", f"1 to {len(names)} for {layout}", "Change n_subjects"
        )
    wanted = Wanted(names[:n_subjects], seed, videos_each, clips_each, length)
    videos, copies = LAYOUTS[layout].plan(wanted)
    return CorpusPlan(layout, n_subjects, seed, size, tuple(videos), tuple(copies))
