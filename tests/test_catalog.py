"""The tables of a catalog: types, bytes, and per-video files that change with their own video only."""

from __future__ import annotations

import os

import pytest

from mezoo.catalog import Catalog, read_labels
from mezoo.catalog_items import (
    Audit,
    EventRecord,
    VideoRecord,
    read_events,
    write_video,
)
from mezoo.errors import ConfigError, DataError

VIDEO = VideoRecord("d", "006_1", "006", "data/006_1", 200.0, 50, 1, 51, "long")
EMPTY = VideoRecord("d", "006_2", "006", "data/ä b,c", 29.97, 0, None, None, "long")
EVENT = EventRecord(
    "d", "006_1", "006", "006_1_1", 5, None, 9, type="micro", aus="4+7", flags=("apex_missing", "fraction")
)


@pytest.fixture
def catalog():
    audit = Audit("d")
    audit.add("006_1", "006_1_1", "info", "apex_missing", 'apex "-1", blank', "a frame", "now null")
    audit.add("006_2", "", "excluded", "video_unusable", "no frame", "one", "recorded")
    return Catalog.from_records([EMPTY, VIDEO], [EVENT], audit)


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


class TestTables:
    def test_columns_and_types(self, catalog):
        assert list(catalog.videos) == [
            "dataset", "video", "subject", "path", "fps", "n_frames", "first_frame", "last_frame", "kind",
        ]  # fmt: skip
        assert list(catalog.events) == [
            "dataset", "video", "subject", "event", "onset", "apex", "offset", "type", "emotion",
            "objective_class", "aus", "aus_raw", "flags",
        ]  # fmt: skip
        assert list(catalog.audit) == [
            "dataset", "video", "event", "severity", "check", "found", "expected", "action",
        ]  # fmt: skip
        for name in ("onset", "apex", "offset"):
            assert catalog.events[name].dtype == "Int64"
        assert catalog.events["subject"].dtype == catalog.videos["video"].dtype == "str"
        assert catalog.videos["fps"].dtype == "float64"
        assert catalog.events["apex"].isna().all()
        assert catalog.events["flags"].item() == "apex_missing;fraction"

    def test_round_trip_keeps_zeros_nulls_and_types(self, catalog, tmp_path):
        catalog.write(tmp_path)
        again = Catalog.read(tmp_path)
        for name in ("videos", "events", "audit"):
            assert getattr(again, name).equals(getattr(catalog, name))
            assert (getattr(again, name).dtypes == getattr(catalog, name).dtypes).all()
        assert again.events["subject"].item() == "006"

    def test_round_trip_of_stills_without_a_rate(self, tmp_path):
        still = VideoRecord("d", "happy_1", "p1", "happy/1.jpg", None, 1, 1, 1, "clip")
        Catalog.from_records([still], [], []).write(tmp_path)
        videos = Catalog.read(tmp_path).videos
        assert videos["fps"].dtype == "float64" and videos["fps"].isna().all()

    def test_empty_tables(self, tmp_path):
        Catalog.from_records([], [], []).write(tmp_path)
        again = Catalog.read(tmp_path)
        assert again.events.empty and again.events["onset"].dtype == "Int64"

    def test_same_bytes_whatever_the_order(self, catalog, tmp_path):
        catalog.write(tmp_path / "a")
        other = EventRecord("d", "006_1", "006", "006_1_2", 20, 22, 25, type="macro")
        for name, events in (("b", [EVENT, other]), ("c", [other, EVENT])):
            Catalog.from_records([VIDEO, EMPTY], events, []).write(tmp_path / name)
        assert files(tmp_path / "b") == files(tmp_path / "c")
        assert files(tmp_path / "a")["videos.csv"] == files(tmp_path / "b")["videos.csv"]

    def test_missing_and_foreign_tables(self, catalog, tmp_path):
        with pytest.raises(ConfigError, match="Run mezoo catalog first"):
            Catalog.read(tmp_path)
        catalog.write(tmp_path)
        (tmp_path / "events.csv").write_text("a,b\n1,2\n")
        with pytest.raises(ConfigError, match="the columns are a, b"):
            Catalog.read(tmp_path)
        (tmp_path / "events.csv").write_text("")
        with pytest.raises(ConfigError, match="cannot be read"):
            Catalog.read(tmp_path)


class TestStrict:
    def test_passes_without_repairs(self, catalog):
        catalog.require_unrepaired()

    def test_lists_the_repairs(self):
        audit = Audit("d")
        for number in range(12):
            audit.add("v", f"e{number}", "repaired", "fraction", "onset 1.5", "whole", "rounded")
        catalog = Catalog.from_records([], [], audit)
        with pytest.raises(DataError, match=r"12 repairs or leaks \(e0 fraction: onset 1.5; .*and 2 more\)"):
            catalog.require_unrepaired()


class TestItems:
    def test_read_back(self, catalog, tmp_path):
        catalog.write_items(tmp_path)
        assert read_labels(tmp_path / "labels/006_1.csv").equals(catalog.events)
        assert read_events(tmp_path / "labels/006_1.csv") == [EVENT]
        assert read_events(tmp_path / "labels/006_2.csv") == []
        none = read_labels(tmp_path / "labels/006_2.csv")
        assert none.empty and list(none) == list(catalog.events)

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("onset", "begin", "its columns are"),
            (",5,", ",five,", "five"),
            ("\nd,", "\nd,x,", "longer or shorter"),
            ("micro,", "micro", "longer or shorter"),
        ],
    )
    def test_a_table_of_others_is_refused(self, catalog, tmp_path, old, new, words):
        catalog.write_items(tmp_path)
        path = tmp_path / "labels/006_1.csv"
        path.write_text(path.read_text().replace(old, new, 1))
        with pytest.raises(ConfigError, match=words):
            read_events(path)

    def test_an_absent_table_is_told(self, tmp_path):
        with pytest.raises(ConfigError, match="mezoo catalog"):
            read_events(tmp_path / "labels/006_1.csv")

    def test_a_new_video_or_label_changes_its_own_files_only(self, catalog, tmp_path):
        catalog.write_items(tmp_path)
        before = files(tmp_path)
        for path in tmp_path.rglob("*.*"):
            os.utime(path, (1, 1))
        new = VideoRecord("d", "007_1", "007", "data/007_1", 200.0, 5, 1, 5, "long")
        label = EventRecord("d", "006_2", "006", "006_2_1", 1, 2, 3, type="micro")
        Catalog.from_records([VIDEO, EMPTY, new], [EVENT, label], []).write_items(tmp_path)
        changed = {name for name, content in files(tmp_path).items() if before.get(name) != content}
        assert changed == {"labels/007_1.csv", "labels/006_2.csv"}
        touched = {p.name for p in tmp_path.rglob("*.*") if p.stat().st_mtime != 1}
        assert touched == {"007_1.csv", "006_2.csv"}

    def test_the_record_of_a_video_holds_no_label(self, tmp_path):
        write_video(tmp_path / "v.json", VIDEO)
        text = (tmp_path / "v.json").read_text()
        assert "onset" not in text and "micro" not in text
