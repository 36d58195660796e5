"""What a reader of a corpus provides, and what it is given.

A new corpus is one file with a `Layout` and one line in `mezoo.datasets.registry`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mezoo.catalog_items import Audit, EventRecord, Kind, VideoRef
from mezoo.datasets.scan import FolderScan, FolderScans
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
    folders : FolderScans
        Lists each folder of frames once; readers that take frame numbers from the folders ask it too.
    """

    dataset: str
    root: Path | None
    coding: Path | None
    options: Mapping[str, str]
    folders: FolderScans = field(default_factory=FolderScans, compare=False)

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
        What a video of the corpus is, unless the layout has an option ``kind``.
    fps : float or None
        Frame rate of the recordings; None when only an option ``fps`` or the video files tell it.
    find_videos : callable
        Fast: looks at the names of folders only. Findings go to the audit.
    read_events : callable
        Reads the coding file. Events are checked against the frames later (`mezoo.datasets.checks`).
    options : mapping
        Name -> allowed values, the default first.
    numbers : mapping
        Name -> default of the options that take any positive number; an empty default means: not given.
    rates : mapping
        Frame rate by the value of the option ``camera``, for corpora recorded with several cameras.
    fit_frames : callable, optional
        Mends events by what the folders hold (video -> `FolderScan`), before they are checked against them.
    counts_from_one : bool
        Whether the frames of every video begin at number 1, or go on from a session's counter.
    """

    name: str
    title: str
    kind: Kind
    fps: float | None
    find_videos: Callable[[Source, Audit], list[VideoRef]]
    read_events: Callable[[Source, Audit], list[EventRecord]]
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)
    fit_frames: (
        Callable[[list[EventRecord], Mapping[str, FolderScan], Source, Audit], list[EventRecord]] | None
    ) = None
    counts_from_one: bool = True

    def choose(self, given: Mapping[str, object]) -> dict[str, str]:
        """Complete the options of the user with the defaults.

        Raises
        ------
        ConfigError
            An unknown option, or a value that it does not have.
        """
        values = {name: _text(value) for name, value in given.items()}
        for name, value in values.items():
            if name not in (*self.options, *self.numbers):
                known = ", ".join((*self.options, *self.numbers)) or "none"
                raise self._refused(f"unknown option '{name}'", f"one of {known}")
            if name in self.options and value not in self.options[name]:
                raise self._refused(f"option {name} is '{value}'", f"one of {', '.join(self.options[name])}")
            if name in self.numbers and value != self.numbers[name] and not _is_positive(value):
                raise self._refused(f"option {name} is '{value}'", "a positive number")
        chosen = {name: values.get(name, allowed[0]) for name, allowed in self.options.items()}
        return chosen | {name: values.get(name, default) for name, default in self.numbers.items()}

    def _refused(self, found: str, expected: str) -> ConfigError:
        return ConfigError(found, expected, "Mend the options of the dataset", item=self.name)

    def kind_of(self, options: Mapping[str, object]) -> Kind:
        """Tell what a video is when the corpus is read with these options."""
        return "clip" if self.choose(options).get("kind", self.kind) == "clip" else "long"

    def fps_of(self, options: Mapping[str, object]) -> float | None:
        """Tell the frame rate when the corpus is read with these options; None when only the files know."""
        chosen = self.choose(options)
        given = chosen.get("fps")
        return float(given) if given else self.rates.get(chosen.get("camera", ""), self.fps)


def _text(value: object) -> str:
    """Give the value of an option as text; yes and no are ``true`` and ``false`` as in YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_positive(value: object) -> bool:
    try:
        return 0 < float(str(value)) < math.inf
    except ValueError:
        return False
