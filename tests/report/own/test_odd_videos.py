"""`mezoo spot` as typed: what cannot be used is one sentence in three parts, and leaves nothing behind."""

import sys

import cv2
import numpy as np
import pytest
from odd_videos import film, sound, talking

from mezoo.cli import main


def spot(monkeypatch, *arguments):
    """Exit status of the command; 0 where it returns."""
    monkeypatch.setattr(sys, "argv", ["mezoo", "spot", *map(str, arguments)])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def text(path):
    path.write_text("not a video\n" * 40)


def one_frame(path):
    film(path, [np.full((64, 96, 3), 40, np.uint8)], [0.0])


def one_image(path):
    path.mkdir()
    cv2.imwrite(str(path / "img1.png"), np.full((64, 96, 3), 40, np.uint8))


#: Name, how it is made, exit status, words of the message.
ODD = {
    "no such file": ("gone.mp4", lambda path: None, 1, "no such file"),
    "text": ("text.mp4", text, 1, "cannot be opened as a video"),
    "empty file": ("nothing.mp4", lambda path: path.touch(), 1, "cannot be opened as a video"),
    "sound only": ("sound.mp4", sound, 1, "sound but no picture"),
    "one frame": ("one.mp4", one_frame, 1, "a single frame"),
    "one image": ("one", one_image, 1, "a single frame"),
    "empty folder": ("folder", lambda path: path.mkdir(), 1, "holds no frame"),
}


@pytest.mark.parametrize("kind", ODD)
def test_what_cannot_be_used_is_one_sentence(tmp_path, monkeypatch, capsys, kind):
    name, make, status, words = ODD[kind]
    make(tmp_path / name)
    out = tmp_path / "a b" / "Ergebnis ü"
    out.parent.mkdir()
    assert spot(monkeypatch, tmp_path / name, "-o", out) == status
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1 and words in told.err and ". Expected " in told.err
    assert name in told.err and not out.exists()


def test_results_do_not_replace_a_file(tmp_path, monkeypatch, capsys):
    text(tmp_path / "a.mp4")
    assert spot(monkeypatch, tmp_path / "a.mp4", "-o", tmp_path / "a.mp4") == 2
    assert "a folder for the results" in capsys.readouterr().err


def test_folder_of_images_named_with_spaces_and_umlauts(tmp_path, monkeypatch):
    folder, out = tmp_path / "Mein Gesicht ä", tmp_path / "Ergebnis ü ß"
    folder.mkdir()
    for number, frame in enumerate(talking(1.0, 12.0)[0], start=1):
        assert cv2.imwrite(f"{folder}/Bild {number}.png", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    assert spot(monkeypatch, folder, "-o", out, "--fps", "12") == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "annotated.mp4",
        "index.html",
        "intervals.csv",
        "note.txt",
        "timeline.png",
    ]
    assert "12 frames, 12 per second (assumed" in (out / "note.txt").read_text(encoding="utf-8")
