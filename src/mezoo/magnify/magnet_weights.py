"""Read the weights of MagNet: the official TensorFlow variables, two PyTorch ports, and our own training.

Nothing is downloaded. A file is recognised by its parameter names: every name must be known, every parameter
present and of the right shape, so that a wrong file never half loads.

TensorFlow is not needed: save the variables of the official checkpoint once as ``.npz`` (variable name ->
array in TensorFlow's order (kh, kw, in, out)). PyTorch files are read with ``weights_only``; a file that holds
a whole pickled module is refused, because un-pickling it runs its code. Our own weights are an artifact.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mezoo.artifact import Artifact, ArtifactWriter, digest
from mezoo.checkpoint import read_checkpoint
from mezoo.errors import ConfigError
from mezoo.magnify.magnet_net import LAYOUTS, MagNet, MagNetLayout
from mezoo.stage import check_stage, produce

# Published name -> ours, as regular expressions that match the whole name.
_ORDER = {"1": "first", "2": "second"}  # the convolutions of a residual block
_TENSORFLOW = [
    (r"encoder/enc_conv1_c", "encoder.stem"),
    (r"encoder/enc_conv2_c", "encoder.down"),
    (r"encoder/encoder_resblk(\d)_c([12])", "encoder.trunk.{0}.{1}"),
    (r"encoder/enc_texture_conv", "encoder.texture_down"),
    (r"encoder/texture_enc_c([12])", "encoder.texture.0.{0}"),
    (r"encoder/texture_enc_1_c([12])", "encoder.texture.1.{0}"),
    (r"encoder/shape_enc_c([12])", "encoder.shape.0.{0}"),
    (r"encoder/shape_enc_1_c([12])", "encoder.shape.1.{0}"),
    (r"manipulator/mani_conv0c", "manipulator.difference"),
    (r"manipulator/mani_aft_conv0c", "manipulator.after"),
    (r"manipulator/mani_resblk0_c([12])", "manipulator.block.{0}"),
    (r"decoder/texture_upsample", "decoder.texture_conv"),
    (r"decoder/decoder_resblk(\d)_c([12])", "decoder.blocks.{0}.{1}"),
    (r"decoder/dec_conv2_c", "decoder.merge"),
    (r"decoder/pred_conv", "decoder.output"),
]
_PENG = [
    (r"encoder\.cba_1", "encoder.stem"),
    (r"encoder\.cba_2", "encoder.down"),
    (r"encoder\.resblks\.(\d)\.cba_([12])", "encoder.trunk.{0}.{1}"),
    (r"encoder\.texture_cba", "encoder.texture_down"),
    (r"encoder\.texture_resblks\.(\d)\.cba_([12])", "encoder.texture.{0}.{1}"),
    (r"encoder\.motion_cba", "encoder.shape_conv"),
    (r"encoder\.motion_resblks\.(\d)\.cba_([12])", "encoder.shape.{0}.{1}"),
    (r"manipulator\.g", "manipulator.difference"),
    (r"manipulator\.h_conv", "manipulator.after"),
    (r"manipulator\.h_resblk\.cba_([12])", "manipulator.block.{0}"),
    (r"decoder\.resblks\.(\d)\.cba_([12])", "decoder.blocks.{0}.{1}"),
    (r"decoder\.cba_1", "decoder.merge"),
    (r"decoder\.cba_2", "decoder.output"),
]
_KIM = [
    (r"encoder\.conv1", "encoder.stem"),
    (r"encoder\.conv2", "encoder.down"),
    (r"encoder\.resblks\.(\d)\.conv([12])", "encoder.trunk.{0}.{1}"),
    (r"encoder\.conv1_text", "encoder.texture_down"),
    (r"encoder\.resblks_text\.(\d)\.conv([12])", "encoder.texture.{0}.{1}"),
    (r"encoder\.conv1_shape", "encoder.shape_conv"),
    (r"encoder\.resblks_shape\.(\d)\.conv([12])", "encoder.shape.{0}.{1}"),
    (r"manipulator\.convblks\.0\.conv1", "manipulator.difference"),
    (r"manipulator\.convblks_after\.0\.conv1", "manipulator.after"),
    (r"manipulator\.resblks\.0\.conv([12])", "manipulator.block.{0}"),
    (r"decoder\.conv1_text", "decoder.texture_conv"),
    (r"decoder\.resblks\.(\d)\.conv([12])", "decoder.blocks.{0}.{1}"),
    (r"decoder\.conv1", "decoder.merge"),
    (r"decoder\.conv2", "decoder.output"),
]
# Source -> names, prefix and suffix of the published names.
_SOURCES = {
    "official": (_TENSORFLOW, "ynet_3frames/", "/Conv/weights"),
    "peng": (_PENG, "", ".conv2d.weight"),
    "kim": (_KIM, "", ".weight"),
}
_ADVICE = "Give a .npz of the official variables, or the state dict alone of a port"


@dataclass(frozen=True)
class LoadedMagNet:
    """A network ready for use, and what its results must say about it.

    Attributes
    ----------
    network : MagNet
        In evaluation mode, on the CPU.
    provenance : dict
        JSON-able: ``source`` (official, peng, kim or trained), ``weights`` (name of the file), ``digest``,
        ``gain`` (what the weights take for a total factor) and, for our own training, ``training``.
    """

    network: MagNet
    provenance: dict[str, Any]


def load_magnet(path: str | Path) -> LoadedMagNet:
    """Build MagNet from a file of weights.

    Parameters
    ----------
    path : Path
        ``.npz`` of the official TensorFlow variables; a PyTorch checkpoint of the port by Z. Peng or by
        K. J. Kim (with or without ``module.``, bare or under ``state_dict``); or a ``magnet`` artifact that
        `mezoo.magnify.magnet_train` wrote.

    Returns
    -------
    LoadedMagNet

    Raises
    ------
    ConfigError
        The file is absent, unreadable or not one of these.
    DataError
        The artifact is damaged.
    """
    path = Path(path)
    if not path.is_file():
        raise ConfigError(
            "the weights of MagNet are absent",
            "a file",
            "Correct the path, or train a small substitute",
            file=path,
        )
    provenance: dict[str, Any] = {"weights": path.name, "digest": digest(path)}
    if path.suffix == ".h5":
        network, training = _read_artifact(path)
        provenance |= {"source": "trained", "training": training}
    else:
        state = (
            _read_npz(path) if path.suffix == ".npz" else read_checkpoint(path, what="MagNet", advice=_ADVICE)
        )
        source, renamed = _recognise(state, path)
        network = build(LAYOUTS[source], renamed, path)
        provenance["source"] = source
    return LoadedMagNet(network.eval(), provenance | {"gain": network.layout.gain})


def save_magnet(
    out: str | Path, network: MagNet, *, params: Mapping[str, Any], training: Mapping[str, Any]
) -> None:
    """Write a ``magnet`` artifact: ``weights`` float32 (P), and the attributes ``layout`` and ``training``.

    Parameters
    ----------
    out : Path
    network : MagNet
    params : mapping
        Settings that the weights depend on.
    training : mapping
        What whoever uses the weights must know, JSON-able.
    """

    def make(writer: ArtifactWriter) -> None:
        numbers = torch.cat([value.detach().reshape(-1) for value in network.state_dict().values()]).numpy()
        writer.write("weights", numbers, axes="(P)")
        writer.attrs |= {"layout": asdict(network.layout), "training": dict(training)}

    produce(out, stage="magnet", params=params, inputs={}, make=make)


def build(layout: MagNetLayout, state: Mapping[str, Tensor], path: Path) -> MagNet:
    """Put weights under our names into a network; all must be there, in the right shape, and no other."""
    network = MagNet(layout)
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    for name in sorted(wanted.keys() | state.keys()):
        given = tuple(state[name].shape) if name in state else "absent"
        if given != wanted.get(name, "none"):
            raise ConfigError(
                f"parameter {name} is {given}",
                f"{wanted.get(name, 'none')}",
                "Give an unchanged file",
                file=path,
            )
    network.load_state_dict({name: value.float() for name, value in state.items()})
    return network


def _recognise(state: Mapping[str, Tensor], path: Path) -> tuple[str, dict[str, Tensor]]:
    """Tell whose names these are; return the source and the weights under our names."""
    problems = []
    for source in _SOURCES:
        renamed = {_rename(name, source): value for name, value in state.items()}
        strangers = [name for name in state if _rename(name, source) is None]
        if not strangers:
            return source, {str(name): value for name, value in renamed.items()}
        problems.append((len(strangers), source, strangers[0]))
    _, nearest, stranger = min(problems)
    raise ConfigError(
        f"parameter {stranger!r} is none of MagNet (nearest: {nearest})",
        "the official variables as .npz, or a checkpoint of the port by Peng or by Kim",
        "Give such a file; ports with biases or a whole pickled module are not supported",
        file=path,
    )


def _rename(name: str, source: str) -> str | None:
    patterns, prefix, suffix = _SOURCES[source]
    if not (name.startswith(prefix) and name.endswith(suffix)):
        return None
    bare = name.removeprefix(prefix).removesuffix(suffix)
    for pattern, ours in patterns:
        if match := re.fullmatch(pattern, bare):
            groups = list(match.groups())
            if ours.endswith(f"{{{len(groups) - 1}}}"):  # the last group counts the convolutions of a block
                groups[-1] = _ORDER[groups[-1]]
            return ours.format(*groups) + ".weight"
    return None


def _read_npz(path: Path) -> dict[str, Tensor]:
    """Variables (kh, kw, in, out) as weights (out, in, kh, kw); the step counter is left out."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name.removesuffix(":0"): file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(
            f"the MagNet weights cannot be read ({error})".splitlines()[0],
            "arrays by name, without pickled objects",
            _ADVICE,
            file=path,
        ) from error
    return {
        name: torch.from_numpy(
            np.ascontiguousarray(array.transpose(3, 2, 0, 1) if array.ndim == 4 else array)
        )
        for name, array in arrays.items()
        if name != "Variable"
    }


def _read_artifact(path: Path) -> tuple[MagNet, dict[str, Any]]:
    with Artifact(path) as artifact:
        check_stage(artifact, "magnet", expected="weights of MagNet", todo="Give the file that was trained")
        layout = MagNetLayout(**json.loads(artifact.attrs["layout"]))
        numbers = torch.from_numpy(artifact["weights"][:])
        training = json.loads(artifact.attrs["training"])
    shapes = {name: value.shape for name, value in MagNet(layout).state_dict().items()}
    parts = numbers.split([shape.numel() for shape in shapes.values()])
    state = {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}
    return build(layout, state, path), training
