"""What failed, and why: status, usable and verify."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.artifact import ArtifactWriter, write_failed
from mezoo.errors import ConfigError
from mezoo.status import describe, failures, usable, verify


def write_ok(path):
    with ArtifactWriter(path, stage="mdmo", params={}, inputs={}) as writer:
        writer.write(
            "mdmo", np.random.default_rng(0).normal(size=(50, 12, 2)), axes="(T, ROI, 2)", units="px"
        )


def fail(path, reason, stage="mdmo"):
    write_failed(path, stage=stage, params={}, inputs={}, reason=reason)


def test_a_failure_is_listed_once_where_it_began(tmp_path):
    root = tmp_path / "artifacts" / "casme_sq"
    for stage in ("faces", "flow_pair", "mdmo"):
        fail(root / stage / "s15_0101.h5", "no face in frame 1", "faces")
        write_ok(root / stage / "s16_0101.h5")
    (found,) = failures(tmp_path)
    assert (found.stage, found.video, found.reason) == ("faces", "s15_0101", "no face in frame 1")
    assert found.retry.startswith("rm ") and str(root / "faces" / "s15_0101.h5") in found.retry


def test_everything_that_followed_is_made_again(tmp_path):
    root = tmp_path / "artifacts" / "casme2"
    for stage in ("faces", "flow_apex", "flow_onset"):
        fail(root / stage / "sub01_a.h5", "no face in frame 1", "faces")
    (found,) = failures(tmp_path)
    removed, again = found.retry.split(" && ")
    for stage in ("flow_apex", "flow_onset"):
        assert str(root / stage / "sub01_a.h5") in removed and str(root / stage / "sub01_a.h5") in again
    assert str(root / "faces") in removed and str(root / "faces") not in again


def test_usable_lists_every_video_with_its_reason(tmp_path):
    write_ok(tmp_path / "a.h5")
    fail(tmp_path / "b.h5", 'no "face", none')
    usable([tmp_path / "a.h5", tmp_path / "b.h5"], tmp_path / "usable.csv", max_failed_share=0.5)
    assert (
        tmp_path / "usable.csv"
    ).read_text() == 'video,status,reason\na,ok,\nb,failed,"no ""face"", none"\n'


def test_too_many_failures_stop_the_run(tmp_path):
    write_ok(tmp_path / "a.h5")
    fail(tmp_path / "b.h5", "x")
    with pytest.raises(ConfigError, match=r"1 of 2 videos failed \(b\).*at most 10%"):
        usable([tmp_path / "a.h5", tmp_path / "b.h5"], tmp_path / "usable.csv", max_failed_share=0.1)
    assert not (tmp_path / "usable.csv").exists()


def test_a_corpus_in_which_all_failed_is_never_usable(tmp_path):
    fail(tmp_path / "b.h5", "x")
    with pytest.raises(ConfigError, match="1 of 1"):
        usable([tmp_path / "b.h5"], tmp_path / "usable.csv", max_failed_share=1.0)


def test_verify_names_the_damaged_file_only(tmp_path):
    write_ok(tmp_path / "a.h5")
    write_ok(tmp_path / "b.h5")
    data = bytearray((tmp_path / "b.h5").read_bytes())
    data[len(data) // 2] ^= 4
    (tmp_path / "b.h5").write_bytes(bytes(data))
    problems = dict(verify([tmp_path / "a.h5", tmp_path / "b.h5"]))
    assert problems[tmp_path / "a.h5"] == ""
    assert "b.h5" in problems[tmp_path / "b.h5"] and "checksum" in problems[tmp_path / "b.h5"]


def test_describe_tells_shapes_and_units(tmp_path):
    write_ok(tmp_path / "a.h5")
    text = "\n".join(describe(tmp_path / "a.h5"))
    assert "/mdmo  float64 (50, 12, 2)  axes (T, ROI, 2)  px" in text and "stage mdmo" in text
