"""The bar of a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm


@contextmanager
def progress(total: int) -> Iterator[Callable[[], Any]]:
    """Show a bar of `total` steps on a terminal, nothing elsewhere; gives what is called after each step."""
    with tqdm(total=total, desc="bench", unit="step", disable=None) as bar:
        yield bar.update
