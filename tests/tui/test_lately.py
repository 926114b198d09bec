"""A lost packet leaves no hole on the gauges."""

from __future__ import annotations

from ps_tui.domain.frame import Frame
from ps_tui.tui.lately import HELD_US, Lately


def frame(at_us: int, **fields: float | int) -> Frame:
    return Frame(at_us, at_us // 1000, **fields)  # type: ignore[arg-type]


def test_what_came_a_moment_ago_fills_a_gap() -> None:
    lately = Lately()
    whole = frame(0, speed_kmh=120.0, gear=3)
    assert lately.filled(whole) is whole
    filled = lately.filled(frame(20_000, speed_kmh=121.0))
    assert (filled.speed_kmh, filled.gear, filled.rpm) == (121.0, 3, None)


def test_after_a_second_a_value_is_not_sent_any_more() -> None:
    lately = Lately()
    lately.filled(frame(0, gear=3))
    assert lately.filled(frame(HELD_US - 1)).gear == 3
    assert lately.filled(frame(HELD_US)).gear is None
    lately.filled(frame(HELD_US, gear=4))
    assert lately.filled(frame(0)).gear is None


def test_another_game_begins_with_nothing() -> None:
    lately = Lately()
    lately.filled(frame(0, gear=3))
    lately.forget()
    assert lately.filled(frame(1)).gear is None
