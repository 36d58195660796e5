"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import pytest

from mezoo.atomic import new_folder, write_bytes, write_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_text_is_written_as_its_utf8_bytes(tmp_path):
    write_text(tmp_path / "deep" / "text", "a\r\né")
    write_bytes(tmp_path / "deep" / "bytes", b"\x00")
    assert (tmp_path / "deep" / "text").read_bytes() == "a\r\né".encode()
    assert names(tmp_path / "deep") == ["bytes", "text"]


def test_a_folder_takes_the_place_of_the_old_one_when_it_is_full(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "old").touch()
    with new_folder(out) as work:
        (work / "new").touch()
        assert names(out) == ["old"]
    assert names(out) == ["new"] and names(tmp_path) == ["out"]


def test_an_error_leaves_the_old_folder(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "old").touch()
    with pytest.raises(ValueError, match="no"), new_folder(out) as work:
        (work / "new").touch()
        raise ValueError("no")
    assert names(out) == ["old"] and names(tmp_path) == ["out"]
