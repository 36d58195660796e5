"""The report: one HTML page with all results, which opens offline and asks no other computer for anything."""

from __future__ import annotations

import json
import platform
from collections.abc import Collection, Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from mezoo import __version__
from mezoo.artifact import Artifact
from mezoo.atomic import write_text
from mezoo.catalog import AUDIT_COLUMNS, read_table
from mezoo.evaluation.spotting import TYPES
from mezoo.html import environment
from mezoo.learning.pooling import ALL, SELECTIONS, read_scores
from mezoo.report.clips import clips, data_uri, what_fits
from mezoo.report.headline import MEANING, POOLED, comparisons, datasets
from mezoo.report.tables import (
    COLUMNS,
    caption,
    has_papers,
    interval,
    is_demo,
    is_synthetic,
    leak_mark,
    number,
    p_value,
    seed_spread,
    write_tables,
)

#: Packages whose version may change numbers.
_SOFTWARE = (
    "numpy", "scipy", "pandas", "h5py", "hdf5plugin", "opencv-contrib-python-headless", "dlib-bin",
    "face_recognition_models", "numba", "av", "torch", "pytorch-lightning", "scikit-image", "snakemake",
    "matplotlib",
)  # fmt: skip
#: Width in px of the little pictures of an F1 and its interval.
_BAR = 104
_SEVERITIES = ("excluded", "repaired", "info")


def write_report(
    scores: Sequence[Path],
    figures: Sequence[Path],
    audits: Sequence[Path],
    usable: Sequence[Path],
    models: Sequence[Path],
    *,
    strips: Sequence[Path] = (),
    tables: Path,
    out: Path,
) -> None:
    """Write the page and the tables ``spotting.{csv,md,tex}``.

    Parameters
    ----------
    scores : sequence of Path
        ``loso_<recipe>.csv`` of every recipe.
    figures : sequence of Path
        Folders ``<recipe>/<dataset>`` that `mezoo.report.figures.draw_all` wrote.
    audits, usable : sequence of Path
        ``<dataset>/audit.csv`` and ``<dataset>/usable.csv`` of the catalog.
    models : sequence of Path
        Models trained on everybody.
    strips : sequence of Path
        Folders ``<dataset>`` that `mezoo.report.strips.draw_strips` wrote; without them the page shows no face.
    tables : Path
        Folder of the tables.
    out : Path
        The page. The same inputs and packages give the same bytes: it holds no time of writing.
    """
    all_scores = read_scores(scores)
    table = write_tables(all_scores, tables)
    names = datasets(table)
    corpora = [name for name in names if name != POOLED]
    fits = what_fits({folder: _timelines(folder) for folder in figures})
    context = {
        "version": __version__,
        "demo": [name for name in corpora if is_demo(name)],
        "all_demo": all(is_demo(name) for name in corpora),
        "corpora": [_corpus(name, all_scores, audits, usable) for name in corpora],
        "overview": _overview(table),
        "sections": [_section(name, table, names) for name in names],
        "meaning": MEANING,
        "selections": [name for name in SELECTIONS if name in set(table["selection"])],
        "comparisons": comparisons(all_scores).to_dict("records"),
        "clips": clips(strips),
        "figures": [group for name in corpora if (group := _figures(name, figures, fits))["recipes"]],
        "models": [_model(path) for path in models],
        "software": list(_software()),
    }
    write_text(out, page_template().render(context))


def page_template(name: str = "page.html.j2") -> jinja2.Template:
    """Load the template of the page, or one of its sections, with what they call."""
    made = environment("mezoo.report")
    made.filters.update(number=number, p_value=p_value)
    made.globals.update(interval=interval, bar=_bar)
    return made.get_template(name)


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


# ------------------------------------------------------------------ scores


