"""Purple, green, yellow: how a sector compares with the bests before it.

A sector is compared before it becomes a best itself, and only eligible laps make
bests. Each colour has a letter, as colour alone is not told apart by everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from ps_tui.domain.lap_figures import SectorTimes, least

if TYPE_CHECKING:
    from ps_tui.analysis.sectors import LapSectors


class Rating(Enum):
    PURPLE = "P"
    """Better than anybody before."""
    GREEN = "G"
    """Better than the driver's own best before."""
    YELLOW = "Y"
    """Neither."""


Ratings = tuple[Rating | None, ...]


def rate(time_ms: int, own_best_ms: int | None, overall_best_ms: int | None) -> Rating:
    """Rate one time; a best that does not exist yet is beaten."""
    if overall_best_ms is None or time_ms < overall_best_ms:
        return Rating.PURPLE
    if own_best_ms is None or time_ms < own_best_ms:
        return Rating.GREEN
    return Rating.YELLOW


class SectorBests(msgspec.Struct, frozen=True):
    """The best sectors so far: the driver's own, and those of all."""

    own: SectorTimes = ()
    overall: SectorTimes = ()

    def rated(self, sectors: LapSectors) -> Ratings:
        """Rate a lap's sectors; a lap that does not count is not rated."""
        if not sectors.lap.counts_as_best:
            return (None,) * len(sectors.times_ms)
        return self.rated_times(sectors.times_ms)

    def rated_times(self, times_ms: SectorTimes) -> Ratings:
        """Rate the sectors of the running lap, ``None`` where not driven yet."""
        return tuple(
            None
            if time_ms is None
            else rate(time_ms, _at(self.own, index), _at(self.overall, index))
            for index, time_ms in enumerate(times_ms)
        )

    def updated(self, sectors: LapSectors, *, is_own: bool = True) -> SectorBests:
        """Return the bests with a lap that counts taken in."""
        if not sectors.lap.counts_as_best:
            return self
        times_ms = sectors.times_ms
        return SectorBests(
            least(self.own, times_ms) if is_own else self.own,
            least(self.overall, times_ms),
        )


def rate_laps(
    laps: Iterable[LapSectors], before: SectorBests | None = None
) -> tuple[list[Ratings], SectorBests]:
    """Rate laps in driving order; return their ratings and the bests after them."""
    bests = before or SectorBests()
    ratings = []
    for sectors in laps:
        ratings.append(bests.rated(sectors))
        bests = bests.updated(sectors)
    return ratings, bests


def _at(times_ms: SectorTimes, index: int) -> int | None:
    return times_ms[index] if index < len(times_ms) else None
