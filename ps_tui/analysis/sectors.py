"""Sector times of laps, and the best lap that their sectors would make.

A lap's crossings are rounded once and differences taken of them, so that its
sectors add up to its official time to the millisecond.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec
import numpy as np

from ps_tui.analysis.arrays import column
from ps_tui.analysis.driven_lap import DrivenLap
from ps_tui.domain.lap_figures import (
    MINI_SECTORS,
    THIRDS,
    SectorTimes,
    least,
    total_ms,
)
from ps_tui.domain.models import Lap, LapTrace


class LapSectors(msgspec.Struct, frozen=True):
    """A lap with the times of its sectors."""

    lap: Lap
    times_ms: SectorTimes
    is_from_game: bool = False
    """The game's own split times; else cut by position."""


def equal_cuts(count: int) -> tuple[float, ...]:
    """Return the inner cuts of ``count`` sectors of equal length."""
    return tuple(index / count for index in range(1, count))


MINI_CUTS = equal_cuts(MINI_SECTORS)


def sectors_of(driven: DrivenLap, cuts: Sequence[float] | None = None) -> LapSectors:
    """Return the sectors of a lap: cut at ``cuts``, else the game's, else thirds."""
    if cuts is None:
        splits = game_splits(driven.trace)
        if splits is not None:
            return LapSectors(driven.lap, splits, is_from_game=True)
        cuts = THIRDS
    return LapSectors(driven.lap, sector_times(driven, cuts))


def sector_times(driven: DrivenLap, cuts: Sequence[float]) -> SectorTimes:
    """Return the time between neighbouring cuts, from line to line.

    The first sector begins where the lap time does: what a lap from the grid or the
    pits ran before the line counts to it, as it counts to the lap.
    """
    inner = np.rint(driven.time_at(cuts)).tolist()
    crossings: list[float | None] = [None if t != t else t for t in inner]
    start = 0.0 if driven.is_timed and driven.places[0] <= 0.0 else None
    end = driven.lap.lap_time_ms if driven.places[-1] >= 1.0 else None
    return tuple(
        None if low is None or high is None else int(high - low)
        for low, high in pairwise((start, *crossings, end))
    )


def game_splits(trace: LapTrace) -> SectorTimes | None:
    """Return the game's sector times, ``None`` where it sends none for this lap.

    The last values of the lap count; its first frames may still show the lap before.
    The third sector is what is left of the lap time.
    """
    whole_ms = trace.lap.lap_time_ms
    first, second = (_last_time(trace, f"sector{n}_time") for n in (1, 2))
    if whole_ms is None or first is None or second is None:
        return None
    third = whole_ms - first - second
    return (first, second, third) if third > 0 else None


def _last_time(trace: LapTrace, key: str) -> int | None:
    values = column(trace, key)
    if values is None:
        return None
    # A split that no frame showed in the last part of the lap is not of this lap.
    late = values[values.size // 2 :]
    shown = late[np.isfinite(late) & (late > 0.0)]
    return round(float(shown[-1])) if shown.size else None


def game_cuts(driven: DrivenLap) -> tuple[float, ...] | None:
    """Return where the game's sector lines lie, from its split times."""
    splits = game_splits(driven.trace)
    if splits is None or splits[0] is None or splits[1] is None:
        return None
    places = (driven.place_at(splits[0]), driven.place_at(splits[0] + splits[1]))
    if places[0] is None or places[1] is None:
        return None
    return places[0], places[1]


def best_sectors(laps: Iterable[LapSectors]) -> SectorTimes:
    """Return the least time of each sector over the eligible laps.

    Any lap may hold it, not only the quickest.
    """
    best: SectorTimes = ()
    for lap in laps:
        if lap.lap.counts_as_best:
            best = least(best, lap.times_ms)
    return best


def theoretical_best_ms(laps: Iterable[LapSectors]) -> int | None:
    """Return the sum of the best sectors, ``None`` while one is missing."""
    return total_ms(best_sectors(laps))
