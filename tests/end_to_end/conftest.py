"""Whole runs on small synthetic corpora, kept few and short."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mezoo.demo import write_corpus

from .clone import Clone

#: Settings that make a run cheap: small crops, the fastest flow.
CHEAP = {"faces": {"size": 96}, "flow": {"backend": "dis"}, "demo": {"enabled": False}}
LOSO = "results/loso_auwgcn.csv"


@pytest.fixture(scope="session")
def films(common) -> Path:
    """A corpus in the tree of CAS(ME)^2: four subjects, six videos of 9 s, one folder misplaced."""
    root = common / "demo_4/casme_sq"
    write_corpus(root, "casme_sq", n_subjects=4, size="tiny", workers=2)
    return root


@pytest.fixture(scope="session")
def new_clone(tmp_path_factory):
    """Make a clone with few epochs."""

    def make(**settings) -> Clone:
        clone = Clone(tmp_path_factory.mktemp("clone"), **settings)
        clone.recipe("auwgcn", epochs=4, batch_size=8, thresholds=[0.4, 0.5])
        return clone

    return make


def copy_corpus(root: Path, target: Path) -> Path:
    """Copy a corpus by hard links: replace its files, never write into them."""
    shutil.copytree(root, target, copy_function=os.link)
    return target
