from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.analysis.sectors import LapSectors
from ps_tui.analysis.statistics import (
    by_driver,
    pace_of,
    sector_spreads,
    stints,
    trend_of,
)
from ps_tui.domain.models import Lap, LapKind
from tests.support.synthetic_laps import lap_of


def laps(*times_ms: int) -> list[Lap]:
    return [lap_of(number, time) for number, time in enumerate(times_ms, start=1)]


def test_figures_of_a_run() -> None:
    pace = pace_of(laps(90_000, 91_000, 90_500, 92_000, 99_000))
    assert pace is not None
    times = np.array([90_000, 91_000, 90_500, 92_000, 99_000])
    assert (pace.n, pace.best_ms, pace.median_ms) == (5, 90_000, 91_000)
    assert pace.iqr_ms == pytest.approx(np.subtract(*np.percentile(times, [75, 25])))
    assert pace.sd_ms == pytest.approx(times.std(ddof=1))
    assert pace.cv == pytest.approx(times.std(ddof=1) / times.mean())
    assert pace.share_at_pace == 0.8
    assert pace.mean_change_ms == (1000 + 500 + 1500 + 7000) / 4
    assert pace.trend is not None
    slope, intercept = np.polyfit(np.arange(1, 6), times, 1)
    assert pace.trend.slope == pytest.approx(slope)
    assert pace.trend.intercept == pytest.approx(intercept)
    assert pace.trend.n == 5
    r = np.corrcoef(np.arange(1, 6), times)[0, 1]
    assert pace.trend.r_squared == pytest.approx(r**2)


def test_only_laps_that_count_are_counted() -> None:
    others = [
        lap_of(5, 60_000, LapKind.OUT),
        lap_of(6, 60_000, LapKind.IN),
        lap_of(7, 60_000, LapKind.PIT),
        lap_of(8, None, LapKind.PARTIAL),
        lap_of(9, 60_000, valid=False),
    ]
    assert pace_of(others) is None
    pace = pace_of([*laps(90_000, 91_000), *others])
    assert pace is not None
    assert (pace.n, pace.best_ms) == (2, 90_000)


def test_a_single_lap_has_no_spread() -> None:
    pace = pace_of(laps(90_000))
    assert pace is not None
    assert (pace.sd_ms, pace.iqr_ms, pace.trend, pace.mean_change_ms) == (None,) * 4


@given(st.floats(-100, 100), st.floats(-1e5, 1e5), st.integers(2, 30))
def test_a_line_is_found_exactly(slope: float, intercept: float, count: int) -> None:
    x = list(range(count))
    trend = trend_of(x, [intercept + slope * value for value in x])
    assert trend is not None
    assert trend.slope == pytest.approx(slope, abs=1e-6)
    assert trend.intercept == pytest.approx(intercept, abs=1e-4)
    assert trend.r_squared <= 1.0


def test_no_trend_without_two_different_places() -> None:
    assert trend_of([1], [2]) is None
    assert trend_of([1, 1], [2, 3]) is None
    assert trend_of([1, 2], [None, float("nan")]) is None
    level = trend_of([1, 2, 3], [5, 5, 5])
    assert level is not None
    assert (level.slope, level.r_squared) == (0.0, 1.0)


def test_stints_are_divided_at_the_pits() -> None:
    kinds = ["out", "flying", "in", "out", "flying", "flying", "pit", "flying"]
    numbered = [lap_of(n, 90_000, LapKind(kind)) for n, kind in enumerate(kinds, 1)]
    divided = [[lap.lap_number for lap in stint] for stint in stints(numbered)]
    assert divided == [[1, 2, 3], [4, 5, 6], [7], [8]]
    assert stints([]) == []


def test_stints_are_divided_where_the_driver_changes() -> None:
    names = ["ada", "ada", "bob", None, "bob", "ada"]
    driven = [
        msgspec.structs.replace(lap_of(n, 90_000 + n), driver=name)
        for n, name in enumerate(names, 1)
    ]
    divided = [[lap.lap_number for lap in stint] for stint in stints(driven)]
    assert divided == [[1, 2], [3, 4, 5], [6]]
    own = {name: len(laps) for name, laps in by_driver(driven).items()}
    assert own == {"ada": 3, "bob": 2, None: 1}


def test_a_stint_that_was_given_by_hand_counts() -> None:
    driven = [
        msgspec.structs.replace(lap_of(n), stint=stint)
        for n, stint in enumerate([1, 1, 2], 1)
    ]
    assert [len(stint) for stint in stints(driven)] == [2, 1]


def test_excluded_laps_are_not_counted() -> None:
    excluded = msgspec.structs.replace(lap_of(3, 60_000), excluded_us=1)
    pace = pace_of([*laps(90_000, 91_000), excluded])
    assert pace is not None
    assert pace.best_ms == 90_000


def test_spread_of_each_sector() -> None:
    driven = [
        LapSectors(lap_of(1, 90_000), (30_000, 31_000, 29_000)),
        LapSectors(lap_of(2, 90_000), (30_200, 31_000, None)),
        LapSectors(lap_of(3, 90_000, valid=False), (1, 1, 1)),
    ]
    first, second, third = sector_spreads(driven)
    assert (first.sector, first.n, first.best_ms) == (1, 2, 30_000)
    assert first.sd_ms == pytest.approx(141.42, abs=0.01)
    assert second.sd_ms == 0.0
    assert (third.n, third.sd_ms) == (1, None)
