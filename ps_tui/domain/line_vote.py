"""The vote on a line: which signs were seen, which should have been, what follows.

A crossing is open from its first sign until a second one agrees or the window
ends. Until then the frames after it are kept apart, as its ``tail``.
"""

from __future__ import annotations

from enum import Enum, auto

import msgspec

from ps_tui.domain.crossing import FASTEST_LAP_S, Sign, Step
from ps_tui.domain.frame import Frame
from ps_tui.domain.line_place import line_delay_ms
from ps_tui.domain.open_lap import OpenLap, Stretch, stretch_from
from ps_tui.domain.readings import clock_ms, elapsed_ms, position_of

WINDOW_MS = 2000.0
"""Counters flip early, clocks restart late and times are published later: all of it
was seen within 2 s of the line."""

STEP_WAIT_MS = 250.0
"""How much of the window one step may use up: a pause at the line uses up none."""

WINDOW_PROGRESS = 0.1
"""The window also ends when a tenth of a lap is driven, at whatever pace it came."""

MIN_COVERAGE = 0.5
"""Less than half a lap, begun at a start and over within ``FASTEST_LAP_S``, is the
way up to the line."""

GRID_LENGTH = 0.02
"""Share of a lap from the first start box to the line, at most."""

PACE_LIMIT = 3.0
"""A game clock that ran faster or slower than the sender's by more than this tells
of a drive sent at another pace; by less, of a pause."""

LOCATORS = (Sign.POSITION, Sign.CLOCK, Sign.COUNTER, Sign.OFFICIAL)
"""Where the boundary is put, best first: counters flip early, clocks restart late."""

OUTVOTED = {
    Sign.POSITION: "line passed uncounted",
    Sign.CLOCK: "session restarted",
    Sign.COUNTER: "counted away from the line",
    Sign.OFFICIAL: "timed away from the line",
}
"""Why a lap broke that ended with this sign alone."""


class Verdict(Enum):
    """What to do about an open crossing."""

    WAIT = auto()
    CROSSED = auto()
    NOTHING = auto()
    """The lap goes on: it was a run-up, or a car rolling to and fro."""
    TAINTED = auto()
    """The lap goes on, but its clock tells nothing any more."""
    BROKEN = auto()
    """Another drive began there."""


class Crossing(msgspec.Struct):
    """A line that was perhaps crossed between ``before`` and ``tail.first``."""

    before: Frame
    tail: Stretch
    signs: set[Sign]
    located_by: Sign
    progress: float
    """Of the step over the line."""
    own_time_ms: float | None
    since_line_ms: float
    """How long before ``tail.first`` the car was at the line."""
    is_clock_start: bool
    waited_ms: float = 0.0

    @property
    def is_window_over(self) -> bool:
        return self.waited_ms >= WINDOW_MS or self.tail.progress > WINDOW_PROGRESS

    @property
    def clock_at_line_ms(self) -> int:
        """What the clock showed at the line if it ran on there, else zero."""
        old, new = clock_ms(self.before), clock_ms(self.tail.first)
        if Sign.CLOCK in self.signs or not old or new is None or new < old:
            return 0
        return max(round(new - self.since_line_ms), 0)


def open_crossing(lap: OpenLap, frame: Frame, step: Step, signs: set[Sign]) -> Crossing:
    """Return the crossing that ``frame`` gave the first signs of."""
    before = lap.driven.last
    gap_ms = step.elapsed_ms * _pace(lap.driven)
    if Sign.CLOCK in signs:
        gap_ms = max(gap_ms, float(clock_ms(frame) or 0))
    delay_ms = line_delay_ms(before, frame, gap_ms, frozenset(signs))
    own_ms = lap.time_at_ms(before)
    if step.clock_started:
        own_ms = None
    elif own_ms is not None:
        if signs.isdisjoint({Sign.POSITION, Sign.CLOCK}) and clock_ms(frame):
            # The clock runs on, or stands: it stopped at the end of a stage.
            own_ms = lap.time_at_ms(frame)
        else:
            own_ms += delay_ms
    return Crossing(
        before=before,
        tail=stretch_from(frame, before),
        signs=signs,
        located_by=LOCATORS[best_rank(signs)],
        progress=step.progress,
        own_time_ms=own_ms,
        since_line_ms=max(gap_ms - delay_ms, 0.0),
        is_clock_start=step.clock_started,
    )


def strengthen(
    crossing: Crossing, lap: OpenLap, frame: Frame, step: Step, signs: set[Sign]
) -> Crossing:
    """Return the crossing with further signs, moved where they place it better."""
    if best_rank(signs) >= best_rank({crossing.located_by}):
        crossing.signs |= signs
        crossing.tail.add(frame, step.progress)
        return crossing
    lap.driven.absorb(crossing.tail, crossing.progress)
    moved = open_crossing(lap, frame, step, signs)
    if Sign.CLOCK in crossing.signs:
        # The clock fell before, and it was that step which timed the lap.
        moved.own_time_ms = crossing.own_time_ms
    moved.signs = signs | crossing.signs
    moved.waited_ms = crossing.waited_ms
    return moved


