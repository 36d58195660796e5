"""Options that take all values up to the next option, as Snakemake lists files."""

from __future__ import annotations

_MANY = {
    "--catalog",
    "--classes",
    "--events",
    "--faces",
    "--features",
    "--labels",
    "--proposals",
    "--micro",
    "--models",
    "--packs",
    "--predictions",
    "--scores",
    "--subjects",
    "--figures",
    "--folds",
    "--found",
    "--audits",
    "--usable",
    "--strips",
    "--protocols",
    "--recognition-figures",
    "--recognition-models",
    "--recognition-predictions",
    "--recognition-scores",
}


def spread(arguments: list[str]) -> list[str]:
    """Repeat an option before each of its values: ``--labels a b`` -> ``--labels a --labels b``."""
    repeated: list[str] = []
    option = None
    for argument in arguments:
        if argument.startswith("-"):
            option = argument if argument in _MANY else None
            if option is None:
                repeated.append(argument)
        else:
            repeated += [option, argument] if option else [argument]
    return repeated
