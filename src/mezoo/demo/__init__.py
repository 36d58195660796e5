"""Synthetic corpora in the native layouts of CAS(ME)^2 and SAMM Long Videos, with exact ground truth.

`list_videos` and `plan_corpus` need numpy only; `write_corpus`, `write_demo`, `load_truth`, `dense_displacement` and
`landmarks_at` load the drawing code when first used.
"""

from importlib import import_module
from typing import Any

from mezoo.demo.plan import LAYOUTS, list_videos, plan_corpus

_LAZY = {
    "write_corpus": "mezoo.demo.corpus",
    "write_demo": "mezoo.demo.corpus",
    "load_truth": "mezoo.demo.truth",
    "dense_displacement": "mezoo.demo.truth",
    "landmarks_at": "mezoo.demo.truth",
}

__all__ = ["LAYOUTS", "list_videos", "plan_corpus", *_LAZY]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