def _overview(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One row per corpus and recipe with the F1 of each selection side by side."""
    ours = table[table["origin"] == "mezoo"]
    rows = []
    for (dataset, method, protocol), part in ours.groupby(["dataset", "method", "protocol"], sort=False):
        by_rule = part.set_index("selection")
        row = {"dataset": dataset, "method": f"{method}{leak_mark(protocol)}", **_videos(by_rule.loc["last"])}
        row |= {name: by_rule["f1_all"].get(name, float("nan")) for name in SELECTIONS}
        rows.append(row | {side: by_rule.loc["last", side] for side in ("lower", "upper")})
    return rows


def _section(name: str, table: pd.DataFrame, names: Sequence[str]) -> dict[str, Any]:
    rows = table[table["dataset"] == name]
    ours, papers = rows[rows["origin"] == "mezoo"], rows[rows["origin"] != "mezoo"]
    return {
        "name": name,
        "demo": is_synthetic(name, names),
        "caption": caption(name),
        "rows": [_our_row(row) for row in ours.to_dict("records")],
        "papers": papers[list(COLUMNS)].to_dict("records") if has_papers(name, names) else [],
    }


def _our_row(row: dict[str, Any]) -> dict[str, Any]:
    name = f"{row['method']}{leak_mark(row['protocol'])}"
    return row | {"name": name, "spread": seed_spread(row["seed_sd"]), **_videos(row)}


def _videos(row: Any) -> dict[str, str]:
    return {"used": f"{row['n_used']:.0f} of {row['n_expected']:.0f}"}


# ------------------------------------------------------------------ corpora


def _corpus(
    name: str, scores: pd.DataFrame, audits: Sequence[Path], usable: Sequence[Path]
) -> dict[str, Any]:
    """Tell what was used of one corpus, what was not and why, and what the audit of its catalog says."""
    own = scores[(scores["dataset"] == name) & (scores["selection"] == "last")]
    pooled = own[(own["subject"] == ALL) & (own["seed"] != "mean")].drop_duplicates("type").set_index("type")
    videos = _of_corpus(usable, name, lambda path: pd.read_csv(path, dtype=str, keep_default_na=False))
    audit = _of_corpus(audits, name, lambda path: read_table(path, AUDIT_COLUMNS))
    return {
        "name": name,
        "demo": is_demo(name),
        "subjects": own.loc[own["subject"] != ALL, "subject"].nunique(),
        "events": {kind: int(pooled.loc[kind, "n_gt"]) for kind in TYPES},
        **_videos(pooled.loc["all"]),
        "excluded": [] if videos is None else videos[videos["status"] != "ok"].to_dict("records"),
        "checks": [] if audit is None else _checks(audit),
        "audit": [] if audit is None else audit.to_dict("records"),
    }


def _of_corpus(paths: Sequence[Path], name: str, read: Any) -> pd.DataFrame | None:
    """Read the table of one corpus among files ``<dataset>/<table>.csv``."""
    return next((read(path) for path in paths if Path(path).parent.name == name), None)


def _checks(audit: pd.DataFrame) -> list[dict[str, Any]]:
    """Count the findings per check and severity, the gravest first."""
    counts = audit.groupby(["check", "severity"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=list(_SEVERITIES), fill_value=0)
    counts = counts.sort_values(list(_SEVERITIES), ascending=False, kind="stable")
    return [{"check": check, **row} for check, row in counts.to_dict("index").items()]


# ------------------------------------------------------------------ figures, models, software


def _timelines(folder: Path) -> list[Path]:
    return sorted(Path(folder).glob("timeline_*.png"))


def _figures(dataset: str, folders: Iterable[Path], fits: Collection[Path]) -> dict[str, Any]:
    recipes = []
    for folder in (Path(folder) for folder in folders):
        if folder.name != dataset:
            continue
        timelines = [path for path in _timelines(folder) if path in fits]
        recipes.append(
            {
                "recipe": folder.parent.name,
                "subjects": data_uri(folder / "subjects.png"),
                "training": data_uri(folder / "training.png"),
                "timelines": [(path.stem.removeprefix("timeline_"), data_uri(path)) for path in timelines],
                "left_out": len(_timelines(folder)) - len(timelines),
            }
        )
    return {"dataset": dataset, "recipes": recipes}


def _model(path: Path) -> dict[str, Any]:
    with Artifact(path) as artifact:
        attrs = artifact.attrs
        recipe = json.loads(attrs["recipe"])
        return {
            "name": attrs["name"],
            "model": recipe["model"],
            "datasets": json.loads(attrs["datasets"]),
            "n_subjects": len(json.loads(attrs["subjects"])),
            "n_videos": int(attrs["n_videos"]),
            "fps": f"{float(attrs['fps']):g}",
            "seed": int(attrs["seed"]),
            "epochs": recipe.get("epochs", "–"),
            "n_parameters": f"{artifact['weights'].shape[1]:,}" if "weights" in artifact else "–",
            "recipe": json.dumps(recipe, indent=1, sort_keys=True),
        }


def _software() -> Iterable[tuple[str, str]]:
    yield "Python", platform.python_version()
    yield "mezoo", __version__
    for name in _SOFTWARE:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not installed"
