"""The two errors a user may meet, each told in three short parts: found, expected, what to do.

Everything that is neither a `DataError` nor a `ConfigError` is a bug and crashes with its traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path


class MezooError(Exception):
    """An expected fault, told as what was found, what was expected and what to do.

    Parameters
    ----------
    found : str
        What was found, without a final full stop.
    expected : str
        What was expected instead.
    action : str
        What the user can do about it.
    item : str, optional
        The item at fault, e.g. ``casme_sq/s15_0101``.
    file : str or Path, optional
        The file at fault.
    """

    def __init__(
        self,
        found: str,
        expected: str,
        action: str,
        *,
        item: str | None = None,
        file: str | Path | None = None,
    ) -> None:
        self.found, self.expected, self.action = found, expected, action
        self.item, self.file = item, None if file is None else str(file)
        super().__init__(found, expected, action)

    def __str__(self) -> str:
        head = f"{self.item}: " if self.item else ""
        tail = f" [{self.file}]" if self.file else ""
        stop = "" if self.action.endswith("?") else "."
        return f"{head}{self.found}. Expected {self.expected}. {self.action}{stop}{tail}"

    def __reduce__(self):  # keyword arguments would be lost when a worker process raises
        return _rebuild, (type(self), self.found, self.expected, self.action, self.item, self.file)


def _rebuild(kind, found, expected, action, item, file):
    return kind(found, expected, action, item=item, file=file)


class DataError(MezooError):
    """One item is bad: the fault is recorded, the item excluded, and the run goes on."""


class DamagedError(DataError):
    """A file of ours is not what was written: no fault of the item, so it is never recorded as one."""


class ConfigError(MezooError):
    """Wrong usage or configuration: nothing can be computed until the user mends it."""


def unknown(what: str, word: str, known: Iterable[str]) -> ConfigError:
    """Build the error for a word that is none of the `known` ones, with the nearest of them as advice.

    Parameters
    ----------
    what : str
        What was found, with the word in it.
    word : str
        The word.
    known : iterable of str
        The words that there are.
    """
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1)
    advice = f"Did you mean '{close[0]}'?" if close else "Choose one of these"
    return ConfigError(f"unknown {what}", f"one of {', '.join(names) or 'none'}", advice)
