"""The corpora that can be imitated, by name: one file each.

A new one is a file here with a `mezoo.demo.layout.DemoLayout` and its name in the import below; the tests of the
registry cover it from then on.
"""

from collections.abc import Sequence

from mezoo.demo.layout import DemoLayout
from mezoo.demo.layouts import (
    casme,
    casme2,
    casme3,
    casme_sq,
    ckplus,
    folder,
    fourdme,
    generic,
    mmew,
    samm,
    samm_lv,
    smic,
    smic_e,
)

_MODULES = (
    casme_sq,
    samm_lv,
    casme,
    casme2,
    casme3,
    samm,
    smic,
    smic_e,
    mmew,
    fourdme,
    ckplus,
    folder,
    generic,
)
LAYOUTS: dict[str, DemoLayout] = {module.LAYOUT.name: module.LAYOUT for module in _MODULES}
#: Written when no layout is named: the long videos that the default run spots expressions in.
DEFAULT = ("casme_sq", "samm_lv")


def choose(names: Sequence[str] | None) -> list[str]:
    """Resolve what a user names: layouts, lists of them with commas, or ``all``; `DEFAULT` when nothing is named.

    Names are not checked here: `mezoo.demo.plan.plan_corpus` refuses those it does not know.
    """
    given = [name.strip() for text in names or DEFAULT for name in text.split(",") if name.strip()]
    wanted = list(LAYOUTS) if "all" in given else given
    return list(dict.fromkeys(wanted))
