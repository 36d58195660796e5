"""Protocols: which annotated expressions of which corpora a published experiment uses, and with what labels.

`PROTOCOLS` by name, `get` with a helpful error, `Protocol.members` over catalogs, `explain` in words.
"""

from mezoo.datasets.protocols.explain import explain, overview
from mezoo.datasets.protocols.protocol import Disagreement, Expected, Part, Protocol, compare
from mezoo.datasets.protocols.tables import PROTOCOLS, get

__all__ = [
    "PROTOCOLS",
    "Disagreement",
    "Expected",
    "Part",
    "Protocol",
    "compare",
    "explain",
    "get",
    "overview",
]
