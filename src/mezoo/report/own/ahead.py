"""Work that is done ahead in a thread: decoding while the face is followed, drawing while the encoder is busy."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")
_WAIT = 0.1


def ahead(items: Iterator[Item], *, n: int = 8) -> Iterator[Item]:
    """Yield the items of an iterator that runs in a thread of its own, at most `n` items ahead.

    An exception of the iterator is raised here, after the items before it.
    """
    made: Queue = Queue(n)
    stop = Event()

    def put(entry: tuple[str, object]) -> bool:
        while not stop.is_set():
            try:
                made.put(entry, timeout=_WAIT)
            except Full:
                continue
            return True
        return False

    def run() -> None:
        try:
            for item in items:
                if not put(("item", item)):
                    return
            put(("end", None))
        except BaseException as error:  # handed to the reader
            put(("error", error))

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        while (entry := made.get())[0] == "item":
            yield entry[1]
        if entry[0] == "error":
            raise entry[1]
    finally:
        stop.set()
        thread.join()
