"""A lap made ready for comparison: clean places, a time base, channels on demand."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from ps_tui.analysis import lap_clock, progress
from ps_tui.analysis.arrays import (
    Flags,
    Floats,
    Indices,
    area,
    column,
    spread,
    steps_of,
    without_gaps,
)
from ps_tui.domain.channel import CHANNELS
from ps_tui.domain.errors import PsError
from ps_tui.domain.models import Lap, LapKind, LapTrace

LARGEST_GAP = 0.02
"""Share of the lap without a frame beyond which nothing is filled in."""


class UnplacedLapError(PsError):
    """The frames of a lap do not say where on the track they were taken."""


class DrivenLap(msgspec.Struct, frozen=True, eq=False):
    """Frames of a lap by place: ``progress`` rises strictly, 0 and 1 are the line.

    A frame or two may lie before 0 or behind 1, for interpolation at the line.
    ``time_ms`` counts from the line; see :mod:`ps_tui.analysis.lap_clock`.
    """

    trace: LapTrace
    rows: Indices
    """Which frames of the trace were kept."""
    progress: Floats
    time_ms: Floats
    places: Floats
    """As ``progress``, with the lines themselves where the lap reaches them."""
    place_times_ms: Floats
    """Time at each of ``places``."""
    is_timed: bool
    """Whether time zero is the line; if not, only differences of times count."""
    gaps: tuple[tuple[float, float], ...] = ()
    """Stretches without a frame that are too long to be bridged."""
    known_length_m: float | None = None
    """Length of the track as the game or the user gave it."""
    drift_ms: float | None = None
    clock_offset_ms: float = 0.0
    """What the game's lap clock shows at time zero, to compare it with a live one."""

    @property
    def lap(self) -> Lap:
        return self.trace.lap

    @property
    def length_m(self) -> float | None:
        """Length of the track: known, or as the distance or the speed has it."""
        if self.known_length_m is not None:
            return self.known_length_m
        return _measured_m(self)

    def has(self, key: str) -> bool:
        """Say whether the game sent a channel for any frame of the lap."""
        values = self.trace.columns.get(key)
        return values is not None and not np.isnan(np.asarray(values)).all()

    def channel(self, key: str) -> Floats | None:
        """Return a channel at each of ``progress``; ``None`` if it was not sent."""
        values = column(self.trace, key)
        if values is None or values.size == self.rows.size:
            return values
        return values[self.rows]

    def time_at(self, places: Floats | Sequence[float]) -> Floats:
        """Return the time since the line, ms; NaN outside what was driven."""
        wanted = np.asarray(places, np.float64)
        if not self.is_timed:
            return np.full(wanted.shape, np.nan)
        times = np.interp(
            wanted, self.places, self.place_times_ms, left=np.nan, right=np.nan
        )
        return blanked(times, wanted, self.gaps)

    def place_at(self, time_ms: float) -> float | None:
        """Return where the car was at a time since the line."""
        times = self.place_times_ms
        if not self.is_timed or not times[0] <= time_ms <= times[-1]:
            return None
        return float(np.interp(time_ms, times, self.places))


def drive(trace: LapTrace, length_m: float | None = None) -> DrivenLap:
    """Place the frames of a lap. ``length_m`` is the track's, where it is known.

    Raises UnplacedLapError where neither position nor distance can be had.
    """
    received_ms = lap_clock.received_since_ms(trace)
    clock_ms, is_lap_clock = lap_clock.raw_clock(trace, received_ms)
    places, rows = progress.placed(_position(trace, clock_ms, length_m))
    if rows.size < 2:
        raise _unplaced(trace)
    if rows.size < places.size:
        places, clock_ms, received_ms = places[rows], clock_ms[rows], received_ms[rows]
    if is_lap_clock:
        clock_ms = lap_clock.steady(clock_ms, received_ms)
    lap = trace.lap
    whole_ms = None if lap.kind is LapKind.PARTIAL else lap.lap_time_ms
    clock = lap_clock.time_since_line(
        clock_ms, places, whole_ms, is_lap_clock=is_lap_clock
    )
    return DrivenLap(
        trace=trace,
        rows=rows,
        progress=places,
        time_ms=clock.time_ms,
        **_with_lines(places, clock, whole_ms),
        is_timed=clock.is_anchored,
        gaps=gaps_of(places),
        known_length_m=length_m,
        drift_ms=clock.drift_ms,
        clock_offset_ms=clock.offset_ms,
    )


