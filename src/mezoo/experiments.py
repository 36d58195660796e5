"""Experiments of recognition: a label protocol on the corpora of a run, and its folds.

An experiment is named by its protocol (`mezoo.datasets.protocols`); a suffix asks for other folds than
the protocol's own: ``megc2019_cde-8fold`` holds out an eighth of the subjects at a time, ``megc2019_cde-corpus`` one
corpus. On synthetic corpora the name begins with ``demo_``. Folds follow from the ids of subjects alone, before a
label is read, so that the whole graph of jobs is known when the workflow starts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mezoo.datasets.protocols import Protocol, get
from mezoo.errors import ConfigError
from mezoo.plan import Corpus

#: A subject of one of the corpora: name of the corpus, id of the subject.
Person = tuple[str, str]
DEMO = "demo_"
_NAME = re.compile(r"(?P<protocol>[a-z0-9_]+?)(-(?P<k>\d+)fold|-(?P<corpus>corpus))?")


@dataclass(frozen=True)
class Experiment:
    """A protocol on the corpora of a run.

    Attributes
    ----------
    name : str
        As in paths and tables.
    protocol : Protocol
    corpora : dict of str to Corpus
        Layout -> corpus.
    folds : dict of str to list of Person
        Name of the fold -> whom it holds out.
    """

    name: str
    protocol: Protocol
    corpora: dict[str, Corpus]
    folds: dict[str, list[Person]]

    @property
    def persons(self) -> list[Person]:
        """All subjects of all corpora."""
        return [(c.name, subject) for c in self.corpora.values() for subject in c.subjects]

    def training(self, fold: str) -> list[Person]:
        """All whom a fold does not hold out: whose files its fit may see."""
        held_out = set(self.folds[fold])
        return [person for person in self.persons if person not in held_out]

    @property
    def is_demo(self) -> bool:
        """Whether its corpora are synthetic."""
        return all(corpus.is_demo for corpus in self.corpora.values())


def experiment(name: str, found: Mapping[str, Corpus]) -> Experiment:
    """Plan an experiment by its name.

    Parameters
    ----------
    name : str
        Name of a protocol with the affixes told above.
    found : mapping of str to Corpus
        The corpora of the run by name.

    Raises
    ------
    ConfigError
        An unknown protocol or suffix, a corpus that the run lacks, or fewer subjects than folds.
    """
    match = _NAME.fullmatch(name.removeprefix(DEMO))
    if match is None:
        raise ConfigError(
            f"protocol '{name}'",
            "a name like megc2019_cde, megc2019_cde-8fold or megc2019_cde-corpus",
            "Correct it",
        )
    protocol = get(match["protocol"])
    if any(part.column == "type" for part in protocol.parts):
        raise ConfigError("a protocol of spotting", "one with emotions", "Leave it out", item=name)
    if lacking := missing_corpora(name, found):
        raise ConfigError(
            f"no corpus {', '.join(lacking)}",
            f"the corpora of {protocol.name}",
            "Set their root in config.yaml, or leave the protocol out",
            item=name,
        )
    prefix = DEMO if name.startswith(DEMO) else ""
    corpora = {layout: found[prefix + layout] for layout in protocol.corpora}
    persons = [(corpus.name, subject) for corpus in corpora.values() for subject in corpus.subjects]
    if match["k"]:
        folds = _k_folds(name, corpora, int(match["k"]))
    elif match["corpus"] or protocol.held_out == "corpus":
        if len(corpora) < 2:
            raise ConfigError(
                "one corpus", "two or more, of which one is held out", "Leave out -corpus", item=name
            )
        folds = {c.name: [(c.name, subject) for subject in c.subjects] for c in corpora.values()}
    else:
        folds = {f"{corpus}.{subject}": [(corpus, subject)] for corpus, subject in persons}
    return Experiment(name, protocol, corpora, folds)


def missing_corpora(name: str, found: Mapping[str, Corpus]) -> list[str]:
    """Layouts that an experiment needs and the run has not."""
    match = _NAME.fullmatch(name.removeprefix(DEMO))
    prefix = DEMO if name.startswith(DEMO) else ""
    layouts: Sequence[str] = get(match["protocol"]).corpora if match else ()
    return [layout for layout in layouts if prefix + layout not in found]


def _k_folds(name: str, corpora: Mapping[str, Corpus], k: int) -> dict[str, list[Person]]:
    """Deal the subjects of each corpus out in an order that depends on their ids alone."""
    persons: list[Person] = []
    for corpus in corpora.values():
        order = np.random.default_rng(0).permutation(len(corpus.subjects))
        persons += [(corpus.name, corpus.subjects[i]) for i in order]
    if not 2 <= k <= len(persons):
        raise ConfigError(
            f"{k} folds of {len(persons)} subjects",
            "at least 2, and a subject for each",
            "Change it",
            item=name,
        )
    return {f"{i + 1}of{k}": sorted(persons[i::k]) for i in range(k)}
