"""What happened between two frames: the signs of the line, and of everything else.

Pure functions on pairs of frames. Three signals tell of the start line: the lap
counter rises, the lap clock falls back to zero, the position wraps from 1 to 0. A
fourth, the game's newly published lap time, is judged by the detector, which knows
what was published before. All else that a pair can show is a disruption (the car
or the session was moved) or a stray packet (an old frame that arrived late).
"""

from __future__ import annotations

from enum import Enum, auto

import msgspec

from ps_tui.domain.frame import Frame
from ps_tui.domain.readings import clock_ms, elapsed_ms, position_of, stands

LATE_FRAME_MS = 2000
"""A clock that steps back by less is an old packet, or a clock corrected a little:
networks deliver late by tenths of a second, and games rewind by more."""

FASTEST_LAP_S = 10.0
"""No circuit is lapped faster, so no car covers more than a tenth of one a second."""

STEP_SLACK = 0.02
"""Share of a lap that position may move within no time: coarse positions, jitter."""

MOVING_STEP_LIMIT = 0.15
"""Share of a lap that a moving car may skip ahead in one step, whatever the clocks
say: a sender may send a drive faster than it was driven."""

REVERSING_PER_S = 0.01
"""Share of a lap a second that a car drives backwards: half a lap a minute."""

LONG_SILENCE_S = 10.0
"""Nobody knows what a car did in a longer gap, unless it stood where it was."""

SILENT_STEP_LIMIT = 0.05
"""Share of a lap that a car may have moved in a long silence and count as seen."""

MOVING_KMH = 40.0
"""From moving to standing within a step: the car was put there, not driven."""

ROLLING_KMH = 30.0
"""A clock that starts at this speed starts at a line, not at lights."""

NEAR_LINE_BEFORE = 0.9
NEAR_LINE_AFTER = 0.1

QUIET_STEP_BACK = -0.0005
QUIET_STEP_AHEAD = 0.005
"""A step within these needs no thought: below STEP_SLACK, above any at 10 Hz."""


LATE_STEP_BACK = STEP_SLACK + LATE_FRAME_MS / 1000 / FASTEST_LAP_S
"""How far behind on the road an old frame can be. Ahead of it none is: a car found
there was moved, whatever its clock says."""


class Sign(Enum):
    """A sign that the car crossed the line, named for the signal that gave it."""

    POSITION = auto()
    CLOCK = auto()
    COUNTER = auto()
    OFFICIAL = auto()


class CounterMove(Enum):
    SAME = auto()
    UP = auto()
    SKIPPED = auto()
    DOWN = auto()


class ClockMove(Enum):
    RUNS = auto()
    STARTED = auto()
    """It stood at zero while the car drove up to the line, and began there."""
    RESET = auto()
    SLIPPED = auto()
    REWOUND = auto()


class PositionMove(Enum):
    RUNS = auto()
    WRAPS = auto()
    JUMPS = auto()
    SKIPS = auto()
    """Ahead, as far as time allows, but unseen for long."""


class Disruption(msgspec.Struct, frozen=True, gc=False):
    """Something that no lap survives whole.

    ``breaks_lap`` where what follows is another drive; otherwise the same lap goes
    on, incomplete.
    """

    reason: str
    breaks_lap: bool


class Step(msgspec.Struct, frozen=True, gc=False):
    """What one frame says in the light of the one before it."""

    elapsed_ms: float
    progress: float
    """Share of a lap covered, negative when reversing."""
    signs: frozenset[Sign]
    disruption: Disruption | None
    is_stray: bool
    clock_started: bool


def quiet_progress(before: Frame, after: Frame) -> float | None:
    """Return the progress of an ordinary step, ``None`` where there is more to it.

    The short cut for nearly every frame: nothing flipped, the clock runs, the
    position moved a little.
    """
    if (
        after.lap_number != before.lap_number
        or after.last_lap_ms != before.last_lap_ms
        or after.in_pit is not before.in_pit
        or after.lap_valid is not before.lap_valid
        or after.session_uid != before.session_uid
    ):
        return None
    clock, clock_before = after.lap_time_ms, before.lap_time_ms
    if clock != clock_before and (
        clock is None or not clock_before or clock < clock_before
    ):
        return None
    position, position_before = after.normalized_position, before.normalized_position
    if position is None or position_before is None:
        return 0.0 if position is position_before else None
    progress = position - position_before
    return progress if QUIET_STEP_BACK <= progress <= QUIET_STEP_AHEAD else None


