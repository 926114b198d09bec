from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.analysis.driven_lap import drive
from ps_tui.analysis.sectors import (
    MINI_CUTS,
    LapSectors,
    best_sectors,
    equal_cuts,
    game_cuts,
    game_splits,
    sector_times,
    sectors_of,
    theoretical_best_ms,
)
from ps_tui.domain.errors import UsageError
from ps_tui.domain.lap_figures import (
    THIRDS,
    checked_lines,
    possible_best_ms,
    total_ms,
)
from ps_tui.domain.models import LapKind, LapTrace
from tests.support.synthetic_laps import lap_of, timed_lap

LAP_MS = 80_000


def lap_with(bend: float = 0.0, lap_time_ms: int = LAP_MS) -> LapTrace:
    return timed_lap(
        lambda s: s + bend * np.sin(2 * np.pi * s) / (2 * np.pi), lap_time_ms
    )


def with_splits(trace: LapTrace, first: int, second: int) -> LapTrace:
    """Add splits as F1 sends them: zero until the line, stale for ten frames."""
    position = np.asarray(trace.columns["normalized_position"])
    one = np.where(position > 0.35, first, 0.0).astype(np.float32)
    two = np.where(position > 0.7, second, 0.0).astype(np.float32)
    one[:10], two[:10] = 31_111, 32_222
    return LapTrace(
        trace.lap, {**trace.columns, "sector1_time": one, "sector2_time": two}
    )


@given(
    st.floats(-0.6, 0.6),
    st.integers(30_000, 500_000),
    st.lists(
        st.floats(0.01, 0.99), max_size=30, unique_by=lambda cut: round(cut, 3)
    ).map(sorted),
)
def test_sectors_add_up_to_the_lap_time(
    bend: float, lap_time_ms: int, cuts: list[float]
) -> None:
    times = sector_times(drive(lap_with(bend, lap_time_ms)), cuts)
    assert len(times) == len(cuts) + 1
    assert total_ms(times) == lap_time_ms
    assert all(time is not None and time >= 0 for time in times)


def test_thirds_are_cut_at_the_interpolated_crossing() -> None:
    driven = drive(lap_with(0.4))
    expected = np.diff(driven.time_at((0, *THIRDS, 1)))
    assert sectors_of(driven).times_ms == pytest.approx(expected.tolist(), abs=1)


def test_mini_sectors_share_the_lines_of_the_thirds() -> None:
    minis = sector_times(drive(lap_with(0.4)), MINI_CUTS)
    thirds = sector_times(drive(lap_with(0.4)), THIRDS)
    assert len(minis) == 24
    assert total_ms(minis[:8]) == thirds[0]


def test_the_first_sector_of_a_lap_not_seen_from_the_line_is_unknown() -> None:
    trace = lap_with()
    late = {key: np.asarray(v)[600:] for key, v in trace.columns.items()}
    times = sector_times(drive(LapTrace(trace.lap, late)), THIRDS)
    assert times[0] is None
    assert total_ms(times) is None
    assert times[1:] == pytest.approx((26_667, 26_667), abs=1)


def test_the_games_splits_come_first() -> None:
    driven = drive(with_splits(lap_with(), 27_001, 28_002))
    sectors = sectors_of(driven)
    assert sectors.times_ms == (27_001, 28_002, LAP_MS - 55_003)
    assert sectors.is_from_game
    assert game_cuts(driven) == pytest.approx((0.3375125, 0.6875375), abs=1e-5)
    assert not sectors_of(driven, THIRDS).is_from_game


def test_splits_that_are_not_of_this_lap_are_not_used() -> None:
    stale = with_splits(lap_with(), 0, 0)
    assert game_splits(stale) is None
    assert game_splits(with_splits(lap_with(), 50_000, 40_000)) is None
    assert game_splits(lap_with()) is None
    assert game_cuts(drive(lap_with())) is None


def test_moved_cuts_are_checked() -> None:
    assert checked_lines([0.2, 0.7]) == (0.2, 0.7)
    for wrong in ([0.7, 0.2], [0.0], [1.0], [0.3, 0.3], [float("nan")]):
        with pytest.raises(UsageError, match="between 0 and 1"):
            checked_lines(wrong)
    assert equal_cuts(4) == (0.25, 0.5, 0.75)


def sectors(number: int, *times_ms: int | None, valid: bool = True) -> LapSectors:
    whole = total_ms(times_ms)
    kind = LapKind.FLYING if whole else LapKind.PARTIAL
    return LapSectors(lap_of(number, whole, kind, valid=valid), times_ms)


def test_theoretical_best_is_of_all_eligible_laps() -> None:
    laps = [
        sectors(1, 30_000, 31_000, 29_000),
        sectors(2, 29_000, 31_500, 29_500),
        sectors(3, 30_500, 30_900, 29_900),
        sectors(4, 20_000, 20_000, 20_000, valid=False),
        sectors(5, 10_000, None, None),
    ]
    assert best_sectors(laps) == (29_000, 30_900, 29_000)
    assert theoretical_best_ms(laps) == 88_900
    assert theoretical_best_ms([]) is None
    assert theoretical_best_ms(laps[3:]) is None


@given(st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=4))
def test_the_order_of_ideals(bends: list[float]) -> None:
    """Of mini-sectors at most of sectors, of sectors at most the best lap."""
    laps = [drive(lap_with(bend, LAP_MS + 7 * n)) for n, bend in enumerate(bends)]
    minis = theoretical_best_ms([sectors_of(lap, MINI_CUTS) for lap in laps])
    thirds = theoretical_best_ms([sectors_of(lap, THIRDS) for lap in laps])
    assert minis is not None
    assert thirds is not None
    assert minis <= thirds <= LAP_MS


def test_possible_best_of_the_running_lap() -> None:
    best = (29_000, 31_000, 28_000)
    assert possible_best_ms([], 10_000, best) == 88_000
    assert possible_best_ms([], 30_000, best) == 89_000
    assert possible_best_ms([29_500], 45_000, best) == 88_500
    assert possible_best_ms([29_500, 60_000], 89_000, best) == 89_000
    assert possible_best_ms([], 10_000, (29_000, None, 28_000)) is None
    assert possible_best_ms([29_500, 60_000, 88_000], 88_100, best) is None
