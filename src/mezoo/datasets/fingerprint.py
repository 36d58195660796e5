"""One short hash of a copy of a corpus, which two laboratories can compare without exchanging a face.

It covers what counts: subjects, frame numbers, file sizes, intervals and labels. It does not cover paths,
times, the order of files, nor the name that the copy has in a configuration.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

import pandas as pd

from mezoo.catalog import Catalog
from mezoo.catalog_items import write_if_changed
from mezoo.datasets.frame_checks import Scan

_FORMAT = "mezoo.fingerprint/1"
_VIDEO_PARTS = {
    "videos": ("video", "subject", "kind", "fps"),
    "frames": ("video", "n_frames", "first_frame", "last_frame"),
}
_EVENT_PARTS = {
    "intervals": ("video", "event", "onset", "apex", "offset", "type"),
    "labels": ("video", "event", "emotion", "objective_class", "aus_raw"),
}


@dataclass(frozen=True)
class Fingerprint:
    """Hash of a corpus as read by one layout.

    Attributes
    ----------
    layout : str
    fingerprint : str
        16 hexadecimal digits over all parts.
    parts : dict of str to (str or None)
        8 digits each: ``videos``, ``frames``, ``sizes`` (file sizes), ``intervals``, ``labels``. None for
        what was not looked at; then the whole differs from that of a reading with frames.
    counts : dict of str to (int or None)
        Plain counts, to see where two copies differ.
    """

    layout: str
    fingerprint: str
    parts: dict[str, str | None]
    counts: dict[str, int | None]

    def write(self, folder: str | Path) -> None:
        """Write ``fingerprint.json``."""
        text = json.dumps({"format": _FORMAT} | asdict(self), indent=1, ensure_ascii=False) + "\n"
        write_if_changed(Path(folder) / "fingerprint.json", text)


def fingerprint(layout: str, catalog: Catalog, scans: Mapping[str, Scan] | None) -> Fingerprint:
    """Compute the fingerprint of a corpus.

    Parameters
    ----------
    layout : str
    catalog : Catalog
    scans : mapping of str to Scan, or None
        The videos as found; None when the frames were not looked at.
    """
    tables = {name: catalog.videos[list(columns)] for name, columns in _VIDEO_PARTS.items()}
    tables |= {name: catalog.events[list(columns)] for name, columns in _EVENT_PARTS.items()}
    parts: dict[str, str | None] = {name: _digest(_lines(table)) for name, table in tables.items()}
    parts["sizes"] = None if scans is None else _digest(sorted(map(_sizes, scans.values())))
    if scans is None:
        parts["frames"] = None
    whole = [f"{layout} {_FORMAT}", *(f"{name} {parts[name]}" for name in sorted(parts))]
    return Fingerprint(layout, _digest(whole, 8), parts, _counts(catalog, scans))


def _sizes(scan: Scan) -> str:
    if scan.folder is not None:
        return f"{scan.record.video} {scan.folder.sizes}"
    path = Path(scan.record.path)
    return f"{scan.record.video} {path.stat().st_size if path.is_file() else 'unusable'}"


def _lines(table: pd.DataFrame) -> list[str]:
    """One line per row as JSON, sorted, so that neither the order nor a separator in a cell matters."""
    rows = table.astype(object).where(table.notna(), None).values.tolist()
    return sorted(json.dumps([None if cell is None else str(cell) for cell in row]) for row in rows)


def _digest(lines: list[str], n_bytes: int = 4) -> str:
    return blake2b("\n".join(lines).encode(), digest_size=n_bytes).hexdigest()


def _counts(catalog: Catalog, scans: Mapping[str, Scan] | None) -> dict[str, int | None]:
    videos, events = catalog.videos, catalog.events
    folders = None if scans is None else [s.folder for s in scans.values() if s.folder is not None]
    return {
        "subjects": int(pd.concat([videos["subject"], events["subject"]]).nunique()),
        "videos": len(videos),
        "frames": None if scans is None else int(videos["n_frames"].fillna(0).sum()),
        "lowest_frame": _or_none(videos["first_frame"].min()),
        "highest_frame": _or_none(videos["last_frame"].max()),
        "bytes": None if folders is None else sum(folder.n_bytes for folder in folders),
        "events": len(events),
        "micro": int((events["type"] == "micro").sum()),
        "macro": int((events["type"] == "macro").sum()),
    }


def _or_none(value: object) -> int | None:
    return None if pd.isna(value) else int(str(value))
