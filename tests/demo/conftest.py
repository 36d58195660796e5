"""One tiny demo corpus of each layout for all tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from mezoo.demo.corpus import write_corpus
from mezoo.demo.layout import CorpusPlan
from mezoo.demo.scene import build_scene


@dataclass(frozen=True)
class Written:
    root: Path
    plan: CorpusPlan


@pytest.fixture(scope="session")
def written(common) -> dict[str, Written]:
    """Layout -> a corpus of two subjects on disk."""
    found = {}
    for layout in ("casme_sq", "samm_lv"):
        root = common / f"demo_2/{layout}"
        found[layout] = Written(root, write_corpus(root, layout, n_subjects=2, size="tiny"))
    return found


@pytest.fixture(scope="session")
def scenes(written):
    """Layout -> truth of its first video that holds an expression, in memory."""
    first = {layout: next(v for v in one.plan.videos if v.events) for layout, one in written.items()}
    return {layout: (video, build_scene(video, layout, 0)) for layout, video in first.items()}
