"""Displacement fields of action units and blinks."""

from __future__ import annotations

import numpy as np
import pytest

from mezoo.demo.action_units import AUS, anchor, au_field, blink_field, support
from mezoo.demo.expressions import COMBINATIONS, STRENGTHS
from mezoo.demo.person import MIRROR, paint
from mezoo.demo.traits import describe
from mezoo.demo.warp import invert, invert_columns, sample

SHAPE = (256, 320)


@pytest.fixture(scope="module")
def face():
    return paint(describe(0, 0), SHAPE, face_width=150, seed=0).landmarks


def at(field, point, box):
    return sample(field.astype(np.float32), point[None, None].astype(np.float32), box[:2])[0, 0]


def field_of(name, face):
    box = support(face, SHAPE)
    return au_field(name, face, box, SHAPE), box


class TestAuField:
    @pytest.mark.parametrize("name", [*map(str, AUS), "L12", "R12", "L14"])
    def test_known_landmark_moves_one_pixel(self, face, name):
        field, box = field_of(name, face)
        assert np.linalg.norm(at(field, anchor(name, face), box)) == pytest.approx(1, abs=0.03)
        assert np.linalg.norm(field.astype(np.float32), axis=-1).max() < 1.35

    def test_au12_moves_mouth_corners_up_and_out(self, face):
        field, box = field_of("12", face)
        right, left = at(field, face[48], box), at(field, face[54], box)
        assert right[0] < -0.4 and right[1] < -0.4
        assert left[0] > 0.4 and left[1] < -0.4

    @pytest.mark.parametrize(
        ("name", "landmark", "down"),
        [
            ("1", 21, -1),
            ("2", 18, -1),
            ("4", 21, 1),
            ("15", 48, 1),
            ("17", 57, -1),
            ("26", 8, 1),
            ("10", 51, -1),
        ],
    )
    def test_direction(self, face, name, landmark, down):
        field, box = field_of(name, face)
        assert at(field, face[landmark], box)[1] * down > 0.2

    def test_one_sided_units_leave_the_other_side_alone(self, face):
        field, box = field_of("L12", face)
        assert np.linalg.norm(at(field, face[54], box)) > 0.9
        assert np.linalg.norm(at(field, face[48], box)) < 0.05

    def test_au25_parts_the_lips(self, face):
        field, box = field_of("25", face)
        assert at(field, face[57], box)[1] > 0.9
        assert at(field, face[51], box)[1] < -0.1

    def test_every_planned_unit_exists(self):
        assert set(STRENGTHS) == set(AUS)
        planned = {n.lstrip("LR") for options in COMBINATIONS.values() for o in options for n in o.split("+")}
        assert {int(name) for name in planned} <= set(AUS)


class TestInvert:
    @pytest.mark.parametrize(
        "units", [{"12": 8.0, "6": 5.0}, {"1": 7.0, "2": 6.0, "26": 6.0}, {"4": 7.0, "7": 3.0}]
    )
    def test_inverse_undoes_the_field(self, face, units):
        field = sum(peak * field_of(name, face)[0].astype(np.float32) for name, peak in units.items())
        back = invert(field, levels=int(np.ceil(np.abs(field).max() / 0.5)))[-1]
        y, x = np.mgrid[0 : field.shape[0], 0 : field.shape[1]].astype(np.float32)
        left = back + sample(field, np.stack([x, y], axis=-1) + back, (0, 0))
        assert np.abs(left).max() < 0.08

    def test_no_planned_expression_folds_the_face(self, face):
        for options in COMBINATIONS.values():
            for names in (option.split("+") for option in options):
                peaks = [6.8 * STRENGTHS[int(name.lstrip("LR"))] for name in names]
                field = sum(
                    p * field_of(n, face)[0].astype(np.float32) for n, p in zip(names, peaks, strict=True)
                )
                assert 1 + np.gradient(field[..., 1], axis=0).min() > 0.15, names
                assert 1 + np.gradient(field[..., 0], axis=1).min() > 0.15, names


class TestBlink:
    def test_closes_the_eyes(self, face):
        box = support(face, SHAPE)
        drop = blink_field(face, box)
        for upper, lower in ((37, 41), (38, 40), (43, 47), (44, 46)):
            moved = face[upper, 1] + at(drop, face[upper], box) - face[lower, 1]
            assert abs(moved) < 0.35 * abs(face[upper, 1] - face[lower, 1])

    def test_columns_stay_in_order_and_invert(self, face):
        drop = blink_field(face, support(face, SHAPE)).astype(np.float32)
        assert 1 + np.diff(drop, axis=0).min() > 0
        back = invert_columns(drop)
        column = int(np.argmax(drop.max(axis=0)))
        rows = np.arange(len(drop), dtype=np.float64)
        source = rows + back[:, column]
        assert np.allclose(source + np.interp(source, rows, drop[:, column]), rows, atol=0.02)


def test_mirror_order_is_its_own_inverse():
    assert (MIRROR[MIRROR] == np.arange(68)).all()
