"""The public functions of the readers, over all layouts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mezoo.datasets import LAYOUTS, list_videos, read
from mezoo.errors import ConfigError


def test_listing_needs_no_heavy_import():
    code = "import sys, mezoo.datasets; print({'pandas', 'numpy', 'cv2', 'av', 'torch'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_unknown_layout_and_options(tmp_path):
    with pytest.raises(ConfigError, match="unknown layout 'casme9'.*casme_sq"):
        list_videos("casme9", tmp_path)
    for layout in LAYOUTS:
        with pytest.raises(ConfigError, match="unknown option 'speed'"):
            list_videos(layout, tmp_path, options={"speed": 1})
    with pytest.raises(ConfigError, match="option misplaced is 'keep'"):
        list_videos("casme_sq", tmp_path, options={"misplaced": "keep"})


def test_without_frames_the_root_is_not_needed(casme_root, samm_root):
    for layout, root in (("casme_sq", casme_root), ("samm_lv", samm_root)):
        coding = next(root.glob("*.xlsx"))
        catalog = read(layout, None, coding=coding, frames=False)
        assert set(catalog.videos["video"]) == {ref.video for ref in list_videos(layout, root)}
        assert (catalog.videos["path"] == "").all() and catalog.videos["n_frames"].isna().all()
        with pytest.raises(ConfigError, match="no root folder is set"):
            read(layout, None, coding=coding)


def test_dataset_name_and_excluded_videos(casme_root):
    for frames in (True, False):
        catalog = read("casme_sq", casme_root, frames=frames, exclude=["s19_0101", "x"], dataset="demo")
        assert set(catalog.videos["video"]) == {"s19_0402", "s29_0508"}
        assert "s19_0101" not in set(catalog.events["video"])
        tables = (catalog.videos, catalog.events, catalog.audit)
        assert {name for table in tables for name in table["dataset"]} == {"demo"}
        left = catalog.audit.query("check == 'exclude'")
        assert list(zip(left["video"], left["severity"], strict=True)) == [
            ("s19_0101", "excluded"),
            ("x", "info"),
        ]
