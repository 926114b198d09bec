"""The time base of a lap: 0 at the line, the official lap time at the next line.

Why the game's clock alone will not do: it is cut to whole milliseconds or coarser;
the place where it restarts and the place where the position wraps may lie some
metres apart; some games let it stand or show the old lap for a moment behind the
line; and it need not end at the time that the game then publishes. So it is read
off at both lines, by interpolation where frames lie on either side and by carrying
on the nearest frames where not, and mapped on 0 and the official time by one
straight line. The correction is a few milliseconds, spread evenly over the lap;
with it the difference of two laps at the line is that of their official times.
"""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

import numpy as np

from ps_tui.analysis.arrays import Floats, column, spread, steps_of
from ps_tui.domain.models import LapTrace

NEAR_LINE = 0.02
"""How far from the line the outermost frame may be for the line to be reached."""

_LATE_RESET_MS = 5_000.0
_SLOPE_FRAMES = 10
_LINE_OFFSET_MS = 500.0
_LONGEST_CARRY_MS = 2_000.0
_SAME_MS = 5.0
_THINNED = 8
_AVERAGED = 8
"""Thinned frames in one mean: about a second at 60 Hz."""
_SAMPLED_STEPS = 512


class LapClock(NamedTuple):
    """``time_ms`` of each frame since the line."""

    time_ms: Floats
    at_start_ms: float | None
    """Time at the first line: 0, or what a lap from the grid or the pits had run."""
    ends_at_line: bool
    is_anchored: bool
    """Whether zero is the line; a lap joined late without a clock has no such zero."""
    drift_ms: float | None
    """How much longer the clock ran from line to line than the official time."""
    offset_ms: float = 0.0
    """What the game's lap clock showed where the position is 0: a few ms off zero
    where the two lines are some metres apart."""


def raw_clock(trace: LapTrace, received_ms: Floats) -> tuple[Floats, bool]:
    """Return milliseconds on a running clock; true if it is the game's lap clock."""
    return running_clock(column(trace, "lap_time"), received_ms)


def running_clock(shown: Floats | None, received_ms: Floats) -> tuple[Floats, bool]:
    """As :func:`raw_clock`, of what the game's lap clock showed at each frame."""
    if shown is None:
        return received_ms, False
    # A sum of numbers is a number.
    if not isfinite(shown.sum()):
        good = np.isfinite(shown)
        # A frame without a clock lies between its neighbours as it was received.
        index = np.arange(shown.size)
        offset = (shown - received_ms)[good]
        shown = received_ms + np.interp(index, index[good], offset)
    elif not shown.size or (shown[0] == shown[-1] and spread(shown) == 0.0):
        return received_ms, False
    return shown, True


def received_since_ms(trace: LapTrace) -> Floats:
    """Return when each frame was received, ms since the first."""
    received = np.asarray(trace.columns["received_us"])
    if not received.size:
        return np.zeros(0)
    since: Floats = (received - received[0]) / 1000.0
    return since


def steady(shown_ms: Floats, received_ms: Floats) -> Floats:
    """Return the game's clock freed of its late resets and its coarse steps.

    Both arrays are of the rows that are kept, in driving order. The result rises.
    """
    steps = steps_of(shown_ms)
    falls = bool(steps.size) and float(steps.min()) < 0.0
    if falls:
        shown_ms = _without_late_reset(shown_ms, received_ms)
    step_ms = _step_ms(steps[-_SAMPLED_STEPS:])
    if step_ms and shown_ms.size >= _THINNED * _AVERAGED:
        even_ms = _smooth_offset(shown_ms, received_ms)
        even_ms += received_ms
        off = even_ms - shown_ms
        # Frames that arrive evenly tell the time within a step of the clock; frames
        # that jitter more than a step do not.
        if off.max() <= step_ms and off.min() >= -step_ms:
            return _rising(even_ms)
    return _rising(shown_ms) if falls else shown_ms


