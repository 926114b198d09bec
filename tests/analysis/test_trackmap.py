from __future__ import annotations

import numpy as np
import pytest

from ps_tui.analysis.driven_lap import drive
from ps_tui.analysis.sectors import MINI_CUTS
from ps_tui.analysis.trackmap import Phase, fit, phases, segments, track_map
from ps_tui.domain.models import LapTrace
from tests.support.synthetic_laps import timed_lap


def oval(wide_m: float, high_m: float) -> LapTrace:
    return timed_lap(
        lambda s: s,
        80_000,
        channels={
            "world_x": lambda p: wide_m / 2 * np.cos(2 * np.pi * p) + 1000,
            "world_z": lambda p: high_m / 2 * np.sin(2 * np.pi * p) - 500,
        },
    )


def test_points_are_spread_over_the_lap() -> None:
    track = track_map(drive(oval(800, 400)))
    assert track is not None
    assert track.x.size == 500
    assert np.diff(track.places) == pytest.approx(np.diff(track.places)[0])
    assert track.at(0.25) == pytest.approx((1000, -300), abs=1)


def test_length_of_a_circle() -> None:
    track = track_map(drive(oval(400, 400)))
    assert track is not None
    assert track.length_m == pytest.approx(np.pi * 400, rel=0.005)


def test_one_scale_for_both_axes_and_nothing_outside() -> None:
    track = track_map(drive(oval(800, 400)))
    assert track is not None
    for cells in ((40, 20), (80, 8), (10, 40)):
        fitted = fit(track, *cells, turn=False)
        x, y = fitted.dots(track.x, track.z)
        assert np.ptp(x) == pytest.approx(2 * np.ptp(y), rel=0.01)
        assert x.min() >= -1e-6
        assert y.min() >= -1e-6
        assert x.max() <= cells[0] * 2 - 1 + 1e-6
        assert y.max() <= cells[1] * 4 - 1 + 1e-6


def test_a_tall_map_is_turned_where_that_fills_more() -> None:
    track = track_map(drive(oval(200, 800)))
    assert track is not None
    fitted = fit(track, 80, 12)
    assert fitted.is_turned
    x, y = fitted.dots(track.x, track.z)
    assert np.ptp(x) > np.ptp(y)
    assert not fit(track, 20, 40).is_turned


def test_a_turned_map_is_not_mirrored() -> None:
    """Drawn with y down, this oval runs clockwise before and after the turn."""
    track = track_map(drive(oval(200, 800)))
    assert track is not None
    for turn in (False, True):
        x, y = fit(track, 80, 12, turn=turn).dots(track.x, track.z)
        area = float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())
        assert area > 0


def test_no_positions_no_map() -> None:
    assert track_map(drive(timed_lap(lambda s: s, 80_000))) is None


def test_segments_are_lettered_by_gain_and_loss(demo_traces: list[LapTrace]) -> None:
    lap, reference = drive(demo_traces[1]), drive(demo_traces[3])
    found = segments(lap, reference, MINI_CUTS)
    assert len(found) == 24
    assert (found[0].start, found[-1].end) == (0.0, 1.0)
    for segment in found:
        assert segment.loss_ms is not None
        assert (segment.letter == "+") == (segment.loss_ms >= 5)
        assert (segment.letter == "-") == (segment.loss_ms <= -5)
    assert {one.letter for one in segments(lap, lap, MINI_CUTS)} == {"="}


def test_phases_of_the_pedals() -> None:
    trace = timed_lap(
        lambda s: s,
        80_000,
        channels={
            "throttle": lambda p: np.where(p < 0.4, 1.0, 0.0),
            "brake": lambda p: np.where(p > 0.6, 1.0, 0.0),
        },
    )
    found = phases(drive(trace), np.array([0.2, 0.5, 0.8]))
    assert found == [Phase.THROTTLE, Phase.COAST, Phase.BRAKE]
    assert [phase.value for phase in found] == ["T", "C", "B"]
    assert phases(drive(oval(1, 1)), np.array([0.5])) is None
