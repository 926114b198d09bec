"""The line just behind, and what is still to come of it.

For a short while signs that come late, late frames and the official time still
belong to it and to the lap that ended there.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ps_tui.domain.crossing import LATE_FRAME_MS, NEAR_LINE_BEFORE, Sign
from ps_tui.domain.frame import Frame
from ps_tui.domain.laps import LapEvent, LapRevised
from ps_tui.domain.readings import clock_ms, position_of

SAME_TIME_MS = 30
"""A published time that did not change is the new lap's too if it agrees with our
measure as well as it ever does: two steps at 60 Hz."""


class LineBehind(msgspec.Struct):
    """What is known of a lap that ended at the line."""

    number: int
    own_time_ms: int | None
    time_ms: int | None
    """As the lap was said to have taken."""
    awaits_time: bool
    late_signs: set[Sign]
    last: Frame
    """Of the lap that ended."""
    waited_ms: float = 0.0

    def take_time(self, official_ms: int) -> Sequence[LapEvent]:
        """Let the lap have taken ``official_ms``, and await no other time."""
        if not self.awaits_time and self.time_ms == official_ms:
            return ()
        self.awaits_time, self.time_ms = False, official_ms
        return (LapRevised(self.number, official_ms),)

    def take_published(self, published_ms: int) -> Sequence[LapEvent]:
        """Take what stands published as the window ends, if it is this lap's."""
        if not self.awaits_time or self.own_time_ms is None or not published_ms:
            return ()
        is_same = abs(published_ms - self.own_time_ms) <= SAME_TIME_MS
        return self.take_time(published_ms) if is_same else ()

    def take_signs(self, signs: set[Sign]) -> set[Sign]:
        """Return those of ``signs`` that are late ones of this line."""
        late = signs & self.late_signs
        self.late_signs -= late
        return late

    def is_leftover(self, newest: Frame, frame: Frame) -> bool:
        """Say whether ``frame`` is a late one of the lap that ended here."""
        position = position_of(frame)
        if position is not None and position < NEAR_LINE_BEFORE:
            return False
        old_number = self.last.lap_number
        if old_number is not None and old_number != newest.lap_number:
            return frame.lap_number == old_number
        old_clock, clock = clock_ms(self.last), clock_ms(frame)
        if not old_clock or not clock or Sign.CLOCK in self.late_signs:
            return False
        return abs(clock - old_clock) <= LATE_FRAME_MS
