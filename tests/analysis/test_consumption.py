from __future__ import annotations

import numpy as np
import pytest

from ps_tui.analysis.consumption import (
    FuelUse,
    LapFuel,
    LapTyres,
    fuel_use,
    lap_fuel,
    lap_tyres,
    tyre_trends,
)
from ps_tui.domain.channel import CHANNELS
from ps_tui.domain.lap_figures import LapFigures, LapRow
from ps_tui.domain.models import LapKind
from tests.support.synthetic_laps import lap_of, trace_of


def fuel(number: int, start: float, end: float, **lap: object) -> LapFuel | None:
    level = np.linspace(start, end, 600).astype(np.float32)
    kind = LapKind(lap.pop("kind", "flying"))
    return lap_fuel(trace_of(lap_of(number, 90_000, kind, **lap), fuel=level))  # type: ignore[arg-type]


def use_of(*found: LapFuel | None) -> FuelUse | None:
    """Return the burn of laps whose figures hold what their frames told."""
    known = [one for one in found if one is not None]
    rows = [
        LapRow(
            one.lap,
            LapFigures("", fuel_used=one.burnt, fuel_unit=CHANNELS[one.key].unit),
        )
        for one in known
    ]
    return fuel_use(rows, known[-1] if known else None)


def test_burn_and_laps_left() -> None:
    use = use_of(fuel(1, 50, 48), fuel(2, 48, 45.8), fuel(3, 45.8, 44))
    assert use is not None
    assert (use.unit, use.n) == ("l", 3)
    assert use.last == pytest.approx(1.8, abs=1e-4)
    assert use.mean == pytest.approx(2.0, abs=1e-4)
    assert use.most == pytest.approx(2.2, abs=1e-4)
    assert use.laps_left == pytest.approx(22.0, abs=0.01)


def test_laps_that_do_not_count_are_left_out() -> None:
    use = use_of(
        fuel(1, 60, 50, kind="out"),
        fuel(2, 50, 48),
        fuel(3, 48, 40, valid=False),
        fuel(4, 40, 30, kind="in"),
    )
    assert use is not None
    assert use.mean == pytest.approx(2.0)
    assert use.laps_left == pytest.approx(15.0)
    other_unit = lap_fuel(trace_of(lap_of(5), fuel_mass=np.linspace(80, 78, 10)))
    assert use_of(fuel(2, 50, 48), other_unit) is not None
    assert fuel_use([], other_unit) is None


def test_a_refuel_is_no_burn() -> None:
    level = np.concatenate((np.linspace(20, 18, 300), np.linspace(18, 60, 300)))
    stop = lap_fuel(trace_of(lap_of(2), fuel=level))
    assert stop is not None
    assert stop.is_refuelled
    assert stop.burnt is None
    assert use_of(stop) is None


def test_noise_of_the_gauge_is_no_refuel() -> None:
    noise = np.random.default_rng(1).normal(0, 0.005, 600)
    one = lap_fuel(trace_of(lap_of(1), fuel=np.linspace(50, 48, 600) + noise))
    assert one is not None
    assert not one.is_refuelled


def test_games_without_fuel() -> None:
    assert lap_fuel(trace_of(lap_of(1), speed=np.ones(10))) is None
    assert lap_fuel(trace_of(lap_of(1), fuel=np.full(10, np.nan))) is None
    mass = lap_fuel(trace_of(lap_of(1), fuel_mass=np.linspace(80, 78, 10)))
    assert mass is not None
    assert mass.key == "fuel_mass"
    assert use_of() is None


def stint_with(**columns: list[float]) -> list[LapTyres]:
    count = len(next(iter(columns.values())))
    return [
        lap_tyres(
            trace_of(
                lap_of(number + 1),
                **{key: np.full(10, values[number]) for key, values in columns.items()},
            )
        )
        for number in range(count)
    ]


def test_trends_of_tyres() -> None:
    (wear, heat) = tyre_trends(
        stint_with(
            tyre_wear_fl=[0.01, 0.03, 0.05, 0.07],
            tyre_temperature_rr=[80.0, 84.0, 86.0, 90.0],
        )
    )
    assert (wear.key, wear.latest) == ("tyre_wear_fl", 0.07)
    assert wear.trend is not None
    assert wear.trend.slope == pytest.approx(0.02)
    assert (heat.key, heat.unit, heat.latest) == ("tyre_temperature_rr", "°C", 90.0)


def test_wear_never_becomes_less() -> None:
    (wear,) = tyre_trends(stint_with(tyre_wear_fl=[0.01, 0.03, 0.02, 0.03]))
    assert wear.trend is not None
    assert wear.trend.slope > 0
