"""What ``mezoo catalog`` does: read a corpus, write its tables and print a summary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from mezoo.catalog import Catalog
from mezoo.datasets.registry import LAYOUTS, read


def catalog_command(
    layout: str,
    root: str | Path | None,
    *,
    coding: str | Path | None = None,
    frames: bool = True,
    strict: bool = False,
    out: str | Path | None = None,
    items: bool = False,
    name: str | None = None,
    options: Mapping[str, object] | None = None,
    exclude: Iterable[str] = (),
) -> Catalog:
    """Read a corpus, write its catalog and print the counts.

    Parameters
    ----------
    layout, root, coding, frames, options, exclude
        As in `mezoo.datasets.registry.read`.
    strict : bool
        Stop when anything had to be repaired; the tables are written first, so that the audit can be read.
    out : Path, optional
        Folder for ``videos.csv``, ``events.csv`` and ``audit.csv``; nothing is written when absent.
    items : bool
        Also write the per-video labels of `mezoo.catalog.Catalog.write_items` there.
    name : str, optional
        Value of the ``dataset`` column; the layout's name when absent.

    Returns
    -------
    Catalog

    Raises
    ------
    ConfigError
        As `mezoo.datasets.registry.read`.
    DataError
        A repair in strict mode.
    """
    catalog = read(
        layout, root, coding=coding, frames=frames, options=options, exclude=tuple(exclude), dataset=name
    )
    if out is not None:
        catalog.write(out)
        if items:
            catalog.write_items(out)
    print(summary_text(f"{name or layout} ({LAYOUTS[layout].title})", summary(catalog, frames=frames)))
    if strict:
        catalog.require_unrepaired()
    return catalog


def summary(catalog: Catalog, *, frames: bool) -> dict[str, int | None]:
    """Count what a catalog holds.

    Parameters
    ----------
    catalog : Catalog
        As read.
    frames : bool
        Whether its videos were looked for in the tree.

    Returns
    -------
    dict of str to int or None
        ``videos in tree`` is None when the tree was not looked at.
    """
    events, audit = catalog.events, catalog.audit
    by_type = events["type"].value_counts()
    severity = audit["severity"]
    is_event = audit["event"] != ""
    return {
        "events": len(events),
        "macro": int(by_type.get("macro", 0)),
        "micro": int(by_type.get("micro", 0)),
        "subjects annotated": events["subject"].nunique(),
        "videos annotated": events["video"].nunique(),
        "videos in tree": len(catalog.videos) if frames else None,
        "repaired": int((severity == "repaired").sum()),
        "events excluded": int(((severity == "excluded") & is_event).sum()),
        "videos or folders excluded": int(((severity == "excluded") & ~is_event).sum()),
    }


def summary_text(title: str, counts: Mapping[str, int | None]) -> str:
    """Lay the counts out in two columns, a line each."""
    width = max(map(len, counts))
    lines = [f"  {name:<{width}}  {'-' if count is None else count:>6}" for name, count in counts.items()]
    return "\n".join([title, *lines])
