"""Environment of the HTML pages: one look for all, each a single file that opens offline."""

from __future__ import annotations

from importlib.resources import files

import jinja2

#: No script, no picture or style from elsewhere: a page asks no other computer for anything.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def environment(package: str) -> jinja2.Environment:
    """Give an environment with the templates of a package and the common ``style.css.j2``.

    Parameters
    ----------
    package : str
        Import name of the package that holds the templates, e.g. ``mezoo.report``.

    Returns
    -------
    jinja2.Environment
        Escapes everything, and refuses names that were not given.
    """

    def load(name: str) -> str | None:
        for place in (package, "mezoo"):
            source = files(place).joinpath(name)
            if source.is_file():
                return source.read_text(encoding="utf-8")
        return None

    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(load),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.globals.update(policy=POLICY)
    return made
