"""Packs and labels, joined by id."""

from __future__ import annotations

import numpy as np
import pytest

from learning.recognition_data import CLASSES, make_corpus, write_labels
from mezoo.errors import ConfigError
from mezoo.learning.clips import read_inputs, training_clips

KIND = ["apex_flow-28"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_corpus(tmp_path_factory.mktemp("made"), unusable=["02_1"])


def test_labels_follow_their_clip_in_any_order(made):
    packs, labels = made.but("01")
    clips = training_clips(read_inputs(packs, KIND), labels, CLASSES, max_failed_share=0.1)
    back = training_clips(read_inputs(packs[::-1], KIND), labels[::-1], CLASSES, max_failed_share=0.1)
    assert len(clips) == 17 and set(clips.persons) == {"made/02", "made/03", "made/04"}
    assert dict(zip(clips.clips, clips.target.tolist(), strict=True)) == dict(
        zip(back.clips, back.target.tolist(), strict=True)
    )
    for clip, target in zip(clips.clips, clips.target, strict=True):
        assert target == (int(clip.video.split("_")[1]) + int(clip.subject)) % 3
    assert all(units == [12] for units in clips.aus)


def test_shifted_rows_of_a_label_file_change_nothing_and_shifted_labels_are_other_clips(made, tmp_path):
    """A list of labels that slipped by one row cannot be joined by position: there is no position."""
    packs, labels = made.of(["01", "03"])
    rows = labels[0].read_text().splitlines()
    slipped = tmp_path / "01.csv"
    slipped.write_text("\n".join([rows[0], *rows[2:], rows[1]]) + "\n")
    inputs = read_inputs(packs, KIND)
    one = training_clips(inputs, labels, CLASSES, max_failed_share=0.1)
    two = training_clips(inputs, [slipped, labels[1]], CLASSES, max_failed_share=0.1)
    assert dict(zip(one.clips, one.target, strict=True)) == dict(zip(two.clips, two.target, strict=True))


def test_failed_clips_are_left_out_up_to_a_share(made):
    packs, labels = made.of(["02", "03"])
    inputs = read_inputs(packs, KIND)
    assert [clip.video for clip in inputs.reasons] == ["02_1"]
    with pytest.raises(ConfigError, match="1 of 12"):
        training_clips(inputs, labels, CLASSES, max_failed_share=0.05)


def test_files_that_do_not_belong_together(made, tmp_path):
    packs, labels = made.of(["01", "02"])
    with pytest.raises(ConfigError, match="of subject 02"):
        training_clips(read_inputs(packs[:1], KIND), labels, CLASSES, max_failed_share=0.1)
    with pytest.raises(ConfigError, match="a pack of apex_flow-28"):
        read_inputs(packs, ["biwoof"])
    with pytest.raises(ConfigError, match="a pack of apex_flow-28 of made/01"):
        read_inputs([packs[0], packs[0]], KIND)
    with pytest.raises(ConfigError, match="no pack of biwoof"):
        read_inputs(packs, [*KIND, "biwoof"])
    with pytest.raises(ConfigError, match="label 'joy'"):
        rows = [["made", "01_0", "01", "01_0_e", "joy", "made/01", ""]]
        wrong = write_labels(tmp_path / "wrong.csv", rows)
        training_clips(read_inputs(packs, KIND), [wrong], CLASSES, max_failed_share=0.1)
    with pytest.raises(ConfigError, match="one clip twice"):
        training_clips(read_inputs(packs, KIND), [labels[0], labels[0]], CLASSES, max_failed_share=0.1)
    with pytest.raises(ConfigError, match="class"):
        lines = labels[0].read_text().splitlines()
        alone = tmp_path / "alone.csv"
        alone.write_text("\n".join([lines[0], *(line for line in lines if "surprise" in line)]) + "\n")
        training_clips(read_inputs(packs, KIND), [alone], CLASSES, max_failed_share=0.1)


def test_random_labels_are_of_equally_frequent_classes(made):
    packs, labels = made.but("01")
    clips = training_clips(read_inputs(packs, KIND), labels, CLASSES, max_failed_share=0.1)
    drawn = [clips.random_labels(seed) for seed in range(200)]
    assert all(np.ptp(np.bincount(one.target, minlength=3)) <= 1 for one in drawn)
    assert all(one.clips == clips.clips and sorted(one.aus) == sorted(clips.aus) for one in drawn)
    shares = np.mean([np.eye(3)[one.target] for one in drawn], axis=0)
    assert shares == pytest.approx(np.full_like(shares, 1 / 3), abs=5 * (2 / 9 / 200) ** 0.5)


def test_settings_must_be_the_same(made, tmp_path):
    from mezoo.artifact import Artifact, ArtifactWriter
    from mezoo.inputs.pack import pack_file

    other = make_corpus(tmp_path, subjects=["05"])
    for path in (tmp_path / "flow_apex").glob("*.h5"):
        with Artifact(path) as old:
            flow, strain, attrs = old["flow"][:], old["strain"][:], dict(old.attrs)
        with ArtifactWriter(path, stage="flow_apex", params={"backend": "another"}, inputs={}) as writer:
            writer.attrs.update(attrs)
            writer.write("flow", flow, axes="")
            writer.write("strain", strain, axes="")
    tables = sorted((tmp_path / "labels").glob("*.csv"))
    pack_file("apex_flow-28", tmp_path, tables, other.packs["05"], dataset="made", subject="05")
    with pytest.raises(ConfigError, match="another"):
        read_inputs([*made.packs.values(), *other.packs.values()], KIND)