def read_step(before: Frame, after: Frame) -> Step:
    """Say what happened between two frames in order of arrival."""
    waited_ms = elapsed_ms(before, after)
    counter = _counter_move(before, after)
    old_clock, new_clock = clock_ms(before), clock_ms(after)
    driven_ms = waited_ms
    if old_clock and new_clock is not None and new_clock >= old_clock:
        driven_ms = float(new_clock - old_clock)
    position, progress = _position_move(before, after, counter, driven_ms, waited_ms)
    at_line = counter is CounterMove.UP or position is PositionMove.WRAPS
    clock = _clock_move(before, after, waited_ms, at_line=at_line)
    signs = set()
    if position is PositionMove.WRAPS:
        signs.add(Sign.POSITION)
    if clock in (ClockMove.RESET, ClockMove.STARTED):
        signs.add(Sign.CLOCK)
    if counter is CounterMove.UP:
        signs.add(Sign.COUNTER)
    return Step(
        elapsed_ms=waited_ms,
        progress=progress,
        signs=frozenset(signs),
        disruption=_disruption(before, after, counter, clock, position),
        is_stray=(
            -LATE_STEP_BACK <= progress <= QUIET_STEP_AHEAD
            and _is_stray(before, after, counter, clock, position)
        ),
        clock_started=clock is ClockMove.STARTED,
    )


def _counter_move(before: Frame, after: Frame) -> CounterMove:
    old, new = before.lap_number, after.lap_number
    if old is None or new is None or old == new:
        return CounterMove.SAME
    if new < old:
        return CounterMove.DOWN
    return CounterMove.UP if new == old + 1 else CounterMove.SKIPPED


def _clock_move(
    before: Frame, after: Frame, waited_ms: float, *, at_line: bool
) -> ClockMove:
    """Say what the lap clock did; ``at_line`` where another signal told of it."""
    old, new = clock_ms(before), clock_ms(after)
    if new is None:
        return ClockMove.RUNS
    if not old:
        return _clock_start(before, after, waited_ms)
    fallen = old - new
    if fallen <= 0:
        return ClockMove.RUNS
    if at_line:
        return ClockMove.RESET
    is_fresh = new <= waited_ms + LATE_FRAME_MS
    if is_fresh and (fallen >= LATE_FRAME_MS or 2 * new < old):
        return ClockMove.RESET
    return ClockMove.SLIPPED if fallen < LATE_FRAME_MS else ClockMove.REWOUND


def _clock_start(before: Frame, after: Frame, waited_ms: float) -> ClockMove:
    clock, position = clock_ms(after), position_of(after)
    is_rolling = all(
        frame.speed_kmh is not None and frame.speed_kmh > ROLLING_KMH
        for frame in (before, after)
    )
    is_near_line = position is None or not (
        NEAR_LINE_AFTER < position < NEAR_LINE_BEFORE
    )
    if not clock or clock > waited_ms + LATE_FRAME_MS:
        return ClockMove.RUNS
    if before.lap_time_ms is None or after.in_pit or not (is_rolling and is_near_line):
        return ClockMove.RUNS
    return ClockMove.STARTED


