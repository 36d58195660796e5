"""Stills of macro-expressions: which frames, whose faces, and what becomes of pictures without one."""

from __future__ import annotations

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
import skimage.data

from mezoo.artifact import Artifact
from mezoo.catalog import Catalog
from mezoo.catalog_items import EventRecord, VideoRecord
from mezoo.errors import ConfigError
from mezoo.learning.macro_stills import list_stills, macro_stills_file, refuse_subjects

BLACK = np.zeros((80, 80), np.uint8)


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    """Grey portrait (240, 320), one face about 92 px wide around (164, 133)."""
    return cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2GRAY)[:240, 60:380]


def corpus(folder, pictures, *, dataset="ckplus", emotions=("happy", "sadness", "", "happy"), kind="macro"):
    """Write a catalog with a sequence of frames 1 to n per emotion, the last one the apex."""
    videos, events = [], []
    for k, emotion in enumerate(emotions):
        subject, video = f"S{k:03d}", f"S{k:03d}_001"
        path = folder / "frames" / video
        path.mkdir(parents=True)
        for number, picture in enumerate(pictures(k), 1):
            cv2.imwrite(str(path / f"{video}_{number:08d}.png"), picture)
        n = len(list(path.iterdir()))
        videos.append(VideoRecord(dataset, video, subject, str(path), 30.0, n, 1, n, "clip"))
        events.append(EventRecord(dataset, video, subject, video, 1, n, None, kind, emotion))
    Catalog.from_records(videos, events, []).write(folder / "catalog")
    return folder / "catalog"


def test_the_last_frames_before_the_peak_without_the_onset(tmp_path, face):
    lengths = (6, 3, 6, 2)
    catalog = Catalog.read(corpus(tmp_path, lambda k: [face] * lengths[k]))
    found = [(s.subject, s.frame, s.emotion) for s in list_stills(catalog)]
    assert found == [
        ("S000", 4, "happiness"), ("S000", 5, "happiness"), ("S000", 6, "happiness"),
        ("S001", 2, "sadness"), ("S001", 3, "sadness"),
        ("S003", 2, "happiness"),
    ]  # fmt: skip
    assert [s.frame for s in list_stills(catalog, frames=1)] == [6, 3, 2]


def test_a_still_image_is_its_own_peak(tmp_path, face):
    path = tmp_path / "happy.png"
    cv2.imwrite(str(path), face)
    video = VideoRecord("folder", "happy", "p1", str(path), None, 1, 1, 1, "clip")
    event = EventRecord("folder", "happy", "p1", "happy", 1, 1, 1, "macro", "happy")
    Catalog.from_records([video], [event], []).write(tmp_path / "catalog")
    macro_stills_file([tmp_path / "catalog"], tmp_path / "out.h5", size=32)
    with Artifact(tmp_path / "out.h5") as found:
        assert found["images"].shape == (1, 1, 32, 32)


def test_micro_expressions_are_not_taken(tmp_path, face):
    assert list_stills(Catalog.read(corpus(tmp_path, lambda k: [face] * 3, kind="micro"))) == []


def test_faces_are_cut_out_and_failures_told(tmp_path, face):
    """The same face elsewhere in the picture gives the same crop; a black sequence is left out with its reason."""
    pictures = [face, np.roll(face, (9, -20), (0, 1)), face, BLACK]
    catalog = corpus(tmp_path, lambda k: [pictures[k]] * (2 if k == 3 else 4))
    macro_stills_file([catalog], tmp_path / "out.h5", size=64)
    with Artifact(tmp_path / "out.h5") as found:
        images, target = found["images"][:], found["target"][:]
        assert images.dtype == np.uint8 and images.shape == (6, 1, 64, 64)
        assert (
            json.loads(found.attrs["classes"]) == ["happiness", "sadness"]
            and target.tolist() == [0] * 3 + [1] * 3
        )
        assert found["id"][0] == b"ckplus/S000/S000_001/2" and found.attrs["n_subjects"] == 2
        (reason,) = found["left_out"][:]
        assert reason.startswith(b"ckplus/S003_001: no face")
        assert all(name.endswith(("videos.csv", "events.csv")) for name in found.inputs)
    difference = np.abs(images[0].astype(int) - images[3]).mean()
    assert difference < 6 < np.abs(images[0].astype(int) - cv2.resize(face, (64, 64))).mean()


def test_cropped_pictures_are_only_resized(tmp_path):
    grey = np.full((30, 20), 90, np.uint8)
    macro_stills_file([corpus(tmp_path, lambda k: [grey] * 4)], tmp_path / "out.h5", size=16, cropped=True)
    with Artifact(tmp_path / "out.h5") as found:
        assert (found["images"][:] == 90).all() and len(found["left_out"]) == 0


def test_people_of_the_micro_corpora_are_refused(tmp_path, face):
    catalog = corpus(tmp_path / "macro", lambda k: [face] * 3)
    stills = list_stills(Catalog.read(catalog))
    refuse_subjects(stills, {"S777", "casme2/S000"})
    for shared in ({"S000"}, {"ckplus/S001"}):
        with pytest.raises(ConfigError, match="show subject S00"):
            refuse_subjects(stills, shared)
    micro = corpus(tmp_path / "micro", lambda k: [face] * 3, dataset="casme2", kind="micro")
    with pytest.raises(ConfigError, match="show subject S000, S001, S003"):
        macro_stills_file([catalog], tmp_path / "out.h5", micro=[micro])
    assert not (tmp_path / "out.h5").exists()


def test_no_picture_at_all(tmp_path):
    with pytest.raises(ConfigError, match="no still of a macro-expression"):
        macro_stills_file([corpus(tmp_path, lambda k: [BLACK] * 2, emotions=["fear"])], tmp_path / "out.h5")


def test_reading_pictures_needs_no_torch():
    path = [entry for entry in sys.path if entry]
    code = (
        "import mezoo.learning.macro_stills, mezoo.learning.augment_apex; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}; {code}"], check=True)
