"""Faulty videos are recorded and left out, bugs stop what depends on them, and mending leads on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from mezoo.artifact import Artifact
from mezoo.video import write_mp4

from .clone import Clone
from .conftest import CHEAP, copy_corpus
from .corpus_names import FILMS

pytestmark = pytest.mark.slow

TARGET = "results/loso_mdmo_peaks.csv"
#: Planted fault -> what its reason must tell.
FAULTS = {
    "s15_0503": "no face in frames 1-10",
    "s16_0502": "the folder holds no frame",  # the workbook has events of this one
    "s19_0503": "frame 60 is missing",
    "s20_0503": "the video file cannot be opened",
}
N_FRAMES = 120


def folder_of(root: Path, video: str) -> Path:
    subject, code = video.split("_")
    return root / "rawpic" / subject / f"{subject[1:]}_{code}{FILMS[code]}"


@pytest.fixture(scope="module")
def corpus(films, tmp_path_factory) -> Path:
    """One good video per subject, shortened, and one with a fault."""
    root = copy_corpus(films, tmp_path_factory.mktemp("faulty") / "casme_sq")
    for folder in sorted(root.glob("rawpic/*/*")):
        kept = {video.name for video in sorted(folder.parent.iterdir())[:1]}
        if folder.name not in kept:
            shutil.rmtree(folder)
        else:
            for frame in sorted(folder.iterdir())[N_FRAMES:]:
                frame.unlink()
    for video in FAULTS:
        plant(root, video)
    return root


def plant(root: Path, video: str) -> None:
    target, good = folder_of(root, video), next(folder_of(root, video).parent.iterdir())
    if video == "s20_0503":
        whole = target.with_suffix(".mp4")
        write_video(whole, good)
        whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        return
    target.mkdir()
    if video == "s15_0503":
        for number in range(1, 21):
            cv2.imwrite(str(target / f"img{number:03d}.jpg"), np.full((120, 120), 90 + number, np.uint8))
    if video == "s19_0503":
        copy_frames(good, target)
        (target / "img060.jpg").unlink()


def write_video(path: Path, folder: Path) -> None:
    frames = [cv2.imread(str(name), cv2.IMREAD_GRAYSCALE) for name in sorted(folder.iterdir())]
    with write_mp4(path, fps=30, size=frames[0].shape) as append:
        for frame in frames:
            append(frame)


def copy_frames(good: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(good, target, copy_function=os.link)


def mend(root: Path, video: str) -> None:
    target = folder_of(root, video)
    good = next(p for p in target.parent.iterdir() if p.is_dir() and p.name != target.name)
    if video == "s20_0503":
        write_video(target.with_suffix(".mp4"), good)
    else:
        copy_frames(good, target)


def used_of_expected(clone: Clone) -> tuple[int, int]:
    table = pd.read_csv(clone.path(TARGET), dtype={"subject": str})
    row = table[(table["subject"] == "ALL") & (table["selection"] == "last") & (table["type"] == "all")]
    return int(row["n_used"].iloc[0]), int(row["n_expected"].iloc[0])


def test_faults_are_recorded_told_and_mended(corpus, new_clone):
    clone = new_clone(**CHEAP, datasets={"casme_sq": {"root": str(corpus)}})

    # too many failed: one readable line, and no table that looks like a result
    run = clone.snakemake(TARGET)
    assert run.returncode != 0 and not clone.path(TARGET).exists()
    assert "4 of 8 videos failed" in run.stdout and "Expected at most 10%" in run.stdout
    assert "Traceback" not in run.stdout

    # every fault is an artifact with its reason, in every stage; nothing else is lost
    for stage in ("faces", "flow_pair", "mdmo"):
        files = sorted(clone.path(f"results/artifacts/casme_sq/{stage}").glob("*.h5"))
        assert len(files) == 8
        for path in files:
            with Artifact(path) as artifact:
                assert artifact.ok == (path.stem not in FAULTS), (path, artifact.reason)
                assert FAULTS.get(path.stem, "") in artifact.reason

    # allowed: the run ends well and says how many videos it used
    clone.configure(max_failed_share=0.5)
    clone.finish(TARGET)
    assert used_of_expected(clone) == (4, 8)
    usable = pd.read_csv(clone.path("results/catalog/casme_sq/usable.csv")).set_index("video")
    assert set(usable.index[usable["status"] == "failed"]) == set(FAULTS)

    # each is listed with a command that works once the data are mended
    lines = clone.mezoo("status").stdout.splitlines()
    assert lines[-1] == "4 failed item(s) in results"
    retries = dict(zip(FAULTS, (line.partition("retry: ")[2] for line in lines[1::2]), strict=True))
    for line, (video, reason) in zip(lines[0::2], FAULTS.items(), strict=False):
        assert line.startswith(f"casme_sq/{video} failed in faces: ") and reason in line
    for video, command in retries.items():
        mend(corpus, video)
        again = clone.shell(command.replace("--cores all", "--cores 2"))
        assert again.returncode == 0, again.stdout
    assert clone.mezoo("status").stdout.splitlines()[-1].startswith("0 failed"), "all stages are retried"
    clone.configure(max_failed_share=0.1)
    clone.finish(TARGET)
    assert used_of_expected(clone) == (8, 8)
    events = pd.read_csv(clone.path("results/catalog/casme_sq/events.csv"))
    assert len(pd.read_csv(clone.path("results/catalog/casme_sq/videos.csv"))) == 8
    assert "s16_0502" in set(events["video"]), "its events come back with its frames"

    # a damaged file is no fault of the video: the run fails, names it, and does all the rest
    broken = clone.path("results/artifacts/casme_sq/faces/s16_0502.h5")
    flip_a_byte(broken)
    for video in ("s16_0502", "s19_0503"):
        clone.path(f"results/artifacts/casme_sq/mdmo/{video}.h5").unlink()
    run = clone.snakemake(TARGET)
    assert run.returncode != 0
    told = [line for line in run.stdout.splitlines() if "checksum" in line]
    assert told and all("faces/s16_0502.h5" in line and "Delete the file" in line for line in told)
    assert clone.path("results/artifacts/casme_sq/mdmo/s19_0503.h5").exists(), "others go on"
    checked = clone.mezoo("verify", broken)
    assert checked.returncode == 1 and "s16_0502.h5" in checked.stdout
    broken.unlink()
    clone.finish(TARGET)
    assert used_of_expected(clone) == (8, 8)


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
