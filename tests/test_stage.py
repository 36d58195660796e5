"""A stage on one item: faults of the item are passed on, all others leave no file."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.artifact import Artifact, ArtifactWriter, write_failed
from mezoo.errors import ConfigError, DamagedError, DataError
from mezoo.stage import check_stage, produce


def write(path, **attrs):
    with ArtifactWriter(path, stage="faces", params={}, inputs={}) as writer:
        frames = np.random.default_rng(0).integers(0, 255, (40, 24, 31), dtype=np.uint8)
        writer.write("frames", frames, axes="(T, H, W)")
        writer.attrs.update(attrs)


def test_passes_a_failed_input_on(tmp_path):
    write_failed(tmp_path / "in.h5", stage="faces", params={}, inputs={}, reason="no face in frame 1")
    called = []
    produce(
        tmp_path / "out.h5",
        stage="mdmo",
        params={},
        inputs={"faces": tmp_path / "in.h5"},
        make=called.append,
    )
    with Artifact(tmp_path / "out.h5") as artifact:
        assert (artifact.status, artifact.reason) == ("failed", "no face in frame 1")
    assert not called


def test_a_data_error_becomes_a_failed_artifact(tmp_path):
    def make(writer):
        raise DataError("no face", "a face", "Exclude the video", item="x/1")

    produce(tmp_path / "out.h5", stage="mdmo", params={}, inputs={}, make=make)
    with Artifact(tmp_path / "out.h5") as artifact:
        assert artifact.reason == "x/1: no face. Expected a face. Exclude the video."


def test_a_bug_propagates_and_leaves_nothing(tmp_path):
    def make(writer):
        raise RuntimeError("bug")

    with pytest.raises(RuntimeError, match="bug"):
        produce(tmp_path / "out.h5", stage="mdmo", params={}, inputs={}, make=make)
    assert list(tmp_path.iterdir()) == []


def test_identity_is_handed_on(tmp_path):
    write(tmp_path / "in.h5", dataset="casme_sq", subject="s15", video="s15_0101", fps=30.0, detector="hog")
    produce(
        tmp_path / "out.h5",
        stage="mdmo",
        params={},
        inputs={"f": tmp_path / "in.h5"},
        make=lambda writer: None,
    )
    with Artifact(tmp_path / "out.h5") as artifact:
        assert artifact.attrs == {
            "dataset": "casme_sq",
            "subject": "s15",
            "video": "s15_0101",
            "fps": 30.0,
        }


def test_a_damaged_input_is_no_fault_of_the_item(tmp_path):
    def make(writer):
        with Artifact(tmp_path / "in.h5") as artifact:
            artifact.verify()

    write(tmp_path / "in.h5")
    data = bytearray((tmp_path / "in.h5").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "in.h5").write_bytes(bytes(data))
    with pytest.raises(DamagedError, match="in.h5"):
        produce(tmp_path / "out.h5", stage="mdmo", params={}, inputs={"f": tmp_path / "in.h5"}, make=make)
    assert not (tmp_path / "out.h5").exists()


def test_an_artifact_of_another_stage_is_refused(tmp_path):
    with ArtifactWriter(tmp_path / "a.h5", stage="faces", params={}, inputs={}):
        pass
    with Artifact(tmp_path / "a.h5") as artifact:
        check_stage(artifact, "faces", expected="faces")
        with pytest.raises(ConfigError, match=r"stage 'faces'. Expected a flow. Give that file") as caught:
            check_stage(artifact, "flow_pair", expected="a flow")
    assert "a.h5" in str(caught.value)
