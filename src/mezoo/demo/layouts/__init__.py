"""The corpora that can be imitated, by name: one file each.

A new one is a file here with a `mezoo.demo.layout.DemoLayout` and its name in the import below; the tests of the
registry cover it from then on.
"""

from mezoo.demo.layout import DemoLayout
from mezoo.demo.layouts import casme_sq, samm_lv

LAYOUTS: dict[str, DemoLayout] = {module.LAYOUT.name: module.LAYOUT for module in (casme_sq, samm_lv)}
#: Written when no layout is named: the long videos that the default run spots expressions in.
DEFAULT = ("casme_sq", "samm_lv")
