"""Tells frames of a drive from frames that only parse: a drive goes on steadily.

Clocks run forward with the time of reception, the lap number stays or rises by one,
position and speed do not jump. Values that a game does not send say nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ps_tui.domain.frame import Frame

ENOUGH_FRAMES = 8
"""Fewer say nothing about their sender."""
_LARGEST_GAP = 1000
_CLOCK_TOLERANCE_MS = 1000
_POSITION_STEP = 0.05
"""A twentieth of a lap: the fastest car needs a second for it on a short track."""
_SPEED_STEP_KMH = 60.0
"""Even into a wall few frames lose so much."""
_STEADY_PERCENT, _MOVING_PERCENT = 90, 50


def is_steady(frames: Sequence[Frame]) -> bool:
    """Say whether ``frames``, as they came from one sender, are of one drive."""
    pair_count = len(frames) - 1
    if pair_count < ENOUGH_FRAMES - 1:
        return False
    steady = sum(_follows(before, after) for before, after in pairwise(frames))
    moving = sum(_signs(before) != _signs(after) for before, after in pairwise(frames))
    return (
        100 * steady >= _STEADY_PERCENT * pair_count
        and 100 * moving >= _MOVING_PERCENT * pair_count
    )


def _follows(before: Frame, after: Frame) -> bool:
    elapsed_ms = (after.received_us - before.received_us) / 1000
    return (
        _is_next(before.sequence, after.sequence)
        and before.session_uid == after.session_uid
        and _runs(before.timestamp_ms, after.timestamp_ms, elapsed_ms)
        and _is_lap_going_on(before, after, elapsed_ms)
        and _is_near(before, after)
    )


def _is_next(before: int | None, after: int | None) -> bool:
    if before is None or after is None:
        return before is after
    return 0 < after - before < _LARGEST_GAP


def _runs(before_ms: int, after_ms: int, elapsed_ms: float) -> bool:
    """Say whether a clock went on, no further than the time that passed."""
    return 0 <= after_ms - before_ms < elapsed_ms + _CLOCK_TOLERANCE_MS


def _is_lap_going_on(before: Frame, after: Frame, elapsed_ms: float) -> bool:
    if before.lap_number is not None and after.lap_number is not None:
        if after.lap_number == before.lap_number + 1:
            return True
        if after.lap_number != before.lap_number:
            return False
    if before.lap_time_ms is None or after.lap_time_ms is None:
        return True
    return _runs(before.lap_time_ms, after.lap_time_ms, elapsed_ms)


def _is_near(before: Frame, after: Frame) -> bool:
    if before.normalized_position is not None and after.normalized_position is not None:
        step = abs(after.normalized_position - before.normalized_position)
        if min(step, 1 - step) > _POSITION_STEP:
            return False
    if before.speed_kmh is None or after.speed_kmh is None:
        return True
    return abs(after.speed_kmh - before.speed_kmh) <= _SPEED_STEP_KMH


def _signs(frame: Frame) -> tuple[float | int | None, ...]:
    """Return what cannot all stand still while a game runs."""
    has_own_clock = frame.timestamp_ms != frame.received_us // 1000
    return (
        frame.timestamp_ms if has_own_clock else None,
        frame.sequence,
        frame.lap_time_ms,
        frame.normalized_position,
        frame.speed_kmh,
        frame.rpm,
    )
