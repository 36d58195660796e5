"""The audit of a corpus as one HTML page: counts against the published ones, every finding, the fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mezoo import __version__
from mezoo.catalog import LEAKS, Catalog
from mezoo.catalog_items import write_if_changed
from mezoo.datasets.fingerprint import Fingerprint
from mezoo.datasets.protocols import PROTOCOLS, Expected, Protocol, compare
from mezoo.html import environment

_SEVERITIES = ("excluded", "repaired", "info")
_NO_WORD = "not coded"
#: Start of the names of synthetic copies in the configuration.
DEMO_PREFIX = "demo_"


def write_audit_page(
    path: str | Path,
    catalog: Catalog,
    mark: Fingerprint,
    *,
    name: str,
    title: str,
    counts: Mapping[str, int | None],
) -> None:
    """Write the page. It holds ids, numbers and words of the tables, and no picture.

    Parameters
    ----------
    path : Path
        The page; the same catalog gives the same bytes.
    catalog : Catalog
    mark : Fingerprint
    name, title : str
        Key of the copy, and the name of the corpus in print.
    counts : mapping
        As `mezoo.datasets.command.summary`.
    """
    audit = catalog.audit
    context = {
        "version": __version__,
        "name": name,
        "title": title,
        "counts": counts,
        "mark": mark,
        "n_repaired": int((audit["severity"] == "repaired").sum()),
        "n_leaks": int(audit["check"].isin(LEAKS).sum()),
        "is_demo": name.startswith(DEMO_PREFIX),
        "protocols": [] if name.startswith(DEMO_PREFIX) else protocol_counts(mark.layout, catalog),
        "subjects": _subjects(catalog),
        "checks": _checks(audit),
    }
    page = environment("mezoo.datasets").get_template("audit.html.j2").render(context)
    write_if_changed(Path(path), page)


def protocol_counts(layout: str, catalog: Catalog) -> list[dict[str, Any]]:
    """Count what each protocol takes from a corpus, beside the published counts.

    Parameters
    ----------
    layout : str
    catalog : Catalog

    Returns
    -------
    list of dict
        ``name``, ``title``, ``sources`` (releases of the published counts), ``agrees`` (those that this copy
        agrees with) and ``rows``: name, measured, one published count per source, whether it differs from all.
        Protocols without a sample here are left out.
    """
    found = []
    for protocol in PROTOCOLS.values():
        part = next((part for part in protocol.parts if part.corpus == layout), None)
        members = None if part is None else part.members(catalog)
        if members is None or members.empty:
            continue
        expected = _of_corpus(protocol, layout)
        tables = [compare(members, one, protocol.classes) for one in expected]
        rows = [
            {
                "name": label,
                "measured": measured,
                "published": [table[i][2] for table in tables],
                "differs": all(table[i][2] != measured for table in tables),
            }
            for i, (label, measured, _) in enumerate(tables[0])
        ]
        sources = [one.source for one in expected]
        agrees = [
            source
            for source, table in zip(sources, tables, strict=True)
            if all(measured == published for _, measured, published in table)
        ]
        found.append(
            {
                "name": protocol.name,
                "title": protocol.title,
                "sources": sources,
                "agrees": agrees,
                "rows": rows,
            }
        )
    return found


def _of_corpus(protocol: Protocol, layout: str) -> list[Expected]:
    """Give the published counts of one corpus: those of its part, or the whole when there is no other."""
    parts = [one for one in protocol.expected if one.corpus == layout]
    return parts or [one for one in protocol.expected if not one.corpus]


def _subjects(catalog: Catalog) -> dict[str, Any]:
    """Count videos, types and emotions per subject; a row of sums ends the table."""
    videos, events = catalog.videos, catalog.events
    words = events["emotion"].str.strip().str.casefold().replace("", _NO_WORD)
    table = pd.concat(
        {
            "": videos.groupby("subject").size().rename("videos").to_frame(),
            "type": pd.crosstab(events["subject"], events["type"]),
            "emotion": pd.crosstab(events["subject"], words),
        },
        axis=1,
    )
    table = table.fillna(0).astype(int).sort_index()
    if set(words) <= {_NO_WORD}:
        table = table.drop(columns="emotion", level=0, errors="ignore")
    return {
        "columns": [str(word) for _, word in table.columns],
        "rows": [
            (str(subject), row) for subject, row in zip(table.index, table.values.tolist(), strict=True)
        ],
        "sums": table.sum().tolist(),
    }


def _checks(audit: pd.DataFrame) -> list[dict[str, Any]]:
    """Group the findings by check and severity: leaks first, then by severity and number."""
    groups = []
    for (check, severity), rows in audit.groupby(["check", "severity"], sort=True):
        groups.append(
            {
                "check": check,
                "severity": severity,
                "is_leak": check in LEAKS,
                "rows": rows.to_dict("records"),
            }
        )
    return sorted(
        groups,
        key=lambda g: (not g["is_leak"], _SEVERITIES.index(g["severity"]), -len(g["rows"]), g["check"]),
    )
