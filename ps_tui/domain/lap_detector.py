"""The one lap rule: frames in, laps out.

A state machine without a clock or any other input than the frames. It is in one of
these states, told by which of its parts is set:

=============  =====================================================================
idle           no lap: the first frame begins one
driving        a lap, and no sign of the line
crossing       a sign of the line was seen and waits up to ``WINDOW_MS`` for a second
suspicion      one frame shows the car or session moved; the next one decides whether
               that is so, or whether the frame was a stray
closing        the line is just behind: signs that come late, and the official time,
               still belong to it
=============  =====================================================================

Rules
  - A lap ends where two of counter, clock, position and a newly published time say
    so within the window, or the only one that the game has. The boundary is the
    frame at which the position wrapped, else the clock fell, else the counter rose.
  - Counter and position count as dissent when they stay silent, unless only one
    does and it has never told of a line before. An outvoted sign that shows another
    lap being driven breaks the lap: both halves are partial.
  - A line crossed within seconds of a start or of the last line is the run-up to
    the lap, or a car rolling to and fro, and no lap.
  - A restart, a teleport, a counter that goes back or skips ends a lap as partial.
    Pauses end nothing. A new lap that starts at the line or in the pits is whole.
  - The lap time is the game's own where it tells one beside its frames, else the one
    that frames publish, each up to the window after the line; else its lap clock
    carried on to the interpolated crossing; else the sender's clock between two
    crossings.
"""

from __future__ import annotations

from collections.abc import Sequence

from ps_tui.domain.crossing import Disruption, Sign, Step, quiet_progress, read_step
from ps_tui.domain.frame import Frame
from ps_tui.domain.laps import LapCompleted, LapEvent, LapStarted
from ps_tui.domain.line_behind import LineBehind
from ps_tui.domain.line_vote import (
    OUTVOTED,
    STEP_WAIT_MS,
    WINDOW_MS,
    WINDOW_PROGRESS,
    Crossing,
    Verdict,
    expected_signs,
    final_verdict,
    open_crossing,
    strengthen,
    verdict,
)
from ps_tui.domain.models import LapKind
from ps_tui.domain.official_time import OfficialTimes, agrees
from ps_tui.domain.open_lap import OpenLap, Stretch, stretch_from
from ps_tui.domain.readings import clock_ms, elapsed_ms