def _position(trace: LapTrace, clock_ms: Floats, length_m: float | None) -> Floats:
    position = column(trace, "normalized_position")
    if position is not None and (position[0] != position[-1] or spread(position) > 0.0):
        return position
    distance_m = progress.driven_metres(trace, clock_ms)
    if distance_m is not None:
        whole_ms = trace.lap.lap_time_ms
        shares = progress.from_metres(distance_m, clock_ms, whole_ms, length_m)
        if shares is not None:
            return shares
    raise _unplaced(trace)


def _unplaced(trace: LapTrace) -> UnplacedLapError:
    number = trace.lap.lap_number
    if not len(trace.columns["received_us"]):
        return UnplacedLapError(
            f"Lap {number} has a time and no telemetry.",
            "Choose a lap that was recorded.",
        )
    return UnplacedLapError(
        f"Lap {number} does not say where on the track it was driven.",
        "Choose a lap of a game that sends its position, or draw it over time.",
    )


def _with_lines(
    places: Floats, clock: lap_clock.LapClock, whole_ms: int | None
) -> dict[str, Floats]:
    """Return places and times with those at the lines, which need no frame."""
    times = clock.time_ms
    before, after = [], []
    if clock.at_start_ms is not None and places[0] > 0.0:
        before = [(0.0, clock.at_start_ms)]
    if clock.ends_at_line and places[-1] < 1.0 and whole_ms is not None:
        after = [(1.0, float(whole_ms))]
    if before or after:
        places, times = (
            np.concatenate(
                ([ends[axis] for ends in before], inner, [ends[axis] for ends in after])
            )
            for axis, inner in enumerate((places, times))
        )
    return {"places": places, "place_times_ms": times}


def gaps_of(places: Floats) -> tuple[tuple[float, float], ...]:
    """Return the stretches between frames that nothing may be filled into.

    Where frames are sparse all over, four times their mean distance is no gap yet.
    """
    steps = steps_of(places)
    mean = (places[-1] - places[0]) / steps.size
    limit = max(LARGEST_GAP, 4.0 * float(mean))
    if steps.max() <= limit:
        return ()
    left = np.flatnonzero(steps > limit)
    pairs = zip(places[left].tolist(), places[left + 1].tolist(), strict=True)
    return tuple(pairs)


def blanked(
    values: Floats, wanted: Floats, gaps: tuple[tuple[float, float], ...]
) -> Floats:
    """Return ``values`` with NaN where ``wanted`` lies inside a gap."""
    for low, high in gaps:
        values[(wanted > low) & (wanted < high)] = np.nan
    return values


def _measured_m(driven: DrivenLap) -> float | None:
    places = driven.progress
    covered = float(places[-1] - places[0])
    if covered < 0.5:
        return None
    distance_m = driven.channel("lap_distance")
    if distance_m is not None:
        good = np.flatnonzero(np.isfinite(distance_m))
        first, last = good[0], good[-1]
        if last > first:
            metres = distance_m[last] - distance_m[first]
            length_m = float(metres / (places[last] - places[first]))
            if length_m > 0.0:
                return length_m
    speed = driven.channel("speed")
    if speed is None:
        return None
    driven_m = area(without_gaps(speed) / 3.6, driven.time_ms / 1000.0)
    return driven_m / covered if driven_m > 0.0 else None


def is_step(key: str) -> bool:
    """Say whether a channel counts or switches, so that between is no value."""
    known = CHANNELS.get(key)
    return known is not None and known.decimals == 0 and known.unit in {"", "laps"}


def time_where(flags: Flags, time_ms: Floats) -> float:
    """Return how long ``flags`` held, ms; half a step counts to either end."""
    steps = steps_of(time_ms)
    return float(((flags[1:].astype(float) + flags[:-1]) / 2.0 * steps).sum())
