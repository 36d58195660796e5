"""Arithmetic of throughput, with steps of known cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mezoo.bench import pipeline as module
from mezoo.bench.pipeline import Clip, pipeline, worker_counts
from mezoo.bench.processes import Step

CLIP = Clip("demo", Path("frames"), 30.0, 1, n_frames=100, n_reference=10)
#: Seconds, bytes of memory and of disk per step, the last for OpenCV's flow of 10 frames.
COSTS = {
    "faces": (2.0, 300, 1000),
    "flow": (5.0, 200, 4000),
    "mdmo": (1.0, 100, 100),
    "opencv": (17.0, 150, 800),
}


@pytest.fixture
def results(monkeypatch, tmp_path):
    calls = []

    def run_step(arguments, out, settings=None):
        kind = arguments[0].replace("flow-pair", "flow")
        kind = "opencv" if (settings or {}).get("backend") == "opencv" else kind
        calls.append((kind, arguments))
        return Step(*COSTS[kind])

    monkeypatch.setattr(module, "run_step", run_step)
    found = pipeline(CLIP, tmp_path / "work", runs=3, workers=[1, 2], done=lambda: calls.append(("done", [])))
    return *found, calls


def test_frames_per_second_of_one_core(results):
    path = results[0]
    assert path.rate.runs == pytest.approx([100 / 8] * 3)
    # faces and MDMO as ours, flow 1.7 s per frame
    assert path.reference_rate.median == pytest.approx(1 / (0.02 + 1.7 + 0.01))
    assert path.speedup.median == pytest.approx(1.73 / 0.08)


def test_memory_and_disk_ratio(results):
    path = results[0]
    assert path.memory_ratio.median == pytest.approx(150 / 200)
    assert path.disk_ratio == pytest.approx((1000 + 8000 + 100) / (1000 + 4000 + 100))


def test_shares_of_the_steps(results):
    steps = {(row.method, row.step): row for row in results[1]}
    assert len(steps) == 6
    assert steps["native", "flow"].share.median == pytest.approx(5 / 8)
    assert steps["opencv", "flow"].share.median == pytest.approx(1.7 / 1.73)
    for method in ("native", "opencv"):
        total = sum(steps[method, step].share.median for step in module.STEPS)
        assert total == pytest.approx(1)
    assert steps["opencv", "flow"].frames == 10 and steps["opencv", "flow"].disk == 80
    assert steps["native", "mdmo"].rate.median == pytest.approx(100)


def test_scaling(results):
    alone, two = results[2]
    assert (alone.workers, two.workers) == (1, 2)
    assert alone.efficiency.runs == (1, 1, 1)
    assert two.efficiency.median == pytest.approx(two.rate.median / 2 / alone.rate.median, rel=1e-6)


def test_what_is_run(results):
    kinds = [kind for kind, _ in results[3]]
    assert kinds[0] == "faces"  # of the fewer frames
    assert kinds[1:5] == ["faces", "flow", "mdmo", "opencv"] and kinds.count("done") == 3
    assert sorted(kinds[5:11]) == ["faces", "faces", "flow", "flow", "mdmo", "mdmo"]  # two workers
    records = [json.loads(arguments[1]) for kind, arguments in results[3] if kind == "faces"]
    assert [record["last_frame"] for record in records[:2]] == [10, 100]


@pytest.mark.parametrize(("cores", "counts"), [(1, [1]), (2, [1, 2]), (6, [1, 2, 4, 6]), (8, [1, 2, 4, 8])])
def test_worker_counts(cores, counts):
    assert worker_counts(cores) == counts


def test_all_frames_for_the_reference_need_no_second_faces(monkeypatch, tmp_path):
    read = []

    def run_step(arguments, out, settings=None):
        read.append((arguments[0], (settings or {}).get("backend"), arguments[1:], out.name))
        return Step(1.0, 1, 1)

    monkeypatch.setattr(module, "run_step", run_step)
    clip = Clip("demo", Path("frames"), 30.0, 1, n_frames=5, n_reference=5)
    pipeline(clip, tmp_path, runs=1, workers=[1], done=lambda: None)
    assert [step for step, *_ in read] == ["faces", "flow-pair", "mdmo", "flow-pair"]
    assert read[1][2] == read[3][2] and read[3][1] == "opencv"
