"""The command writes the tables, prints the counts and, when strict, stops at repairs."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from mezoo.catalog import Catalog, read_labels
from mezoo.cli import app
from mezoo.datasets import list_videos
from mezoo.datasets.command import catalog_command
from mezoo.datasets.protocols import PROTOCOLS
from mezoo.errors import ConfigError, DataError


def test_summary_and_files(casme_root, tmp_path, capsys):
    catalog = catalog_command("casme_sq", casme_root, out=tmp_path / "out", items=True, name="mine")
    lines = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines()[1:])
    mark = json.loads((tmp_path / "out/fingerprint.json").read_text())
    assert {key.strip(): value for key, value in lines.items()} == {
        "events": "6",
        "macro": "4",
        "micro": "2",
        "subjects annotated": "2",
        "videos annotated": "3",
        "videos in tree": "3",
        "repaired": "0",
        "events excluded": "0",
        "videos or folders excluded": "0",
        "fingerprint": mark["fingerprint"],
    }
    assert Catalog.read(tmp_path / "out").events.equals(catalog.events)
    for ref in list_videos("casme_sq", casme_root):
        own = read_labels(tmp_path / f"out/labels/{ref.video}.csv")
        assert set(own["video"]) == {ref.video}


def test_strict_writes_the_audit_and_stops(samm_root, tmp_path):
    with pytest.raises(DataError, match="5 repairs or leaks.*006_1_1 fraction"):
        catalog_command("samm_lv", samm_root, out=tmp_path / "out", strict=True)
    assert (Catalog.read(tmp_path / "out").audit["severity"] == "repaired").sum() == 5


def test_strict_passes_without_repairs(casme_root, capsys):
    catalog_command("casme_sq", casme_root, frames=False, strict=True)
    assert "videos in tree                   -" in capsys.readouterr().out


class TestExplain:
    def run(self, *arguments):
        return CliRunner().invoke(app, ["catalog", *arguments])

    def test_all_names_are_listed(self):
        listed = self.run("--explain", "list").output
        assert {line.split()[0] for line in listed.splitlines()} == set(PROTOCOLS)

    def test_a_protocol_is_told_without_a_corpus(self):
        told = " ".join(self.run("--explain", "casme2_5class").output.split())
        assert "246 samples" in told and "249 samples" in told and "247" in told

    def test_unknown_names_and_no_layout(self):
        assert isinstance(self.run("--explain", "fer2013").exception, ConfigError)
        assert isinstance(self.run().exception, ConfigError)
