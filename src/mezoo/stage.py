"""A stage on one item: files in, one artifact out, faults passed on as failed artifacts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mezoo.artifact import Artifact, ArtifactWriter, digest, write_failed
from mezoo.errors import ConfigError, DamagedError, DataError

#: Attributes that say whose artifact it is; `produce` hands them from stage to stage.
IDENTITY = ("dataset", "subject", "video", "fps")


def check_stage(artifact: Artifact, stage: str, *, expected: str, todo: str = "Give that file") -> None:
    """Raise `ConfigError` unless the artifact is of this stage.

    Parameters
    ----------
    artifact : Artifact
    stage : str
    expected, todo : str
        Second and third part of the error.
    """
    if artifact.stage != stage:
        raise ConfigError(f"an artifact of the stage '{artifact.stage}'", expected, todo, file=artifact.path)


def produce(
    out: str | Path,
    *,
    stage: str,
    params: Mapping[str, Any],
    inputs: Mapping[str, str | Path],
    make: Callable[[ArtifactWriter], None],
    identity: Mapping[str, Any] | None = None,
) -> None:
    """Run one stage on one item: the file-to-file form that every stage shares.

    A failed input is passed on as a failed artifact, a `DataError` of `make` becomes one; anything
    else, a damaged input included, propagates and leaves no file.

    Parameters
    ----------
    out : Path
        The artifact to write.
    stage, params : see `ArtifactWriter`
    inputs : mapping of str to Path
        Files the stage reads. HDF5 artifacts among them are checked for their status.
    make : callable
        Gets the open `ArtifactWriter` and fills it.
    identity : mapping, optional
        Whose artifact this is (`IDENTITY`); taken over from the HDF5 inputs when absent.
    """
    digests = {name: digest(path) for name, path in inputs.items()}
    known = dict(identity or {})
    lineage: dict[str, Any] = {}
    reason = None
    for path in inputs.values():
        if Path(path).suffix == ".h5":
            with Artifact(path) as artifact:
                known = {key: artifact.attrs[key] for key in IDENTITY if key in artifact.attrs} | known
                lineage |= artifact.lineage
                reason = reason or artifact.reason
    if lineage:
        known["lineage"] = json.dumps(lineage, sort_keys=True)
    if not reason:
        try:
            with ArtifactWriter(out, stage=stage, params=params, inputs=digests) as writer:
                writer.attrs.update(known)
                make(writer)
            return
        except DamagedError:
            raise
        except DataError as error:
            reason = str(error)
    write_failed(out, stage=stage, params=params, inputs=digests, reason=reason, identity=known)