class LapDetector:
    """Cuts frames into laps: each frame in exactly one, each number used once."""

    def __init__(self, *, next_lap_number: int = 1) -> None:
        self._next_number = next_lap_number
        self._lap: OpenLap | None = None
        self._crossing: Crossing | None = None
        self._suspect: tuple[Frame, Disruption] | None = None
        self._closing: LineBehind | None = None
        self._ended: LineBehind | None = None
        """The line before, its window over."""
        self._is_driving = False
        self._newest_us = 0
        """Reception of the newest frame that was not quiet, be it a stray."""
        self._times = OfficialTimes()
        self._proven: set[Sign] = set()

    def feed(self, frame: Frame) -> Sequence[LapEvent]:
        """Take the next frame in order of arrival; return what it decided."""
        lap = self._lap
        if lap is None:
            return (self._begin(frame),)
        if self._is_driving:
            driven = lap.driven
            progress = quiet_progress(driven.last, frame)
            if progress is not None and (
                driven.is_invalid or frame.lap_valid is not False
            ):
                driven.last = frame
                driven.progress += progress
                return ()
        self._newest_us = frame.received_us
        events: list[LapEvent] = []
        self._examine(lap, frame, events)
        self._is_driving = not (self._crossing or self._suspect or self._closing)
        return events

    def publish(self, lap_time_ms: int, received_us: int) -> Sequence[LapEvent]:
        """Take the game's own time of our lap, told beside the frames.

        It outranks what frames publish and makes no lap: told ahead of the line it
        is kept for some seconds, told later it is of the lap before.
        """
        lap, ended = self._lap, self._closing
        if ended is None and lap is not None and self._crossing is None:
            is_ahead = _could_take(lap, lap.driven.last, lap_time_ms)
            ended = None if is_ahead else self._ended
        if ended is not None and agrees(lap_time_ms, ended.own_time_ms):
            return ended.take_time(lap_time_ms)
        self._times.tell(lap_time_ms, received_us)
        return ()

    @property
    def can_count(self) -> bool:
        """Whether the running lap would count, did it end at the line as it is now."""
        lap = self._lap
        if lap is None or lap.driven.is_invalid:
            return False
        return lap.kind_and_reason()[0] is LapKind.FLYING

    def finish(self, reason: str = "recording ended") -> Sequence[LapEvent]:
        """End the running lap, as partial unless it was a stage driven to its end."""
        if self._lap is None:
            return ()
        events: list[LapEvent] = []
        lap = self._confirm_suspicion(self._lap, events)
        lap = self._settle(lap, events)
        self._end_closing(events)
        ended_us = max(lap.driven.last.received_us, self._newest_us) + 1
        events.append(_unfinished(lap, reason, ended_us))
        self._lap = None
        return events

    def _begin(self, frame: Frame) -> LapStarted:
        """Begin the first lap, with nothing known of what was before."""
        self._times.note_published(frame)
        number = max(self._next_number, frame.lap_number or 0)
        self._is_driving = True
        return self._start(OpenLap(number, stretch_from(frame)))

    def _start(self, lap: OpenLap) -> LapStarted:
        self._lap = lap
        self._next_number = lap.number + 1
        game_number = lap.driven.last.lap_number
        return LapStarted(lap.number, lap.started_us, game_number)

    def _examine(self, lap: OpenLap, frame: Frame, events: list[LapEvent]) -> None:
        """Take a frame that is more than one further step of a quiet drive."""
        if self._suspect is not None:
            if read_step(self._newest(lap), frame).disruption is not None:
                lap = self._confirm_suspicion(lap, events)
            self._suspect = None
        newest = self._newest(lap)
        step = read_step(newest, frame)
        closing = self._closing
        if step.is_stray or (closing and closing.is_leftover(newest, frame)):
            return
        if step.disruption is not None:
            self._suspect = (frame, step.disruption)
            return
        signs = self._signs(lap, frame, step, events)
        crossing = self._crossing
        if crossing is not None and signs:
            self._crossing = strengthen(crossing, lap, frame, step, signs)
        elif crossing is not None:
            crossing.tail.add(frame, step.progress)
        elif signs:
            self._crossing = open_crossing(lap, frame, step, signs)
        else:
            lap.driven.add(frame, step.progress)
        self._wait(min(step.elapsed_ms, STEP_WAIT_MS), lap, events)

    def _newest(self, lap: OpenLap) -> Frame:
        return self._crossing.tail.last if self._crossing else lap.driven.last

    def _signs(
        self, lap: OpenLap, frame: Frame, step: Step, events: list[LapEvent]
    ) -> set[Sign]:
        """Return the signs of a line, less those that belong to the one just behind."""
        signs = set(step.signs)
        closing = self._closing
        if closing is not None:
            late = closing.take_signs(signs)
            signs -= late
            if Sign.CLOCK in late:
                # It restarted behind the line: the way there counts as well.
                since_line_ms = lap.line_offset_ms + elapsed_ms(lap.driven.first, frame)
                lap.clock_origin_ms = (clock_ms(frame) or 0) - round(since_line_ms)
        if not self._times.note_published(frame):
            return signs
        if closing is not None:
            if closing.awaits_time:
                events += closing.take_time(self._times.published_ms)
        elif (
            signs or self._crossing or _could_take(lap, frame, self._times.published_ms)
        ):
            signs.add(Sign.OFFICIAL)
        return signs

    def _wait(self, waited_ms: float, lap: OpenLap, events: list[LapEvent]) -> None:
        """Let time pass for the windows that are open."""
        closing = self._closing
        if closing is not None:
            closing.waited_ms += waited_ms
            if closing.waited_ms >= WINDOW_MS or lap.driven.progress > WINDOW_PROGRESS:
                self._end_closing(events)
        crossing = self._crossing
        if crossing is not None:
            crossing.waited_ms += waited_ms
            if crossing.is_window_over:
                self._settle(lap, events)
            else:
                self._carry_out(verdict(crossing, lap), lap, events)

    # Decisions; each returns the lap that runs now

    def _confirm_suspicion(self, lap: OpenLap, events: list[LapEvent]) -> OpenLap:
        if self._suspect is None:
            return lap
        frame, disruption = self._suspect
        self._suspect = None
        if disruption.breaks_lap:
            lap = self._settle(lap, events)
            return self._break_off(lap, stretch_from(frame), disruption.reason, events)
        lap.reason = lap.reason or disruption.reason
        (self._crossing.tail if self._crossing else lap.driven).add(frame, 0.0)
        return lap

    def _settle(self, lap: OpenLap, events: list[LapEvent]) -> OpenLap:
        """Decide on an open crossing with the signs that there are."""
        if self._crossing is None:
            return lap
        decided = final_verdict(self._crossing, lap, self._proven)
        return self._carry_out(decided, lap, events)

    def _carry_out(
        self, decided: Verdict, lap: OpenLap, events: list[LapEvent]
    ) -> OpenLap:
        crossing = self._crossing
        if crossing is None or decided is Verdict.WAIT:
            return lap
        self._crossing = None
        if decided is Verdict.CROSSED:
            return self._complete(lap, crossing, events)
        if decided is Verdict.BROKEN:
            reason = lap.reason = lap.reason or OUTVOTED[crossing.located_by]
            return self._break_off(lap, crossing.tail, reason, events)
        if decided is Verdict.TAINTED:
            lap.reason = lap.reason or "lap clock restarted"
        lap.driven.absorb(crossing.tail, crossing.progress)
        return lap

    def _complete(
        self, lap: OpenLap, crossing: Crossing, events: list[LapEvent]
    ) -> OpenLap:
        """End the lap at the line, and begin the next one there."""
        self._end_closing(events)
        own_ms, line_us = crossing.own_time_ms, crossing.tail.first.received_us
        clock_time_ms = None if own_ms is None else round(own_ms)
        official_ms = self._times.take_told(line_us, clock_time_ms)
        if official_ms is None and Sign.OFFICIAL in crossing.signs:
            official_ms = self._times.published_ms
        completed = _completed(lap, line_us, clock_time_ms, official_ms)
        events.append(completed)
        self._closing = LineBehind(
            number=lap.number,
            own_time_ms=clock_time_ms,
            time_ms=completed.lap_time_ms,
            awaits_time=official_ms is None,
            late_signs=expected_signs(crossing) - crossing.signs,
            last=crossing.before,
        )
        self._proven |= crossing.signs
        following = OpenLap(
            number=max(lap.number + 1, crossing.tail.last.lap_number or 0),
            driven=crossing.tail,
            is_from_line=True,
            line_offset_ms=crossing.since_line_ms,
            clock_origin_ms=crossing.clock_at_line_ms,
        )
        events.append(self._start(following))
        return following

    def _break_off(
        self, lap: OpenLap, tail: Stretch, reason: str, events: list[LapEvent]
    ) -> OpenLap:
        """End the lap away from the line; what follows is a drive of its own."""
        self._end_closing(events)
        self._ended = None
        events.append(_unfinished(lap, reason, tail.first.received_us))
        number = max(lap.number + 1, tail.last.lap_number or 0)
        following = OpenLap(number, tail)
        events.append(self._start(following))
        return following

    def _end_closing(self, events: list[LapEvent]) -> None:
        """Close the window behind a line: its time is published now, or never."""
        if self._closing is not None:
            self._ended, self._closing = self._closing, None
            events += self._ended.take_published(self._times.published_ms)


