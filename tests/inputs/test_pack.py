"""Packs: one input of one subject, mapped, with reasons and digests."""

from __future__ import annotations

import numpy as np
import pytest
from learning.recognition_data import make_corpus

from mezoo.artifact import Artifact
from mezoo.errors import ConfigError, DamagedError
from mezoo.inputs.pack import ClipId, Pack, pack_file


@pytest.fixture
def made(tmp_path):
    return make_corpus(tmp_path, subjects=["01", "02"], unusable=["01_2"])


def test_arrays_are_those_of_the_artifacts(made, tmp_path):
    pack = Pack(made.packs["01"])
    clip = ClipId("made", "01", "01_0", "01_0_e")
    with Artifact(tmp_path / "flow_apex/01_0.h5") as source:
        flow = source["flow"][0].astype(np.float64)
    assert pack[clip].shape == (3, 28, 28) and pack[clip].dtype == np.float32
    # averaging over a coarser grid keeps the mean
    assert pack[clip][:2].mean((1, 2)) == pytest.approx(flow.mean((0, 1)), abs=1e-3)
    assert isinstance(pack._data, np.memmap)


def test_an_unusable_clip_has_a_reason(made):
    pack = Pack(made.packs["01"])
    bad = ClipId("made", "01", "01_2", "01_2_e")
    assert pack.reasons == {bad: "no face"} and bad not in pack
    assert len(pack.clips) == 6 and len(pack.marks) == 5
    with pytest.raises(KeyError):
        pack[bad]


def test_labels_do_not_matter_but_frames_do(made, tmp_path):
    """Emotion and action units are in the event table, yet no array depends on them."""
    tables = sorted((tmp_path / "labels").glob("01_*.csv"))
    for table in tables:
        table.write_text(table.read_text().replace("secret", "another").replace(",12,", ",4,"))
    pack_file("apex_flow-28", tmp_path, tables, tmp_path / "again.h5", dataset="made", subject="01")
    before, after = Pack(made.packs["01"]), Pack(tmp_path / "again.h5")
    assert before.marks == after.marks


def test_a_failed_video_is_passed_on(made, tmp_path):
    from mezoo.artifact import write_failed

    write_failed(
        tmp_path / "flow_apex/01_3.h5", stage="flow_apex", params={}, inputs={}, reason="no face at all"
    )
    tables = sorted((tmp_path / "labels").glob("01_*.csv"))
    pack_file("apex_flow-28", tmp_path, tables, tmp_path / "again.h5", dataset="made", subject="01")
    reasons = {clip.video: why for clip, why in Pack(tmp_path / "again.h5").reasons.items()}
    assert reasons == {"01_2": "no face", "01_3": "no face at all"}


def test_a_subject_without_usable_clip_is_a_whole_pack(tmp_path):
    made = make_corpus(tmp_path, subjects=["01"], clips_each=2, unusable=["01_0", "01_1"])
    pack = Pack(made.packs["01"])
    assert len(pack.reasons) == 2 and not pack.marks and pack._data.shape == (0, 3, 28, 28)


def test_a_flipped_bit_is_an_error(made):
    path = made.packs["01"]
    with Artifact(path) as artifact:
        offset = artifact._h5["data"].id.get_offset()
    content = bytearray(path.read_bytes())
    content[offset + 1000] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedError, match="data"):
        Pack(path)
    with Artifact(path) as artifact, pytest.raises(DamagedError):
        artifact.verify()


def test_an_unknown_input(tmp_path):
    with pytest.raises(ConfigError, match="apex_flow-SIZE"):
        pack_file("apex_flo-28", tmp_path, [], tmp_path / "x.h5", dataset="made", subject="01")


def test_a_policy_for_missing_apexes_is_told_unless_it_is_the_default(made, tmp_path):
    """So that packs made before there was a choice go with those made since."""
    tables = sorted((tmp_path / "labels").glob("01_*.csv"))
    out = tmp_path / "again.h5"
    told = {}
    for policy in ("middle", "spotted"):
        pack_file("apex_flow-28", tmp_path, tables, out, dataset="made", subject="01", missing_apex=policy)
        told[policy] = Pack(out).settings
    assert told["middle"] == Pack(made.packs["01"]).settings
    assert told["spotted"] == told["middle"] | {"apex": {"missing_apex": "spotted"}}
