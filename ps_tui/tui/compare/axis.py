"""The X axis of a comparison: the place on the lap, or the time since the line.

Over place the laps lie over each other corner by corner. Over time each lap has its
own clock: the same column shows the laps at different places. Cursor and window are
shares of the axis, 0 to 1. Loads numpy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ps_tui.analysis.arrays import Floats
from ps_tui.analysis.comparison import Comparison


class Axis:
    """Turns shares of the axis into places on each lap, and back."""

    def __init__(self, comparison: Comparison, *, is_over_time: bool = False) -> None:
        self._grid = comparison.grid
        self._lap_count = len(comparison.laps)
        self._clocks: list[tuple[Floats, Floats]] = []
        """Of each lap: times since the line, ms, and the places there."""
        if is_over_time:
            times = [lap.time_ms for lap in comparison.laps]
            kept = [np.isfinite(one) for one in times]
            if kept[0].any():
                self._clocks = [
                    (one[good], self._grid.places[good])
                    for one, good in zip(times, kept, strict=True)
                ]
        self._span_ms = max(
            (float(t[-1]) for t, _ in self._clocks if t.size), default=0
        )

    @property
    def is_over_time(self) -> bool:
        """Whether the axis is time: false where the reference has no clock."""
        return bool(self._clocks)

    def label(self, x: float) -> str:
        """Write a share of the axis in its unit."""
        if self.is_over_time:
            return f"{x * self._span_ms / 1000.0:.1f} s"
        length_m = self._grid.length_m
        return f"{x * 100:.1f} %" if length_m is None else f"{x * length_m:.0f} m"

    def x_of(self, place: float, lap: int = 0) -> float:
        """Return where on the axis a place of a lap stands; the reference's by
        default."""
        if not self.is_over_time:
            return place
        times, places = self._clocks[lap]
        if not times.size:
            return 0.0
        return float(np.interp(place, places, times)) / self._span_ms

    def places_at(self, x: float) -> list[float]:
        """Return the place of each lap, NaN for one that is over by then."""
        if not self.is_over_time:
            return [x] * self._lap_count
        wanted = np.array([x * self._span_ms])
        return [float(_places(clock, wanted)[0]) for clock in self._clocks]

    def edges(self, window: tuple[float, float], columns: int) -> list[Floats]:
        """Return for each lap the index of the grid at the edges of columns."""
        shares = np.linspace(*window, columns + 1)
        last = self._grid.places.size - 1
        if not self.is_over_time:
            return [shares * last] * self._lap_count
        wanted = shares * self._span_ms
        return [_places(clock, wanted) * last for clock in self._clocks]


class Shown(NamedTuple):
    """An axis and the part of it that is shown, in shares."""

    axis: Axis
    window: tuple[float, float]


def _places(clock: tuple[Floats, Floats], wanted_ms: Floats) -> Floats:
    times, places = clock
    if not times.size:
        return np.full(wanted_ms.shape, np.nan)
    # Shares of the span are rounded: the end of the longest lap is still on it.
    result: Floats = np.interp(wanted_ms, times, places, left=np.nan, right=np.nan)
    result[np.abs(wanted_ms - times[-1]) < 1e-3] = places[-1]
    return result
