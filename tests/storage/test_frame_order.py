"""Late packets go back to their place; a clock that jumps does not splice laps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ps_tui.storage.frame_order import driving_order

STEP_US = 16_667


def arrival(count: int) -> list[int]:
    return [n * STEP_US for n in range(count)]


def test_frames_in_order_need_no_order() -> None:
    assert driving_order(arrival(5), [10, 20, 30, 40, 50]) is None
    assert driving_order([], []) is None


def test_a_late_packet_moves_back_by_its_sequence() -> None:
    received = arrival(5)
    timestamps = [us // 1000 for us in received]
    assert driving_order(received, timestamps, [0, 1, 3, 2, 4]) == [0, 1, 3, 2, 4]


def test_a_late_packet_moves_back_by_its_timestamp() -> None:
    assert driving_order(arrival(4), [0, 32, 16, 48]) == [0, 2, 1, 3]


def test_nothing_is_sorted_across_a_reset_of_the_clock() -> None:
    timestamps = [60_000, 60_016, 0, 16, 60_032]
    assert driving_order(arrival(5), timestamps) is None


def test_both_sides_of_a_reset_are_sorted() -> None:
    timestamps = [60_016, 60_000, 16, 0]
    assert driving_order(arrival(4), timestamps) == [1, 0, 3, 2]


def test_a_packet_more_than_two_seconds_late_stays() -> None:
    received = arrival(200)
    sequences = [*range(1, 200), 0]
    timestamps = [n * 17 for n in sequences]
    assert driving_order(received, timestamps, sequences) is None


@given(st.lists(st.integers(0, 30_000), max_size=60))
def test_the_order_does_not_depend_on_how_frames_lie_in_store(
    timestamps: list[int],
) -> None:
    received = arrival(len(timestamps))
    order = driving_order(received, timestamps) or list(range(len(timestamps)))
    assert sorted(order) == list(range(len(timestamps)))
    again = driving_order([received[n] for n in order], [timestamps[n] for n in order])
    assert again is None
