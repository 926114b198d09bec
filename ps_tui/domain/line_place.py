"""Where between two frames the line was, at constant speed or by the lap clock."""

from __future__ import annotations

from ps_tui.domain.crossing import Sign
from ps_tui.domain.frame import Frame
from ps_tui.domain.readings import clock_ms, position_of

SHORT_STEP_MS = 100.0
"""Within so short a step the speed is constant, and position, having no rounding
to milliseconds, places the line best; over a longer one the lap clock does."""


def line_share(before: Frame, after: Frame) -> float | None:
    """Return which share of the step lay before the line, at constant speed.

    t* = t0 + (t1 - t0) * (1 - s0) / ((1 - s0) + s1) for the positions s0 and s1 on
    either side of it.
    """
    old, new = position_of(before), position_of(after)
    if old is None or new is None:
        return None
    length = (1.0 - old) + new
    return (1.0 - old) / length if length > 0 else 0.0


def line_delay_ms(
    before: Frame, after: Frame, gap_ms: float, signs: frozenset[Sign]
) -> float:
    """Return how long after ``before`` the car was at the line.

    ``gap_ms`` is the time between the frames and ``signs`` what showed between
    them. A clock that fell to ``after``'s value was at the line that long ago.
    """
    share = line_share(before, after) if Sign.POSITION in signs else None
    since_line = clock_ms(after) if Sign.CLOCK in signs else None
    if since_line is None:
        return gap_ms if share is None else share * gap_ms
    by_clock = max(0.0, gap_ms - since_line)
    if share is None:
        return by_clock
    if gap_ms <= SHORT_STEP_MS:
        return share * gap_ms
    if share >= 1.0:
        return by_clock
    by_position = since_line * share / (1.0 - share)
    # Far apart, the game was paused in the gap: its clock and the road were not.
    is_paused = by_clock > 2 * by_position + SHORT_STEP_MS
    return by_position if is_paused else by_clock