def _position_move(
    before: Frame,
    after: Frame,
    counter: CounterMove,
    driven_ms: float,
    waited_ms: float,
) -> tuple[PositionMove, float]:
    """Return what the position did and the share of a lap covered.

    ``driven_ms`` is how long the game ran in the step, ``waited_ms`` how long we
    saw nothing: they differ by pauses.
    """
    old, new = position_of(before), position_of(after)
    if old is None or new is None:
        return PositionMove.RUNS, 0.0
    ahead = STEP_SLACK + driven_ms / 1000 / FASTEST_LAP_S
    progress = new - old
    is_counted = counter is CounterMove.UP
    is_wrap = progress < -0.5 or (is_counted and progress < 0 and progress + 1 <= ahead)
    if is_wrap:
        progress += 1.0
    elif progress > 0.5:
        progress -= 1.0
    if is_counted:
        return (PositionMove.WRAPS if is_wrap else PositionMove.RUNS), progress
    if is_wrap and _has_stopped_there(before, after, waited_ms):
        return PositionMove.JUMPS, progress
    if progress < 0:
        reversed_share = min(REVERSING_PER_S * driven_ms / 1000, SILENT_STEP_LIMIT)
        is_driven = -progress <= STEP_SLACK + reversed_share
        return (
            (PositionMove.RUNS, progress)
            if is_driven
            else (PositionMove.JUMPS, progress)
        )
    is_moving = not stands(before) and not stands(after)
    if progress > ahead and not (is_moving and progress <= MOVING_STEP_LIMIT):
        return PositionMove.JUMPS, progress
    if driven_ms > LONG_SILENCE_S * 1000 and progress > SILENT_STEP_LIMIT:
        return (PositionMove.JUMPS if is_wrap else PositionMove.SKIPS), progress
    return (PositionMove.WRAPS if is_wrap else PositionMove.RUNS), progress


def _has_stopped_there(before: Frame, after: Frame, waited_ms: float) -> bool:
    """Say whether the car stands behind the line and cannot have driven over it.

    A restart from just before the line looks like crossing it, but for that.
    """
    return stands(after) and (_is_fast(before) or waited_ms > 1000)


def _was_sent_to_pits(before: Frame, after: Frame, waited_ms: float) -> bool:
    """Say whether the car stands in the pits and was at speed outside just now."""
    has_entered = bool(after.in_pit) and before.in_pit is False
    is_sudden = waited_ms < LATE_FRAME_MS
    return has_entered and is_sudden and stands(after) and _is_fast(before)


def _is_fast(frame: Frame) -> bool:
    return frame.speed_kmh is not None and frame.speed_kmh > MOVING_KMH


def _is_stray(
    before: Frame,
    after: Frame,
    counter: CounterMove,
    clock: ClockMove,
    position: PositionMove,
) -> bool:
    """Say whether ``after`` is an old frame of the same lap that came late."""
    if counter is not CounterMove.SAME or position is PositionMove.WRAPS:
        return False
    if clock is ClockMove.SLIPPED:
        return True
    if clock is not ClockMove.RUNS:
        return False
    if before.sequence is not None and after.sequence is not None:
        return -100 < after.sequence - before.sequence < 0
    return -LATE_FRAME_MS < after.timestamp_ms - before.timestamp_ms < 0


def _disruption(
    before: Frame,
    after: Frame,
    counter: CounterMove,
    clock: ClockMove,
    position: PositionMove,
) -> Disruption | None:
    old_uid, new_uid = before.session_uid, after.session_uid
    if old_uid is not None and new_uid is not None and old_uid != new_uid:
        return Disruption("new session", breaks_lap=True)
    if counter is CounterMove.DOWN:
        reason = "rewound" if clock is ClockMove.RUNS else "session restarted"
        return Disruption(reason, breaks_lap=True)
    if counter is CounterMove.SKIPPED:
        return Disruption("packets lost", breaks_lap=True)
    if clock is ClockMove.REWOUND:
        return Disruption("rewound", breaks_lap=False)
    is_sent = _was_sent_to_pits(before, after, elapsed_ms(before, after))
    has_jumped = position is PositionMove.JUMPS
    if is_sent or (has_jumped and after.in_pit and not before.in_pit):
        return Disruption("returned to the pits", breaks_lap=True)
    if has_jumped:
        if clock is ClockMove.RESET:
            return Disruption("session restarted", breaks_lap=True)
        return Disruption("car moved elsewhere", breaks_lap=True)
    if position is PositionMove.SKIPS:
        return Disruption("packets lost", breaks_lap=False)
    return None
