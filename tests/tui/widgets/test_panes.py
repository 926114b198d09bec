from itertools import combinations

import pytest

from ps_tui.tui.widgets.panes import place_panes

EVERYTHING = {
    "heading", "rpm-bar", "gear", "speed", "rpm", "inputs", "lap-clock", "lap-times",
    "laps", "throttle", "brake", "steering-trace", "speed-trace",
}  # fmt: skip


@pytest.mark.parametrize("width", [60, 73, 74, 80, 99, 103, 104, 110, 120, 140, 200])
@pytest.mark.parametrize("height", [13, 14, 17, 21, 24, 27, 33, 45, 57])
def test_parts_are_whole_and_apart_at_any_size(width: int, height: int) -> None:
    places = place_panes(width, height)
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
    assert set(place_panes(*size)) == EVERYTHING


def test_a_small_window_keeps_the_gauges_and_two_plots() -> None:
    assert set(place_panes(80, 21)) == {
        "heading", "rpm-bar", "gear", "speed", "rpm", "inputs", "lap-clock",
        "lap-times", "pedals", "speed-trace",
    }  # fmt: skip


@pytest.mark.parametrize("size", [(60, 13), (80, 21), (110, 27), (120, 33)])
def test_plots_have_room_for_a_title_and_two_rows(size: tuple[int, int]) -> None:
    places = place_panes(*size)
    plots = [places[name] for name in ("pedals", "throttle") if name in places]
    assert plots
    assert all(plot.height >= 3 and plot.width >= 30 for plot in plots)