def _could_take(lap: OpenLap, frame: Frame, time_ms: int) -> bool:
    """Say whether ``time_ms`` can be that of the lap, did it end at ``frame``."""
    own_ms = lap.time_at_ms(frame)
    if own_ms is None or not clock_ms(frame):
        return True
    return abs(own_ms - time_ms) <= WINDOW_MS


def _completed(
    lap: OpenLap, line_us: int, clock_time_ms: int | None, official_ms: int | None
) -> LapCompleted:
    """Return the end of a lap at the line, with the better one of its times."""
    kind, reason = lap.kind_and_reason()
    return LapCompleted(
        lap_number=lap.number,
        kind=kind,
        valid=not lap.driven.is_invalid,
        started_us=lap.started_us,
        ended_us=line_us,
        lap_time_ms=clock_time_ms if official_ms is None else official_ms,
        clock_time_ms=clock_time_ms,
        is_official=official_ms is not None,
        reason=reason,
    )


def _unfinished(lap: OpenLap, reason: str, ended_us: int) -> LapCompleted:
    """Return the end of a lap that reached no line: partial, but for a stage."""
    time_ms = None
    kind = LapKind.PARTIAL
    partial_reason: str | None = lap.reason or reason
    if lap.is_stage_finished:
        kind, partial_reason = lap.kind_and_reason()
        own_ms = lap.time_at_ms(lap.driven.last)
        time_ms = None if own_ms is None else round(own_ms)
    return LapCompleted(
        lap_number=lap.number,
        kind=kind,
        valid=not lap.driven.is_invalid,
        started_us=lap.started_us,
        ended_us=ended_us,
        lap_time_ms=time_ms,
        clock_time_ms=time_ms,
        reason=partial_reason,
    )
