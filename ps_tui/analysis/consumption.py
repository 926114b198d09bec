"""Fuel per lap and how far it lasts; tyres over a stint.

Only laps that count are averaged, and of those only laps without a refuel.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import msgspec
import numpy as np

from ps_tui.analysis.arrays import column
from ps_tui.analysis.statistics import Trend, trend_of
from ps_tui.domain.channel import CHANNELS, wheel_keys
from ps_tui.domain.lap_figures import LapRow
from ps_tui.domain.models import Lap, LapTrace

FUEL_KEYS = ("fuel", "fuel_mass", "fuel_fraction")
"""Channels that tell the fuel left, best first."""

RECENT_LAPS = 5
_REFUEL_SHARE = 0.002
"""A rise of more than this share of what was in the tank is no noise."""

TYRE_STEMS = (
    "tyre_wear",
    "tyre_temperature",
    "tyre_inner_temperature",
    "tyre_pressure",
)


class LapFuel(msgspec.Struct, frozen=True):
    """Fuel at the ends of a lap, in the unit of ``key``."""

    lap: Lap
    key: str
    at_start: float
    at_end: float
    is_refuelled: bool

    @property
    def burnt(self) -> float | None:
        """Return what the lap took, ``None`` if fuel was taken on."""
        return None if self.is_refuelled else self.at_start - self.at_end


class FuelUse(msgspec.Struct, frozen=True):
    """Burn per lap and what the tank still gives."""

    unit: str
    n: int
    last: float
    mean: float
    """Over the last laps that count."""
    most: float
    left: float
    laps_left: float | None


def lap_fuel(trace: LapTrace) -> LapFuel | None:
    """Return the fuel of a lap, ``None`` where the game sends none."""
    for key in FUEL_KEYS:
        values = column(trace, key)
        if values is None:
            continue
        shown = values[np.isfinite(values)]
        if shown.size < 2:
            continue
        steps = np.diff(shown)
        limit = max(_REFUEL_SHARE * float(shown.max()), 1e-6)
        is_refuelled = bool((steps > limit).any()) or shown[-1] > shown[0]
        return LapFuel(
            trace.lap, key, float(shown[0]), float(shown[-1]), bool(is_refuelled)
        )
    return None


def fuel_use(rows: Sequence[LapRow], tank: LapFuel | None) -> FuelUse | None:
    """Return the burn of the laps that count, ``None`` until there is one.

    ``tank`` is the newest lap: what it ended with is left.
    """
    unit = None if tank is None else CHANNELS[tank.key].unit
    counted = [
        made.fuel_used
        for row in rows
        if row.lap.counts_as_best
        and (made := row.figures) is not None
        and made.fuel_unit == unit
        and (made.fuel_used or 0.0) > 0.0
        and made.fuel_used is not None
    ]
    if not counted or tank is None or unit is None:
        return None
    recent = counted[-RECENT_LAPS:]
    mean = fmean(recent)
    return FuelUse(
        unit=unit,
        n=len(recent),
        last=counted[-1],
        mean=mean,
        most=max(counted),
        left=tank.at_end,
        laps_left=tank.at_end / mean,
    )


class TyreTrend(msgspec.Struct, frozen=True):
    """How one quantity of one tyre moves over a stint, per lap."""

    key: str
    unit: str
    latest: float
    trend: Trend | None


class LapTyres(msgspec.Struct, frozen=True):
    """What the tyres were like in a lap, by channel key; as far as it is sent."""

    lap: Lap
    values: dict[str, float]


def lap_tyres(trace: LapTrace) -> LapTyres:
    """Return wear at the end of a lap, temperatures and pressures as its mean."""
    values = {}
    for stem in TYRE_STEMS:
        for key in wheel_keys(stem):
            if (value := _lap_value(trace, key, stem)) is not None:
                values[key] = value
    return LapTyres(trace.lap, values)


def tyre_trends(stint: Sequence[LapTyres]) -> list[TyreTrend]:
    """Return the trends of one stint; wear never becomes less on the same tyre."""
    numbers = [float(one.lap.lap_number) for one in stint]
    found = []
    for stem in TYRE_STEMS:
        for key in wheel_keys(stem):
            values = [one.values.get(key) for one in stint]
            known = [value for value in values if value is not None]
            if not known:
                continue
            if stem == "tyre_wear":
                values = _never_falling(values)
            trend = trend_of(numbers, values)
            found.append(TyreTrend(key, CHANNELS[key].unit, known[-1], trend))
    return found


def _lap_value(trace: LapTrace, key: str, stem: str) -> float | None:
    values = column(trace, key)
    if values is None:
        return None
    shown = values[np.isfinite(values)]
    if not shown.size:
        return None
    return float(shown[-1] if stem == "tyre_wear" else shown.mean())


def _never_falling(values: Sequence[float | None]) -> list[float | None]:
    highest = float("-inf")
    rising: list[float | None] = []
    for value in values:
        if value is not None:
            highest = max(highest, value)
        rising.append(None if value is None else highest)
    return rising
