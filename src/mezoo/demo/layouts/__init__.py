"""The corpora that can be imitated, by name: one file each.

A new one is a file here with a `mezoo.demo.layout.DemoLayout` and its name in the import below; the tests of the
registry cover it from then on.
"""

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
