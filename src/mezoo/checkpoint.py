"""Files of weights that torch wrote: read those of strangers, or say in one error why not. Imports torch.

Nothing in a file is trusted: it is read with ``weights_only``, so that no code in it is run, and a network takes
all of its tensors or none. Loaders of the field fill what fits instead, and load nothing of a wrong file without a
word.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from mezoo.atomic import publish, temporary_for
from mezoo.errors import ConfigError

Network = TypeVar("Network", bound=nn.Module)

#: How files of torch begin: those of today are zip archives, those before 1.6 a pickled number.
_ZIP, _BEFORE_1_6, _PICKLE = b"PK\x03\x04", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", b"\x80"
#: Under what training scripts keep the state dict, and how deep at most.
_WRAPPERS, _DEEPEST = ("state_dict", "model_state_dict", "model"), 3


def read_checkpoint(
    path: str | Path, *, what: str, advice: str, harmless: Sequence[Any] = ()
) -> dict[str, Tensor]:
    """Read a state dict, bare or wrapped as training scripts do, without ``module.`` before its keys.

    Parameters
    ----------
    path : Path
    what : str
        Whose weights are looked for, e.g. ``RIFE``.
    advice : str
        What the user can do about any other file, without a final full stop.
    harmless : sequence
        Classes besides tensors and plain data that the file may hold, as `torch.serialization.safe_globals` takes
        them.

    Returns
    -------
    dict of str to Tensor
        On the CPU; at least one.

    Raises
    ------
    ConfigError
        The file is absent, no checkpoint, truncated, needs code to be read, or holds anything but tensors.
    """
    path = Path(path)
    if not path.is_file():
        raise ConfigError(f"no file of {what} weights here", "a file", advice, file=path)
    try:
        with torch.serialization.safe_globals(list(harmless)), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what torch wonders about before it fails
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a dozen kinds, down to AssertionError: what damaged bytes happen to mean
        raise _unreadable(path, what, _why(path, error), advice) from error
    for _ in range(_DEEPEST):
        content = _unwrapped(content)
    if not isinstance(content, dict):
        raise _unreadable(path, what, f"it holds a {type(content).__name__}", advice)
    strangers = [key for key, value in content.items() if not isinstance(value, Tensor)]
    if strangers or not content:
        found = f"{str(strangers[0])[:80]!r} in it is no tensor" if strangers else "it holds no tensors"
        raise _unreadable(path, what, found, advice)
    return {str(key).removeprefix("module."): value for key, value in content.items()}


def _unwrapped(content: Any) -> Any:
    if isinstance(content, dict):
        for key in _WRAPPERS:
            if isinstance(content.get(key), dict):
                return content[key]
    return content


def _why(path: Path, error: Exception) -> str:
    """Tell why torch could not read a file; what it says itself is long, and advises to run the code."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    with path.open("rb") as file:
        head = file.read(len(_BEFORE_1_6))
    code = re.search(r"GLOBAL ([\w.]+)", str(error))
    if code and head.startswith((_ZIP, _PICKLE)):
        return f"it needs code ({code[1]}), and no code in a file is run"
    if not head.startswith((_ZIP, _BEFORE_1_6)):
        return "it is no checkpoint of torch"
    told = str(error).splitlines()[0][:150] if isinstance(error, RuntimeError) else type(error).__name__
    return f"it is truncated or of an unknown form ({told})"


def _unreadable(path: Path, what: str, why: str, advice: str) -> ConfigError:
    found = f"the {what} weights cannot be read: {why}"
    return ConfigError(found, "a state dict that torch saved, tensors by name", advice, file=path)


def fill(
    network: Network, state: Mapping[str, Tensor], *, what: str, advice: str, file: str | Path
) -> Network:
    """Fill a network, made on the device ``meta``, for use: float32, in evaluation mode, without gradients.

    Parameters
    ----------
    network : nn.Module
    state : mapping of str to Tensor
    what, advice : see `read_checkpoint`
    file : Path
        Where the weights are from.

    Raises
    ------
    ConfigError
        A key or shape does not match. Counts of batches may be absent, as in files of torch before 0.4.1.
    """
    try:
        network.load_state_dict(state, assign=True)
    except RuntimeError as error:
        raise ConfigError(
            f"weights of {what} that do not match ({str(error).splitlines()[1].strip()[:200]})",
            "all of its keys and shapes",
            advice,
            file=file,
        ) from None
    return network.float().eval().requires_grad_(False)


def write_checkpoint(path: Path, content: Mapping[str, Any]) -> None:
    """Write tensors and plain data for ``torch.load``, whole or not at all."""
    temporary = temporary_for(path)
    try:
        torch.save(dict(content), temporary)
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
