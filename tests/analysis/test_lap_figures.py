from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.analysis.lap_figures import figures_of
from ps_tui.domain.lap_figures import GAME_LINES, THIRDS, lines_text, total_ms
from ps_tui.domain.models import LapTrace
from tests.analysis.test_sectors import LAP_MS, lap_with, with_splits
from tests.support.synthetic_laps import lap_of, trace_of


@given(
    st.floats(-0.6, 0.6),
    st.integers(30_000, 300_000),
    st.floats(0.02, 0.45),
    st.floats(0.5, 0.98),
)
def test_sectors_and_minis_add_up_to_the_lap(
    bend: float, lap_time_ms: int, line1: float, line2: float
) -> None:
    made = figures_of(lap_with(bend, lap_time_ms), (line1, line2))
    assert made.lines == lines_text((line1, line2))
    assert total_ms(made.sectors_ms) == lap_time_ms
    assert total_ms(made.minis_ms) == lap_time_ms


def test_splits_of_the_game_win_over_lines_that_were_moved() -> None:
    made = figures_of(with_splits(lap_with(), 27_001, 28_002), (0.2, 0.9))
    assert made.lines == GAME_LINES
    assert made.sectors_ms == (27_001, 28_002, LAP_MS - 55_003)


def test_rate_gap_and_drift_are_of_the_frames() -> None:
    trace = lap_with()
    assert figures_of(trace, THIRDS).quality == "A"
    keep = np.ones(len(trace.columns["received_us"]), bool)
    keep[600:660] = False
    holed = LapTrace(
        trace.lap, {key: np.asarray(v)[keep] for key, v in trace.columns.items()}
    )
    made = figures_of(holed, THIRDS)
    assert made.longest_gap_ms == pytest.approx(1016.7, abs=1)
    assert made.quality == "D"


def test_fuel_and_wear_where_they_are_sent() -> None:
    made = figures_of(
        trace_of(
            lap_of(1),
            fuel=np.linspace(40, 38, 50),
            tyre_wear_fl=np.linspace(0.1, 0.2, 50),
            tyre_wear_rr=np.linspace(0.1, 0.3, 50),
        ),
        THIRDS,
    )
    assert made.fuel_used == pytest.approx(2.0)
    assert made.fuel_unit == "l"
    assert made.tyre_wear == pytest.approx(0.3)
    assert made.sectors_ms == (None, None, None)
    assert made.minis_ms == ()


def test_drift_of_a_lap_without_a_place_is_that_of_its_clock() -> None:
    lap = msgspec.structs.replace(lap_of(1, 90_000), clock_time_ms=90_150)
    assert figures_of(trace_of(lap, rpm=np.ones(2)), THIRDS).drift_ms == 150.0
    alone = figures_of(trace_of(lap_of(1), rpm=np.ones(1)), THIRDS)
    assert (alone.rate_hz, alone.quality) == (None, "D")
