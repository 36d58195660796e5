"""What a protocol is: a rule over catalog tables that gives samples, labels and groups to hold out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mezoo.datasets.labels import objective_class
from mezoo.errors import ConfigError

if TYPE_CHECKING:  # the Snakefile asks for protocols by name, which must not load pandas
    import pandas as pd

    from mezoo.catalog import Catalog

MEMBER_COLUMNS = ("dataset", "video", "subject", "event", "label", "group")
Column = Literal["emotion", "objective_class", "type"]


@dataclass(frozen=True)
class Part:
    """What a protocol takes from one corpus.

    Attributes
    ----------
    corpus : str
        Layout name.
    column : {"emotion", "objective_class", "type"}
        Column of the events that tells the label.
    labels : mapping
        Word in that column, lower case (a roman numeral for objective classes) -> label. Events with
        another word do not belong.
    only_micro : bool
        Whether macro-expressions are left out.
    without : tuple of (str, str)
        Subject and clip, as the corpus writes them, that do not belong although their word does.
    subjects : str
        Start of the ids of the subjects that belong, where a corpus has parts; all when empty.
    """

    corpus: str
    column: Column
    labels: Mapping[str, str]
    only_micro: bool = True
    without: tuple[tuple[str, str], ...] = ()
    subjects: str = ""

    def members(self, catalog: Catalog) -> pd.DataFrame:
        """Give the samples of this corpus: its events with a column ``label``."""
        import pandas as pd

        events = catalog.events[catalog.events["subject"].str.startswith(self.subjects)]
        if self.only_micro:
            events = events[events["type"] == "micro"]
        words = events[self.column].map(_roman if self.column == "objective_class" else _word)
        label = words.map(dict(self.labels))
        left_out = {sample_key(*sample) for sample in self.without}
        keys = pd.Series(
            [sample_key(*pair) for pair in events[["subject", "event"]].itertuples(index=False)],
            index=events.index,
            dtype=object,
        )
        belongs = label.notna() & ~keys.isin(left_out)
        return events[belongs].assign(label=label[belongs])


def _word(cell: str) -> str:
    return cell.strip().casefold()


def _roman(cell: str) -> str:
    return objective_class(cell) or ""


@dataclass(frozen=True)
class Expected:
    """Counts that a protocol gives with one release of the tables.

    Attributes
    ----------
    source : str
        The release, e.g. ``CASME2-coding-20140508.xlsx``.
    counts : mapping
        Label -> number of samples.
    subjects : int
    corpus : str
        The corpus when only its part is counted; empty for the whole.
    """

    source: str
    counts: Mapping[str, int]
    subjects: int
    corpus: str = ""

    @property
    def n(self) -> int:
        """Number of samples."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Disagreement:
    """A number in print that differs from the tables, or that another list has, and why."""

    claim: str
    found: str
    why: str


@dataclass(frozen=True)
class Protocol:
    """A published way to choose and label samples.

    Attributes
    ----------
    name, title : str
    rule : str
        Membership in words.
    source : str
        Where the rule and the counts come from.
    parts : tuple of Part
        One per corpus; empty when the labels are not public.
    expected : tuple of Expected
        The whole first, then other releases and parts.
    held_out : {"subject", "corpus"}
        What one fold holds out: the column ``group``.
    disagreements : tuple of Disagreement
    official : mapping
        Number of a class in the organisers' list -> label; empty when there is no such list.
    """

    name: str
    title: str
    rule: str
    source: str
    parts: tuple[Part, ...]
    expected: tuple[Expected, ...]
    held_out: Literal["subject", "corpus"] = "subject"
    disagreements: tuple[Disagreement, ...] = ()
    official: Mapping[str, str] = field(default_factory=dict)

    @property
    def corpora(self) -> tuple[str, ...]:
        """Layout names of the corpora."""
        return tuple(part.corpus for part in self.parts)

    @property
    def classes(self) -> tuple[str, ...]:
        """Labels in the order of the tables of the papers."""
        return tuple(self.expected[0].counts) if self.expected else ()

    def members(self, catalogs: Mapping[str, Catalog], *, official: str | Path | None = None) -> pd.DataFrame:
        """Apply the rule.

        Parameters
        ----------
        catalogs : mapping of str to Catalog
            Layout name -> catalog, one for each of `corpora`; others are ignored.
        official : Path, optional
            The organisers' list (no header; corpus, subject, clip, class): then it tells members and
            labels, and the rule is not used.

        Returns
        -------
        DataFrame
            Columns dataset, video, subject, event, label, group, one row per sample, in the order of
            `corpora`, video and onset. A group is what one fold holds out: ``dataset/subject``, because
            subject ids repeat between corpora, or ``dataset``.

        Raises
        ------
        ConfigError
            A catalog is missing, the labels are not public, or the list cannot be joined.
        """
        import pandas as pd

        self._require(catalogs)
        if official is None:
            found = [part.members(catalogs[part.corpus]) for part in self.parts]
        else:
            from mezoo.datasets.protocols.official import join_official

            found = join_official(self, catalogs, Path(official))
        table = pd.concat(found, ignore_index=True)
        groups = table["dataset"] + "/" + table["subject"] if self.held_out == "subject" else table["dataset"]
        return table.assign(group=groups)[list(MEMBER_COLUMNS)].astype("str")

    def _require(self, catalogs: Mapping[str, Catalog]) -> None:
        if not self.parts:
            raise ConfigError(
                "the labels are not public", "a protocol with labels", "Choose another", item=self.name
            )
        missing = [corpus for corpus in self.corpora if corpus not in catalogs]
        if missing:
            raise ConfigError(
                f"no catalog of {', '.join(missing)}",
                f"catalogs of {', '.join(self.corpora)}",
                "Make it with mezoo catalog",
                item=self.name,
            )


def sample_key(subject: str, clip: str) -> tuple[str, str]:
    """Identify a sample however its ids are padded: ``("6", "006_1_2")`` is ``("006", "006_1_2")``.

    The subject's own prefix in front of a clip does not matter: ``sub01_EP02_01f`` is ``EP02_01f``.
    """
    number = re.sub(r"\D", "", subject).lstrip("0") or subject.casefold()
    prefix = rf"(?:sub|spno\.?|s)?0*{re.escape(number)}[_/](?=.)"
    bare = re.sub(rf"^{prefix}", "", clip.strip(), flags=re.IGNORECASE)
    return number, re.sub(r"0*(\d+)", lambda digits: digits[1], bare.casefold())


def compare(members: pd.DataFrame, expected: Expected, labels: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Hold measured counts against published ones.

    Returns
    -------
    list of (str, int, int)
        Name, measured, expected: each label, then ``all`` and ``subjects``.
    """
    counts = members["label"].value_counts()
    rows = [(label, int(counts.get(label, 0)), expected.counts.get(label, 0)) for label in labels]
    subjects = len(set(zip(members["dataset"], members["subject"], strict=True)))
    return [*rows, ("all", len(members), expected.n), ("subjects", subjects, expected.subjects)]
