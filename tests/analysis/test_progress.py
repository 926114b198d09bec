from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.analysis.progress import from_metres, rising_rows, unwrapped


def kept(*progress: float) -> list[int]:
    return rising_rows(np.array(progress)).tolist()


def test_a_car_that_stands_keeps_its_first_arrival() -> None:
    assert kept(0.1, 0.1, 0.1, 0.2) == [0, 3]


def test_a_car_that_rolls_back_keeps_its_first_arrival() -> None:
    assert kept(0.1, 0.2, 0.1995, 0.1999, 0.3) == [0, 1, 4]


def test_a_rewind_cuts_what_was_driven_beyond_it() -> None:
    drive = [*np.arange(0, 50) / 100, *np.arange(30, 100) / 100]
    rows = rising_rows(np.array(drive))
    assert rows.tolist() == [*range(30), *range(50, 120)]


def test_two_rewinds_the_second_further_back() -> None:
    first, second = np.arange(0, 60) / 100, np.arange(40, 70) / 100
    drive = np.concatenate((first, second, np.arange(20, 100) / 100))
    rows = rising_rows(drive)
    assert rows.tolist() == [*range(20), *range(90, 170)]


def test_single_wrong_positions_cut_nothing() -> None:
    drive = np.arange(0, 1000) / 1000
    for wrong in (0.2, 0.9):
        drive[500] = wrong
        rows = rising_rows(drive)
        assert rows.size == 999
        assert 500 not in rows


def test_missing_positions_are_left_out() -> None:
    assert kept(0.1, np.nan, 0.2, np.nan) == [0, 2]
    assert kept(np.nan, np.nan) == []
    assert kept() == []


@given(st.lists(st.one_of(st.floats(-0.01, 1.01), st.just(float("nan"))), max_size=200))
def test_what_is_kept_rises_strictly(progress: list[float]) -> None:
    rows = rising_rows(np.array(progress))
    places = np.array(progress)[rows]
    assert np.isfinite(places).all()
    assert (np.diff(places) > 0).all()
    assert (np.diff(rows) > 0).all()


@given(st.lists(st.floats(0, 1), min_size=3, unique=True))
def test_a_rising_drive_is_kept_whole(progress: list[float]) -> None:
    assert rising_rows(np.array(sorted(progress))).size == len(progress)


def test_positions_go_on_across_the_line_at_both_ends() -> None:
    inner = np.linspace(0.01, 0.99, 50)
    assert unwrapped(np.array([0.998, *inner]))[0] == pytest.approx(-0.002)
    assert unwrapped(np.array([*inner, 0.001]))[-1] == pytest.approx(1.001)
    both = unwrapped(np.array([0.998, *inner, 0.001]))
    assert (np.diff(both) > 0).all()
    assert both[0] == pytest.approx(-0.002)
    assert both[-1] == pytest.approx(1.001)


def test_without_a_wrap_positions_stay() -> None:
    inner = np.linspace(0.0, 1.0, 50)
    assert unwrapped(inner) is inner


def test_distance_is_carried_on_to_the_official_time() -> None:
    clock_ms = np.arange(0.0, 10_000.0, 100.0)
    metres = clock_ms * 0.05
    shares = from_metres(metres, clock_ms, 10_000, None)
    assert shares is not None
    assert shares == pytest.approx(clock_ms / 10_000)
    assert from_metres(metres, clock_ms, None, None) is None
    known = from_metres(metres, clock_ms, None, 1000.0)
    assert known is not None
    assert known[-1] == pytest.approx(0.495)
