"""Tells a frame in its turn from a late, a doubled and a restarted one."""

from __future__ import annotations

from enum import Enum

from ps_tui.domain.frame import Frame

_WINDOW = 64
_WINDOW_MASK = (1 << _WINDOW) - 1
_COUNTER_MASK = 0xFFFF_FFFF
_HALF = 1 << 31
_LATE_MS = 2000
_LARGEST_GAP = 1_000_000
"""More frames than this are not lost at once: the sender began another count."""
_LATE_RUN = 8
"""So many late frames in a row are no reordering: a clock was set back."""


class Place(Enum):
    NEXT = "next"
    LATE = "late"
    """Behind the newest by less than two seconds."""
    DUPLICATE = "duplicate"
    """The number of one of the last 64 frames."""


class Order:
    """Follows the sender's counter (32 bits, wrapping), else its clock, else the
    lap clock; ``gap_count`` is how many numbers never came."""

    def __init__(self) -> None:
        self.gap_count = 0
        self._newest: int | None = None
        self._first = 0
        self._seen = 0
        self._timestamp_ms = 0
        self._lap_number: int | None = None
        self._lap_time_ms: int | None = None
        self._late_run = 0

    def restart(self) -> None:
        """Expect nothing: the next frame is of another sender."""
        self._newest = None
        self._timestamp_ms = 0
        self._lap_number = self._lap_time_ms = None
        self._late_run = 0

    def place(self, frame: Frame) -> Place:
        """Classify ``frame`` against those before it."""
        sequence = frame.sequence
        if sequence is None:
            place = self._place_by_clock(frame)
            if place is Place.NEXT:
                self._timestamp_ms = frame.timestamp_ms
                self._lap_number = frame.lap_number
                self._lap_time_ms = frame.lap_time_ms
            return place
        newest = self._newest
        if newest is not None and sequence == newest + 1:
            self._seen = (self._seen << 1 | 1) & _WINDOW_MASK
            self._newest = sequence
            self._timestamp_ms = frame.timestamp_ms
            return Place.NEXT
        return self._place_by_sequence(frame, sequence)

    def _place_by_sequence(self, frame: Frame, sequence: int) -> Place:
        newest = self._newest
        if newest is None:
            return self._begin(frame, sequence)
        ahead = (sequence - newest) & _COUNTER_MASK
        if 0 < ahead < _HALF:
            if ahead > _LARGEST_GAP:
                return self._begin(frame, sequence)
            self.gap_count += ahead - 1
            self._seen = (
                (self._seen << ahead | 1) & _WINDOW_MASK if ahead < _WINDOW else 1
            )
            self._newest = sequence
            self._timestamp_ms = frame.timestamp_ms
            return Place.NEXT
        return self._place_behind(frame, sequence, (newest - sequence) & _COUNTER_MASK)

    def _place_behind(self, frame: Frame, sequence: int, behind: int) -> Place:
        has_sender_clock = frame.timestamp_ms != frame.received_us // 1000
        if has_sender_clock:
            age_ms = self._timestamp_ms - frame.timestamp_ms
            if not 0 <= age_ms < _LATE_MS:
                return self._begin(frame, sequence)
        elif behind >= _WINDOW:
            return self._begin(frame, sequence)
        if behind >= _WINDOW:
            return Place.LATE
        bit = 1 << behind
        if self._seen & bit:
            return Place.DUPLICATE
        self._seen |= bit
        if (sequence - self._first) & _COUNTER_MASK < _HALF:
            self.gap_count -= 1  # it was missed when its successor came
        return Place.LATE

    def _begin(self, frame: Frame, sequence: int) -> Place:
        self._newest = self._first = sequence
        self._seen = 1
        self._timestamp_ms = frame.timestamp_ms
        return Place.NEXT

    def _place_by_clock(self, frame: Frame) -> Place:
        age_ms = self._timestamp_ms - frame.timestamp_ms
        if 0 < age_ms < _LATE_MS or (
            age_ms <= 0 and self._is_behind_on_lap_clock(frame)
        ):
            self._late_run += 1
            if self._late_run < _LATE_RUN:
                return Place.LATE
        self._late_run = 0
        return Place.NEXT

    def _is_behind_on_lap_clock(self, frame: Frame) -> bool:
        """Compare lap clocks where the sender has no clock of its own."""
        lap_time_ms, newest_ms = frame.lap_time_ms, self._lap_time_ms
        return (
            newest_ms is not None
            and lap_time_ms is not None
            and 0 < newest_ms - lap_time_ms < _LATE_MS
            and frame.lap_number == self._lap_number
            and frame.timestamp_ms == frame.received_us // 1000
        )