def best_rank(signs: set[Sign]) -> int:
    return min(LOCATORS.index(sign) for sign in signs)


def expected_signs(crossing: Crossing) -> set[Sign]:
    """Return the signs that this game can give: of the signals that it sends.

    A signal that is absent, or constantly zero, is not sent.
    """
    before, last = crossing.before, crossing.tail.last
    expected = crossing.signs - {Sign.OFFICIAL}
    if position_of(before) or position_of(last):
        expected.add(Sign.POSITION)
    if clock_ms(before):
        expected.add(Sign.CLOCK)
    if before.lap_number or last.lap_number:
        expected.add(Sign.COUNTER)
    return expected


def verdict(crossing: Crossing, lap: OpenLap) -> Verdict:
    """Decide on a crossing while its window is open."""
    if _is_clock_back(crossing):
        return Verdict.NOTHING
    expected = expected_signs(crossing)
    if len(crossing.signs) < 2 and expected != crossing.signs:
        return Verdict.WAIT
    position = position_of(crossing.tail.last)
    is_before_line = position is None or position > 0.5
    if (
        Sign.POSITION in expected
        and Sign.POSITION not in crossing.signs
        and is_before_line
    ):
        return Verdict.WAIT
    return Verdict.NOTHING if _is_run_up(crossing, lap) else Verdict.CROSSED


def final_verdict(crossing: Crossing, lap: OpenLap, proven: set[Sign]) -> Verdict:
    """Decide on a crossing with the signs that there are; never ``WAIT``.

    ``proven`` are the signs that told of a line before, and so would have again.
    """
    signs = crossing.signs
    silent = expected_signs(crossing) - signs
    if len(signs) >= 2 or not silent or crossing.is_clock_start:
        return Verdict.NOTHING if _is_run_up(crossing, lap) else Verdict.CROSSED
    if Sign.OFFICIAL in signs:
        # At the last line of a race some games publish the time and do no more.
        return Verdict.CROSSED if clock_ms(crossing.before) else Verdict.NOTHING
    if _is_run_up(crossing, lap):
        return Verdict.NOTHING
    if Sign.CLOCK in signs:
        if crossing.before.in_pit and crossing.tail.first.in_pit:
            return Verdict.NOTHING
        return Verdict.BROKEN if Sign.COUNTER in silent else Verdict.TAINTED
    if len(silent) == 1 and silent.isdisjoint(proven):
        return Verdict.CROSSED
    if Sign.POSITION in signs and lap.driven.progress < MIN_COVERAGE:
        has_start = lap.is_from_start or lap.is_from_pit
        return Verdict.NOTHING if has_start else Verdict.BROKEN
    return Verdict.BROKEN


def _is_clock_back(crossing: Crossing) -> bool:
    """Say whether a clock that alone had fallen goes on as if it had not."""
    old, new = clock_ms(crossing.before), clock_ms(crossing.tail.last)
    is_alone = crossing.signs == {Sign.CLOCK} and not crossing.is_clock_start
    return is_alone and old is not None and new is not None and new >= old


def _is_run_up(crossing: Crossing, lap: OpenLap) -> bool:
    """Say whether the lap only begins here: from a grid, or just after a line."""
    is_counted = Sign.COUNTER in crossing.signs and bool(crossing.before.lap_number)
    if is_counted or lap.driven.progress >= MIN_COVERAGE:
        return False
    if crossing.is_clock_start:
        duration_ms = elapsed_ms(lap.driven.first, crossing.before)
        has_stood = (
            position_of(lap.driven.first) is not None
            and abs(lap.driven.progress) < GRID_LENGTH
        )
        return has_stood or duration_ms < FASTEST_LAP_S * 1000
    if not (lap.is_from_start or lap.is_from_pit):
        return False
    driven_ms = lap.time_at_ms(crossing.before)
    return driven_ms is not None and driven_ms < FASTEST_LAP_S * 1000


def _pace(driven: Stretch) -> float:
    """Return how many of the game's seconds passed in one of the sender's."""
    old, new = clock_ms(driven.first), clock_ms(driven.last)
    sent_ms = elapsed_ms(driven.first, driven.last)
    if old is None or new is None or new - old <= 1000 or sent_ms <= 0:
        return 1.0
    pace = (new - old) / sent_ms
    return 1.0 if 1 / PACE_LIMIT <= pace <= PACE_LIMIT else pace
