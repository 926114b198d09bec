"""Late, doubled and restarted frames told from those in their turn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ps_tui.collector.order import Order, Place
from ps_tui.domain.frame import Frame

START_US = 1_760_000_000_000_000
NEXT, LATE, DUPLICATE = None, Place.LATE, Place.DUPLICATE


def numbered(sequence: int, at_ms: int | None = None, received_ms: int = 0) -> Frame:
    """A frame with a count, and with the sender's clock where ``at_ms`` is given."""
    received_us = START_US + received_ms * 1000
    sent_ms = received_us // 1000 if at_ms is None else 5_000_000 + at_ms
    return Frame(received_us, sent_ms, sequence=sequence)


def on_lap(lap: int, lap_time_ms: int, received_ms: int) -> Frame:
    """A frame of a game that sends neither a count nor a clock, as Assetto Corsa."""
    received_us = START_US + received_ms * 1000
    return Frame(
        received_us, received_us // 1000, lap_number=lap, lap_time_ms=lap_time_ms
    )


def places(order: Order, frames: list[Frame]) -> list[Place | None]:
    return [order.place(frame) for frame in frames]


def test_a_gap_is_counted_and_filled_by_a_late_frame() -> None:
    order = Order()
    assert places(order, [numbered(n, n) for n in (1, 2, 6)]) == [NEXT] * 3
    assert order.gap_count == 3
    assert order.place(numbered(4, 4)) is LATE
    assert order.gap_count == 2
    assert order.place(numbered(4, 4)) is DUPLICATE
    assert order.place(numbered(7, 7)) is NEXT
    assert order.gap_count == 2


def test_a_late_frame_from_before_the_first_fills_no_gap() -> None:
    order = Order()
    assert places(order, [numbered(5, 5), numbered(4, 4)]) == [NEXT, LATE]
    assert order.gap_count == 0


def test_a_count_that_wraps_loses_nothing() -> None:
    order = Order()
    counts = (0xFFFF_FFFE, 0xFFFF_FFFF, 0, 1)
    found = places(order, [numbered(n, i) for i, n in enumerate(counts)])
    assert found == [NEXT] * 4
    assert order.gap_count == 0


def test_a_restarted_sender_loses_nothing() -> None:
    order = Order()
    order.place(numbered(3_000_000_000, 1000))
    assert places(order, [numbered(n, 5000 + n) for n in range(3)]) == [NEXT] * 3
    assert order.gap_count == 0


def test_a_sender_restarted_after_few_frames_is_no_duplicate() -> None:
    order = Order()
    first = [numbered(n, n * 10) for n in range(20)]
    again = [numbered(n, 1000 + n * 10) for n in range(20)]
    assert places(order, first + again) == [NEXT] * 40
    assert order.gap_count == 0


def test_doubles_without_a_sender_clock_are_found_by_the_count() -> None:
    order = Order()
    frames = [numbered(n, received_ms=n * 10) for n in range(10)]
    assert places(order, frames) == [NEXT] * 10
    assert order.place(numbered(7, received_ms=101)) is DUPLICATE


def test_a_count_far_back_without_a_sender_clock_is_a_restart() -> None:
    order = Order()
    order.place(numbered(5000, received_ms=0))
    assert order.place(numbered(0, received_ms=10)) is NEXT
    assert order.gap_count == 0


def test_a_sender_clock_alone_tells_late_from_restarted() -> None:
    order = Order()

    def at(ms: int) -> Frame:
        return Frame(START_US, 5_000_000 + ms)

    assert order.place(at(10_000)) is NEXT
    assert order.place(at(9_900)) is LATE
    assert order.place(at(10_016)) is NEXT
    assert order.place(at(0)) is NEXT


def test_the_lap_clock_tells_late_where_nothing_else_does() -> None:
    order = Order()
    frames = [on_lap(1, 1000, 0), on_lap(1, 1032, 32), on_lap(1, 1016, 33)]
    assert places(order, frames) == [NEXT, NEXT, LATE]
    assert order.place(on_lap(2, 5, 60)) is NEXT


def test_a_lap_clock_that_was_reset_goes_on() -> None:
    order = Order()
    assert order.place(on_lap(1, 1500, 0)) is NEXT
    found = places(order, [on_lap(1, 16 * n, 16 * n) for n in range(1, 30)])
    assert found[:7] == [LATE] * 7
    assert set(found[7:]) == {NEXT}


@given(st.lists(st.integers(0, 0xFFFF_FFFF), max_size=60))
def test_any_count_gives_a_place_and_no_negative_loss(counts: list[int]) -> None:
    order = Order()
    for index, count in enumerate(counts):
        order.place(numbered(count, received_ms=index))
        assert order.gap_count >= 0


@given(st.permutations(range(1, 40)))
def test_whatever_the_order_each_number_counts_once(numbers: list[int]) -> None:
    order = Order()
    found = places(order, [numbered(n, n) for n in (0, *numbers)])
    again = places(order, [numbered(n, n) for n in numbers])
    assert DUPLICATE not in found
    assert set(again) == {DUPLICATE}
    assert order.gap_count == 0
