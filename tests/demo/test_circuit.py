"""The made-up circuit is a closed line that a car can drive."""

from __future__ import annotations

from math import hypot, pi

import pytest

from ps_tui.demo.circuit import KESTREL_RIDGE, Circuit, Corner, gap_m


@pytest.fixture(scope="module")
def circuit() -> Circuit:
    return Circuit()


def test_length_is_that_of_its_segments(circuit: Circuit) -> None:
    total_m = sum(segment.length_m for segment in KESTREL_RIDGE)
    assert circuit.length_m == pytest.approx(total_m, abs=1)
    assert 3500 < circuit.length_m < 4000


def test_line_closes(circuit: Circuit) -> None:
    assert sum(circuit.curvature) == pytest.approx(2 * pi)
    assert gap_m(circuit) < 1.5


def test_places_are_a_metre_apart_and_never_meet(circuit: Circuit) -> None:
    count = int(circuit.length_m)
    places = [circuit.place(index) for index in range(count)]
    steps = [
        hypot(b[0] - a[0], b[2] - a[2])
        for a, b in zip(places, places[1:] + places[:1], strict=True)
    ]
    assert all(0.9 < step < 1.1 for step in steps)
    spots = places[::20]
    for index, (x, _, z) in enumerate(spots):
        for other in range(index + 10, min(len(spots), index + len(spots) - 10)):
            assert hypot(spots[other][0] - x, spots[other][2] - z) > 40


def test_corners_bend_as_described(circuit: Circuit) -> None:
    corners = [part for part in KESTREL_RIDGE if isinstance(part, Corner)]
    assert [apex.name for apex in circuit.apexes] == [corner.name for corner in corners]
    for apex, corner in zip(circuit.apexes, corners, strict=True):
        middle = circuit.curvature_at((apex.entry_m + apex.exit_m) / 2)
        assert (middle > 0) == (corner.angle_deg > 0)
        assert abs(middle) == pytest.approx(1 / corner.radius_m, rel=0.15)


def test_offset_is_to_the_right(circuit: Circuit) -> None:
    x, y, z = circuit.place(100.0)
    right_x, right_y, right_z = circuit.place(100.0, 5.0)
    assert (right_x, right_y, right_z) == pytest.approx((x, y, z + 5), abs=0.1)


def test_pit_lane_lies_beside_the_line_only(circuit: Circuit) -> None:
    assert circuit.pit_offset_m(0.0) == circuit.pit_offset_m(circuit.length_m - 1) > 10
    assert circuit.pit_offset_m(1000.0) == circuit.pit_offset_m(2500.0) == 0.0
