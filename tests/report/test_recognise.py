"""Recognition in a video of one's own gives what the workflow gives a clip of a corpus."""

from __future__ import annotations

import csv
import json

import cv2
import numpy as np
import pytest
from learning.recognition_data import SVM_RECIPE, write_labels
from skimage import data

from mezoo.artifact import Artifact, write_failed
from mezoo.catalog_items import EventRecord, write_event_table
from mezoo.errors import ConfigError, DataError
from mezoo.faces import faces
from mezoo.inputs.pack import pack_file
from mezoo.learning.recogniser_fit import fit_recogniser
from mezoo.learning.recogniser_predict import predict_recogniser
from mezoo.motion import flow_apex_file
from mezoo.report.own.intervals import FrameClock, interval_of, read_intervals
from mezoo.report.recognise import Asked, recognise_videos
from mezoo.video import write_mp4

FPS, N_FRAMES, APEX = 30.0, 13, 7  # frames 1 to 13, the face moves most in frame 7
PLACES = {"brows": (165, 45, -4.0), "mouth": (165, 155, 5.0)}
KIND, CLASSES = "apex_flow-28", ("brows", "mouth")


def film(path, label, seed):
    """Write a portrait whose brows go up, or whose mouth goes down, and back."""
    rng = np.random.default_rng(seed)
    image = data.astronaut()[:320, 60:380]
    y, x = np.mgrid[:320, :320].astype(np.float32)
    across, down, size = PLACES[label]
    size *= rng.uniform(0.8, 1.2)
    near = np.exp(-(((x - across) / 45) ** 2 + ((y - down) / 20) ** 2))
    with write_mp4(path, fps=FPS, size=(320, 320)) as append:
        for number in range(1, N_FRAMES + 1):
            shift = size * np.interp(number, [1, APEX, N_FRAMES], [0, 1, 0]) * near
            moved = cv2.remap(image, x, (y - shift).astype(np.float32), cv2.INTER_LINEAR)
            append(np.clip(moved + rng.normal(0, 1, moved.shape), 0, 255).astype(np.uint8))
    return path


class Lab:
    """Two subjects that were trained on, and a third one, carried through the stages of the workflow."""

    def __init__(self, folder):
        self.folder, packs, labels = folder, {}, {}
        for number, subject in enumerate(("01", "02", "03")):
            tables, rows = [], []
            for k, label in enumerate(CLASSES):
                video = f"{subject}_{label}"
                path = film(folder / f"{video}.mp4", label, 10 * number + k)
                event = EventRecord("demo_made", video, subject, f"{video}_e", 1, APEX, N_FRAMES, "micro")
                record = {"dataset": "demo_made", "subject": subject, "video": video, "path": str(path)}
                crops, table = folder / "faces" / f"{video}.h5", folder / "labels" / f"{video}.csv"
                faces(record, crops, size=96)
                table.parent.mkdir(exist_ok=True)
                write_event_table(table, [event])
                flow_apex_file(crops, table, folder / "flow_apex" / f"{video}.h5", backend="dis")
                tables.append(table)
                rows.append(["demo_made", video, subject, event.event, label, f"demo_made/{subject}", ""])
            packs[subject] = folder / "pack" / f"{subject}.h5"
            pack_file(KIND, folder, tables, packs[subject], dataset="demo_made", subject=subject)
            labels[subject] = write_labels(folder / "protocol" / f"{subject}.csv", rows)
        recipe, self.model = folder / "made_svm.yaml", folder / "model.h5"
        recipe.write_text(SVM_RECIPE)
        seen = ("01", "02")
        fit_recogniser(
            recipe, [packs[s] for s in seen], [labels[s] for s in seen], self.model, classes=CLASSES, seed=0
        )
        out = folder / "predictions.h5"
        predict_recogniser(self.model, [packs["03"]], out, protocol="made", fold="03")
        with Artifact(out) as artifact:
            clips = [clip["video"] for clip in json.loads(artifact.attrs["clips"])]
            self.expected = dict(zip(clips, artifact["probability"][-1], strict=True))

    def run(self, out, *videos, **asked):
        paths = [self.folder / f"{video}.mp4" for video in videos]
        recognise_videos(paths, out, model=self.model, asked=Asked(**asked))
        with open(out / "predictions.csv", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file)), (out / "note.txt").read_text()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return Lab(tmp_path_factory.mktemp("lab"))


