"""Spotting without any training: peaks of the motion of four parts of the face, each beside its own rest.

The 12 regions form two brows, the nose and the mouth. A part's motion is divided by what it moves in the quietest
quarter of the video, its rest, and at each moment the part counts that stands highest above it: a smile need not move
the brows. Not the median is the rest, because a lively face moves more than half of the time. From there on the method
is that of the recipe ``mdmo_peaks`` (after SOFTNet, Liong et al., ICIP 2021), with further deviations. There half the
mean length of an expression comes from the training subjects; here it is the length that the recipe takes for subjects
without events, as a time. The threshold lies between mean and maximum by ratio, not by difference: motions of a face
differ by factors, and the recipe's threshold follows the one largest movement of a video closely. And it is at least
twice the rest, as even a still face has a largest motion; but for videos so short that one expression leaves no rest.

A peak of the micro curve is a micro-expression if the part goes back at least half of its way within 0.3 s around the
peak, which nothing but a movement of half a second at most can do, and then no macro-expression has its peak there. A
part that stays away is on the rise or fall of something longer: a macro-expression, which is added where it meets no
other.

It tells when a part moves, not which expression that is: one that is held does not move.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mezoo.learning.spotter import Spotter
from mezoo.learning.videos import FeatureVideo
from mezoo.models.mdmo_peaks import motion
from mezoo.models.peak_picking import around, peaks_from
from mezoo.models.proposals import Proposals

#: Half the length of an expression in seconds: 6 and 18 frames of 30 per second.
HALF_LENGTHS = {"micro": 0.2, "macro": 0.6}
#: Parts of the face, left as seen in the image, and their regions in the order of `mezoo.motion.rois.ROI_LANDMARKS`.
PARTS = {"left brow": slice(0, 3), "right brow": slice(3, 6), "nose": slice(6, 8), "mouth": slice(8, 12)}
#: Height of the threshold between mean (0) and maximum (1) of the motion, as in the recipe ``mdmo_peaks``, on a
#: logarithmic scale.
THRESHOLD = 0.55
#: Least height of the threshold, in times the rest, in videos of at least twice the length of an interval.
LEAST = 2.0
#: Seconds to either side of a peak in which a micro-expression comes and goes; the share of its way that may remain.
_AROUND, _REMAINS = 0.3, 0.5
#: Share of the video in which a part is at rest, and the least motion in px per frame pair that its rest is taken to
#: be: in a drawn film it may be none.
_QUIET, _STILL = 0.25, 0.02


class UntrainedPeaks(Spotter):
    """Peak picker for videos of a given frame rate.

    Parameters
    ----------
    fps : float
        Feature rows per second.

    Attributes
    ----------
    unit : str
        Of the curves.
    """

    looks, last, has_inner = [0], 0, False
    unit = "times rest"

    def __init__(self, fps: float) -> None:
        self.fps = fps
        self._half = {kind: max(1, round(seconds * fps)) for kind, seconds in HALF_LENGTHS.items()}

    def spot(self, video: FeatureVideo, look: int) -> dict[str, Proposals]:
        """Pick the peaks of both types, of whichever part moves most at the time; each movement has one type."""
        motions = self._motions(video)
        micro, macro = (self._peaks(kind, motions[kind], video) for kind in ("micro", "macro"))
        moving = [list(PARTS.values())[k] for k in motions["micro"].argmax(axis=0)[micro.apex]]
        peaks = zip(micro.apex.tolist(), moving, strict=True)
        back = np.array([_goes_back(video, apex, regions) for apex, regions in peaks], bool)
        macro, longer = _apart(macro, micro.select(back)), micro.select(~back)
        half = self._half["macro"]
        apexes = np.concatenate([macro.apex, _beside(longer.apex, macro.apex, 2 * half)])
        return {"micro": micro.select(back), "macro": around(motions["macro"].max(axis=0), apexes, k=half)}

    def _peaks(self, kind: str, parts: NDArray[np.float64], video: FeatureVideo) -> Proposals:
        half = self._half[kind]
        return peaks_from(parts.max(axis=0), k=half, level=_level(parts, video.valid, half))

    def spot_inner(self, video: FeatureVideo) -> dict[str, Proposals]:
        """As `spot`: there is nothing to choose."""
        return self.spot(video, self.last)

    def curves(self, video: FeatureVideo) -> dict[str, NDArray[np.float32]]:
        """Smoothed motion per type and part in times its rest; peaks are picked on the uppermost of a type."""
        return {
            f"{kind} {name}": curve.astype(np.float32)
            for kind, parts in self._motions(video).items()
            for name, curve in zip(PARTS, parts, strict=True)
        }

    def levels(self, video: FeatureVideo) -> dict[str, float]:
        """Threshold per type, in the unit of the curves and the same for all parts."""
        return {
            kind: _level(parts, video.valid, self._half[kind]) for kind, parts in self._motions(video).items()
        }

    def _motions(self, video: FeatureVideo) -> dict[str, NDArray[np.float64]]:
        """Motion per type, (parts, T)."""
        rows = _levelled(video)
        return {
            kind: np.stack([_beside_rest(rows[:, regions], video.valid, half) for regions in PARTS.values()])
            for kind, half in self._half.items()
        }


def _goes_back(video: FeatureVideo, apex: int, regions: slice) -> bool:
    """Whether these regions are back, or nearly so, soon after a peak of their motion."""
    reach = max(1, round(_AROUND * video.fps))
    rows = slice(max(0, apex - reach), apex + reach + 1)
    steps = np.where(video.valid[rows, None], video.features[rows, regions].mean(axis=1), 0)
    way = np.linalg.norm(np.cumsum(steps, axis=0), axis=1)
    return bool(way[-1] <= _REMAINS * way.max())


def _apart(proposals: Proposals, others: Proposals) -> Proposals:
    """Those whose apex lies in no interval of the others."""
    apex = proposals.apex[:, None]
    return proposals.select(np.all((apex < others.onset) | (others.offset < apex), axis=1))


def _beside(apexes: NDArray[np.int64], taken: NDArray[np.int64], distance: int) -> NDArray[np.int64]:
    """Those further than this from all that are taken, and from those before them."""
    kept = taken.tolist()
    for apex in apexes.tolist():
        if all(abs(apex - other) > distance for other in kept):
            kept.append(apex)
    return np.array(kept[len(taken) :], np.int64)


def _beside_rest(rows: NDArray[np.float32], valid: NDArray[np.bool_], half: int) -> NDArray[np.float64]:
    """Smoothed motion of one part, (T,), divided by that of the quietest quarter of the valid rows."""
    curve = motion(rows, window=half)
    rest = float(np.quantile(curve[valid], _QUIET)) if valid.any() else 0.0
    return curve / max(rest, _STILL)


def _level(parts: NDArray[np.float64], valid: NDArray[np.bool_], half: int) -> float:
    """Threshold on the uppermost curve: mean * (maximum / mean) ** THRESHOLD of the valid rows, or `LEAST`."""
    curve = parts.max(axis=0)[valid]
    between = float(curve.mean() ** (1 - THRESHOLD) * curve.max() ** THRESHOLD) if len(curve) else 0.0
    return max(between, LEAST if len(curve) >= 4 * half else 0.0)


def _levelled(video: FeatureVideo) -> NDArray[np.float32]:
    """Features whose invalid rows have the mean motion of the others, region by region: no peak at their edge."""
    rows = video.features.copy()
    if video.valid.any():
        rows[~video.valid] = 0
        rows[~video.valid, :, 0] = np.linalg.norm(rows[video.valid], axis=-1).mean(axis=0)
    return rows
