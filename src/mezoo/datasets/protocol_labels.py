"""Labels of a protocol, one file per subject, so that a fold can be given those it may see and no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from mezoo.catalog import Catalog
from mezoo.catalog_items import write_if_changed
from mezoo.datasets.protocols import compare, get
from mezoo.datasets.protocols.protocol import MEMBER_COLUMNS
from mezoo.errors import ConfigError

#: Columns of a label file: whose clip, its label, what a fold holds out, and its action units as coded.
LABEL_COLUMNS = (*MEMBER_COLUMNS, "aus")


def protocol_labels(
    name: str,
    catalogs: Mapping[str, Path],
    out: str | Path,
    *,
    subjects: Sequence[str] = (),
    official: str | Path | None = None,
) -> pd.DataFrame:
    """Apply a protocol and write ``<dataset>/<subject>.csv`` for every subject, and ``counts.csv``.

    Parameters
    ----------
    name : str
        Protocol.
    catalogs : mapping of str to Path
        Layout -> folder that ``mezoo catalog`` wrote.
    out : Path
        Folder.
    subjects : sequence of str
        ``dataset/subject`` of all who get a file, an empty table where no clip belongs; besides those with clips.
    official : Path, optional
        The organisers' list, see `mezoo.datasets.protocols.Protocol.members`.

    Returns
    -------
    DataFrame
        All samples, columns `LABEL_COLUMNS`.
    """
    protocol, out = get(name), Path(out)
    read = {layout: Catalog.read(folder) for layout, folder in catalogs.items()}
    members = protocol.members(read, official=official)
    keys = ["dataset", "video", "event"]
    aus = pd.concat([catalog.events[[*keys, "aus"]] for catalog in read.values()])
    table = members.merge(aus, on=keys, how="left", validate="one_to_one")[list(LABEL_COLUMNS)]
    groups = dict(tuple(table.groupby(table["dataset"] + "/" + table["subject"])))
    for person in sorted({*subjects, *groups}):
        part = groups.get(person, table.iloc[:0])
        write_if_changed(out / f"{person}.csv", part.to_csv(index=False, lineterminator="\n"))
    rows = [
        (expected.source, expected.corpus or "all", what, found, stated)
        for expected in protocol.expected
        if not expected.corpus
        for what, found, stated in compare(table, expected, protocol.classes)
    ]
    counts = pd.DataFrame(rows, columns=["source", "corpus", "what", "found", "expected"])
    write_if_changed(out / "counts.csv", counts.to_csv(index=False, lineterminator="\n"))
    return table


def read_protocol_labels(paths: Sequence[str | Path]) -> pd.DataFrame:
    """Read label files as one table of text.

    Raises
    ------
    ConfigError
        A file is absent, has other columns, or names a clip twice.
    """
    parts = [_read(Path(path)) for path in paths]
    table = (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(LABEL_COLUMNS), dtype=str)
    )
    twice = table.duplicated(["dataset", "video", "event"])
    if twice.any():
        row = table[twice].iloc[0]
        raise ConfigError(
            "one clip twice in the labels",
            "each clip once",
            "Give each file once",
            item=f"{row['dataset']}/{row['event']}",
        )
    return table


def _read(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the labels cannot be read ({error})",
            "a file of mezoo protocol",
            "Run mezoo protocol first",
            file=path,
        ) from error
    if tuple(table.columns) != LABEL_COLUMNS:
        raise ConfigError(
            f"the columns are {', '.join(table.columns)}",
            f"the columns {', '.join(LABEL_COLUMNS)}",
            "Write it again with mezoo protocol",
            file=path,
        )
    return table
