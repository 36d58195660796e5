"""Inputs of expressions that no catalog knows: the stages behind a recogniser, with the settings of its training.

The workflow makes every artifact once per video of a corpus and its coded events. Spotted intervals, and videos of
one's own, have other events; here the same functions run on these, in a folder that may be thrown away.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mezoo.errors import ConfigError
from mezoo.inputs import request
from mezoo.inputs.pack import pack_file
from mezoo.motion import features_file, flow_apex_file, flow_onset_file, flow_pair_file
from mezoo.motion.apex_stage import MissingApex
from mezoo.motion.features import FEATURES

#: An apex that the events do not hold is searched, whatever the training did with apexes that are not coded.
_APEX: MissingApex = "spotted"
_FLOWS: dict[str, Callable[..., None]] = {"flow_apex": flow_apex_file, "flow_onset": flow_onset_file}
#: Published weights that the artifacts of a stage are made with, which a model does not hold: option and file.
WEIGHTS = {"magnet": "weights of MagNet", "slstt": "B_16_imagenet1k.pth"}

Settings = Mapping[str, Mapping[str, Any]]


def fresh_packs(
    inputs: Sequence[str],
    settings: Sequence[Settings],
    faces: Sequence[Path],
    labels: Sequence[Path],
    folder: Path,
    *,
    dataset: str,
    subject: str,
    weights: Mapping[str, Path] | None = None,
) -> list[Path]:
    """Make the packs of some inputs for the events of some videos.

    Parameters
    ----------
    inputs : sequence of str
        Of the recipe.
    settings : sequence of dict
        Settings of the stages behind each input: stage -> params, as a trained model tells them.
    faces, labels : sequence of Path
        Faces artifact and event table of each video, in the same order; named by the video.
    folder : Path
        Gets the artifacts, ``<stage>/<video>.h5``, and ``pack-<input>.h5``.
    dataset, subject : str
        Ids in the packs.
    weights : mapping, optional
        ``magnet`` and ``slstt`` -> file, where an input needs them.

    Returns
    -------
    list of Path
        One pack per input.

    Raises
    ------
    ConfigError
        Weights are needed and not given, or a stage cannot be made here.
    """
    packs = []
    for number, (name, known) in enumerate(zip(inputs, settings, strict=True)):
        # inputs may be made with settings of their own
        place = folder / str(number)
        _link(faces, place / "faces")
        for table, crops in zip(labels, faces, strict=True):
            for stage in request(name).stages:
                _make(stage, known, crops, table, place, weights or {})
        packs.append(folder / f"pack-{name}.h5")
        pack_file(name, place, labels, packs[-1], dataset=dataset, subject=subject, missing_apex=_APEX)
    return packs


def settings_for(function: Callable[..., Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Choose the parameters of an artifact that are arguments of the function that made it."""
    known = inspect.signature(function).parameters
    return {name: value for name, value in params.items() if name in known}


def _link(faces: Sequence[Path], folder: Path) -> None:
    folder.mkdir(parents=True)
    for path in faces:
        (folder / path.name).symlink_to(path.resolve())


def _make(
    stage: str, known: Settings, faces: Path, labels: Path, place: Path, weights: Mapping[str, Path]
) -> None:
    """Make the artifact of one stage, and what it is made of."""
    out = place / stage / faces.name
    if stage == "faces" or out.exists():
        return
    kind, _, rest = stage.partition("-")
    if kind in _FLOWS:
        chosen = settings_for(_FLOWS[kind], known[kind])
        if kind == "flow_apex":
            chosen["missing_apex"] = _APEX
        _FLOWS[kind](faces, labels, out, **chosen)
    elif kind == "flow_pair":
        flow_pair_file(faces, out, **settings_for(flow_pair_file, known[kind]))
    elif kind == "features":
        source = FEATURES[rest].source
        _make(source, known, faces, labels, place, weights)
        params = {**known["features"], "missing_apex": _APEX}
        features_file(place / source / faces.name, faces, out, labels=labels, **params)
    elif kind == "magnified":
        from mezoo.magnify.stage import magnified_file

        method, _, factor = rest.partition("-")
        needed = {"weights": _given(weights, "magnet", stage)} if method == "magnet" else {}
        magnified_file(faces, labels, out, method=method, factor=float(factor), **needed)
    elif kind == "shape":
        from mezoo.magnify.shape_stage import shape_file

        magnet, factors = _given(weights, "magnet", stage), known[kind]["factors"]
        shape_file(faces, labels, out, weights=magnet, factors=factors, missing_apex=_APEX)
    elif kind == "slstt_tokens":
        from mezoo.learning.slstt_tokens import slstt_tokens_file

        encoder = _given(weights, "slstt", stage) if known[kind]["trained"] else None
        slstt_tokens_file(faces, labels, out, weights=encoder, missing_apex=_APEX)
    else:
        raise ConfigError(
            f"an input made of the stage '{stage}'",
            "a stage that is known here",
            "Add it to mezoo/learning/fresh_inputs.py",
        )


def _given(weights: Mapping[str, Path], name: str, stage: str) -> Path:
    if name not in weights:
        raise ConfigError(
            f"a model whose input {stage} is made with {WEIGHTS[name]}",
            "that file, which the model does not hold",
            f"Give it with --weights {name}=FILE",
        )
    return weights[name]
