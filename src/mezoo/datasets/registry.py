"""The readers by name, and the two ways to use them: list the videos fast, or read everything.

Both see the same set of videos. Importing this module is cheap (no pandas, no video decoder), because a
workflow lists the videos each time it starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mezoo.catalog_items import Audit, EventRecord, Kind, VideoRecord, VideoRef
from mezoo.datasets import (
    casme,
    casme2,
    casme3,
    casme_sq,
    ckplus,
    folder,
    fourdme,
    generic,
    mmew,
    samm,
    samm_lv,
    smic,
    smic_e,
)
from mezoo.datasets.layout import Layout, Source
from mezoo.datasets.scan import FolderScans
from mezoo.errors import ConfigError

if TYPE_CHECKING:
    from mezoo.catalog import Catalog
    from mezoo.datasets.frame_checks import Scan

_READERS = (
    casme,
    casme2,
    casme3,
    casme_sq,
    ckplus,
    folder,
    fourdme,
    generic,
    mmew,
    samm,
    samm_lv,
    smic,
    smic_e,
)
LAYOUTS: dict[str, Layout] = {reader.LAYOUT.name: reader.LAYOUT for reader in _READERS}


def list_videos(
    layout: str,
    root: str | Path,
    *,
    coding: str | Path | None = None,
    options: Mapping[str, object] | None = None,
) -> list[VideoRef]:
    """List the videos of a corpus by the names of its folders, without looking at a frame.

    Parameters
    ----------
    layout : str
        Name of the reader, one of `LAYOUTS`.
    root : Path
        Folder of the corpus, or of its pictures.
    coding : Path, optional
        Coding file, for layouts whose videos are named in it.
    options : mapping, optional
        Options of the layout; its defaults otherwise.

    Returns
    -------
    list of VideoRef
        Sorted by video id. `read` gives the same videos.

    Raises
    ------
    ConfigError
        Unknown layout or option, no such folder, or no video in it.
    """
    reader, source = _source(layout, root, coding, options, layout)
    return _find(reader, source, Audit(layout))


def read(
    layout: str,
    root: str | Path | None,
    *,
    coding: str | Path | None = None,
    frames: bool = True,
    options: Mapping[str, object] | None = None,
    exclude: Iterable[str] = (),
    dataset: str | None = None,
) -> Catalog:
    """Read a corpus: its coding file, its frames, and what is wrong with them.

    Parameters
    ----------
    layout : str
        Name of the reader, one of `LAYOUTS`.
    root : Path or None
        Folder of the corpus, or of its pictures; may be None without frames.
    coding : Path, optional
        Coding file; searched for by content below and beside the root when absent.
    frames : bool
        Whether to look at the frames. Without them the catalog holds the annotated videos, with neither
        path nor length, and events are not checked against their videos.
    options : mapping, optional
        Options of the layout; its defaults otherwise.
    exclude : iterable of str
        Ids of videos to leave out, with their events.
    dataset : str, optional
        Value of the ``dataset`` column; the layout's name when absent.

    Returns
    -------
    Catalog
        Expected faults of the data are rows of its audit.

    Raises
    ------
    ConfigError
        Unknown layout or option, no such folder, no video in it, or no coding file.
    """
    return survey(
        layout, root, coding=coding, frames=frames, options=options, exclude=exclude, dataset=dataset
    ).catalog


@dataclass(frozen=True)
class Survey:
    """A corpus as read: its tables, and what its folders hold.

    Attributes
    ----------
    catalog : Catalog
    scans : dict of str to Scan, or None
        Video -> frames found; None when they were not looked at.
    """

    catalog: Catalog
    scans: dict[str, Scan] | None


def survey(
    layout: str,
    root: str | Path | None,
    *,
    coding: str | Path | None = None,
    frames: bool = True,
    deep: bool = False,
    options: Mapping[str, object] | None = None,
    exclude: Iterable[str] = (),
    dataset: str | None = None,
    cache: Path | None = None,
) -> Survey:
    """Read a corpus like `read`, and keep what its folders hold.

    Parameters
    ----------
    layout, root, coding, frames, options, exclude, dataset
        As in `read`.
    deep : bool
        Also decode a few frames of each video (`mezoo.datasets.deep`).
    cache : Path, optional
        File that keeps the listing of each folder for the next run (`mezoo.datasets.scan`).

    Raises
    ------
    ConfigError
        As `read`.
    """
    from mezoo.catalog import Catalog
    from mezoo.datasets import checks, frame_checks, identity
    from mezoo.datasets import deep as deep_checks

    reader, source = _source(layout, root, coding, options, dataset or layout, cache)
    audit, left_out = Audit(source.dataset), set(exclude)
    scans: dict[str, Scan] | None = None
    events = checks.check_codes(reader.read_events(source, audit), audit)
    checks.check_words(events, layout, audit)
    fps, kind = reader.fps_of(source.options), reader.kind_of(source.options)
    if frames:
        refs = _left(_find(reader, source, audit), left_out, audit)
        events = [event for event in events if event.video not in left_out]
        scans = frame_checks.scan_videos(refs, audit, fps=fps, kind=kind, folders=source.folders)
        source.folders.save()
        if reader.counts_from_one:
            frame_checks.check_first_frames(scans, audit)
        checks.check_subjects(events, {video: scan.record.subject for video, scan in scans.items()}, audit)
        if reader.fit_frames is not None:
            found = {video: scan.folder for video, scan in scans.items() if scan.folder is not None}
            events = reader.fit_frames(events, found, source, audit)
        events = frame_checks.check_frames(events, scans, audit)
        frame_checks.check_clip_lengths(events, scans, audit)
        identity.check_copies(scans, audit)
        if deep:
            deep_checks.check_deep(events, scans, audit)
        videos = [scan.record for scan in scans.values()]
    else:
        videos = _left(_annotated(events, fps, kind), left_out, audit)
        events = [event for event in events if event.video not in left_out]
    return Survey(Catalog.from_records(videos, events, audit), scans)


def _source(
    layout: str,
    root: str | Path | None,
    coding: str | Path | None,
    options: Mapping[str, object] | None,
    dataset: str,
    cache: Path | None = None,
) -> tuple[Layout, Source]:
    if layout not in LAYOUTS:
        raise ConfigError(
            f"unknown layout '{layout}'", f"one of {', '.join(LAYOUTS)}", "Name the layout of the corpus"
        )
    reader = LAYOUTS[layout]
    return reader, Source(
        dataset,
        None if root is None else Path(root).expanduser(),
        None if coding is None else Path(coding).expanduser(),
        reader.choose(options or {}),
        FolderScans(cache),
    )


def _find(reader: Layout, source: Source, audit: Audit) -> list[VideoRef]:
    refs = reader.find_videos(source, audit)
    if not refs:
        raise ConfigError(
            "no video of this layout lies here",
            f"the folders of {reader.title} as released",
            "Check the root, and that the archives were unpacked",
            item=source.dataset,
            file=source.root,
        )
    return refs


def _left(videos: list, exclude: Iterable[str], audit: Audit) -> list:
    names = set(exclude)
    for video in sorted(names):
        if any(item.video == video for item in videos):
            audit.add(
                video, "", "excluded", "exclude", "listed under exclude", "", "left out with its events"
            )
        else:
            audit.add(video, "", "info", "exclude", "listed to be left out", "a video", "none")
    return [item for item in videos if item.video not in names]


def _annotated(events: list[EventRecord], fps: float | None, kind: Kind) -> list[VideoRecord]:
    subjects = {event.video: (event.dataset, event.subject) for event in events}
    return [
        VideoRecord(dataset, video, subject, "", fps, None, None, None, kind)
        for video, (dataset, subject) in subjects.items()
    ]
