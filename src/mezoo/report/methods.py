"""A methods text built from what was run, with citations, ready to paste: for the page, Pandoc and LaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from mezoo import __version__
from mezoo.atomic import write_text
from mezoo.datasets.protocols import PROTOCOLS
from mezoo.report.cards import Card
from mezoo.report.references import CITATION, bibtex, cite, cited, sheet
from mezoo.report.table_formats import tex
from mezoo.report.tables import is_demo

_DETECTORS = {
    "dlib": "detector of dlib [@king2009]",
    "retinaface": "detector RetinaFace [@deng2020]",
}
_LANDMARKS = {
    "dlib": "regression trees as in dlib [@kazemi2014; @king2009]",
    "san": "the network SAN [@dong2018]",
}
_FLOWS = {
    "native": "TV-L1 [@zach2007; @wedel2009] in the implementation of mezoo",
    "torch": "TV-L1 [@zach2007; @wedel2009] in the implementation of mezoo",
    "opencv": "TV-L1 [@zach2007; @wedel2009] in the implementation of OpenCV",
    "farneback": "Farnebäck's method in the implementation of OpenCV",
    "dis": "dense inverse search in the implementation of OpenCV",
}
_FOLDS = re.compile(r"-(?P<k>\d+)fold$")
Paragraph = tuple[str, str]


def methods_text(
    cards: Sequence[Card],
    settings: Mapping[str, Any],
    *,
    datasets: Sequence[str],
    experiments: Sequence[str] = (),
    leaks: Sequence[str] = (),
) -> list[Paragraph]:
    """Write the text.

    Parameters
    ----------
    cards : sequence of Card
        What was trained.
    settings : mapping
        See `mezoo.workflow.stated_settings`; sections that are absent are passed over.
    datasets : sequence of str
        Corpora that were used.
    experiments : sequence of str
        Experiments of recognition (`mezoo.experiments`).
    leaks : sequence of str
        Options through which held-out subjects reached a training.

    Returns
    -------
    list of (str, str)
        Title and text of each paragraph; citations as ``[@key; @key]``.
    """
    tasks = {card.task for card in cards}
    spotting = [card for card in cards if card.task == "spotting"]
    recognition = [card for card in cards if card.task == "recognition"]
    parts = [
        ("Data", _data(datasets, settings)),
        ("Preprocessing", _preprocessing(settings, mdmo=any("mdmo" in card.inputs for card in spotting))),
        ("Spotting", " ".join(map(_recipe, spotting))),
        ("Recognition", " ".join(map(_recipe, recognition))),
        ("Protocol", _protocol(tasks, experiments, leaks)),
        ("Selection", _selection(tasks)),
        ("Uncertainty", _uncertainty(tasks, settings)),
        ("Software", f"Everything was run with mezoo {__version__}."),
    ]
    return [(title, text) for title, text in parts if text]


def _data(datasets: Sequence[str], settings: Mapping[str, Any]) -> str:
    real = [name for name in datasets if not is_demo(name)]
    made = [name for name in datasets if is_demo(name)]
    sentences = []
    if real:
        known = sheet()["corpora"]
        names = [f"{name}{cite([known[name]] if name in known else [])}" for name in real]
        sentences.append(f"The {'corpus is' if len(names) == 1 else 'corpora are'} {_join(names)}.")
    if made:
        verb = "is" if len(made) == 1 else "are"
        sentences.append(
            f"{_join(made)} {verb} synthetic: one portrait was animated with known action units, and written in the"
            " layouts of the corpora of these names."
        )
    for name, section in settings.get("datasets", {}).items():
        if name in datasets and section.get("target_fps"):
            sentences.append(
                f"The videos of {name} were sampled at {section['target_fps']:g} frames per second."
            )
    return " ".join(sentences)


def _join(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _preprocessing(settings: Mapping[str, Any], *, mdmo: bool) -> str:
    faces, flow, rois = (settings.get(name) for name in ("faces", "flow", "mdmo"))
    sentences = []
    if faces:
        sentences.append(
            f"The box that the {_DETECTORS[faces['detector']]} finds in the first usable frame, enlarged by"
            f" {100 * faces['margin']:g} % on each side, is the crop of a whole video"
            f"{' (scaled to a width of {} px)'.format(faces['size']) if faces.get('size') else ''}. In each frame 68"
            f" landmarks were found by {_LANDMARKS[faces['landmarks']]} and smoothed over {faces['smooth']} frames;"
            f" gaps of up to {faces['max_gap']} frames were interpolated, longer ones marked as invalid."
        )
    if flow:
        scales = f" ({flow['scales']} scales)" if flow["backend"] in ("native", "torch", "opencv") else ""
        sentences.append(f"Optical flow is {_FLOWS[flow['backend']]}{scales}.")
    if rois and mdmo:
        unit = "px" if rois["radius_unit"] == "px" else "of the distance of the eyes"
        sentences.append(
            "After the motion of the nose was taken away, the flow between neighbouring frames was reduced to its main"
            f" direction (MDMO [@liu2016]) in 12 regions around brows, nose and mouth, of a half width of"
            f" {rois['radius']:g} {unit}."
        )
    return " ".join(sentences)


def _recipe(card: Card) -> str:
    source = cite(card.method["cites"])
    if not source and card.method["paper"]:
        source = f" ({card.method['paper']})"
    name = card.method["name"][:1].upper() + card.method["name"][1:]
    about = f": {card.method['about']}" if card.method["about"] else " was run as its recipe says"
    return f"{name}{source}{about}.{_training(card.values)}"


def _training(values: Mapping[str, Any]) -> str:
    """Tell in a sentence how a network was trained; nothing for methods without one."""
    if "epochs" not in values:
        return ""
    optimiser = values.get("optimiser") or {"learning_rate": values.get("learning_rate")}
    words = [f"trained for {values['epochs']} epochs"]
    words += [f"in batches of {values['batch_size']}"] if "batch_size" in values else []
    words += [f"with {optimiser['name']}"] if "name" in optimiser else []
    words += [f"at a learning rate of {optimiser['learning_rate']:g}"] if optimiser["learning_rate"] else []
    start = f", starting from the backbone {values['pretrained']}" if values.get("pretrained") else ""
    return f" It was {' '.join(words)}{start}."


def _protocol(tasks: set[str], experiments: Sequence[str], leaks: Sequence[str]) -> str:
    sentences = [
        "Normalisation, weights, epoch and threshold come from the training subjects only: the job that trains a fold"
        " is given no file of a held-out subject."
    ]
    if "spotting" in tasks:
        sentences.append(
            "For spotting each subject is held out once. Intervals are scored as in MEGC 2020 and 2021 [@he2020]: a"
            " found interval is right when its overlap with an annotation of the same type is at least half of their"
            " union, each annotation counts once, and counts are summed over all videos before precision, recall and"
            " F1 are formed."
        )
    if "recognition" in tasks:
        sentences += [f"{_experiment(name)}." for name in experiments]
        sentences.append(
            "UF1 and UAR are the means over classes of F1 and recall [@see2019]; counts are pooled over all folds"
            " before any ratio is formed."
        )
    if leaks:
        sentences.append(
            f"Recipes that are marked so depart from this, as published code does: {', '.join(leaks)}."
        )
    return " ".join(sentences)


def _experiment(name: str) -> str:
    """Tell the labels and folds of an experiment in words."""
    bare = name.removeprefix("demo_")
    fold = _FOLDS.search(bare)
    protocol = bare.removesuffix("-corpus") if fold is None else bare[: fold.start()]
    known = PROTOCOLS.get(protocol)
    title = known.title if known else protocol
    if fold:
        folds = f"{fold['k']} folds of subjects"
    else:
        by_corpus = bare.endswith("-corpus") or (known is not None and known.held_out == "corpus")
        folds = "each corpus held out once" if by_corpus else "each subject held out once"
    return f"Recognition under {title}: {folds}"


def _selection(tasks: set[str]) -> str:
    guesser = {
        "spotting": "intervals at random places, as many and as long as those of the training subjects",
        "recognition": "labels with the frequencies of the training clips",
    }
    guesses = [words for task, words in guesser.items() if task in tasks]
    if not guesses:
        return ""
    return (
        "Headline numbers use the epoch (or threshold) fixed beforehand (last). Beside them stand the choice on"
        " validation subjects among the training subjects (inner), the best choice on the tested subject itself"
        " (oracle), which is what most published code reports, and that same rule applied to a random guesser"
        f" (chance: {'; '.join(guesses)})."
    )


def _uncertainty(tasks: set[str], settings: Mapping[str, Any]) -> str:
    seeds = settings.get("seeds", [])
    spread = (
        f" Each fold was trained with {len(seeds)} seeds; numbers are their mean." if len(seeds) > 1 else ""
    )
    holm = ", corrected after Holm [@holm1979] for recognition" if "recognition" in tasks else ""
    return (
        "Intervals are the 2.5 and 97.5 percentiles of 2000 bootstrap samples of subjects [@efron1993]. Recipes are"
        f" compared by a paired randomisation test over subjects [@phipson2010]{holm}.{spread}"
    )


# ------------------------------------------------------------------ forms


def keys_of(paragraphs: Sequence[Paragraph]) -> list[str]:
    """Keys that the text cites, in the order in which they come."""
    return cited(" ".join(text for _, text in paragraphs))


def as_html(text: str, keys: Sequence[str]) -> Markup:
    """Write a paragraph for the page: citations are numbers, which lead to the references."""

    def numbers(match: re.Match[str]) -> str:
        found = [key.removeprefix("@") for key in match[1].split("; ")]
        links = [f'<a href="#ref-{key}">{keys.index(key) + 1}</a>' for key in found]
        return f"[{', '.join(links)}]"

    return Markup(CITATION.sub(numbers, str(escape(text))))


def as_latex(paragraphs: Sequence[Paragraph]) -> str:
    r"""Write the text as LaTeX with ``\cite``."""

    def command(match: re.Match[str]) -> str:
        return rf"\cite{{{match[1].replace('@', '').replace('; ', ',')}}}"

    lines = []
    for title, text in paragraphs:
        pieces = CITATION.split(text)  # odd pieces are citations
        parts = [piece if place % 2 == 0 else f"[{piece}]" for place, piece in enumerate(pieces)]
        written = "".join(
            CITATION.sub(command, part) if place % 2 else tex(part) for place, part in enumerate(parts)
        )
        lines.append(rf"\paragraph{{{tex(title)}.}} {written}")
    return "\n\n".join(lines) + "\n"


def as_markdown(paragraphs: Sequence[Paragraph]) -> str:
    """Write the text as Pandoc's Markdown."""
    return "\n\n".join(f"**{title}.** {text}" for title, text in paragraphs) + "\n"


def write_methods(paragraphs: Sequence[Paragraph], folder: Path) -> None:
    """Write ``methods.md``, ``methods.tex`` and ``references.bib``."""
    write_text(Path(folder) / "methods.md", as_markdown(paragraphs))
    write_text(Path(folder) / "methods.tex", as_latex(paragraphs))
    write_text(Path(folder) / "references.bib", bibtex(keys_of(paragraphs)))
