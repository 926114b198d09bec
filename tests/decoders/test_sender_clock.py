"""A sender's clock on UTC, where both clocks run on and where one of them jumps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ps_tui.decoders.sender_clock import SenderClock

START_US = 1_760_000_000_000_000


class EveryStampCompared:
    """The same rule, without leaving out a look at both clocks."""

    def __init__(self) -> None:
        self.is_late = False
        self.offset_ms = 0
        self.newest_ms = 0

    def utc_ms(self, clock_ms: int, received_us: int) -> int:
        stamp_ms = clock_ms + self.offset_ms
        ahead_ms = stamp_ms - received_us // 1000
        self.is_late = False
        if not -5000 < ahead_ms < 5000:
            self.offset_ms -= ahead_ms
            stamp_ms -= ahead_ms
        elif stamp_ms < self.newest_ms < stamp_ms + 2000:
            self.is_late = True
            return stamp_ms
        self.newest_ms = stamp_ms
        return stamp_ms


steps = st.one_of(st.integers(0, 40), st.integers(-7000, 7000))
steps_of_reception = st.one_of(st.integers(0, 40), st.integers(0, 14_000))


@given(st.lists(st.tuples(steps, steps_of_reception), max_size=60))
def test_stamps_are_as_if_every_one_was_compared(moves: list[tuple[int, int]]) -> None:
    clock, plain = SenderClock(), EveryStampCompared()
    clock_ms, received_us = 100_000, START_US
    for clock_step_ms, received_step_ms in moves:
        clock_ms = max(clock_ms + clock_step_ms, 0)
        received_us += received_step_ms * 1000 + 321
        stamp_ms = clock.utc_ms(clock_ms, received_us)
        assert stamp_ms == plain.utc_ms(clock_ms, received_us)
        assert clock.is_late == plain.is_late


def test_a_steady_clock_keeps_its_spacing_and_a_stopped_one_is_placed_anew() -> None:
    clock = SenderClock()
    first_ms = clock.utc_ms(500, START_US)
    assert first_ms == START_US // 1000
    assert clock.utc_ms(516, START_US + 90_000) == first_ms + 16
    assert clock.utc_ms(532, START_US + 8_000_000) == first_ms + 8000
