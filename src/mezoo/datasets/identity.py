"""The same video under two names: one person in two folds, or one expression counted twice.

Copies are found without decoding: equal sizes of all frames, then equal bytes of three of them. Copies that
were compressed or scaled anew are found by a perceptual hash of decoded frames (Zauner 2010: the signs of
the low frequencies of a cosine transform), on request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path

import cv2
import numpy as np

from mezoo.catalog_items import Audit
from mezoo.datasets.frame_checks import Scan
from mezoo.video import index_frames

#: Bits of 64 that may differ in each of the three frames; frames of two people in one room differ in 10 to 30.
MAX_DISTANCE = 4
_SIDE, _LOW = 32, 8
_FLAT = 3.0  # grey levels; a frame without any structure looks like every other one
_BLOCK = 512


def check_copies(scans: Mapping[str, Scan], audit: Audit) -> None:
    """Report videos with the same frames: ``identity_leak`` across subjects, ``same_video`` within one.

    Parameters
    ----------
    scans : mapping of str to Scan
        Videos as found; folders whose frames are all empty are not compared.
    audit : Audit
    """
    by_sizes: dict[object, list[Scan]] = {}
    for scan in scans.values():
        key = _sizes(scan)
        if key is not None:
            by_sizes.setdefault(key, []).append(scan)
    for alike in by_sizes.values():
        first_with: dict[bytes, Scan] = {}
        for scan in alike if len(alike) > 1 else ():
            content = _content(scan)
            original = first_with.setdefault(content, scan) if content else scan
            if original is not scan:
                _report(original, scan, "the same frames, byte for byte", audit)


def _sizes(scan: Scan) -> object | None:
    path = Path(scan.record.path)
    if scan.folder is not None:
        return scan.folder.sizes if scan.folder.n_bytes else None
    return path.stat().st_size if scan.record.n_frames and path.is_file() else None


def _content(scan: Scan) -> bytes | None:
    """Digest of the first, middle and last frame, or of a whole video file; None when unreadable."""
    path = Path(scan.record.path)
    digest = blake2b(digest_size=16)
    try:
        if scan.folder is None:
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
            return digest.digest()
        names = list(index_frames(path).values())
        for name in (names[0], names[len(names) // 2], names[-1]):
            digest.update((path / name).read_bytes())
    except OSError:
        return None
    return digest.digest()


def _report(original: Scan, copy: Scan, found: str, audit: Audit) -> None:
    crosses = original.record.subject != copy.record.subject
    audit.add(
        copy.record.video,
        "",
        "info",
        "identity_leak" if crosses else "same_video",
        f"{found} as {original.record.video}",
        "each person under one subject id" if crosses else "each video once",
        "kept; exclude one of the two",
    )


def perceptual_hash(frame: np.ndarray) -> int | None:
    """Hash a frame so that copies compressed or scaled anew differ in a few of 64 bits.

    Parameters
    ----------
    frame : ndarray, uint8, shape (H, W)
        Grey levels.

    Returns
    -------
    int or None
        64 bits; None for a frame without structure.
    """
    small = cv2.resize(frame, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    if float(small.std()) < _FLAT:
        return None
    low = cv2.dct(small)[:_LOW, :_LOW].ravel()
    low[0] = np.median(low[1:])  # brightness is no content
    return int.from_bytes(np.packbits(low > np.median(low[1:])).tobytes(), "big")


def check_near_copies(scans: Mapping[str, Scan], hashes: Mapping[str, tuple[int, ...]], audit: Audit) -> None:
    """Report videos of two subjects that look the same in their first, middle and last frame.

    Parameters
    ----------
    scans : mapping of str to Scan
    hashes : mapping of str to tuple of int
        Video -> perceptual hashes of these three frames.
    audit : Audit
        Gets a row ``near_copy`` for the first such video before each one.
    """
    videos = sorted(hashes)
    subjects = np.array([scans[video].record.subject for video in videos])
    bits = np.array([hashes[video] for video in videos], np.uint64).reshape(len(videos), 3)
    for start in range(0, len(videos), _BLOCK):
        block = slice(start, start + _BLOCK)
        distance = np.bitwise_count(bits[block, None] ^ bits[None]).max(axis=2)
        is_alike = (distance <= MAX_DISTANCE) & (subjects[block, None] != subjects[None])
        for row, column in _first_before(is_alike, start):
            found = f"looks like {videos[column]} (at most {distance[row - start, column]} of 64 bits differ)"
            audit.add(
                videos[row], "", "info", "near_copy", found, "each person under one subject id", "kept; look"
            )


def _first_before(is_alike: np.ndarray, start: int) -> Iterable[tuple[int, int]]:
    for row, alike in enumerate(is_alike, start):
        columns = np.flatnonzero(alike[:row])
        if len(columns):
            yield row, int(columns[0])
