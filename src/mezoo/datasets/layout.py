"""What a reader of a corpus provides, and what it is given.

A new corpus is one file with a `Layout` and one line in `mezoo.datasets.registry`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, Kind, VideoRef
from mezoo.errors import ConfigError


@dataclass(frozen=True)
class Source:
    """Where one copy of a corpus lies and how it is to be read.

    Attributes
    ----------
    dataset : str
        Key of the copy in the configuration; the ``dataset`` column of every table.
    root : Path or None
        Folder of the corpus; None when only the coding file is read.
    coding : Path or None
        Coding file, or a folder that holds it; None when it is to be found below ``root``.
    options : mapping
        One value for each of the layout's options.
    """

    dataset: str
    root: Path | None
    coding: Path | None
    options: Mapping[str, str]

    def existing_root(self) -> Path:
        """Give the root folder.

        Raises
        ------
        ConfigError
            No root is set, or it is not a folder.
        """
        if self.root is None or not self.root.is_dir():
            raise ConfigError(
                "no root folder is set" if self.root is None else "the root is not a folder",
                "the folder of the corpus",
                "Set its root, or read the coding file alone (--no-frames)",
                item=self.dataset,
                file=self.root,
            )
        return self.root


@dataclass(frozen=True)
class Layout:
    """Reader of one corpus.

    Attributes
    ----------
    name, title : str
        Key, e.g. ``casme_sq``, and the name of the corpus in print.
    kind : {"long", "clip"}
        What a video of the corpus is.
    fps : float
        Frame rate of the recordings.
    find_videos : callable
        Fast: looks at the names of folders only. Findings go to the audit.
    read_events : callable
        Reads the coding file. Events are checked against the frames later (`mezoo.datasets.checks`).
    options : mapping
        Name -> allowed values, the default first.
    """

    name: str
    title: str
    kind: Kind
    fps: float
    find_videos: Callable[[Source, Audit], list[VideoRef]]
    read_events: Callable[[Source, Audit], list[EventRecord]]
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def choose(self, given: Mapping[str, object]) -> dict[str, str]:
        """Complete the options of the user with the defaults.

        Raises
        ------
        ConfigError
            An unknown option, or a value that it does not have.
        """
        for name, value in given.items():
            if name not in self.options:
                raise ConfigError(
                    f"unknown option '{name}'",
                    f"one of {', '.join(self.options) or 'none'}",
                    "Mend the options of the dataset",
                    item=self.name,
                )
            if value not in self.options[name]:
                raise ConfigError(
                    f"option {name} is '{value}'",
                    f"one of {', '.join(self.options[name])}",
                    "Mend the options of the dataset",
                    item=self.name,
                )
        return {name: str(given.get(name, values[0])) for name, values in self.options.items()}
