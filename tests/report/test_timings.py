import numpy as np
import pytest

from mezoo.report.timings import duration, timings


def measure(path, seconds, *, rss="100.0", cpu="1.0"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"s\th:m:s\tmax_rss\tmean_load\tcpu_time\n{seconds}\t0:00:01\t{rss}\t9.9\t{cpu}\n")


def test_jobs_of_a_stage_are_summed(tmp_path):
    measure(tmp_path / "fit/auwgcn/casme_sq/s15_seed0.tsv", 3, rss="200.0", cpu="2.5")
    measure(tmp_path / "fit/auwgcn/everybody.tsv", 5)
    measure(tmp_path / "fit/abpn/casme_sq/s15_seed0.tsv", 1)
    measure(tmp_path / "catalog/casme_sq.tsv", 20, rss="-", cpu="-")
    catalog, fit = timings(tmp_path)
    assert (catalog["stage"], catalog["seconds"]) == ("catalog", 20) and np.isnan(catalog["memory"])
    assert (fit["jobs"], fit["seconds"], fit["cpu"], fit["longest"], fit["memory"]) == (3, 9, 4.5, 5, 200)
    assert [(part["name"], part["jobs"]) for part in fit["parts"]] == [("abpn", 1), ("auwgcn", 2)]
    assert catalog["parts"][0]["name"] == "casme_sq"


def test_nothing_measured(tmp_path):
    assert timings(tmp_path) == timings(None) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(4.21, "4.2 s"), (75, "1 min 15 s"), (3599.7, "1 h 00 min"), (7500, "2 h 05 min"), (float("nan"), "–")],
)
def test_durations_for_people(seconds, words):
    assert duration(seconds) == words
