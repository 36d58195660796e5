"""Which version of its numbers each stage writes: part of every artifact, and of every rule of the workflow."""

from __future__ import annotations

#: Version of the numbers each stage writes. A bump re-runs the stage and all that follows it.
STAGE_VERSIONS: dict[str, int] = {
    "demo": 2,
    "catalog": 1,
    "faces": 1,
    "flow_pair": 2,
    "flow_onset": 1,
    "flow_apex": 1,
    "mdmo": 1,
    "spot_images": 1,
    "features": 1,
    "interpolated": 1,
    "slstt_tokens": 1,
    "rife": 2,
    "magnet": 1,
    "magnified": 1,
    "faces_magnified": 1,
    "shape": 1,
    "pack": 1,
    "stills": 1,
    "pretrained": 1,
    "fit": 1,
    "fit_recogniser": 1,
    "recognise": 1,
    "score_recognition": 1,
    "strs": 1,
    "predict": 2,
    "score": 1,
    "report": 1,
}
