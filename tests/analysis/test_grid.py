from __future__ import annotations

import numpy as np
import pytest

from ps_tui.analysis.driven_lap import drive
from ps_tui.analysis.grid import make_grid, resample, resample_values
from ps_tui.domain.models import LapTrace
from tests.support.synthetic_laps import timed_lap


def even(share: np.ndarray) -> np.ndarray:
    return share


@pytest.mark.parametrize(
    ("length_m", "bins"), [(None, 1000), (1000.0, 1000), (5793.0, 1931), (1e6, 8192)]
)
def test_bins_are_a_thousand_or_a_few_metres(length_m: float | None, bins: int) -> None:
    grid = make_grid(length_m)
    assert grid.places.size == bins + 1
    assert (grid.places[0], grid.places[-1]) == (0.0, 1.0)
    if length_m == 5793.0:
        assert grid.metres is not None
        assert grid.metres[-1] == 5793.0


def test_channels_are_interpolated_by_place() -> None:
    trace = timed_lap(
        even, 80_000, channels={"speed": lambda p: 100 + 50 * np.sin(2 * np.pi * p)}
    )
    grid = make_grid()
    speed = resample(drive(trace), grid, ["speed"]).channels["speed"]
    inner = slice(5, -5)
    expected = 100 + 50 * np.sin(2 * np.pi * grid.places)
    assert speed[inner] == pytest.approx(expected[inner], abs=0.01)


def test_no_value_outside_coverage() -> None:
    trace = timed_lap(even, 80_000, channels={"speed": np.cos})
    cut = {k: np.asarray(v)[480:-480] for k, v in trace.columns.items()}
    lap = resample(drive(LapTrace(trace.lap, cut)), make_grid(), ["speed"])
    covered = np.isfinite(lap.channels["speed"])
    assert covered[101:899].all()
    assert not covered[:100].any()
    assert not covered[901:].any()


def test_gear_has_nothing_between() -> None:
    trace = timed_lap(even, 80_000, channels={"gear": lambda p: np.floor(p * 10)})
    grid = make_grid(bins=977)
    gear = resample(drive(trace), grid, ["gear"]).channels["gear"]
    shown = gear[np.isfinite(gear)]
    assert (shown == np.rint(shown)).all()


def test_missing_values_are_bridged_as_far_as_a_gap_may_be() -> None:
    trace = timed_lap(even, 80_000, channels={"speed": lambda p: p * 100})
    speed = np.asarray(trace.columns["speed"]).copy()
    speed[1::2] = np.nan
    speed[2000:2400] = np.nan
    changed = LapTrace(trace.lap, {**trace.columns, "speed": speed})
    grid = make_grid()
    got = resample(drive(changed), grid, ["speed"]).channels["speed"]
    assert got[300] == pytest.approx(30.0, abs=0.01)
    assert np.isnan(got[450])


def test_channels_not_sent_are_left_out() -> None:
    trace = timed_lap(even, 80_000, channels={"brake": lambda p: p * np.nan})
    lap = resample(drive(trace), make_grid(), ["speed", "brake"])
    assert lap.channels == {}


def test_cursor_reads_the_nearest_place() -> None:
    trace = timed_lap(even, 80_000, channels={"speed": lambda p: p * 100})
    lap = resample(drive(trace), make_grid(), ["speed"])
    row = lap.at(0.5004)
    assert row["speed"] == pytest.approx(50.0, abs=0.01)
    assert row["time_ms"] == pytest.approx(40_000, abs=1)
    assert lap.at(7.0)["time_ms"] == 80_000


def test_own_values_go_onto_the_grid() -> None:
    driven = drive(timed_lap(even, 80_000))
    values = resample_values(driven.progress * 2, driven, make_grid())
    assert values[500] == pytest.approx(1.0)
    assert np.isnan(
        resample_values(driven.progress * np.nan, driven, make_grid())
    ).all()
