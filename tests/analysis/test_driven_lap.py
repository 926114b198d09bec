"""The time base: from 0 at the line to the official time, whatever the clock does."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from ps_tui.analysis.driven_lap import UnplacedLapError, drive, is_step, time_where
from ps_tui.domain.models import LapKind, LapTrace
from tests.support.synthetic_laps import lap_of, timed_lap, trace_of

LAP_MS = 80_000
GRID = np.linspace(0.0, 1.0, 1001)


def even(share: np.ndarray) -> np.ndarray:
    return share


def curved(share: np.ndarray) -> np.ndarray:
    return share + 0.4 * np.sin(2 * np.pi * share) / (2 * np.pi)


def changed(trace: LapTrace, **columns: object) -> LapTrace:
    merged = {**trace.columns, **columns}
    return LapTrace(
        trace.lap, {key: value for key, value in merged.items() if value is not None}
    )


def true_times() -> np.ndarray:
    shares = np.linspace(0.0, 1.0, 100_001)
    return np.interp(GRID, curved(shares), shares * LAP_MS)


def test_time_runs_from_zero_to_the_official_time() -> None:
    driven = drive(timed_lap(curved, LAP_MS))
    assert driven.time_at((0.0, 1.0)).tolist() == [0.0, LAP_MS]
    assert driven.time_at(GRID) == pytest.approx(true_times(), abs=0.5)
    assert driven.drift_ms == pytest.approx(0.0, abs=1.0)


def test_without_a_lap_clock_the_time_of_reception_serves() -> None:
    driven = drive(changed(timed_lap(curved, LAP_MS), lap_time=None))
    assert driven.time_at(GRID) == pytest.approx(true_times(), abs=0.5)


def test_a_clock_that_stands_still_is_no_clock() -> None:
    trace = timed_lap(curved, LAP_MS)
    still = np.full(len(trace.columns["lap_time"]), 1234)
    assert drive(changed(trace, lap_time=still)).time_at(GRID) == pytest.approx(
        true_times(), abs=0.5
    )


def test_frames_without_a_clock_lie_between_their_neighbours() -> None:
    trace = timed_lap(curved, LAP_MS)
    clock = np.asarray(trace.columns["lap_time"]).astype(float)
    clock[::7] = np.nan
    assert drive(changed(trace, lap_time=clock)).time_at(GRID) == pytest.approx(
        true_times(), abs=1.0
    )


def test_jitter_of_the_network_does_not_reach_the_clock() -> None:
    trace = timed_lap(curved, LAP_MS)
    received = np.asarray(trace.columns["received_us"])
    noise = np.random.default_rng(1).integers(0, 12_000, received.size)
    driven = drive(changed(trace, received_us=np.sort(received + noise)))
    assert driven.time_at(GRID) == pytest.approx(true_times(), abs=1.2)


def test_a_clock_in_coarse_steps_is_smoothed() -> None:
    trace = timed_lap(curved, LAP_MS)
    coarse = np.asarray(trace.columns["lap_time"]) // 10 * 10
    driven = drive(changed(trace, lap_time=coarse))
    assert driven.time_at(GRID) == pytest.approx(true_times(), abs=2.5)


def test_a_clock_that_resets_late_is_mended() -> None:
    trace = timed_lap(curved, LAP_MS)
    clock = np.asarray(trace.columns["lap_time"]).copy()
    clock[:70] += 91_234
    assert drive(changed(trace, lap_time=clock)).time_at(GRID) == pytest.approx(
        true_times(), abs=1.0
    )


def test_a_clock_that_never_restarts_counts_from_the_line() -> None:
    trace = timed_lap(curved, LAP_MS)
    clock = np.asarray(trace.columns["lap_time"]) + 300_000
    assert drive(changed(trace, lap_time=clock)).time_at(GRID) == pytest.approx(
        true_times(), abs=1.0
    )


def test_a_line_some_metres_from_position_zero_changes_nothing() -> None:
    """The game's clock restarts 20 ms before its position does."""
    trace = timed_lap(even, LAP_MS)
    clock = np.asarray(trace.columns["lap_time"]) + 20
    driven = drive(changed(trace, lap_time=clock))
    assert driven.time_at(GRID) == pytest.approx(GRID * LAP_MS, abs=0.6)


def test_a_lap_from_the_grid_runs_before_the_line() -> None:
    """The clock starts with the lights, 4 s before the car is at the line."""
    clock_ms = np.arange(0.0, 84_000.0, 50.0)
    places = np.where(
        clock_ms < 4000,
        (clock_ms / 4000) ** 2 * 0.01 - 0.01,
        (clock_ms - 4000) / 80_000,
    )
    trace = trace_of(
        lap_of(1, 84_000),
        normalized_position=places % 1.0,
        lap_time=clock_ms.astype(int),
        received_us=(clock_ms * 1000).astype(int),
    )
    driven = drive(trace)
    assert driven.time_at((0.0, 0.5, 1.0)) == pytest.approx(
        [4000.0, 44_000.0, 84_000.0], abs=2
    )


