"""The protocols by name. Counts were computed from the released tables and agree with the papers where not said."""

from __future__ import annotations

from mezoo.datasets.protocols.casme import CASME
from mezoo.datasets.protocols.composite import COMPOSITE
from mezoo.datasets.protocols.long_videos import LONG_VIDEOS
from mezoo.datasets.protocols.protocol import Protocol
from mezoo.datasets.protocols.single import SINGLE
from mezoo.datasets.protocols.spotting import SPOTTING
from mezoo.errors import ConfigError

_ALL = (*CASME, *SINGLE, *LONG_VIDEOS, *COMPOSITE, *SPOTTING)
PROTOCOLS: dict[str, Protocol] = {protocol.name: protocol for protocol in _ALL}


def get(name: str) -> Protocol:
    """Give a protocol by name.

    Raises
    ------
    ConfigError
        There is none of this name; all names are listed.
    """
    if name not in PROTOCOLS:
        raise ConfigError(f"unknown protocol '{name}'", f"one of {', '.join(PROTOCOLS)}", "Correct the name")
    return PROTOCOLS[name]
