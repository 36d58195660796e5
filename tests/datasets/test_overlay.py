"""The overlays: well-formed, small, and applied only to the faulty value."""

from __future__ import annotations

from importlib import resources

import pytest

from mezoo.catalog_items import Audit
from mezoo.datasets import LAYOUTS
from mezoo.datasets.overlay import Overlay, _load

WITH_OVERLAY = [name for name, layout in LAYOUTS.items() if "overlay" in layout.options]


def test_each_table_has_a_layout_and_each_layout_a_table():
    folder = resources.files("mezoo.datasets").joinpath("overlays")
    tables = {path.name.removesuffix(".csv") for path in folder.iterdir() if path.name.endswith(".csv")}
    assert {"casme", "casme2", "samm", "smic_e"} <= tables == set(WITH_OVERLAY)


@pytest.mark.parametrize("layout", ["casme", "casme2", "samm", "smic_e"])
def test_tables_are_well_formed(layout):
    repairs = _load(layout)
    assert len({(r.key, r.column) for r in repairs}) == len(repairs) < 20
    for repair in repairs:
        assert repair.column in {"onset", "apex", "offset", "emotion", "video"}
        assert repair.when in {"sheet", "frames"}
        assert repair.value != repair.found and repair.reason and repair.source


@pytest.mark.parametrize("apex", [1143, "1143", 1143.0])
def test_the_faulty_value_in_any_form(apex):
    audit = Audit("samm")
    cells = {"onset": 1071, "apex": apex, "offset": 1134}
    mended = Overlay("samm", "true", audit).mend("028_4_1", cells, "028_4_1", "028_4_1")
    assert mended == cells | {"apex": 1113}
    assert [(row.severity, row.check, row.action) for row in audit] == [("repaired", "overlay", "apex 1113")]


@pytest.mark.parametrize(("key", "apex"), [("028_4_1", 1113), ("028_4_2", 1143), ("028_4_1", None)])
def test_other_values_and_rows_are_left_alone(key, apex):
    audit = Audit("samm")
    cells = {"onset": 1071, "apex": apex, "offset": 1134}
    assert Overlay("samm", "true", audit).mend(key, cells, key, key) == cells
    assert list(audit) == []


def test_frames_are_replaced_all_or_none():
    audit = Audit("casme2")
    overlay = Overlay("casme2", "true", audit)
    coded = {"onset": 15, "apex": 49, "offset": 68}
    assert overlay.by_frames("sub07_EP06_01", coded, range(56, 92).__contains__, "v", "e") == {}
    assert list(audit) == []
    found = overlay.by_frames("sub07_EP06_01", coded, range(56, 117).__contains__, "v", "e")
    assert found == {"onset": 56, "apex": 89, "offset": 116} and len(list(audit)) == 3
