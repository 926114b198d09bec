from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.analysis.comparison import compare
from ps_tui.analysis.corners import find_corners
from ps_tui.analysis.driven_lap import DrivenLap, drive
from ps_tui.analysis.losses import (
    corner_parts,
    cut_parts,
    loss_rows,
    part_figures,
)
from ps_tui.domain.models import LapTrace
from tests.support.synthetic_laps import timed_lap

LENGTH_M = 4000.0
APEX_M = 2000.0
Pedal = Callable[[np.ndarray], np.ndarray]


def lap_with(brake: Pedal, throttle: Pedal | None = None, **kwargs: float) -> DrivenLap:
    """A lap of 80 s with one corner at 2,000 m, pedals given over metres."""

    def speed(place: np.ndarray) -> np.ndarray:
        return 250 - 150 * np.exp(-(((place * LENGTH_M - APEX_M) / 150) ** 2))

    channels = {"speed": speed, "brake": lambda p: brake(p * LENGTH_M)}
    if throttle is not None:
        channels["throttle"] = lambda p: throttle(p * LENGTH_M)
    trace = timed_lap(
        lambda s: s, 80_000, channels=channels, phase_ms=kwargs.get("phase_ms", 5.0)
    )
    return drive(trace, LENGTH_M)


def between(low_m: float, high_m: float, level: float = 1.0) -> Pedal:
    return lambda m: np.where((m >= low_m) & (m < high_m), level, 0.0)


def ramp(start_m: float, over_m: float, end_m: float) -> Pedal:
    return lambda m: np.where(m < end_m, np.clip((m - start_m) / over_m, 0, 1), 0.0)


@given(st.floats(1700, 1900), st.floats(0, 16))
def test_brake_point_of_a_pedal_stamped_on(brake_m: float, phase_ms: float) -> None:
    driven = lap_with(between(brake_m, 1980), phase_ms=phase_ms)
    (figures,) = part_figures(driven, cut_parts(()), LENGTH_M)
    assert figures.brake_place == pytest.approx(brake_m, abs=1.0)


@given(st.floats(1700, 1850), st.floats(2, 60), st.floats(0, 16))
def test_brake_point_of_a_pedal_pressed_gradually(
    brake_m: float, over_m: float, phase_ms: float
) -> None:
    driven = lap_with(ramp(brake_m, over_m, 1980), phase_ms=phase_ms)
    (figures,) = part_figures(driven, cut_parts(()), LENGTH_M)
    assert figures.brake_place == pytest.approx(brake_m, abs=1.0)


def test_a_dab_before_the_braking_is_passed_over() -> None:
    def dabbed(m: np.ndarray) -> np.ndarray:
        return between(1750, 1754, 0.25)(m) + between(1850, 1980)(m)

    (figures,) = part_figures(lap_with(dabbed), cut_parts(()), LENGTH_M)
    assert figures.brake_place == pytest.approx(1850, abs=1.0)


def test_a_dab_behind_the_braking_hides_nothing() -> None:
    def dabbed(m: np.ndarray) -> np.ndarray:
        return between(1850, 1940)(m) + between(1975, 1979, 0.25)(m)

    (figures,) = part_figures(lap_with(dabbed), cut_parts(()), LENGTH_M)
    assert figures.brake_place == pytest.approx(1850, abs=1.0)


def test_no_braking_is_none_and_not_zero() -> None:
    (figures,) = part_figures(lap_with(between(0, 0)), cut_parts(()), LENGTH_M)
    assert figures.brake_place is None
    assert figures.brake_ms is None
    # An earlier braking, before this part of the track, is not its own.
    _before, part = part_figures(
        lap_with(between(1700, 1780)), cut_parts((0.45,)), LENGTH_M
    )
    assert part.brake_place is None


def test_figures_of_a_corner() -> None:
    driven = lap_with(between(1850, 1960), ramp(2010, 40, 4000))
    corner = corner_parts(find_corners(driven))[0]
    (figures,) = part_figures(driven, [corner], LENGTH_M)
    assert figures.min_speed_kmh == pytest.approx(100, abs=0.1)
    assert figures.min_speed_place == pytest.approx(APEX_M, abs=1)
    assert figures.throttle_place == pytest.approx(2010, abs=1)
    assert figures.brake_ms == pytest.approx(110 / 50 * 1000, abs=35)
    assert figures.brake_peak == 1.0
    # From release to throttle 50 m at 50 m/s, and all the way up to the braking.
    assert figures.coasting_ms == pytest.approx(38_050, abs=60)
    assert figures.overlap_ms == 0.0
    entry = 250 - 150 * np.exp(-1)
    assert figures.entry_speed_kmh == pytest.approx(entry, abs=1.5)
    assert corner.end * LENGTH_M == pytest.approx(2048, abs=6)