def test_given_frames_get_the_numbers_of_the_workflow(lab, tmp_path):
    places = {"onset": "1", "apex": str(APEX), "offset": "0.4s"}
    rows, note = lab.run(tmp_path, "03_brows", "03_mouth", places=places)
    for row in rows:
        found = [float(row[f"p_{name}"]) for name in CLASSES]
        assert found == pytest.approx(lab.expected[row["video"]].tolist(), abs=1e-5)
        assert row["class"] == row["video"].split("_")[1] and row["reason"] == ""
        assert [row[name] for name in ("onset", "apex", "offset", "apex_source")] == ["1", "7", "13", "given"]
        assert [row[f"{name}_s"] for name in ("onset", "apex", "offset")] == ["0.000", "0.200", "0.400"]
    assert "synthetic faces only" in note and "4 clips of 2 subjects of demo_made" in note
    assert "not calibrated" in note and "nothing about deception" in note and "KNOWN" not in note


def test_without_intervals_the_whole_clip_is_one_and_its_apex_is_searched(lab, tmp_path):
    (row,), note = lab.run(tmp_path, "03_mouth")
    assert (row["onset"], row["offset"], row["apex_source"]) == ("1", str(N_FRAMES), "spotted")
    assert abs(int(row["apex"]) - APEX) <= 2 and row["class"] == "mouth"
    assert "furthest since the onset" in note
    assert {path.name for path in tmp_path.iterdir()} == {"predictions.csv", "note.txt"}


def test_clips_of_the_training_are_told(lab, tmp_path):
    places = {"onset": "1", "apex": str(APEX), "offset": "13"}
    _, note = lab.run(tmp_path, "01_mouth", places=places)
    assert "KNOWN" in note and "01_mouth 1" in note


def test_intervals_of_the_spotter(lab, tmp_path, capsys):
    rows, note = lab.run(tmp_path, "03_mouth", spot=True)
    assert rows and {row["type"] for row in rows} <= {"micro", "macro"}
    assert any(int(row["onset"]) <= APEX + 1 and int(row["offset"]) >= APEX - 1 for row in rows)
    assert "nothing trained" in note and "(demo)" in capsys.readouterr().out


def test_a_video_without_a_face_is_a_row_beside_others(lab, tmp_path):
    empty = tmp_path / "empty.mp4"
    with write_mp4(empty, fps=FPS, size=(160, 160)) as append:
        for _ in range(4):
            append(np.full((160, 160, 3), 90, np.uint8))
    recognise_videos([empty, lab.folder / "03_brows.mp4"], tmp_path / "out", model=lab.model)
    text = (tmp_path / "out/predictions.csv").read_text()
    assert "no face in frames" in text and "brows" in text
    assert "1 of 2 intervals" in (tmp_path / "out/note.txt").read_text()
    with pytest.raises(DataError, match="no face"):
        recognise_videos([empty], tmp_path / "alone", model=lab.model)


def test_wrong_usage_is_told(lab, tmp_path):
    video = lab.folder / "03_mouth.mp4"
    with pytest.raises(ConfigError, match="everybody"):
        recognise_videos([video], tmp_path, model=tmp_path / "none.h5")
    write_failed(tmp_path / "x.h5", stage="mdmo", params={}, inputs={}, reason="none")
    with pytest.raises(ConfigError, match="stage 'mdmo'"):
        recognise_videos([video], tmp_path, model=tmp_path / "x.h5")
    with pytest.raises(ConfigError, match="two ways"):
        lab.run(tmp_path, "03_mouth", spot=True, places={"onset": "1"})
    with pytest.raises(ConfigError, match="two videos"):
        lab.run(tmp_path, "03_mouth", "03_mouth")


class TestIntervals:
    CLOCK = FrameClock(first=101, last=200, fps=50.0)

    def test_frames_and_seconds(self, tmp_path):
        path = tmp_path / "intervals.csv"
        path.write_text(
            "video,interval,type,onset,apex,offset,onset_s,apex_s,offset_s\n"
            "a.mp4,x,micro,111,,131,,,\n"
            "a,,macro,0.1s,120,0.5s,9,9,9\n"
            "b.mp4,,,1,2,3,,,\n"
            ",,,,,,0.2,0.3,0.6\n"
        )
        found = [(i.name, i.onset, i.apex, i.offset, i.kind) for i in read_intervals(path, "a", self.CLOCK)]
        assert found == [
            ("x", 111, None, 131, "micro"),
            ("2", 106, 120, 126, "macro"),
            ("4", 111, 116, 131, ""),
        ]

    @pytest.mark.parametrize(
        ("places", "words"),
        [
            ({"onset": "12"}, "101 to 200"),
            ({"onset": "soon"}, "'soon'"),
            ({"onset": "150", "offset": "150"}, "onset before"),
            ({"onset": "150", "apex": "170", "offset": "160"}, "not after offset"),
        ],
    )
    def test_what_cannot_be_understood(self, places, words):
        with pytest.raises(ConfigError, match=words):
            interval_of(places, self.CLOCK, name="1")

    def test_a_file_without_places(self, tmp_path):
        path = tmp_path / "intervals.csv"
        path.write_text("onset,end\n1,2\n")
        with pytest.raises(ConfigError, match="no column offset"):
            read_intervals(path, "a", self.CLOCK)
