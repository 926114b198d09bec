from __future__ import annotations

import pytest

from ps_tui.analysis.rating import Rating, SectorBests, rate, rate_laps
from ps_tui.analysis.sectors import LapSectors
from tests.support.synthetic_laps import lap_of

P, G, Y = Rating.PURPLE, Rating.GREEN, Rating.YELLOW


def sectors(*times_ms: int | None, valid: bool = True) -> LapSectors:
    return LapSectors(lap_of(1, 90_000, valid=valid), times_ms)


@pytest.mark.parametrize(
    ("time_ms", "own", "overall", "expected"),
    [
        (100, None, None, P),
        (100, 110, 105, P),
        (100, 110, 95, G),
        (100, None, 95, G),
        (100, 90, 85, Y),
        (100, 100, 100, Y),
    ],
)
def test_one_time(
    time_ms: int, own: int | None, overall: int | None, expected: Rating
) -> None:
    assert rate(time_ms, own, overall) is expected
    assert expected.value in "PGY"


def test_laps_are_compared_before_they_become_bests() -> None:
    ratings, bests = rate_laps(
        [sectors(30, 31, 32), sectors(29, 31, 33), sectors(29, 30, 32)]
    )
    assert ratings == [(P, P, P), (P, Y, Y), (Y, P, Y)]
    assert bests.own == (29, 30, 32)


def test_bests_of_others_leave_green() -> None:
    others = SectorBests().updated(sectors(20, 40, 20), is_own=False)
    assert others.own == ()
    ratings, bests = rate_laps([sectors(30, 31, 32), sectors(29, 39, 32)], others)
    assert ratings == [(G, P, G), (G, Y, Y)]
    assert bests.overall == (20, 31, 20)


def test_laps_that_do_not_count_are_neither_rated_nor_bests() -> None:
    ratings, bests = rate_laps([sectors(10, 10, 10, valid=False), sectors(30, 31, 32)])
    assert ratings == [(None, None, None), (P, P, P)]
    assert bests.overall == (30, 31, 32)


def test_the_running_lap_is_rated_as_far_as_it_is_driven() -> None:
    bests = SectorBests().updated(sectors(30, 31, 32))
    assert bests.rated_times((29, None, None)) == (P, None, None)
    assert bests.updated(sectors(None, 30, None)).own == (30, 30, 32)
