from __future__ import annotations

import numpy as np
import pytest

from ps_tui.analysis.driven_lap import drive
from ps_tui.analysis.live_delta import LiveDelta
from ps_tui.analysis.profile import TimeProfile, profile_of, scaled, stitched
from ps_tui.domain.models import LapTrace
from tests.support.synthetic_laps import timed_lap


def varied(bend: float, lap_time_ms: int) -> LapTrace:
    return timed_lap(
        lambda s: s + bend * np.sin(2 * np.pi * s) / (2 * np.pi), lap_time_ms
    )


def profile(trace: LapTrace) -> TimeProfile:
    found = profile_of(drive(trace))
    assert found is not None
    return found


def test_follows_the_same_delta_as_recorded_laps() -> None:
    reference, lap = varied(0.3, 80_000), varied(-0.2, 81_234)
    live = LiveDelta(profile(reference))
    places = np.linspace(0.01, 0.999, 400)
    own = drive(lap).time_at(places)
    expected = own - drive(reference).time_at(places)
    got = [
        live.update(p, t) for p, t in zip(places.tolist(), own.tolist(), strict=True)
    ]
    # The clock that a game shows is cut to whole milliseconds.
    assert got == pytest.approx(expected.tolist(), abs=0.6)
    assert live.predicted_ms == pytest.approx(80_000 + expected[-1], abs=0.6)
    assert live.reason is None
    assert live.reference_ms == 80_000


def test_at_the_very_line_it_is_the_difference_of_the_times() -> None:
    live = LiveDelta(profile(varied(0.3, 80_000)))
    assert live.update(1.0, 80_500) == pytest.approx(500, abs=0.6)


def test_a_clock_that_restarts_beside_position_zero_does_not_matter() -> None:
    """As in Assetto Corsa at Monza: the clock is 19 ms behind at position 0."""
    trace = varied(0.2, 80_000)
    clock_ms = np.asarray(trace.columns["lap_time"]) - 19
    driven = drive(LapTrace(trace.lap, {**trace.columns, "lap_time": clock_ms}))
    assert driven.clock_offset_ms == pytest.approx(-19.5, abs=0.6)
    live = LiveDelta(profile_of(driven))
    places = np.asarray(trace.columns["normalized_position"])
    for index in (100, 2400, 4700):
        delta = live.update(float(places[index]), float(clock_ms[index]))
        assert delta == pytest.approx(0, abs=1)
    assert live.reference_ms == 80_000


def test_says_why_it_is_empty() -> None:
    live = LiveDelta(None)
    assert live.reason == "no reference lap yet"
    assert live.update(0.5, 40_000) is None
    assert live.reason == "no reference lap yet"
    assert LiveDelta(None, "no lap on this track yet").reason == (
        "no lap on this track yet"
    )
    live = LiveDelta(profile(varied(0.0, 80_000)))
    for place, clock_ms, reason in (
        (None, 100, "the game sends no track position"),
        (0.5, None, "the game sends no lap clock"),
        (0.001, 79_990, "waiting for the lap clock behind the line"),
        (0.999, 10, "waiting for the lap clock behind the line"),
        (1.5, 81_000, "the reference does not cover this place"),
    ):
        assert live.update(place, clock_ms) is None
        assert live.reason == reason
        assert live.delta_ms is None
        assert live.predicted_ms is None
        assert live.trend_ms is None
    assert live.update(0.5, 40_000) == pytest.approx(0, abs=1)


def test_trend_is_the_change_over_the_last_stretch() -> None:
    live = LiveDelta(profile(varied(0.0, 100_000)))
    for index in range(2000, 6000):
        place = index / 10_000
        live.update(place, place * 100_000 + max(0.0, place - 0.5) * 10_000)
    assert live.delta_ms == pytest.approx(1000, abs=2)
    assert live.trend_ms == pytest.approx(400, abs=15)
    live.update(0.02, 2_000)
    assert live.trend_ms is None


def test_typed_time_borrows_the_pace_of_a_lap() -> None:
    typed = scaled(profile(varied(0.3, 80_000)), 79_000)
    assert typed.lap_time_ms == 79_000
    live = LiveDelta(typed)
    half = drive(varied(0.3, 80_000)).time_at((0.5,))[0]
    assert live.update(0.5, half * 79 / 80) == pytest.approx(0, abs=1)


def test_theoretical_lap_takes_each_sector_from_its_quickest() -> None:
    fast_first, fast_second = varied(0.4, 80_000), varied(-0.4, 80_000)
    laps = [drive(fast_first), drive(fast_second)]
    best = stitched(laps, (0.5,))
    assert best is not None
    halves = np.array([np.diff(lap.time_at((0.0, 0.5, 1.0))) for lap in laps])
    assert best.lap_time_ms == pytest.approx(halves.min(axis=0).sum(), abs=0.1)
    assert (np.diff(best.times_ms) > 0).all()
    assert (np.diff(best.places) > 0).all()
    quicker = laps[int(np.argmin(halves[:, 0]))]
    at = np.interp(0.3, best.places, best.times_ms)
    assert at == pytest.approx(quicker.time_at((0.3,))[0], abs=1)


def test_no_profile_without_the_whole_lap() -> None:
    trace = varied(0.0, 80_000)
    half = LapTrace(
        trace.lap, {k: np.asarray(v)[:2000] for k, v in trace.columns.items()}
    )
    assert profile_of(drive(half)) is None
    assert stitched([drive(half)], (0.25, 0.5)) is None
    assert stitched([], (0.5,)) is None
