"""The perceptual hash tells copies from other videos; copies are compared by content, not by size alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from datasets.planted import CORPORA, image

from mezoo.datasets.identity import MAX_DISTANCE, perceptual_hash


def distance(a: int, b: int) -> int:
    return (a ^ b).bit_count()


@pytest.mark.parametrize("seed", "abcdefgh")
def test_copies_are_near_and_others_are_far(seed):
    frame = image(seed, side=200)
    mark = perceptual_hash(frame)
    jpeg = cv2.imdecode(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 30])[1], cv2.IMREAD_GRAYSCALE)
    copies = [jpeg, cv2.resize(frame, (140, 120)), np.clip(frame * 0.8 + 30, 0, 255).astype(np.uint8)]
    assert all(distance(mark, perceptual_hash(copy)) <= MAX_DISTANCE for copy in copies)
    others = [perceptual_hash(image(other, side=200)) for other in "ijklmnopqrst"]
    assert min(distance(mark, other) for other in others) > 2 * MAX_DISTANCE


def test_a_frame_without_structure_has_no_hash():
    assert perceptual_hash(np.full((90, 60), 128, np.uint8)) is None


def test_equal_sizes_alone_are_no_copy(tmp_path):
    """Bitmaps of one camera all have the same size."""
    corpus = CORPORA["smic"]()
    corpus.root = tmp_path
    corpus.folders = {folder: range(1, 9) for folder in corpus.folders}
    corpus.write()
    scans = corpus.read().scans.values()
    assert len({scan.folder.sizes for scan in scans}) == 1
    assert not set(corpus.read(deep=True).catalog.audit["check"]) & {"identity_leak", "near_copy"}
