"""Packs and label files of a set of subjects, joined clip by clip: what a recogniser is trained on.

Arrays stay in the memory-mapped packs until a batch needs them; clips and labels are joined by their ids, never by
their order.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mezoo.datasets.au import parse_aus
from mezoo.datasets.protocol_labels import read_protocol_labels
from mezoo.errors import ConfigError
from mezoo.inputs.pack import ClipId, Pack
from mezoo.status import check_failed_share


@dataclass(frozen=True, eq=False)
class Inputs:
    """The inputs of some expressions, in the order of a recipe.

    Attributes
    ----------
    clips : list of ClipId
        Expressions that every input can be made of.
    reasons : dict of ClipId to str
        Why other expressions cannot be used.
    packs : list of dict
        Per input of the recipe: (dataset, subject) -> pack.
    """

    clips: list[ClipId]
    reasons: dict[ClipId, str]
    packs: list[dict[tuple[str, str], Pack]]

    def arrays(self, clip: ClipId) -> list[np.ndarray]:
        """Array of each input of one clip, views of the mapped files."""
        return [packs[clip.dataset, clip.subject][clip] for packs in self.packs]

    @property
    def marks(self) -> dict[str, ClipId]:
        """Digest of the arrays of each clip -> the clip, over all inputs."""
        return {
            "-".join(packs[clip.dataset, clip.subject].marks[clip] for packs in self.packs): clip
            for clip in self.clips
        }

    @property
    def settings(self) -> list[dict[str, object]]:
        """Settings of the stages behind each input, of the first subject."""
        return [next(iter(packs.values())).settings if packs else {} for packs in self.packs]


def read_inputs(packs: Sequence[Path], inputs: Sequence[str]) -> Inputs:
    """Map the packs of some subjects.

    Parameters
    ----------
    packs : sequence of Path
        One per subject and input, in any order.
    inputs : sequence of str
        Inputs of the recipe, in its order.

    Raises
    ------
    ConfigError
        A pack of another input, two of one subject, one that is lacking, or packs made with different settings.
    """
    found: list[dict[tuple[str, str], Pack]] = [{} for _ in inputs]
    for path in packs:
        pack = Pack(path)
        if pack.input not in inputs or (pack.dataset, pack.subject) in found[inputs.index(pack.input)]:
            raise _unexpected(f"a pack of {pack.input} of {pack.dataset}/{pack.subject}", inputs, path)
        found[inputs.index(pack.input)][pack.dataset, pack.subject] = pack
    persons = sorted({person for one in found for person in one})
    for name, one in zip(inputs, found, strict=True):
        if lacking := [person for person in persons if person not in one]:
            raise _unexpected(f"no pack of {name} of {'/'.join(lacking[0])}", inputs, None)
        _check_settings(one)
    clips, reasons = [], {}
    for person in persons:
        for clip in found[0][person].clips:
            why = next(
                (r for one in found if (r := one[person].reasons.get(clip, "")) or clip not in one[person]),
                None,
            )
            if why is None:
                clips.append(clip)
            else:
                reasons[clip] = why or "another input does not hold it"
    return Inputs(clips, reasons, found)


def _unexpected(what: str, inputs: Sequence[str], path: Path | None) -> ConfigError:
    return ConfigError(
        what,
        f"one pack of each of {', '.join(inputs)} per subject",
        "Call the command through the workflow",
        file=path,
    )


def _check_settings(packs: dict[tuple[str, str], Pack]) -> None:
    """Corpora may differ in their frame rate, but in nothing else that the numbers depend on."""
    first: str | None = None
    for person, pack in packs.items():
        plain = {
            stage: {key: value for key, value in params.items() if key != "target_fps"}
            for stage, params in pack.settings.items()
        }
        text = json.dumps(plain, sort_keys=True)
        if first is not None and text != first:
            raise ConfigError(
                f"inputs made with {text}",
                f"the settings of the others, {first}",
                "Run the stages again with one config.yaml",
                item="/".join(person),
            )
        first = text


@dataclass(frozen=True, eq=False)
class ClipSet:
    """Labelled clips.

    Attributes
    ----------
    inputs : Inputs
    clips : list of ClipId
    target : ndarray, int64, shape (n,)
        Position of the label in `classes`.
    aus : list of list of int
        Action units coded for sure.
    classes : tuple of str
    """

    inputs: Inputs
    clips: list[ClipId]
    target: NDArray[np.int64]
    aus: list[list[int]]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def persons(self) -> list[str]:
        """Subject of each clip, unique over all corpora."""
        return [f"{clip.dataset}/{clip.subject}" for clip in self.clips]

    def select(self, keep: NDArray[np.bool_]) -> ClipSet:
        """Keep some clips."""
        rows = np.flatnonzero(keep)
        return replace(
            self,
            clips=[self.clips[i] for i in rows],
            target=self.target[rows],
            aus=[self.aus[i] for i in rows],
        )

    def random_labels(self, seed: int) -> ClipSet:
        """Draw labels of which each class is equally often, and give each clip another's action units: a control."""
        rng = np.random.default_rng(seed)
        rounds = -(-len(self) // len(self.classes))
        whole = [rng.permutation(len(self.classes)) for _ in range(rounds)]
        target = rng.permutation(np.concatenate(whole)[: len(self)])
        return replace(self, target=target, aus=[self.aus[i] for i in rng.permutation(len(self))])


def training_clips(
    inputs: Inputs, labels: Sequence[Path], classes: Sequence[str], *, max_failed_share: float
) -> ClipSet:
    """Join inputs and labels of the training subjects of a fold.

    Raises
    ------
    ConfigError
        Labels of a subject without pack or the reverse, an unknown label, too many unusable clips, or fewer than two
        classes or clips.
    """
    table = read_protocol_labels(labels)
    known = {(clip.dataset, clip.video, clip.event): clip for clip in (*inputs.clips, *inputs.reasons)}
    clips, target, aus, failed = [], [], [], []
    for row in table.itertuples(index=False):
        clip = known.get((row.dataset, row.video, row.event))
        if clip is None or clip.subject != row.subject or row.label not in classes:
            raise ConfigError(
                f"label '{row.label}' of {row.dataset}/{row.event} of subject {row.subject}",
                f"a clip of the given packs and a label of {', '.join(classes)}",
                "Call the command through the workflow",
            )
        if clip in inputs.reasons:
            failed.append(clip.event)
            continue
        clips.append(clip)
        target.append(list(classes).index(row.label))
        aus.append(parse_aus(row.aus).certain)
    check_failed_share(failed, len(table), max_failed_share)
    if len(set(target)) < 2:
        raise ConfigError(
            f"{len(clips)} training clips of {len(set(target))} class(es)",
            "clips of two classes or more",
            "Check the labels of the protocol, and mezoo status",
        )
    return ClipSet(inputs, clips, np.array(target, np.int64), aus, tuple(classes))
