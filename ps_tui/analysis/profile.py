"""What a live delta is measured against: a time for each place of the lap.

A recorded lap has one; a typed time borrows the pace of a recorded lap; the
theoretical best is stitched of the best laps of each sector.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from ps_tui.analysis.arrays import Floats
from ps_tui.analysis.driven_lap import DrivenLap

STITCHED_PLACES = 2000


class TimeProfile(msgspec.Struct, frozen=True, eq=False):
    """``times_ms`` since the line at ``places``, both rising; a whole lap."""

    places: Floats
    times_ms: Floats
    clock_offset_ms: float = 0.0
    """What the game's lap clock shows at time zero."""

    @property
    def lap_time_ms(self) -> float:
        return float(self.times_ms[-1])


def profile_of(driven: DrivenLap) -> TimeProfile | None:
    """Return the profile of a lap, ``None`` if it does not reach from line to line."""
    places, times = driven.places, driven.place_times_ms
    if not driven.is_timed or places[0] > 0.0 or places[-1] < 1.0:
        return None
    inside = (places > 0.0) & (places < 1.0)
    start, end = driven.time_at((0.0, 1.0))
    return TimeProfile(
        np.concatenate(([0.0], places[inside], [1.0])),
        np.concatenate(([start], times[inside], [end])),
        driven.clock_offset_ms,
    )


def scaled(profile: TimeProfile, lap_time_ms: float) -> TimeProfile:
    """Return a lap of a typed time, driven with the pace of ``profile``."""
    share = lap_time_ms / profile.lap_time_ms
    return msgspec.structs.replace(profile, times_ms=profile.times_ms * share)


def stitched(laps: Sequence[DrivenLap], cuts: Sequence[float]) -> TimeProfile | None:
    """Return the theoretical lap: between each two ``cuts`` the quickest of ``laps``.

    ``cuts`` are the inner ones. The laps must be eligible; ``None`` where a part of
    the track was driven by none of them.
    """
    edges = np.array([0.0, *cuts, 1.0])
    crossings = np.array([lap.time_at(edges) for lap in laps])
    if not crossings.size:
        return None
    times = np.diff(crossings, axis=1)
    if np.isnan(times).all(axis=0).any():
        return None
    best = np.nanargmin(times, axis=0)
    grid = np.linspace(0.0, 1.0, STITCHED_PLACES + 1)
    total, places, profile = 0.0, [np.zeros(1)], [np.zeros(1)]
    for sector, chosen in enumerate(best.tolist()):
        low, high = edges[sector], edges[sector + 1]
        inner = grid[(grid > low) & (grid < high)]
        own = np.append(inner, high)
        since = laps[chosen].time_at(own) - crossings[chosen, sector]
        places.append(own)
        profile.append(total + since)
        total += float(times[chosen, sector])
    all_places, all_times = np.concatenate(places), np.concatenate(profile)
    good = np.isfinite(all_times)
    offset_ms = laps[int(best[0])].clock_offset_ms
    return TimeProfile(all_places[good], all_times[good], offset_ms)
