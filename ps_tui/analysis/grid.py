"""Laps on one grid of places, so that they can be laid over each other.

Laps are compared by place, never by time: two laps laid over each other in time
drift apart through every corner.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import NamedTuple

import msgspec
import numpy as np

from ps_tui.analysis.arrays import Floats, Indices
from ps_tui.analysis.driven_lap import DrivenLap, blanked, gaps_of, is_step
from ps_tui.domain.models import Lap

LEAST_BINS = 1000
MOST_BINS = 8192
STEP_M = 3.0
"""Spacing where the length of the track is known."""


class Grid(msgspec.Struct, frozen=True, eq=False):
    """Evenly spaced places from line (0) to line (1), both included."""

    places: Floats
    length_m: float | None = None

    @property
    def metres(self) -> Floats | None:
        return None if self.length_m is None else self.places * self.length_m


def make_grid(length_m: float | None = None, *, bins: int | None = None) -> Grid:
    """Return a grid of ``bins`` steps; by default 1,000 or one every 3 m."""
    if bins is None:
        wanted = 0 if length_m is None else ceil(length_m / STEP_M)
        bins = min(max(wanted, LEAST_BINS), MOST_BINS)
    return Grid(np.linspace(0.0, 1.0, bins + 1), length_m)


class GriddedLap(msgspec.Struct, frozen=True, eq=False):
    """A lap at each place of a grid; NaN where it has no frames nearby."""

    lap: Lap
    grid: Grid
    time_ms: Floats
    channels: dict[str, Floats]

    def at(self, place: float) -> dict[str, float]:
        """Return time and channels at the nearest place: what a cursor reads out."""
        last = self.grid.places.size - 1
        index = min(max(round(place * last), 0), last)
        row = {key: float(values[index]) for key, values in self.channels.items()}
        return {"time_ms": float(self.time_ms[index])} | row


def resample(driven: DrivenLap, grid: Grid, channels: Iterable[str] = ()) -> GriddedLap:
    """Put a lap and some of its channels on a grid; those not sent are left out."""
    sent = [key for key in channels if driven.has(key)]
    found: dict[str, Floats] = {}
    if sent:
        between = _between(driven, grid.places)
        found = {key: _on_grid(key, driven, grid, between) for key in sent}
    return GriddedLap(driven.lap, grid, driven.time_at(grid.places), found)


class _Between(NamedTuple):
    """Which two frames each place of the grid lies between."""

    left: Indices
    right: Indices
    share: Floats
    """0 at the left frame, 1 at the right; NaN outside coverage."""


def _between(driven: DrivenLap, places: Floats) -> _Between:
    progress, rows = driven.progress, driven.rows
    index = np.arange(progress.size, dtype=np.float64)
    at = np.interp(places, progress, index, left=np.nan, right=np.nan)
    blanked(at, places, driven.gaps)
    left = np.minimum(np.nan_to_num(at).astype(np.intp), progress.size - 2)
    return _Between(rows[left], rows[left + 1], at - left)


def _on_grid(key: str, driven: DrivenLap, grid: Grid, between: _Between) -> Floats:
    values = np.asarray(driven.trace.columns[key])
    left = values[between.left].astype(np.float64)
    right = values[between.right].astype(np.float64)
    if np.isnan(left).any() or np.isnan(right).any():
        own = driven.channel(key)
        assert own is not None
        return resample_values(own, driven, grid, step=is_step(key))
    if not is_step(key):
        return left + (right - left) * between.share
    result = np.where(between.share >= 1.0, right, left)
    result[np.isnan(between.share)] = np.nan
    return result


def resample_values(
    values: Floats, driven: DrivenLap, grid: Grid, *, step: bool = False
) -> Floats:
    """Put values at each of ``driven.progress`` on a grid: for math channels.

    NaN is bridged as far as a gap may be. With ``step`` a place has the value of
    the frame before it.
    """
    wanted = grid.places
    rows = np.flatnonzero(np.isfinite(values))
    if rows.size < 2:
        return np.full(wanted.size, np.nan)
    places, known = driven.progress[rows], values[rows]
    if step:
        index = np.searchsorted(places, wanted, side="right") - 1
        result: Floats = known[np.clip(index, 0, None)]
        result[(wanted < places[0]) | (wanted > places[-1])] = np.nan
    else:
        result = np.interp(wanted, places, known, left=np.nan, right=np.nan)
    return blanked(result, wanted, gaps_of(places))
