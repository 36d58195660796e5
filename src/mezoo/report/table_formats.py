"""Tables of cells as Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_TEX = str.maketrans(
    {
        "&": r"\&", "%": r"\%", "_": r"\_", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}",
        "–": "--", "±": r"$\pm$", "≥": r"$\geq$", "^": r"\^{}", "~": r"\~{}",
    }
)  # fmt: skip


def tex(text: str) -> str:
    """Escape what LaTeX would take for a command."""
    return text.translate(_TEX)


def numbered(sources: Iterable[object]) -> dict[str, int]:
    """Give each source its number, from 1 in the order in which they come; what is no text is left out."""
    texts = dict.fromkeys(source for source in sources if isinstance(source, str) and source)
    return {source: place for place, source in enumerate(texts, start=1)}


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, left: int) -> list[str]:
    """Lines of a Markdown table; the first `left` columns are aligned to the left, the others to the right."""
    lines = [f"| {' | '.join(heads)} |"]
    lines.append(f"| {' | '.join('---' if i < left else '---:' for i in range(len(heads)))} |")
    return lines + [f"| {' | '.join(cells)} |" for cells in rows]


def latex_table(
    heads: Sequence[str],
    groups: Sequence[Sequence[Sequence[str]]],
    caption: str,
    *,
    left: int,
    size: str = "small",
) -> str:
    r"""One table environment with a rule between groups of rows; needs the package booktabs.

    Parameters
    ----------
    heads : sequence of str
    groups : sequence of groups of rows of cells
    caption : str
        Plain text, as the cells.
    left : int
        Number of columns aligned to the left.
    size : str
        Name of the font size, e.g. ``small``.
    """
    lines = [r"\begin{table}", rf"\centering\{size}"]
    lines += [rf"\begin{{tabular}}{{{'l' * left}{'r' * (len(heads) - left)}}}", r"\toprule"]
    lines.append(rf"{' & '.join(tex(head) for head in heads)} \\")
    for rows in groups:
        lines.append(r"\midrule")
        lines += [rf"{' & '.join(tex(cell) for cell in cells)} \\" for cells in rows]
    lines += [r"\bottomrule", r"\end{tabular}", rf"\caption{{{tex(caption)}}}"]
    return "\n".join([*lines, r"\end{table}", ""])
