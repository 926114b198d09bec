"""Pace and consistency of a run of laps.

Every figure is of the laps that count as best: flying, valid, finished. Lap times
are milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import isnan
from statistics import fmean, median, quantiles, stdev
from typing import TYPE_CHECKING

import msgspec

from ps_tui.domain.models import Lap, LapKind

if TYPE_CHECKING:
    from ps_tui.analysis.sectors import LapSectors

AT_PACE = 1.07
"""Laps slower than this times the best are not at pace: the 107 % of qualifying."""


class Trend(msgspec.Struct, frozen=True):
    """A least-squares line; without ``n`` and ``r_squared`` a slope says nothing."""

    slope: float
    """Change per step of x, for lap times ms per lap."""
    intercept: float
    n: int
    r_squared: float
    """Share of the spread that the line explains, 0 to 1."""


class Pace(msgspec.Struct, frozen=True):
    """What a set of lap times amounts to; ``None`` where there are too few."""

    n: int
    best_ms: int
    median_ms: float
    mean_ms: float
    iqr_ms: float | None
    sd_ms: float | None
    """Sample standard deviation."""
    cv: float | None
    """Standard deviation as a share of the mean."""
    share_at_pace: float
    """Share of the laps within 107 % of the best."""
    mean_change_ms: float | None
    """Mean absolute difference from lap to lap."""
    trend: Trend | None


def pace_of(laps: Iterable[Lap]) -> Pace | None:
    """Return the figures of the laps that count, ``None`` if none does."""
    counted = [lap for lap in laps if lap.counts_as_best]
    times = [float(lap.lap_time_ms or 0) for lap in counted]
    if not times:
        return None
    best, mean = min(times), fmean(times)
    several = len(times) > 1
    sd = stdev(times) if several else None
    quarters = quantiles(times, n=4, method="inclusive") if several else None
    return Pace(
        n=len(times),
        best_ms=round(best),
        median_ms=median(times),
        mean_ms=mean,
        iqr_ms=quarters[2] - quarters[0] if quarters else None,
        sd_ms=sd,
        cv=None if sd is None else sd / mean,
        share_at_pace=sum(time <= best * AT_PACE for time in times) / len(times),
        mean_change_ms=fmean(abs(b - a) for a, b in pairwise(times))
        if several
        else None,
        trend=trend_of([lap.lap_number for lap in counted], times),
    )


def trend_of(x: Sequence[float], y: Sequence[float | None]) -> Trend | None:
    """Fit a line by least squares; pairs without a number are left out."""
    pairs = [
        (float(a), float(b))
        for a, b in zip(x, y, strict=True)
        if b is not None and not isnan(b)
    ]
    if len(pairs) < 2:
        return None
    mean_x, mean_y = fmean(a for a, _ in pairs), fmean(b for _, b in pairs)
    variance = sum((a - mean_x) ** 2 for a, _ in pairs)
    if variance == 0.0:
        return None
    covariance = sum((a - mean_x) * (b - mean_y) for a, b in pairs)
    spread = sum((b - mean_y) ** 2 for _, b in pairs)
    slope = covariance / variance
    explained = covariance * slope / spread if spread > 0.0 else 1.0
    return Trend(slope, mean_y - slope * mean_x, len(pairs), min(explained, 1.0))


def stints(laps: Iterable[Lap]) -> list[list[Lap]]:
    """Divide laps, in driving order, at stops in the pits and changes of driver."""
    found: list[list[Lap]] = []
    for lap in laps:
        if not found or _begins_stint(lap, found[-1][-1]):
            found.append([])
        found[-1].append(lap)
    return found


def _begins_stint(lap: Lap, before: Lap) -> bool:
    return (
        lap.kind in {LapKind.OUT, LapKind.PIT}
        or before.kind in {LapKind.IN, LapKind.PIT}
        or lap.session_id != before.session_id
        or _differ(lap.driver, before.driver)
        or _differ(lap.stint, before.stint)
    )


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other


def by_driver(laps: Iterable[Lap]) -> dict[str | None, list[Lap]]:
    """Return the laps of each driver; ``None`` are those without a name."""
    found: dict[str | None, list[Lap]] = {}
    for lap in laps:
        found.setdefault(lap.driver, []).append(lap)
    return found


class SectorSpread(msgspec.Struct, frozen=True):
    """How repeatable one sector is."""

    sector: int
    """Counted from 1."""
    n: int
    best_ms: int
    median_ms: float
    sd_ms: float | None


def sector_spreads(laps: Iterable[LapSectors]) -> list[SectorSpread]:
    """Return the spread of each sector over the laps that count."""
    counted = [lap.times_ms for lap in laps if lap.lap.counts_as_best]
    found = []
    for index in range(max(map(len, counted), default=0)):
        times = [
            time_ms
            for times_ms in counted
            if index < len(times_ms) and (time_ms := times_ms[index]) is not None
        ]
        if times:
            sd = stdev(times) if len(times) > 1 else None
            found.append(
                SectorSpread(index + 1, len(times), min(times), median(times), sd)
            )
    return found
