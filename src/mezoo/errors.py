"""The two errors a user may meet, each told in three short parts: found, expected, what to do.

Everything that is neither a `DataError` nor a `ConfigError` is a bug and crashes with its traceback.
"""

from __future__ import annotations

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
