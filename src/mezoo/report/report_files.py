"""Which files of a run the report reads, by task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class SpottingFiles:
    """What a run of spotting leaves; empty where nothing was spotted.

    Attributes
    ----------
    scores : sequence of Path
        ``loso_<recipe>.csv`` of every recipe.
    figures : sequence of Path
        Folders ``<recipe>/<dataset>`` that `mezoo.report.figures.draw_all` wrote.
    usable : sequence of Path
        ``<dataset>/usable.csv``.
    models : sequence of Path
        Models trained on everybody.
    strips : sequence of Path
        Folders ``<dataset>`` that `mezoo.report.strips.draw_strips` wrote; without them the page shows no face.
    """

    scores: Sequence[Path] = ()
    figures: Sequence[Path] = ()
    usable: Sequence[Path] = ()
    models: Sequence[Path] = ()
    strips: Sequence[Path] = ()


@dataclass(frozen=True)
class RecognitionFiles:
    """What a run of recognition leaves; empty where nothing was recognised.

    Attributes
    ----------
    scores : sequence of Path
        ``loso_<recipe>.csv`` of every recipe.
    predictions : sequence of Path
        ``<recipe>/<experiment>.csv``: every clip under every rule.
    figures : sequence of Path
        Folders ``<recipe>/<experiment>`` that `mezoo.report.recognition_figures.draw_recognition` wrote.
    models : sequence of Path
        One model of a fold for each recipe and experiment.
    protocols : sequence of Path
        Folders ``<experiment>`` that `mezoo.datasets.protocol_labels.protocol_labels` wrote.
    """

    scores: Sequence[Path] = ()
    predictions: Sequence[Path] = ()
    figures: Sequence[Path] = ()
    models: Sequence[Path] = ()
    protocols: Sequence[Path] = ()


@dataclass(frozen=True)
class RunFiles:
    """What tells about the run as a whole.

    Attributes
    ----------
    audits : sequence of Path
        ``<dataset>/audit.csv`` of the catalogs; ``fingerprint.json`` is read beside them.
    settings : mapping
        The settings that the results depend on (`mezoo.workflow.stated_settings`).
    benchmarks : Path or None
        Folder of Snakemake's measurements, ``<rule>/<...>.tsv``.
    """

    audits: Sequence[Path] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    benchmarks: Path | None = None
