"""What ``mezoo catalog`` does: read a corpus, write its tables and its audit, and print a summary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from mezoo.catalog import Catalog
from mezoo.datasets.audit_page import write_audit_page
from mezoo.datasets.fingerprint import fingerprint
from mezoo.datasets.protocols import PROTOCOLS, explain, get, overview
from mezoo.datasets.registry import LAYOUTS, survey
from mezoo.datasets.scan import CACHE_NAME


def catalog_command(
    layout: str,
    root: str | Path | None,
    *,
    coding: str | Path | None = None,
    frames: bool = True,
    deep: bool = False,
    strict: bool = False,
    out: str | Path | None = None,
    items: bool = False,
    name: str | None = None,
    options: Mapping[str, object] | None = None,
    exclude: Iterable[str] = (),
) -> Catalog:
    """Read a corpus, write its catalog and print the counts and the fingerprint.

    Parameters
    ----------
    layout, root, coding, frames, deep, options, exclude
        As in `mezoo.datasets.registry.survey`.
    strict : bool
        Stop when anything had to be repaired, or one person has two subject ids; everything is written
        first, so that the audit can be read.
    out : Path, optional
        Folder for ``videos.csv``, ``events.csv``, ``audit.csv``, ``audit.html`` and ``fingerprint.json``;
        nothing is written when absent. Listings of folders are kept there for the next run.
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
        A repair or a leak in strict mode.
    """
    found = survey(
        layout,
        root,
        coding=coding,
        frames=frames,
        deep=deep,
        options=options,
        exclude=tuple(exclude),
        dataset=name,
        cache=None if out is None else Path(out) / CACHE_NAME,
    )
    catalog, mark = found.catalog, fingerprint(layout, found.catalog, found.scans)
    key, title, counts = name or layout, LAYOUTS[layout].title, summary(catalog, frames=frames)
    if out is not None:
        catalog.write(out)
        mark.write(out)
        write_audit_page(Path(out) / "audit.html", catalog, mark, name=key, title=title, counts=counts)
        if items:
            catalog.write_items(out)
    print(summary_text(f"{key} ({title})", counts))
    print(f"  fingerprint {mark.fingerprint}")
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


def explain_command(name: str) -> str:
    """Explain a protocol by name, or list them all (``list``).

    Raises
    ------
    ConfigError
        There is no protocol of this name.
    """
    return overview(PROTOCOLS) if name == "list" else explain(get(name))
