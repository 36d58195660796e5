"""Clips that are made on request, through the rules: magnified, MagNet's shape, and clips of one length.

Networks have random weights, given as a user gives his own; what training is worth is tested elsewhere.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from interpolate.conftest import neutral_weights
from magnify.conftest import magnet_weights

from mezoo.artifact import Artifact
from mezoo.demo import write_corpus

from .clone import Clone
from .conftest import CHEAP

__all__ = ["magnet_weights", "neutral_weights"]
pytestmark = pytest.mark.slow

VIDEO, FOLDER = "s01_sur_03", "results/artifacts/smic"
STAGES = (
    "magnified-phase-4",
    "magnified-magnet-2.5",
    "shape",
    "interpolated-flow_warp-16",
    "interpolated-rife-16",
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory, magnet_weights, neutral_weights) -> Clone:
    """One subject of SMIC, weights of both networks, and everything of one video made."""
    root = tmp_path_factory.mktemp("clips") / "smic"
    write_corpus(root, "smic", n_subjects=1, size="tiny")
    clone = Clone(
        tmp_path_factory.mktemp("clone"),
        **CHEAP,
        datasets={"smic": {"root": str(root)}},
        magnify={"magnet_weights": str(magnet_weights), "shape_factors": [1.0, 2.0]},
        interpolate={"rife_weights": str(neutral_weights)},
    )
    clone.finish(*wanted())
    return clone


def wanted() -> list[str]:
    return [f"{FOLDER}/{stage}/{VIDEO}.h5" for stage in STAGES]


def open_stage(clone: Clone, stage: str) -> Artifact:
    return Artifact(clone.path(f"{FOLDER}/{stage}/{VIDEO}.h5"))


@pytest.mark.parametrize("stage", STAGES)
def test_one_event_is_there_and_usable(clone, stage):
    with open_stage(clone, stage) as made:
        made.verify()
        assert made.ok and made.attrs["dataset"] == "smic" and made.attrs["video"] == VIDEO
        assert len(made["onset"]) == 1 and made["valid"][:].all()
        assert (made["shape" if stage == "shape" else "frames"][:] != 0).any()


def test_each_has_the_form_that_its_name_promises(clone):
    with Artifact(clone.path(f"{FOLDER}/faces/{VIDEO}.h5")) as faces:
        size = faces["frames"].shape[1:]
    for method in ("flow_warp", "rife"):
        with open_stage(clone, f"interpolated-{method}-16") as made:
            assert made["frames"].shape == (1, 16, *size) and made.params["method"] == method
    for method, factor in (("phase", 4), ("magnet", 2.5)):
        with open_stage(clone, f"magnified-{method}-{factor}") as made:
            assert made["frames"].shape[1:] == size and made.params["method"] == method
            assert made.params["factor"] == factor
    with open_stage(clone, "shape") as made:
        assert made["factor"][:].tolist() == [1.0, 2.0] and made["shape"].shape[2:] == (128, 128)
        assert np.abs(made["shape"][0].astype(float) - made["shape"][1]).max() > 0


def test_nothing_is_left_to_do(clone):
    assert clone.planned(*wanted()) == Counter()
