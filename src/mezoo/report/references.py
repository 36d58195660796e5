"""The papers behind a run, from ``methods.yaml``: which recipe cites which, as text and as BibTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

#: A citation in a text: ``[@one; @two]``, as Pandoc writes it.
CITATION = re.compile(r"\[(@[\w.-]+(?:; @[\w.-]+)*)\]")
_FIELDS = ("volume", "number", "pages", "year", "doi")
#: Name of the field that holds the venue, by type of entry.
_VENUE = {
    "article": "journal",
    "inproceedings": "booktitle",
    "incollection": "booktitle",
    "book": "publisher",
}


@cache
def sheet() -> dict[str, Any]:
    """Read ``methods.yaml``."""
    return yaml.safe_load(files("mezoo.report").joinpath("methods.yaml").read_text(encoding="utf-8"))


def method(recipe: str, model: str) -> dict[str, Any]:
    """Describe the method of a recipe.

    Parameters
    ----------
    recipe : str
    model : str
        Its value ``model``, a name of the registry of networks where it is one.

    Returns
    -------
    dict
        name; cites (keys of references); about, which stands behind the name and a colon, or empty; paper (what the
        registry of networks says; only where there are no references).
    """
    known = sheet()["recipes"]
    if recipe in known:
        return {"paper": "", **known[recipe]}
    base = max((name for name in known if recipe.startswith(f"{name}_")), key=len, default=None)
    if base is not None:
        return {"paper": "", **known[base], "name": f"{known[base]['name']} (variant {recipe})"}
    from mezoo.models.registry import list_models  # imports torch

    papers = {entry.name: entry.paper for entry in list_models()}
    return {"name": recipe, "cites": [], "about": "", "paper": papers.get(model, "")}


def cited(text: str) -> list[str]:
    """Keys that a text cites, in the order in which they come."""
    groups = (match[1].split("; ") for match in CITATION.finditer(text))
    return list(dict.fromkeys(key.removeprefix("@") for group in groups for key in group))


def cite(keys: Iterable[str]) -> str:
    """Write a citation, or nothing for no keys."""
    marks = [f"@{key}" for key in keys]
    return f" [{'; '.join(marks)}]" if marks else ""


def reference_text(key: str) -> str:
    """Write a reference for people."""
    entry = sheet()["references"][key]
    parts = [_names(entry["authors"]) + ".", entry["title"] + "."]
    where = [str(entry[name]) for name in ("venue", "volume") if name in entry]
    pages = [entry["pages"].replace("--", "–")] if "pages" in entry else []
    parts.append(", ".join([" ".join(where), *pages, str(entry["year"])]).strip(", ") + ".")
    return " ".join(parts)


def _names(authors: list[str]) -> str:
    return authors[0] if len(authors) == 1 else f"{', '.join(authors[:-1])} and {authors[-1]}"


def link(key: str) -> tuple[str, str] | None:
    """Give words and address by which a paper is found, if they are known."""
    entry = sheet()["references"][key]
    if "doi" in entry:
        return f"doi {entry['doi']}", f"https://doi.org/{entry['doi']}"
    if "arxiv" in entry:
        return f"arXiv {entry['arxiv']}", f"https://arxiv.org/abs/{entry['arxiv']}"
    return None


def bibtex(keys: Iterable[str]) -> str:
    """Write references as BibTeX; authors have their family names alone."""
    return "\n".join(_entry(key, sheet()["references"][key]) for key in keys)


def _family(name: str) -> str:
    """Keep a name of several words together."""
    return f"{{{name}}}" if " " in name else name


def _entry(key: str, entry: dict[str, Any]) -> str:
    fields = {"author": " and ".join(map(_family, entry["authors"]))}
    fields["title"] = f"{{{entry['title']}}}"
    if "venue" in entry:
        fields[_VENUE[entry["type"]]] = entry["venue"].replace("&", r"\&")
    fields |= {name: str(entry[name]) for name in _FIELDS if name in entry}
    if "arxiv" in entry:
        fields |= {"eprint": entry["arxiv"], "archiveprefix": "arXiv"}
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@{entry['type']}{{{key},", *lines, "}", ""])
