"""Cost of a fold of recognition: what is measured on made folds, and the arithmetic of a network counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from learning.recognition_data import CLASSES, make_corpus

from mezoo.bench.loso import fold_cost, matmul_rate, network_floor, recipes_of
from mezoo.bench.machine import machine
from mezoo.bench.tables import LosoResults, print_loso
from mezoo.learning.leakcheck import FoldFiles
from mezoo.workflow import RECIPES


@pytest.fixture(scope="module")
def fold(tmp_path_factory) -> FoldFiles:
    made = make_corpus(tmp_path_factory.mktemp("made"), subjects=("01", "02", "03"))
    return FoldFiles("03", *made.but("03"), *made.of(["03"]))


def recipe(folder: Path, name: str, **values) -> Path:
    path = folder / f"{name}.yaml"
    kept = yaml.safe_load((RECIPES / f"{name}.yaml").read_text())
    kept.pop("demo", None)
    path.write_text(yaml.safe_dump(kept | values))
    return path


def test_a_network(fold, tmp_path, capsys):
    found = fold_cost(recipe(tmp_path, "ststnet", epochs=3, looks=1), fold, CLASSES, demo=False)
    assert (found.recipe, found.clips, found.parameters) == ("ststnet", 12, 1683)
    assert found.fold > found.epoch > found.data > 0
    assert found.memory > 100e6, "torch alone is larger"
    print_loso(LosoResults(machine(), {}, [found], 1.0, [network_floor(RECIPES / "ststnet.yaml", 1e9)]))
    printed = capsys.readouterr().out
    assert "1,683" in printed and "floor" in printed


def test_the_floor_of_ststnet_by_hand():
    # forward: 16 filters of 3 x 3 x 3 on 30 x 30 places, 400 x 3 weights; backward: the filters once more (nothing is
    # passed on to the input), the weights twice more
    filters, weights = 2 * 16 * 27 * 900, 2 * 400 * 3
    floor = network_floor(RECIPES / "ststnet.yaml", 1e9)
    assert floor.gflop == pytest.approx((2 * filters + 3 * weights) / 1e9)
    assert floor.floor == pytest.approx(floor.gflop) and floor.seconds > 0


def test_matrices_are_multiplied_at_a_credible_rate():
    assert 1e9 < matmul_rate() < 1e13


def test_recipes_of_recognition_only():
    names = {path.stem for path in recipes_of(RECIPES, [])}
    assert {"ststnet", "biwoof_svm"} <= names and not names & {"auwgcn", "mdmo_peaks"}
    assert [path.stem for path in recipes_of(RECIPES, ["ststnet", "auwgcn"])] == ["ststnet"]
