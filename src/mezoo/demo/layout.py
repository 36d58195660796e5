"""What a demo layout provides, and the plan it makes: videos, expressions and the faults planted in them.

A new layout is one file in `mezoo.demo.layouts`.  Nothing here draws or needs more than the standard library, so that
the workflow can list the videos of a demo corpus before they exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mezoo.demo.truth import Truth

Cell = str | int | float | None
#: Sheet title -> rows.
Book = dict[str, list[list[Cell]]]
#: A file of a corpus beside its frames: a workbook or CSV by its suffix, plain text, bytes; None is an empty folder.
Content = Book | str | bytes | None


@dataclass(frozen=True)
class PlannedEvent:
    """One expression.

    `onset`, `apex` and `offset` are true 1-based positions in the video, `coded` is what the coding file says in the
    corpus's own frame numbers: a number, text such as ``/``, or None.  `emotion` is the label as the corpus writes it.
    `aus` maps AU names (``12``, ``L12``) to the displacement in pixels, at the apex and for a face 160 px wide, of the
    landmark the AU is known by.  `trap` names the planted annotation fault, if any, and `au_text` is what the coding
    file says about the AUs if it is not just their list.
    """

    onset: int
    apex: int
    offset: int
    kind: str
    emotion: str
    aus: dict[str, float]
    coded: tuple[Any, ...]
    trap: str = ""
    au_text: str = ""

    @property
    def units(self) -> str:
        """The AUs as the coding file writes them: ``6+12``."""
        return self.au_text or "+".join(self.aus)


@dataclass(frozen=True)
class PlannedVideo:
    """One video, clip or still.

    Attributes
    ----------
    video, subject : str
        Ids as the catalog has them.
    person : int
        Number of the face within the corpus.
    path : str
        Native place below the corpus root: a folder of frames, an ``.mp4`` file, or the ``.jpg`` still of the apex.
    frame : str
        File name of a frame, a format of its number (``img{:03d}.jpg``).
    n_frames, fps : int
        Length and rate of the scene; frames listed in `missing` count.
    seed : tuple of int
        Seed of everything random in the scene.
    events : tuple of PlannedEvent
    first_frame : int
        The corpus's number of the first frame.
    missing : tuple of int
        Numbers of frames that are not on disk.
    colour : bool
        Whether the frames are in colour.
    part : str
        Part of the corpus that is read on request only (a second camera); empty for the default one.
    """

    video: str
    subject: str
    person: int
    path: str
    frame: str
    n_frames: int
    fps: int
    seed: tuple[int, ...]
    events: tuple[PlannedEvent, ...]
    first_frame: int = 1
    missing: tuple[int, ...] = ()
    colour: bool = True
    part: str = ""

    @property
    def key(self) -> str:
        """Name of the ground truth: the id, with the part before it."""
        return f"{self.part}_{self.video}" if self.part else self.video

    def numbers(self) -> list[int]:
        """Return the numbers of the frames on disk."""
        every = range(self.first_frame, self.first_frame + self.n_frames)
        return [number for number in every if number not in self.missing]


@dataclass(frozen=True)
class Copy:
    """Frames of a video that lie in a second folder of the tree as well.

    Attributes
    ----------
    video : str
        Key of the video.
    path : str
        Folder below the corpus root.
    frame : str
        File name of a frame; the video's own when empty.
    span : (int, int) or None
        First and last number copied; all when None.
    crop : bool
        Whether only the face is kept.
    """

    video: str
    path: str
    frame: str = ""
    span: tuple[int, int] | None = None
    crop: bool = False


@dataclass(frozen=True)
class CorpusPlan:
    """Everything a demo corpus consists of."""

    layout: str
    n_subjects: int
    seed: int
    size: str
    videos: tuple[PlannedVideo, ...]
    copies: tuple[Copy, ...] = ()

    def listed(self) -> list[PlannedVideo]:
        """Return the videos a reader lists by default."""
        return [video for video in self.videos if not video.part]


@dataclass(frozen=True)
class Wanted:
    """What a layout is asked to plan.

    Attributes
    ----------
    subjects : tuple of str
        Ids of the subjects, in the order of the persons.
    seed : int
    videos_each, clips_each : int
        Long videos or clips per subject.
    length : float
        Factor of the length of long videos.
    """

    subjects: tuple[str, ...]
    seed: int
    videos_each: int
    clips_each: int
    length: float


@dataclass(frozen=True)
class DemoLayout:
    """One corpus to imitate.

    Attributes
    ----------
    name : str
        Name of the reader.
    number : int
        Its own number: seeds and faces of the corpus follow from it, so no person appears in two corpora.
    shape : (int, int)
        Height and width of the frames, px.
    face_width : float
        Distance between landmarks 0 and 16 for a subject of average width, px.
    fps : int
        Frame rate.
    subjects : tuple of str
        Ids of its subjects, in the order in which they are used.
    plan : callable
        Videos, sorted as the catalog has them, and copies.
    files : callable
        Path below the root -> content of everything that is not a frame.
    beside : callable, optional
        As `files`, for what is written from the ground truth of one video (landmark files).
    """

    name: str
    number: int
    shape: tuple[int, int]
    face_width: float
    fps: int
    subjects: tuple[str, ...]
    plan: Callable[[Wanted], tuple[Sequence[PlannedVideo], Sequence[Copy]]] = field(repr=False)
    files: Callable[[CorpusPlan], Mapping[str, Content]] = field(repr=False)
    beside: Callable[[PlannedVideo, Truth], Mapping[str, Content]] | None = field(default=None, repr=False)
