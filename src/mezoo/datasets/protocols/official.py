"""Join the organisers' list of a challenge, which tells members and labels, to catalogs.

Both files of MEGC 2019 are read: ``combined_3class_gt.csv`` and the one with an empty row after each row.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from mezoo.catalog import Catalog
from mezoo.datasets.protocols.protocol import Protocol, sample_key
from mezoo.errors import ConfigError

_LISTED = 5


def join_official(protocol: Protocol, catalogs: Mapping[str, Catalog], path: Path) -> list[pd.DataFrame]:
    """Find the samples of a list among the events of catalogs.

    Parameters
    ----------
    protocol : Protocol
        Its ``official`` translates the classes of the list.
    catalogs : mapping of str to Catalog
    path : Path
        CSV without header: corpus, subject, clip, class. Padding of ids does not matter.

    Returns
    -------
    list of DataFrame
        Per corpus of the protocol: its events in the list, with a column ``label``.

    Raises
    ------
    ConfigError
        The protocol has no such list, a row has another form, occurs twice, or is in no catalog.
    """
    if not protocol.official:
        raise ConfigError("no official list exists", "the rule alone", "Leave it out", item=protocol.name)
    labels = _read(protocol, path)
    found = []
    for corpus in protocol.corpora:
        events = catalogs[corpus].events
        keys = [(corpus, *sample_key(*pair)) for pair in events[["subject", "event"]].itertuples(index=False)]
        label = pd.Series([labels.pop(key, None) for key in keys], index=events.index, dtype=object)
        found.append(events[label.notna()].assign(label=label[label.notna()]))
    if labels:
        names = ", ".join("/".join(key) for key in list(labels)[:_LISTED])
        raise ConfigError(
            f"{len(labels)} samples of the list are in no catalog ({names})",
            "every sample in a catalog",
            "Check that the corpora are complete, and read their audit",
            item=protocol.name,
            file=path,
        )
    return found


def _read(protocol: Protocol, path: Path) -> dict[tuple[str, str, str], str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    except (OSError, UnicodeError, csv.Error) as error:
        raise ConfigError(
            f"the list cannot be read ({error})", "a CSV file", "Check its path", file=path
        ) from error
    labels: dict[tuple[str, str, str], str] = {}
    for number, row in enumerate(rows, start=1):
        if not any(row):
            continue
        known = len(row) == 4 and row[0] in protocol.corpora and row[3] in protocol.official
        key = (row[0], *sample_key(row[1], row[2])) if known else ("", "", "")
        if not known or key in labels:
            raise ConfigError(
                f"row {number} is {', '.join(row)}{' once more' if known else ''}",
                f"{' or '.join(protocol.corpora)}, subject, clip, {' or '.join(protocol.official)}",
                "Take the list of the organisers as it is",
                item=protocol.name,
                file=path,
            )
        labels[key] = protocol.official[row[3]]
    return labels
