"""The report: one HTML page with all results, which opens offline and asks no other computer for anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from mezoo import __version__
from mezoo.atomic import write_text
from mezoo.html import environment
from mezoo.learning.pooling import SELECTIONS, read_scores
from mezoo.learning.recognition_score import POOLED, read_predictions
from mezoo.report.cards import (
    LIMITS,
    NOT_FOR,
    USE,
    Card,
    citations,
    recognition_cards,
    spotting_cards,
    write_cards,
)
from mezoo.report.clips import clips
from mezoo.report.corpora_section import clip_corpus, spotted_corpus
from mezoo.report.figures_section import spotting_figures
from mezoo.report.headline import MEANING, comparisons
from mezoo.report.methods import as_html, as_latex, as_markdown, keys_of, methods_text, write_methods
from mezoo.report.recognition_section import (
    left_out_clips,
    recognition_figures_of,
    recognition_overview,
    recognition_sections,
    recognition_tests,
)
from mezoo.report.recognition_tables import write_recognition_tables
from mezoo.report.references import bibtex, link, reference_text
from mezoo.report.report_files import RecognitionFiles, RunFiles, SpottingFiles
from mezoo.report.run_section import runs, settings_text
from mezoo.report.software import data_fingerprints, software
from mezoo.report.spotting_section import corpora_of, overview, spotted, spotting_section
from mezoo.report.spotting_tables import write_spotting_tables
from mezoo.report.tables import interval, is_demo, leaks_of, number, p_value
from mezoo.report.timings import duration, timings

#: Width in px of the little pictures of an F1 and its interval.
_BAR = 104


def write_report(
    out: Path,
    *,
    spotting: SpottingFiles,
    recognition: RecognitionFiles,
    run: RunFiles,
    folder: Path,
) -> None:
    """Write the page, and beside it tables, model cards and the methods text as files.

    Parameters
    ----------
    out : Path
        The page. The same inputs and packages give the same bytes: it holds no time of writing.
    spotting, recognition, run
        What was made.
    folder : Path
        Gets ``tables/report/`` (the tables of the page as csv, md and tex), ``cards/<recipe>.md`` and ``methods/``.
    """
    tables = Path(folder) / "tables" / "report"
    context, cards = _empty(), []
    scores = []
    if spotting.scores:
        scores.append(read_scores(spotting.scores))
        table = write_spotting_tables(scores[-1], tables)
        cards += spotting_cards(spotting.models, table)
        context |= _spotting(scores[-1], table, spotting, run)
    if recognition.scores:
        scores.append(read_scores(recognition.scores))
        predictions = read_predictions(recognition.predictions)
        table = write_recognition_tables(scores[-1], tables, predictions=predictions)
        cards += recognition_cards(recognition.models, table)
        context |= _recognition(scores[-1], table, predictions, recognition, run)
        context["corpora"] = context["spotted"] + context["clip_corpora"]
    write_cards(cards, Path(folder) / "cards")
    context |= _run(pd.concat(scores, ignore_index=True), cards, run, context, Path(folder))
    write_text(out, page_template().render(context))


def page_template(name: str = "page.html.j2") -> jinja2.Template:
    """Load the template of the page, or one of its sections, with what they call."""
    made = environment("mezoo.report")
    made.filters.update(number=number, p_value=p_value, duration=duration)
    made.globals.update(interval=interval, bar=_bar)
    return made.get_template(name)


def _empty() -> dict[str, Any]:
    """Give what a page shows of a task that was not run."""
    lists = (
        "spotted", "clip_corpora", "corpora", "overview", "sections", "comparisons", "clips", "figures",
        "recognition", "recognition_overview", "recognition_tests", "experiments", "recognition_figures", "protocols",
    )  # fmt: skip
    return {name: [] for name in lists}


def _spotting(
    scores: pd.DataFrame, table: pd.DataFrame, files: SpottingFiles, run: RunFiles
) -> dict[str, Any]:
    names = spotted(table)
    corpora = corpora_of(names)
    found = [spotted_corpus(name, scores, run.audits, files.usable) for name in corpora]
    return {
        "spotted": found,
        "corpora": found,
        "overview": overview(table),
        "sections": [spotting_section(name, table) for name in names],
        "comparisons": comparisons(scores).to_dict("records"),
        "clips": clips(files.strips),
        "figures": spotting_figures(files.figures, corpora),
    }


def _recognition(
    scores: pd.DataFrame,
    table: pd.DataFrame,
    predictions: pd.DataFrame,
    files: RecognitionFiles,
    run: RunFiles,
) -> dict[str, Any]:
    corpora = [name for name in dict.fromkeys(scores["dataset"]) if name != POOLED]
    return {
        "clip_corpora": [clip_corpus(name, scores, run.audits) for name in corpora],
        "recognition": recognition_sections(table),
        "recognition_overview": recognition_overview(table),
        "recognition_tests": recognition_tests(predictions),
        "experiments": left_out_clips(files.protocols, predictions, run.audits),
        "recognition_figures": recognition_figures_of(files.figures),
        "protocols": list(dict.fromkeys(scores["protocol"].str.partition(",")[0])),
    }


def _run(
    scores: pd.DataFrame, cards: Sequence[Card], run: RunFiles, context: dict[str, Any], folder: Path
) -> dict[str, Any]:
    """Tell of the run as a whole."""
    corpora = [corpus["name"] for corpus in context["corpora"]]
    paragraphs = methods_text(
        cards,
        run.settings,
        datasets=corpora,
        experiments=context["protocols"],
        leaks=leaks_of(scores["protocol"]),
    )
    keys = list(dict.fromkeys([*keys_of(paragraphs), *citations(cards)]))
    write_methods(paragraphs, folder / "methods")
    tasks = [
        name for name, part in (("spotting", "sections"), ("recognition", "recognition")) if context[part]
    ]
    return {
        "version": __version__,
        "tasks": tasks,
        "demo": [name for name in corpora if is_demo(name)],
        "all_demo": all(is_demo(name) for name in corpora),
        "meaning": MEANING | {"chance": "a random guesser, test-selected, for comparison only"},
        "selections": [name for name in SELECTIONS if name in set(scores["selection"])],
        "runs": runs(scores, cards),
        "settings": settings_text(run.settings),
        "cards": cards,
        "use": USE,
        "not_for": NOT_FOR,
        "limits": LIMITS,
        "methods": [(title, as_html(text, keys)) for title, text in paragraphs],
        "methods_markdown": as_markdown(paragraphs),
        "methods_latex": as_latex(paragraphs),
        "bibtex": bibtex(keys_of(paragraphs)),
        "references": [(key, reference_text(key), link(key)) for key in keys],
        "timings": timings(run.benchmarks),
        "fingerprints": data_fingerprints(run.audits),
        "software": list(software()),
    }


def _bar(value: float, lower: float, upper: float, faint: bool) -> Markup:
    """Draw a dot on a line from 0 to 1, with its interval; nothing where there is no number."""
    if pd.isna(value):
        return Markup("")
    colour = "#999999" if faint else "#0072b2"
    parts = [f'<line x1="{_x(0)}" x2="{_x(1)}" y1="8" y2="8" stroke="#e2e2e2"/>']
    if not (pd.isna(lower) or pd.isna(upper)):
        span = f'x1="{_x(lower)}" x2="{_x(upper)}"'
        parts.append(f'<line {span} y1="8" y2="8" stroke="{colour}" stroke-width="3" stroke-opacity=".45"/>')
    parts.append(f'<circle cx="{_x(value)}" cy="8" r="3.6" fill="{colour}"/>')
    return Markup(
        f'<svg width="{_BAR}" height="16" role="img" aria-label="{value:.3f}">{"".join(parts)}</svg>'
    )


def _x(share: float) -> str:
    return f"{4 + (_BAR - 8) * share:.1f}"
