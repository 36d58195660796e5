from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mezoo.learning.videos import FeatureVideo
from mezoo.report.annotate import FaceTrack
from mezoo.report.own.model import Model
from mezoo.report.own.reel import lay_out
from mezoo.report.own.stages import Features
from mezoo.report.own.untrained import UntrainedPeaks
from mezoo.report.own.words import notes, print_summary

N = 60


def features(fps=30.0, **changes):
    """A film of 60 frames, half of which have no usable face."""
    times: list[float | None] = [k / fps for k in range(N)]
    reel = lay_out(Path("film.mp4"), times, list(range(1, N + 1)), (360, 640), [], None)
    valid = np.arange(N - 1) < 29
    data = FeatureVideo(
        "own", "s", "v", np.zeros((N - 1, 12, 2), np.float32), valid, np.arange(N - 1, dtype=np.int32), fps
    )
    track = FaceTrack(np.arange(N), np.zeros(4), np.zeros((N, 68, 2)), np.ones(N, bool))
    reasons = {"face covered": np.arange(N) >= 45, "face lost": np.zeros(N, bool)}
    made = Features(reel, data, track, reasons, 1)
    return replace(made, reel=replace(reel, **changes))


def text(made, model):
    return "\n".join(notes(Path("film.mp4"), made, model))


@pytest.fixture
def trained():
    """A model of a real corpus; its spotter only has to know its frame rate."""
    return Model("auwgcn", UntrainedPeaks(30.0), ("casme_sq",), 22, {})


def test_without_training_the_notes_say_so():
    told = text(features(), Model("motion peaks, nothing trained"))
    assert "film.mp4, 640x360, 60 frames, 30 per second\n" in told
    assert "60 frames (every frame)" in told and "usable in 49% of the frame pairs" in told
    assert "Nothing was trained" in told and "no probabilities" in told
    assert "Left out: face covered 25% of the frames" in told and "face lost" not in told
    assert told.endswith("nothing about deception.")
    assert not any(word in told for word in ("FACES", "DAMAGED", "FRAME RATE", "DEMO", "assumed"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"assumed": True}, "assumed: the source states none"),
        ({"n_damaged": 3}, "DAMAGED: 3 pieces"),
        ({"varying": True}, "FRAME RATE: it varies"),
        ({"stride": 2}, "(one of 2)"),
    ],
)
def test_what_is_odd_about_the_film_is_told(changes, words):
    assert words in text(features(**changes), Model("motion peaks, nothing trained"))


def test_other_faces_are_told():
    told = text(replace(features(), n_people=3), Model("motion peaks, nothing trained"))
    assert "FACES: the video shows 3" in told


def test_a_model_is_told_with_its_training(trained):
    told = text(features(), trained)
    assert "auwgcn, trained on 22 subjects of casme_sq at 30 frames per second" in told
    assert "Nothing was trained" not in told and "DEMO" not in told and "FRAME RATE" not in told


def test_a_model_of_synthetic_faces_is_told_as_such(trained, capsys):
    demo = replace(trained, datasets=("demo_casme_sq",))
    assert "DEMO: this model was trained on synthetic faces only" in text(features(), demo)
    print_summary(Path("film.mp4"), Path("out"), [], demo, [("in all", 1.0, 12.0)])
    assert "NOTE: model trained on synthetic faces only (demo); see out/note.txt" in capsys.readouterr().out


def test_a_film_slower_than_the_model_is_told(trained):
    assert "FRAME RATE: the model expects 30 frames per second and the video has 20" in text(
        features(20.0), trained
    )


def test_summary_counts_and_lists_the_intervals(trained, capsys):
    row = {"type": "micro", "onset": 4, "offset": 16, "onset_s": 0.1, "offset_s": 0.5, "score": 2.25}
    speed = [("optical flow", 0.75, 40.0), ("in all", 1.0, 30.0)]
    print_summary(Path("film.mp4"), Path("out"), [row], trained, speed)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "film.mp4: 1 micro-expression and 0 macro-expressions"
    assert lines[1].split() == "micro 0.10 s - 0.50 s frames 4-16 score 2.25".split()
    assert lines[2] == "Speed: 30.0 frames/s of the video; optical flow 75%"
    assert len(lines) == 4
