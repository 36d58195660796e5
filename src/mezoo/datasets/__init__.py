"""Readers of the corpora: one file per corpus, from its native layout and coding file to a catalog."""

from mezoo.datasets.registry import LAYOUTS, list_videos, read

__all__ = ["LAYOUTS", "list_videos", "read"]
