"""The lap being driven: what its frames added up to, and what that makes of it.

A lap is out, in or both by the pit flag at its ends; partial where it was not
driven and seen from line to line; flying otherwise. Validity is a separate fact.
"""

from __future__ import annotations

import msgspec

from ps_tui.domain.crossing import NEAR_LINE_BEFORE
from ps_tui.domain.frame import Frame
from ps_tui.domain.models import LapKind
from ps_tui.domain.readings import clock_ms, elapsed_ms, position_of, stands

START_CLOCK_MS = 1000
"""A lap first seen with its clock below this was seen from its start: no more is
missing than a network may lose anywhere."""

START_POSITION = 0.05
"""A start may lie a little behind the line, as a grid's front row may before it."""

AT_LINE_POSITION = 0.002
"""A game without a lap clock has nothing but position to say that a lap seen while
moving was seen from the line: 0.2 s of a lap of 100 s."""

STALE_FLAG_MS = 500
"""How long a game may leave the invalid flag of the lap before standing."""

FINISHED_POSITION = 0.9995
"""The last frame of a stage, which ends at 1 and never wraps: the next would have
been past its end at 60 Hz and 200 km/h on a course of 2 km."""


class Stretch(msgspec.Struct):
    """A run of frames: one lap, or the part after a line not yet confirmed."""

    first: Frame
    last: Frame
    progress: float = 0.0
    """Share of a lap covered since ``first``."""
    is_invalid: bool = False
    has_left_pit: bool = False
    is_flag_stale: bool = False
    """The invalid flag still stands from the lap before."""

    def add(self, frame: Frame, progress: float) -> None:
        """Append the next frame, ``progress`` of a lap further on."""
        if self.last.in_pit and frame.in_pit is False:
            self.has_left_pit = True
        self.last = frame
        self.progress += progress
        self.note_validity(frame)

    def note_validity(self, frame: Frame) -> None:
        if frame.lap_valid:
            self.is_flag_stale = False
        elif frame.lap_valid is False and not (
            self.is_flag_stale and elapsed_ms(self.first, frame) <= STALE_FLAG_MS
        ):
            self.is_invalid = True

    def absorb(self, following: Stretch, progress: float) -> None:
        """Append a stretch that began ``progress`` of a lap after this one's end."""
        if self.last.in_pit and following.first.in_pit is False:
            self.has_left_pit = True
        self.last = following.last
        self.progress += progress + following.progress
        self.is_invalid |= following.is_invalid
        self.has_left_pit |= following.has_left_pit


def stretch_from(frame: Frame, before: Frame | None = None) -> Stretch:
    """Begin a stretch; a flag that stood at ``before`` is not this stretch's own."""
    is_stale = before is not None and before.lap_valid is False
    stretch = Stretch(frame, frame, is_flag_stale=is_stale)
    stretch.note_validity(frame)
    return stretch


class OpenLap(msgspec.Struct):
    """The running lap. ``is_from_line`` where it began by crossing the line."""

    number: int
    driven: Stretch
    is_from_line: bool = False
    line_offset_ms: float = 0.0
    """How long before its first frame the car was at the line."""
    clock_origin_ms: int = 0
    """What the game's clock showed at the line, where it does not restart there."""
    reason: str | None = None
    """Why the lap is partial whatever else happens."""

    @property
    def started_us(self) -> int:
        return self.driven.first.received_us

    @property
    def is_from_start(self) -> bool:
        """Say whether the lap was seen from its beginning, at the line or a grid."""
        return self.is_from_line or _begins_at_start(self.driven)

    @property
    def is_from_pit(self) -> bool:
        return bool(self.driven.first.in_pit)

    @property
    def is_stage_finished(self) -> bool:
        """Say whether this was a point-to-point course, driven to its end."""
        position = position_of(self.driven.last)
        return (
            self.reason is None
            and not self.is_from_line
            and self.is_from_start
            and self.driven.progress > 0.5
            and position is not None
            and position >= FINISHED_POSITION
        )

    def time_at_ms(self, frame: Frame) -> float | None:
        """Return the lap time at a frame of the lap, ``None`` where unknowable."""
        clock = clock_ms(frame)
        if clock:
            return float(max(clock - self.clock_origin_ms, 0))
        if self.is_from_start:
            return self.line_offset_ms + elapsed_ms(self.driven.first, frame)
        return None

    def kind_and_reason(self) -> tuple[LapKind, str | None]:
        """Classify the lap as one that reached the line."""
        if self.reason is not None:
            return LapKind.PARTIAL, self.reason
        if not self.is_from_start and not self.is_from_pit:
            return LapKind.PARTIAL, "joined late"
        is_out = self.is_from_pit or self.driven.has_left_pit
        is_in = bool(self.driven.last.in_pit)
        if is_out:
            return (LapKind.PIT if is_in else LapKind.OUT), None
        return (LapKind.IN if is_in else LapKind.FLYING), None


def _begins_at_start(driven: Stretch) -> bool:
    """Say whether a lap not begun by a crossing was nevertheless seen from its start.

    Its clock must be near zero and its position near the line, as far as the game
    has either; which it has shows by the end of the lap.
    """
    first, last = driven.first, driven.last
    old, new = position_of(first), position_of(last)
    position = old if old or new else None
    if clock_ms(last):
        is_near = position is None or not START_POSITION < position < NEAR_LINE_BEFORE
        return (clock_ms(first) or 0) <= START_CLOCK_MS and is_near
    if position is None:
        return False
    if stands(first):
        return not START_POSITION < position < NEAR_LINE_BEFORE
    return min(position, 1.0 - position) <= AT_LINE_POSITION
