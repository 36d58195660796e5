"""The face of one's own video: which of several, its crop, its landmarks, and the frames in which it is no use.

Deviations from the stage `faces`: the first face may come late and the head may wander, so the crop holds all
places in which a survey of the video found the face; frames in which the face is turned or covered are invalid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mezoo.artifact import ArtifactWriter, Stream
from mezoo.errors import ConfigError, DataError
from mezoo.faces.confidence import ScoredTracker, covered, turned, turning
from mezoo.faces.crop import crop_frame, enlarge_box
from mezoo.faces.detect import Face, FaceModels, as_box, detect_face
from mezoo.faces.landmarks import settle
from mezoo.faces.trajectory import bridge_gaps, smooth_landmarks
from mezoo.report.annotate import FaceTrack
from mezoo.report.own.ahead import ahead
from mezoo.report.own.reel import Reel, lay_out, shots

#: Longer side in px to which frames are reduced for the survey, and seconds from one look to the next.
_SURVEY_SIDE, _SURVEY_STEP = 640, 0.5
#: Looks of the survey that are tried with the slow detectors when the fast one finds nothing at all.
_SLOW_LOOKS = 6
#: Side in px of the face in the crop where nothing was trained: flow of a larger one costs time and tells no more.
_FACE_SIDE = 130
#: Share of the sightings of the most frequent face below which a face is a false alarm.
_FEW = 0.25
_BRIDGED, _WINDOW, _MARGIN = 10, 5, 0.2
#: Seconds by which an invalid run is widened before and after: flow and landmarks are wrong before the detector is
#: in doubt, and a hand is at the chin about a second before it covers the face.
_WIDER = {"face covered": (1.2, 0.3)}
_WIDER_ELSE = (0.2, 0.2)


@dataclass(eq=False)
class Person:
    """A face of the survey: seconds at which it was seen, and its boxes (n, 4) in px of the upright frame."""

    boxes: list[NDArray[np.float64]] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)

    @property
    def side(self) -> float:
        """Median width of its boxes."""
        return float(np.median([box[2] - box[0] for box in self.boxes]))

    def near(self, box: NDArray[np.float64]) -> float:
        """Distance of a box from the last one, in its sides."""
        last = self.boxes[-1]
        between = box.reshape(2, 2).mean(axis=0) - last.reshape(2, 2).mean(axis=0)
        return float(np.linalg.norm(between) / (last[2] - last[0]))


@dataclass(frozen=True, eq=False)
class Survey:
    """What a first look at the whole video tells: the frames on their grid, and the faces, largest first."""

    reel: Reel
    people: list[Person]


def survey(
    video: Path,
    models: FaceModels,
    *,
    target: float | None,
    fps: float,
    progress: Callable[[], object],
) -> Survey:
    """Read the whole video once: the times of its frames, and who is in it.

    Parameters
    ----------
    video : Path
    models : FaceModels
    target : float, optional
        Frames per second that are wanted, see `lay_out`.
    fps : float
        Of a folder of frames.
    progress : callable
        Called once per frame.

    Raises
    ------
    DataError
        It is no video, or has a single frame.
    """
    times: list[float | None] = []
    numbers: list[int] = []
    damaged: list[str] = []
    people: list[Person] = []
    looks: list[tuple[int, np.ndarray, float]] = []
    size, due = (0, 0), 0.0
    for shot in shots(video, damaged, fps=fps):
        size = size if numbers else shot.size
        times.append(shot.time)
        numbers.append(shot.number)
        progress()
        now = len(numbers) / 30 if shot.time is None else shot.time - (times[0] or 0.0)
        if now >= due:
            due = now + _SURVEY_STEP
            picture = shot.picture(_SURVEY_SIDE, True)
            scale = max(size) / max(picture.shape)
            found, _, _ = models.hog.run(picture, 0, 0.0)
            _sort_in(people, [as_box(rectangle) * scale for rectangle in found], shot.number)
            if not people:
                looks = [*looks, (shot.number, picture, scale)][:: 1 if len(looks) < 2 * _SLOW_LOOKS else 2]
    reel = lay_out(video, times, numbers, size, damaged, target)
    if not people:
        _look_closely(people, looks, models)
    most = max((len(person.boxes) for person in people), default=0)
    real = [person for person in people if len(person.boxes) >= max(1, _FEW * most)]
    return Survey(reel, sorted(real, key=lambda person: -person.side))


def _sort_in(people: list[Person], boxes: list[NDArray[np.float64]], number: int) -> None:
    """Give each box to the nearest known face that has none in this look yet, or to a new one."""
    for box in boxes:
        free = [person for person in people if number not in person.looks and person.near(box) < 1]
        if not free:
            people.append(free_one := Person())
        else:
            free_one = min(free, key=lambda person: person.near(box))
        free_one.boxes.append(box)
        free_one.looks.append(number)


def _look_closely(
    people: list[Person], looks: list[tuple[int, np.ndarray, float]], models: FaceModels
) -> None:
    for number, picture, scale in looks[:: max(1, len(looks) // _SLOW_LOOKS)][:_SLOW_LOOKS]:
        face: Face | None = detect_face(picture, models)[0]
        if face is not None:
            _sort_in(people, [face.box * scale], number)


def choose_person(found: Survey, face: int) -> Person:
    """Take the face that is asked for, 1 is the largest.

    Raises
    ------
    DataError
        The video shows no face.
    ConfigError
        It shows fewer than asked for.
    """
    if not found.people:
        raise DataError(
            "no face in this video",
            "a face seen from the front, at least about 80 pixels wide",
            "Look at the video: is the face large, upright and lit?",
            file=found.reel.path,
        )
    if not 1 <= face <= len(found.people):
        raise ConfigError(
            f"face {face} was asked for, and the video shows {len(found.people)}",
            "a number from 1, the largest face, on",
            "Give another --face",
            file=found.reel.path,
        )
    return found.people[face - 1]


def write_faces(
    found: Survey,
    person: Person,
    out: Path,
    models: FaceModels,
    *,
    size: int | None,
    margin: float = _MARGIN,
    trained: bool,
    progress: Callable[[], object],
) -> tuple[FaceTrack, dict[str, NDArray[np.bool_]]]:
    """Follow the face through the video and write the artifact that the flow is computed from.

    Parameters
    ----------
    found, person : Survey, Person
    out : Path
        Artifact as of the stage ``faces``; ``index`` are ticks of the reel.
    models : FaceModels
    size : int, optional
        Width of the crop in px with which a model was trained; native resolution when absent.
    margin : float
        Share of the face box that the crop holds beyond it.
    trained : bool
        Whether `size` is to be followed; without a model the face is brought to 130 px.
    progress : callable
        Called once per frame.

    Returns
    -------
    track : FaceTrack
        In px of the upright frame.
    reasons : dict of str to ndarray, bool, shape (T,)
        Why frames are invalid.

    Raises
    ------
    DataError
        Fewer than two frames show the face.
    """
    reel, box = found.reel, _crop_box(person, margin, found.reel.size)
    side = person.side * (1 + 2 * margin)
    scale = (size / side if size else 1.0) if trained else min(1.0, _FACE_SIDE / person.side)
    width = max(32, round(int(box[2] - box[0]) * scale))
    scale = width / int(box[2] - box[0])
    points, scores = np.zeros((len(reel), 68, 2), np.float32), np.full(len(reel), -1.0)
    seen = np.zeros(len(reel), bool)
    with ArtifactWriter(out, stage="faces", params={"size": size, "margin": margin}, inputs={}) as writer:
        tracker = ScoredTracker(_start(found, person, box, width, models), models)
        stream: Stream | None = None
        for tick, crop in ahead(_crops(reel, box, width)):
            if stream is None:
                stream = writer.stream(
                    "frames", shape=crop.shape, dtype=np.uint8, axes="(T, H, W)", units="grey level"
                )
            stream.append(crop)
            landmarks = tracker.step(crop)
            scores[tick] = tracker.score
            if landmarks is not None:
                points[tick], seen[tick] = landmarks, True
            progress()
        if seen.sum() < 2:
            raise _lost(reel)
        landmarks, valid, interpolated = bridge_gaps(points, seen, max_gap=_BRIDGED)
        landmarks = smooth_landmarks(landmarks, valid, window=_WINDOW)
        reasons = _reasons(landmarks, scores, valid, reel)
        valid = valid & ~np.logical_or.reduce(list(reasons.values()))
        if (valid[:-1] & valid[1:]).sum() < 1:
            raise _lost(reel)
        writer.write("landmarks", landmarks, axes="(T, 68, (x, y))", units="px of the crop")
        writer.write("box", box, axes="(left, top, right, bottom)", units="px of the source frame")
        writer.write("index", np.arange(len(reel), dtype=np.int32), axes="(T,)", units="tick")
        writer.write("valid", valid, axes="(T,)")
        writer.write("interpolated", interpolated, axes="(T,)")
        writer.attrs |= {"dataset": "own", "subject": "somebody", "video": "video", "fps": reel.rate}
        writer.attrs |= {"scale": scale, "variable_fps": reel.varying}
    whole = (landmarks + 0.5) / scale - 0.5 + box[:2]
    return FaceTrack(np.arange(len(reel)), box, whole, valid), reasons


def _crop_box(person: Person, margin: float, shape: tuple[int, int]) -> NDArray[np.int32]:
    """Box that holds all places of the face, with a margin of its side around."""
    boxes = np.stack(person.boxes)
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    room = margin * person.side / (high - low)
    # `enlarge_box` takes one share for both axes: the larger keeps the whole face inside
    return enlarge_box(np.concatenate([low, high]), margin=float(room.max()), shape=shape)


def _crops(reel: Reel, box: NDArray[np.int32], width: int) -> Iterator[tuple[int, np.ndarray]]:
    for tick, frame in reel.frames():
        yield tick, crop_frame(frame, box, size=width)


def _start(
    found: Survey, person: Person, box: NDArray[np.int32], width: int, models: FaceModels
) -> np.ndarray:
    """Landmarks of the face where the survey saw it first, in px of the crop."""
    scale = width / int(box[2] - box[0])
    inside = (person.boxes[0] - np.tile(box[:2], 2)) * scale
    wanted = int(np.searchsorted(found.reel.numbers, person.looks[0]).clip(max=len(found.reel) - 1))
    for tick, crop in _crops(found.reel, box, width):
        if tick == wanted:
            return settle(crop, inside, models)
    raise _lost(found.reel)


def _reasons(
    landmarks: NDArray[np.float32], scores: NDArray[np.float64], valid: NDArray[np.bool_], reel: Reel
) -> dict[str, NDArray[np.bool_]]:
    """Tell why frames are no use, each run a little widened."""
    rate = reel.rate
    ways = {
        "no picture": reel.stale,
        "face lost": ~valid & ~reel.stale,
        "head turned": valid & turned(landmarks),
        "face covered": valid & covered(np.where(valid, scores, np.median(scores[valid]))),
        "head turns": valid & turning(landmarks, rate),
    }
    return {why: _widened(bad, rate, *_WIDER.get(why, _WIDER_ELSE)) for why, bad in ways.items()}


def _widened(bad: NDArray[np.bool_], rate: float, before: float, after: float) -> NDArray[np.bool_]:
    changes = np.zeros(len(bad) + 1, np.int64)
    at = np.flatnonzero(bad)
    np.add.at(changes, np.maximum(at - round(before * rate), 0), 1)
    np.add.at(changes, np.minimum(at + round(after * rate) + 1, len(bad)), -1)
    return np.asarray(np.cumsum(changes[:-1]) > 0)


def _lost(reel: Reel) -> DataError:
    return DataError(
        "the face cannot be followed in this video",
        "one face that is seen from the front, uncovered, in some frames that follow each other",
        "Cut the video to the part that shows the face",
        file=reel.path,
    )