def test_a_drift_of_the_clock_is_spread_over_the_lap() -> None:
    trace = timed_lap(even, LAP_MS)
    longer = msgspec.structs.replace(trace.lap, lap_time_ms=LAP_MS + 40)
    driven = drive(LapTrace(longer, trace.columns))
    assert driven.drift_ms == pytest.approx(-40, abs=1)
    assert driven.time_at(GRID) == pytest.approx(GRID * (LAP_MS + 40), abs=1)


def test_a_lap_joined_late_knows_its_times_from_the_clock_alone() -> None:
    trace = timed_lap(even, LAP_MS)
    late = {key: np.asarray(values)[2400:] for key, values in trace.columns.items()}
    partial = lap_of(1, None, LapKind.PARTIAL)
    driven = drive(LapTrace(partial, late))
    times = driven.time_at((0.3, 0.75, 1.0))
    assert np.isnan(times).tolist() == [True, False, True]
    assert times[1] == pytest.approx(60_000, abs=1)
    del late["lap_time"]
    unknown = drive(LapTrace(partial, late))
    assert not unknown.is_timed
    assert np.isnan(unknown.time_at((0.75,))).all()


def test_nothing_is_filled_into_a_gap() -> None:
    trace = timed_lap(even, LAP_MS)
    keep = np.r_[0:1000, 1500 : len(trace.columns["lap_time"])]
    driven = drive(
        LapTrace(trace.lap, {k: np.asarray(v)[keep] for k, v in trace.columns.items()})
    )
    times = driven.time_at((0.2, 0.25, 0.35, 1.0))
    assert np.isnan(times).tolist() == [False, True, False, False]


def test_sparse_frames_are_no_gaps() -> None:
    trace = timed_lap(even, LAP_MS, hz=0.5)
    times = drive(trace).time_at(GRID)
    assert times[50:-50] == pytest.approx(GRID[50:-50] * LAP_MS, abs=1)


def test_rewinding_leaves_the_final_drive() -> None:
    """Back from 40 % to 30 %, clock and all, and on at another speed."""
    places = np.concatenate(
        (np.linspace(0, 0.4, 1000), np.linspace(0.3, 1.0, 2000, endpoint=False))
    )
    clock_ms = np.concatenate(
        (np.linspace(0, 32_000, 1000), 24_000 + np.linspace(0, 70_000, 2000, False))
    )
    trace = trace_of(lap_of(1, 94_000), normalized_position=places, lap_time=clock_ms)
    times = drive(trace).time_at((0.2, 0.29, 0.65, 1.0))
    assert times == pytest.approx([16_000, 23_200, 59_000, 94_000], abs=60)


@pytest.mark.parametrize("kind", ["distance", "speed"])
def test_without_position_the_distance_places_the_frames(kind: str) -> None:
    times_ms = np.arange(0.0, LAP_MS, 1000 / 60)
    speed_ms = 50 + 20 * np.sin(2 * np.pi * times_ms / LAP_MS)
    metres = 50 * times_ms / 1000 + 20 * LAP_MS / 1000 / (2 * np.pi) * (
        1 - np.cos(2 * np.pi * times_ms / LAP_MS)
    )
    columns = {"lap_time": times_ms, "speed": speed_ms * 3.6}
    if kind == "distance":
        columns["lap_distance"] = metres
    driven = drive(trace_of(lap_of(1, LAP_MS), **columns))
    assert driven.progress == pytest.approx(metres / 4000, abs=1e-4)
    assert driven.length_m == pytest.approx(4000, rel=1e-3)


def test_a_lap_without_places_says_so() -> None:
    with pytest.raises(UnplacedLapError, match="Lap 3 does not say where"):
        drive(trace_of(lap_of(3), lap_time=np.arange(10)))
    empty = trace_of(lap_of(3), received_us=np.array([], dtype=np.int64))
    with pytest.raises(UnplacedLapError, match="Lap 3 has a time and no telemetry"):
        drive(empty)


def test_length_of_the_track() -> None:
    trace = timed_lap(even, LAP_MS, channels={"lap_distance": lambda p: p * 5793})
    assert drive(trace).length_m == pytest.approx(5793, abs=0.1)
    assert drive(trace, 5800.0).length_m == 5800.0
    assert drive(timed_lap(even, LAP_MS)).length_m is None


def test_place_at_a_time_is_the_inverse() -> None:
    driven = drive(timed_lap(curved, LAP_MS))
    place = driven.place_at(30_000.0)
    assert place is not None
    assert driven.time_at((place,)) == pytest.approx([30_000], abs=0.01)
    assert driven.place_at(LAP_MS + 1.0) is None


def test_channels_that_count_have_nothing_between() -> None:
    assert is_step("gear")
    assert is_step("drs_open")
    assert not is_step("speed")
    assert not is_step("steering")
    assert not is_step("a_math_channel")


def test_time_where() -> None:
    flags = np.array([False, True, True, False])
    assert time_where(flags, np.array([0.0, 10.0, 20.0, 30.0])) == 20.0
