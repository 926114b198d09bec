"""The laps of every car: newest, best, and a session begun anew."""

from __future__ import annotations

from ps_tui.domain.frame import CarLap
from ps_tui.domain.lap_board import CAR_LIMIT, LapBoard


def board_of(*laps: tuple[int, int, int]) -> LapBoard:
    """Return a board that took laps given as car, number and time."""
    board = LapBoard()
    for car_id, lap_number, lap_time_ms in laps:
        board.note(CarLap(car_id, lap_time_ms, lap_number, f"Driver {car_id}"))
    return board


def test_the_quickest_car_is_first_with_its_newest_lap() -> None:
    board = board_of((0, 1, 92_000), (1, 1, 91_000), (0, 2, 90_000), (0, 3, 95_000))
    rows = board.rows()
    assert [(row.car_id, row.best_lap_ms) for row in rows] == [(0, 90_000), (1, 91_000)]
    assert (rows[0].lap_number, rows[0].last_lap_ms) == (3, 95_000)
    assert rows[1].driver == "Driver 1"


def test_a_lap_told_twice_is_one() -> None:
    assert board_of((0, 1, 92_000), (0, 1, 92_000)).rows() == (
        board_of((0, 1, 92_000)).rows()
    )


def test_a_count_that_falls_begins_the_session_anew() -> None:
    board = board_of((0, 5, 92_000), (1, 5, 91_000), (1, 1, 99_000))
    assert [(row.car_id, row.best_lap_ms) for row in board.rows()] == [(1, 99_000)]


def test_cars_without_end_are_left_out() -> None:
    board = board_of(*((car_id, 1, 90_000) for car_id in range(CAR_LIMIT + 50)))
    assert len(board.rows()) == CAR_LIMIT
    board.clear()
    assert not board.rows()
