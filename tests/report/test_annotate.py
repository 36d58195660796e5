import numpy as np

from mezoo.report.annotate import uppermost
from mezoo.report.timeline import Timeline


def timeline(curves):
    """A timeline of three frames without intervals."""
    made = {name: np.array(values) for name, values in curves.items()}
    none = np.zeros((0, 2), np.int64)
    return Timeline("film", np.arange(1, 4), 30.0, made, "probability", {"micro": none, "macro": none})


def test_the_apex_stands_for_a_network():
    made = timeline({"micro onset": [1.0, 0, 0], "micro apex": [0, 0.5, 0], "macro apex": [1.0, 1, 1]})
    assert uppermost(made, "micro").tolist() == [0, 0.5, 0]


def test_the_part_that_moves_most_stands_for_the_face():
    made = timeline({"micro nose": [1.0, 2, 3], "micro mouth": [3.0, 1, 4], "macro mouth": [9.0, 9, 9]})
    assert uppermost(made, "micro").tolist() == [3, 2, 4]
    assert uppermost(made, "macro").tolist() == [9, 9, 9]
