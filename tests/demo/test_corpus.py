"""Demo corpora on disk: names, bytes, resuming."""

from __future__ import annotations

import hashlib
import json
import re
import shutil

import cv2
import pytest

from mezoo.demo.corpus import write_corpus, write_demo
from mezoo.demo.layouts import LAYOUTS, choose
from mezoo.errors import ConfigError


def digests(root):
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


class TestNames:
    def test_casme_sq(self, written):
        root, plan = written["casme_sq"].root, written["casme_sq"].plan
        frame = re.compile(r"rawpic/s\d\d/\d\d_\d{4}[a-z]+/img\d{3,}\.jpg")
        frames = [name for name in digests(root) if name.startswith("rawpic")]
        assert all(frame.fullmatch(name) for name in frames)
        assert "rawpic/s15/15_0101disgustingteeth/img001.jpg" in frames
        copied = next(v for v in plan.videos if v.video == plan.copies[0].video)
        assert len(frames) == sum(v.n_frames for v in plan.videos) + copied.n_frames

    def test_samm_lv(self, written):
        root, plan = written["samm_lv"].root, written["samm_lv"].plan
        frames = [name for name in digests(root) if name.startswith("SAMM_longvideos/")]
        assert all(re.fullmatch(r"SAMM_longvideos/(\d{3}_\d)/\1_(\d{4}|\d{5})\.jpg", name) for name in frames)
        widths = {name.split("/")[1][:3]: len(name.split("_")[-1]) - 4 for name in frames}
        assert widths == {"006": 4, "007": 5}
        assert len(frames) == sum(v.n_frames for v in plan.videos)

    def test_frames_have_the_planned_shape(self, written):
        for layout, one in written.items():
            path = next((one.root / one.plan.videos[0].path).iterdir())
            image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            assert image.shape[:2] == LAYOUTS[layout].shape
            assert image.ndim == (3 if one.plan.videos[0].colour else 2)

    def test_misplaced_folder_is_an_identical_copy(self, written):
        root, plan = written["casme_sq"].root, written["casme_sq"].plan
        (copy,) = plan.copies
        original = next(v for v in plan.videos if v.video == copy.video)
        assert (root / copy.path).parent.name != original.subject
        assert digests(root / copy.path) == digests(root / original.path)

    def test_nothing_unfinished_is_left(self, written):
        for one in written.values():
            assert not [p for p in one.root.rglob("*") if ".part" in p.name]


class TestRepeat:
    def test_same_seed_same_bytes_with_two_workers(self, tmp_path, written):
        write_corpus(tmp_path, "casme_sq", n_subjects=2, size="tiny", workers=2)
        assert digests(tmp_path) == digests(written["casme_sq"].root)

    def test_another_seed_draws_other_frames(self, tmp_path, written):
        write_corpus(tmp_path, "casme_sq", n_subjects=1, size="tiny", seed=1)
        name = "rawpic/s15/15_0101disgustingteeth/img001.jpg"
        assert (tmp_path / name).read_bytes() != (written["casme_sq"].root / name).read_bytes()


class TestChoose:
    def test_names_commas_and_repeats(self):
        assert choose(["smic,casme2", " mmew", "smic"]) == ["smic", "casme2", "mmew"]

    def test_all_and_none(self):
        assert choose(["all"]) == list(LAYOUTS)
        assert choose(None) == ["casme_sq", "samm_lv"]

    def test_unknown_name_is_refused_before_anything_is_written(self, tmp_path):
        with pytest.raises(ConfigError, match="casme9"):
            write_demo(tmp_path, layouts=choose(["folder,casme9"]), n_subjects=1, size="tiny")
        assert not list(tmp_path.iterdir())

    def test_several_layouts_at_once(self, tmp_path):
        roots = write_demo(tmp_path, layouts=["folder", "fourdme"], n_subjects=1, size="tiny", workers=2)
        assert roots == {name: tmp_path / name for name in ("folder", "fourdme")}
        counts = json.loads((tmp_path / "fourdme.json").read_text())
        assert counts["videos"] == counts["events"] == 3


class TestResume:
    def test_only_missing_videos_are_drawn(self, tmp_path):
        write_corpus(tmp_path, "casme_sq", n_subjects=1, size="tiny")
        before = digests(tmp_path)
        kept = tmp_path / "rawpic/s15/15_0101disgustingteeth"
        (kept / "mark").touch()
        shutil.rmtree(tmp_path / "rawpic/s15/15_0508funnydunkey")
        (tmp_path / "truth/.part-s15_0508").mkdir()
        write_corpus(tmp_path, "casme_sq", n_subjects=1, size="tiny")
        assert (kept / "mark").exists()
        (kept / "mark").unlink()
        assert digests(tmp_path) == before

    def test_refuses_a_folder_made_with_other_arguments(self, written):
        with pytest.raises(ConfigError, match="seed 3"):
            write_corpus(written["samm_lv"].root, "samm_lv", n_subjects=2, size="tiny", seed=3)
