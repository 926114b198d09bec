"""Where on the lap each frame was driven: one strictly rising share of the lap.

Games repeat positions while the car stands, wrap them a frame early or late, and
jump back when a driver rewinds or is put back on the track. What is left here is
the drive that counts: each place once, in driving order.
"""

from __future__ import annotations

import numpy as np

from ps_tui.analysis.arrays import (
    Flags,
    Floats,
    Indices,
    column,
    spread,
    steps_of,
    without_gaps,
)
from ps_tui.domain.models import LapTrace

JUMP_BACK = 0.002
"""Share of a lap that no car rolls back between two frames: 10 m of 5 km."""

_JUMP_AHEAD = 0.02
_STRAY_FRAMES = 5
_MOST_STRAY = 0.05
"""Share of the frames; where more stand alone the frames themselves are far apart."""
_NEAR_END, _NEAR_START = 0.9, 0.1


def placed(position: Floats) -> tuple[Floats, Indices]:
    """Return positions made to go on across the line, and which of them to keep."""
    steps = steps_of(position)
    if steps.size and steps.min() > 0.0:
        return position, np.arange(position.size)
    position = unwrapped(position)
    return position, rising_rows(position)


def unwrapped(position: Floats) -> Floats:
    """Return positions that go on below 0 before the line and above 1 behind it.

    A lap is cut where the game's counter says, and its first or last frames may
    lie on the other side of the place where the position wraps.
    """
    wraps = np.flatnonzero(steps_of(position) < -0.5)
    wraps = wraps[(position[wraps] > _NEAR_END) & (position[wraps + 1] < _NEAR_START)]
    if not wraps.size:
        return position
    result = position.copy()
    first, last = int(wraps[0]), int(wraps[-1])
    # The side that covers more of the lap is the lap.
    if spread(position[first + 1 :]) > spread(position[: first + 1]):
        result[: first + 1] -= 1.0
        if last == first:
            return result
    result[last + 1 :] += 1.0
    return result


def rising_rows(progress: Floats) -> Indices:
    """Return which samples to keep so that ``progress`` rises strictly.

    A jump back cuts what was driven beyond that place before it: a rewound stretch
    did not happen. A car that stands or rolls back keeps its first arrival.
    """
    rows = np.flatnonzero(np.isfinite(progress))
    good = progress[rows]
    if good.size and steps_of(good).min(initial=0.0) < -JUMP_BACK:
        rows = rows[_not_stray(good)]
        good = progress[rows]
        # The lowest place jumped back to from here on bounds what stays.
        jumps = np.flatnonzero(steps_of(good) < -JUMP_BACK)
        bound = np.full(good.size, np.inf)
        bound[jumps] = good[jumps + 1]
        bound = np.minimum.accumulate(bound[::-1])[::-1]
        rows = rows[good < bound]
        good = progress[rows]
    if not good.size:
        return rows
    highest = np.maximum.accumulate(good)
    keep = np.ones(good.size, np.bool_)
    keep[1:] = good[1:] > highest[:-1]
    return rows[keep]


def _not_stray(progress: Floats) -> Flags:
    """Return what does not stand alone between two jumps: single wrong positions."""
    steps = steps_of(progress)
    jumps = np.flatnonzero((steps < -JUMP_BACK) | (steps > _JUMP_AHEAD)) + 1
    edges = np.concatenate(([0], jumps, [progress.size]))
    counts = np.diff(edges)
    is_stray = counts < _STRAY_FRAMES
    if counts[is_stray].sum() > progress.size * _MOST_STRAY:
        return np.ones(progress.size, np.bool_)
    return np.repeat(~is_stray, counts)


def driven_metres(trace: LapTrace, clock_ms: Floats) -> Floats | None:
    """Return the distance since the first frame, from the game or from speed."""
    distance = column(trace, "lap_distance")
    if distance is not None and spread(distance) > 0.0:
        return distance
    speed = column(trace, "speed")
    if speed is None or speed.size < 2:
        return None
    speed_ms = without_gaps(speed) / 3.6
    steps_s = np.maximum(steps_of(clock_ms), 0.0) / 1000.0
    moved_m = np.concatenate(
        ([0.0], np.cumsum((speed_ms[1:] + speed_ms[:-1]) / 2.0 * steps_s))
    )
    return moved_m if moved_m[-1] > 0.0 else None


def from_metres(
    distance_m: Floats,
    clock_ms: Floats,
    lap_time_ms: int | None,
    length_m: float | None,
) -> Floats | None:
    """Return the share of the lap for a game that sends no position.

    Without a track length the lap must be whole: the distance is carried on with
    the last speed to the official time, and that is the length of the lap.
    """
    if length_m is not None:
        return distance_m / length_m
    if lap_time_ms is None or distance_m.size < 2:
        return None
    back = max(0, distance_m.size - 10)
    span_ms = clock_ms[-1] - clock_ms[back]
    rate = (distance_m[-1] - distance_m[back]) / span_ms if span_ms > 0.0 else 0.0
    left_ms = lap_time_ms - clock_ms[-1]
    if not 0.0 <= left_ms <= 1000.0:
        left_ms = 0.0
    whole_m = distance_m[-1] + rate * left_ms
    return distance_m / whole_m if whole_m > 0.0 else None
