from itertools import combinations

import pytest

from ps_tui.tui.widgets.panes import OPTIONAL, MathRoom, Parts, place_panes

EVERYTHING = {
    "heading", "rpm-bar", "gear", "speed", "rpm", "inputs", "lap-clock", "lap-times",
    "laps", "throttle", "brake", "steering-trace", "speed-trace", "delta", "sectors",
}  # fmt: skip
PARTS = [frozenset[str](), OPTIONAL, frozenset({"race", "sectors"})]


@pytest.mark.parametrize("width", [60, 73, 74, 80, 99, 103, 104, 110, 120, 140, 200])
@pytest.mark.parametrize("sent", PARTS)
def test_parts_are_whole_and_apart_at_any_size(width: int, sent: Parts) -> None:
    for height in (13, 14, 15, 16, 17, 18, 21, 24, 25, 27, 33, 45, 57):
        for is_car_page in (False, True):
            for maths in (MathRoom(), MathRoom(4, "speed-trace")):
                check_places(width, height, sent, is_car_page, maths)


def check_places(
    width: int, height: int, sent: Parts, is_car_page: bool, maths: MathRoom
) -> None:
    """Assert that every part lies whole within the area and no two overlap."""
    places = place_panes(width, height, sent, is_car_page=is_car_page, maths=maths)
    assert not (OPTIONAL - sent) & places.keys()
    for name, region in places.items():
        assert region.x >= 0, name
        assert region.y >= 0, name
        assert region.right <= width, name
        assert region.bottom <= height, name
        assert region.width > 0, name
        assert region.height > 0, name
    for (one, first), (other, second) in combinations(places.items(), 2):
        assert not first.overlaps(second), (one, other)


@pytest.mark.parametrize("size", [(110, 27), (120, 33), (200, 57)])
def test_nothing_is_left_out_of_a_large_window(size: tuple[int, int]) -> None:
    assert set(place_panes(*size)) - {"car"} == EVERYTHING


def test_the_car_stands_below_the_inputs_or_in_place_of_the_plots() -> None:
    assert place_panes(120, 33)["car"].x == 1
    assert "car" not in place_panes(110, 27)
    for size in ((60, 13), (80, 21), (110, 27), (120, 33)):
        page = place_panes(*size, is_car_page=True)
        assert page["car"].x > 20
        assert "speed-trace" not in page
        without = place_panes(*size, frozenset(), is_car_page=True)
        assert "car" not in without
        assert "pedals" in without or "throttle" in without


@pytest.mark.parametrize("size", [(110, 27), (120, 33), (100, 60)])
def test_math_channels_stand_below_the_plots(size: tuple[int, int]) -> None:
    places = place_panes(*size, maths=MathRoom(4, "steering-trace"))
    assert places["maths"].height == 4
    assert places["maths"].y > places["speed-trace"].bottom
    assert places["math-trace"].y > places["brake"].y
    assert "steering-trace" not in places
    assert all(places[name].height >= 3 for name in ("throttle", "math-trace"))


def test_a_small_window_leaves_math_channels_the_second_plot() -> None:
    places = place_panes(80, 21, maths=MathRoom(4, "steering-trace"))
    assert "maths" not in places
    assert {"pedals", "math-trace"} <= places.keys()
    assert "speed-trace" not in places
    assert "math-trace" not in place_panes(60, 13, maths=MathRoom(4, "throttle"))


def test_a_small_window_keeps_the_gauges_and_two_plots() -> None:
    assert set(place_panes(80, 21)) == {
        "heading", "rpm-bar", "gear", "speed", "rpm", "inputs", "lap-clock",
        "lap-times", "pedals", "speed-trace", "delta", "sectors",
    }  # fmt: skip


@pytest.mark.parametrize("size", [(60, 13), (80, 21), (110, 27), (120, 33)])
def test_plots_have_room_for_a_title_and_two_rows(size: tuple[int, int]) -> None:
    places = place_panes(*size)
    plots = [places[name] for name in ("pedals", "throttle") if name in places]
    assert plots
    assert all(plot.height >= 3 and plot.width >= 30 for plot in plots)
