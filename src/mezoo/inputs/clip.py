"""One annotated expression with the artifacts of its video: what an input is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mezoo.errors import DataError

if TYPE_CHECKING:
    from mezoo.artifact import Artifact
    from mezoo.catalog_items import EventRecord
    from mezoo.motion.apex_stage import MissingApex
    from mezoo.motion.event_flows import KeptFrames


@dataclass(frozen=True, eq=False)
class Clip:
    """An expression and the open artifacts of its video.

    Attributes
    ----------
    event : EventRecord
        Its coded frames (onset, apex, offset as the corpus numbers them, None where not coded). Emotion and
        action units are not to be read by an input.
    artifacts : mapping of str to Artifact
        Folder of the stage -> open artifact, for the stages that the input names.
    missing_apex : {'middle', 'skip', 'spotted'}
        What an apex that is not coded (SMIC) means, as in the stage ``flow_apex``.
    """

    event: EventRecord
    artifacts: Mapping[str, Artifact]
    missing_apex: MissingApex = "middle"

    @cached_property
    def kept(self) -> KeptFrames:
        """The frames of the faces artifact by the corpus's own numbers (needs the stage ``faces``)."""
        from mezoo.motion.event_flows import KeptFrames

        return KeptFrames(self.artifacts["faces"])

    @cached_property
    def onset(self) -> int:
        """Position of the first kept frame at or after the onset; `DataError` outside the video."""
        from mezoo.motion.event_flows import onset_of

        return onset_of(self.event, self.kept)

    @cached_property
    def offset(self) -> int:
        """Position of the last kept frame at or before the offset, or before the apex where none is coded."""
        last = self.event.offset if self.event.offset is not None else self.event.apex
        if last is None:
            raise DataError("neither offset nor apex is coded", "one of them", "Correct the coding file")
        return self.kept.last_until(last, "offset")

    @cached_property
    def apex(self) -> int:
        """Position of the kept frame nearest to the apex; where none is coded as `missing_apex` says."""
        from mezoo.motion.apex_stage import locate_apex

        return int(locate_apex(self.event, self.kept, self.missing_apex)[1][0])

    def require_face(self, *positions: int) -> None:
        """Raise `DataError` unless the landmarks of all these frames are valid."""
        bad = [int(self.kept.numbers[t]) for t in positions if not self.kept.valid[t]]
        if bad:
            raise DataError(f"no valid face in frame {bad[0]}", "a face", "Look at the faces of this video")

    def row(self, stage: str) -> int:
        """Position of this expression among the events of an artifact of events (``flow_apex``, ``shape`` ...).

        Raises
        ------
        DataError
            The artifact does not hold it, or could not use it.
        """
        artifact = self.artifacts[stage]
        events = _list(artifact.attrs["events"])
        if self.event.event not in events:
            raise DataError(
                f"{artifact.path.name} does not hold it", "the events of one catalog", "Run the stage again"
            )
        row = events.index(self.event.event)
        reason = _list(artifact.attrs["reasons"])[row]
        if reason:
            raise DataError(reason, "a usable expression", "Look at the audit of this corpus")
        return row

    def rows(self, stage: str) -> np.ndarray:
        """Rows (n,) of this expression in an artifact that holds a row per frame (``flow_onset`` ...)."""
        return np.flatnonzero(self.artifacts[stage]["event"][:] == self.row(stage))


def _list(attribute: Any) -> list[str]:
    return json.loads(attribute) if isinstance(attribute, str) else list(attribute)