def _smooth_offset(shown_ms: Floats, received_ms: Floats) -> Floats:
    """Return how far the clock is ahead of reception, its steps averaged out."""
    # Every eighth frame is enough of a sample, and an eighth of the work.
    offset = shown_ms[::_THINNED] - received_ms[::_THINNED]
    sums = np.empty(offset.size + 1)
    sums[0] = 0.0
    np.cumsum(offset, out=sums[1:])
    means = sums[_AVERAGED:] - sums[:-_AVERAGED]
    means /= _AVERAGED
    # Half a window at either end has the mean of the first and last whole one.
    before = (_AVERAGED // 2 - 1) * _THINNED
    end = min(before + means.size * _THINNED, shown_ms.size)
    whole = (end - before) // _THINNED
    smooth = np.empty(shown_ms.size)
    smooth[:before] = means[0]
    smooth[before : before + whole * _THINNED].reshape(-1, _THINNED)[:] = means[
        :whole, np.newaxis
    ]
    smooth[before + whole * _THINNED :] = means[-1]
    return smooth


def _rising(clock_ms: Floats) -> Floats:
    if steps_of(clock_ms).min(initial=0.0) >= 0.0:
        return clock_ms
    return np.maximum.accumulate(clock_ms)


def _without_late_reset(shown_ms: Floats, received_ms: Floats) -> Floats:
    """Replace what the clock showed of the lap before, just behind the line."""
    falls = np.flatnonzero(steps_of(shown_ms) < 0.0)
    if not falls.size:
        return shown_ms
    early = falls[received_ms[falls] - received_ms[0] <= _LATE_RESET_MS]
    if not early.size:
        return shown_ms
    reset = int(early[-1]) + 1
    result = shown_ms.copy()
    result[:reset] = shown_ms[reset] - (received_ms[reset] - received_ms[:reset])
    return result


def _step_ms(steps: Floats) -> float:
    """Return the step that the clock counts in, 0 where it is finer than 1 ms."""
    whole = steps.astype(np.int64)
    if (whole != steps).any():
        return 0.0
    return float(np.gcd.reduce(whole))


def time_since_line(
    clock_ms: Floats, progress: Floats, lap_time_ms: int | None, *, is_lap_clock: bool
) -> LapClock:
    """Map a clock on the time since the line. ``progress`` rises strictly."""
    at_start = _at(0.0, clock_ms, progress)
    at_end = _at(1.0, clock_ms, progress)
    official = float(lap_time_ms) if lap_time_ms and at_end is not None else None
    origin = _origin(at_start, at_end, official, is_lap_clock=is_lap_clock)
    if origin is None:
        return LapClock(clock_ms - clock_ms[0], None, False, False, None)
    since = clock_ms - origin
    scale, drift_ms = 1.0, None
    if official is not None and at_end is not None and at_end > origin:
        span_ms = at_end - origin
        drift_ms = span_ms - official
        scale = official / span_ms
        since *= scale
    return LapClock(
        since,
        None if at_start is None else (at_start - origin) * scale,
        drift_ms is not None,
        True,
        drift_ms,
        origin if is_lap_clock and abs(origin) <= _LINE_OFFSET_MS else 0.0,
    )


def _at(place: float, clock_ms: Floats, progress: Floats) -> float | None:
    """Return what the clock showed at a line, ``None`` if no frame is near it."""
    first, last = float(progress[0]), float(progress[-1])
    if first <= place <= last:
        after = int(np.searchsorted(progress, place, side="right"))
        bracket = progress[max(after - 1, 0) : after + 1]
        if bracket.size == 2 and bracket[1] - bracket[0] > NEAR_LINE:
            return None
        return float(np.interp(place, progress, clock_ms))
    outer, clock_there = (first, clock_ms[0]) if place < first else (last, clock_ms[-1])
    if abs(place - outer) > NEAR_LINE or progress.size < 2:
        return None
    near = slice(0, _SLOPE_FRAMES) if place < first else slice(-_SLOPE_FRAMES, None)
    there = _on_line(place, progress[near].tolist(), clock_ms[near].tolist())
    # A car that stands near the line says nothing of when it crossed it.
    return there if abs(there - float(clock_there)) <= _LONGEST_CARRY_MS else None


def _on_line(x: float, xs: list[float], ys: list[float]) -> float:
    """Return the value at ``x`` of the least-squares line through the points."""
    count = len(xs)
    mean_x, mean_y = sum(xs) / count, sum(ys) / count
    covariance = variance = 0.0
    for a, b in zip(xs, ys, strict=True):
        away = a - mean_x
        covariance += away * (b - mean_y)
        variance += away * away
    return mean_y + covariance / variance * (x - mean_x)


def _origin(
    at_start: float | None,
    at_end: float | None,
    official: float | None,
    *,
    is_lap_clock: bool,
) -> float | None:
    """Return what the clock showed when the lap time was zero.

    That is at the line, or where the game's clock began: a lap from the grid or the
    pits runs before the line. Which of them agrees with the official time decides.
    """
    if at_start is None:
        if is_lap_clock:
            return 0.0
        return None if official is None or at_end is None else at_end - official
    if not is_lap_clock:
        return at_start
    if official is None or at_end is None:
        return at_start if abs(at_start) <= _LINE_OFFSET_MS else 0.0
    from_line = abs(at_end - at_start - official)
    from_zero = abs(at_end - official)
    return at_start if from_line <= from_zero + _SAME_MS else 0.0