def test_pedals_together() -> None:
    driven = lap_with(between(1850, 1960), between(1900, 4000))
    (figures,) = part_figures(driven, cut_parts(()), LENGTH_M)
    assert figures.overlap_ms == pytest.approx(60 / 50 * 1000, abs=20)
    assert figures.full_throttle_share == pytest.approx(2100 / 4000, abs=0.001)


def test_rows_are_sorted_by_loss_and_add_up(demo_traces: list[LapTrace]) -> None:
    comparison = compare([demo_traces[3], demo_traces[1]])
    for parts in (None, cut_parts((0.25, 0.5, 0.75)), comparison.sector_parts()):
        rows = comparison.losses(1, parts)
        losses = [row.loss_ms for row in rows]
        assert losses == sorted(losses, reverse=True)  # type: ignore[type-var]
        assert sum(loss or 0.0 for loss in losses) == pytest.approx(
            comparison.at_line_ms(1), abs=0.01
        )


def test_changes_are_of_the_lap_against_its_reference() -> None:
    reference = lap_with(between(1850, 1960), ramp(2010, 40, 4000))
    later = lap_with(between(1870, 1960), ramp(2040, 40, 4000))
    row = loss_rows(later, reference, corner_parts(find_corners(reference)))[0]
    by_name = {
        row.part.name: row
        for row in loss_rows(later, reference, corner_parts(find_corners(reference)))
    }
    row = by_name["T1"]
    assert row.brake_change == pytest.approx(20, abs=1.5)
    assert row.throttle_change == pytest.approx(30, abs=1.5)
    assert row.min_speed_change_kmh == pytest.approx(0, abs=0.1)
    assert row.loss_ms == pytest.approx(0, abs=1)


def test_sectors_end_at_the_lines_of_the_track(demo_traces: list[LapTrace]) -> None:
    comparison = compare([demo_traces[3], demo_traces[1]], lines=(0.4, 0.8))
    edges = [(part.name, part.start, part.end) for part in comparison.sector_parts()]
    assert edges == [("S1", 0.0, 0.4), ("S2", 0.4, 0.8), ("S3", 0.8, 1.0)]


def test_a_part_with_two_corners_compares_one_of_them() -> None:
    def lap(first_kmh: float, second_kmh: float) -> DrivenLap:
        def speed(place: np.ndarray) -> np.ndarray:
            metres = place * LENGTH_M
            dips = ((first_kmh, 1000.0), (second_kmh, 3000.0))
            return 250 - sum(
                (250 - least) * np.exp(-(((metres - at) / 150) ** 2))
                for least, at in dips
            )

        def brake(place: np.ndarray) -> np.ndarray:
            metres = place * LENGTH_M
            return between(850, 980)(metres) + between(2850, 2980)(metres)

        channels = {"speed": speed, "brake": brake}
        return drive(timed_lap(lambda s: s, 80_000, channels=channels), LENGTH_M)

    reference, other = lap(101, 100), lap(100, 101)
    corners = find_corners(reference)
    (row,) = loss_rows(other, reference, cut_parts(()), corners)
    assert row.brake_change == pytest.approx(0, abs=1)
    assert row.lap.brake_place == pytest.approx(2850, abs=1)
    assert row.min_speed_change_kmh == pytest.approx(1, abs=0.1)


def test_a_lap_with_itself_loses_nothing(demo_traces: list[LapTrace]) -> None:
    comparison = compare([demo_traces[1]] * 2)
    assert [row.loss_ms for row in comparison.losses(1)] == [0.0] * 9
    assert all(row.brake_change in {0.0, None} for row in comparison.losses(1))


def test_without_speed_the_parts_are_mini_sectors() -> None:
    comparison = compare([timed_lap(lambda s: s, 80_000)] * 2)
    assert len(comparison.losses(1)) == 24
    assert comparison.laps[0].channels == {}
