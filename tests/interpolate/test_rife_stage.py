"""Training of the substitute: who is held out, and the report."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mezoo.artifact import ArtifactWriter, write_failed
from mezoo.errors import ConfigError, DataError
from mezoo.interpolate.rife_origin import report_path, trained_on
from mezoo.interpolate.rife_stage import train_rife_stage
from mezoo.interpolate.rife_train import RifeProfile
from mezoo.interpolate.rife_weights import load_rife

TINY = RifeProfile(widths=(8, 8, 8), base=2, steps=1, batch=1, drift=2, span=3, spacings=(2,))


@pytest.fixture
def faces(tmp_path, moving_clip):
    """Write faces artifacts of subjects of one corpus."""
    clip = moving_clip(range(5), shape=(64, 64))

    def faces(*subjects, dataset="d"):
        paths = []
        for subject in subjects:
            paths.append(tmp_path / f"{dataset}_{subject}.h5")
            with ArtifactWriter(paths[-1], stage="faces", params={}, inputs={}) as writer:
                writer.write("frames", np.asarray(clip), axes="(T, H, W)")
                writer.attrs.update(dataset=dataset, subject=subject)
        return paths

    return faces


def test_every_fourth_subject_of_a_corpus_is_held_out(faces, tmp_path):
    failed = tmp_path / "failed.h5"
    write_failed(failed, stage="faces", params={}, inputs={}, reason="no face")
    paths = [*faces("1", "2", "3", "4"), *faces("1", dataset="e"), failed]
    out = tmp_path / "small.pt"
    train_rife_stage(paths, out, profile=TINY)
    report = json.loads(report_path(out).read_text())
    assert report["held_out"] == ["d/4"] and report["trained_on"] == ["d/1", "d/2", "d/3", "e/1"]
    assert report["steps"] == 1 and set(report["psnr"]["2"]) == {
        *("linear", "tim", "flow_warp", "rife", "frames")
    }
    assert trained_on(out) == ["d", "e"]
    assert load_rife(out)[1]["variant"] == "RIFEm"


def test_few_subjects(faces, tmp_path):
    with pytest.raises(ConfigError, match="1 subject"):
        train_rife_stage(faces("1"), tmp_path / "small.pt", profile=TINY)
    failed = tmp_path / "failed.h5"
    write_failed(failed, stage="faces", params={}, inputs={}, reason="no face")
    with pytest.raises(DataError):
        train_rife_stage([failed], tmp_path / "small.pt", profile=TINY)
    assert not (tmp_path / "small.pt").exists()
