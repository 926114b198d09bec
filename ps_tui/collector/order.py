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
    LATE = "late"
    """Behind the newest by less than two seconds."""
    DUPLICATE = "duplicate"
    """The number of one of the last 64 frames."""


class Order:
    """Follows the sender's counter (32 bits, wrapping), else its clock, else the
    lap clock; ``gap_count`` is how many numbers never came."""

    def __init__(self) -> None:
        self.gap_count = 0
        self._newest: Frame | None = None
        self._first = 0
        self._seen = 0
        self._seen_up_to = 0
        self._late_run = 0

    def restart(self) -> None:
        """Expect nothing: the next frame is of another sender."""
        self._newest = None

    def place(self, frame: Frame) -> Place | None:
        """Say what is wrong with the place of ``frame``; None for one in its turn."""
        newest = self._newest
        sequence = frame.sequence
        if newest is None:
            self._begin(frame)
            return None
        if sequence is not None:
            if newest.sequence is None:
                self._begin(frame)
                return None
            if sequence != newest.sequence + 1:
                return self._place_by_sequence(frame, sequence, newest.sequence)
        elif frame.timestamp_ms < newest.timestamp_ms or (
            (newest_ms := newest.lap_time_ms)
            and (lap_time_ms := frame.lap_time_ms) is not None
            and lap_time_ms < newest_ms
            and _is_lap_clock_behind(frame, newest)
        ):
            return self._place_by_clock(frame, newest)
        self._newest = frame
        return None

    def _begin(self, frame: Frame) -> None:
        self._newest = frame
        self._first = self._seen_up_to = frame.sequence or 0
        self._seen = 1
        self._late_run = 0

    def _place_by_sequence(
        self, frame: Frame, sequence: int, newest: int
    ) -> Place | None:
        ahead = (sequence - newest) & _COUNTER_MASK
        if not 0 < ahead < _HALF:
            behind = (newest - sequence) & _COUNTER_MASK
            return self._place_behind(frame, sequence, behind)
        if ahead > _LARGEST_GAP:
            self._begin(frame)
            return None
        self._note_run(newest)
        self._seen = (self._seen << ahead | 1) & _WINDOW_MASK if ahead < _WINDOW else 1
        self._seen_up_to = sequence
        self.gap_count += ahead - 1
        self._newest = frame
        return None

    def _note_run(self, newest: int) -> None:
        """Mark as seen what came in turn since the last look at ``_seen``."""
        run = (newest - self._seen_up_to) & _COUNTER_MASK
        if run >= _WINDOW:
            self._seen = _WINDOW_MASK
        else:
            self._seen = (self._seen << run | (1 << run) - 1) & _WINDOW_MASK
        self._seen_up_to = newest

    def _place_behind(self, frame: Frame, sequence: int, behind: int) -> Place | None:
        newest = self._newest
        assert newest is not None
        has_sender_clock = frame.timestamp_ms != frame.received_us // 1000
        if has_sender_clock:
            age_ms = newest.timestamp_ms - frame.timestamp_ms
            if not 0 <= age_ms < _LATE_MS:
                self._begin(frame)
                return None
        elif behind >= _WINDOW:
            self._begin(frame)
            return None
        if behind >= _WINDOW:
            return Place.LATE
        self._note_run((sequence + behind) & _COUNTER_MASK)
        bit = 1 << behind
        if self._seen & bit:
            return Place.DUPLICATE
        self._seen |= bit
        if (sequence - self._first) & _COUNTER_MASK < _HALF:
            self.gap_count -= 1  # it was missed when its successor came
        return Place.LATE

    def _place_by_clock(self, frame: Frame, newest: Frame) -> Place | None:
        if newest.timestamp_ms - frame.timestamp_ms < _LATE_MS:
            self._late_run += 1
            if self._late_run < _LATE_RUN:
                return Place.LATE
        self._begin(frame)
        return None


def _is_lap_clock_behind(frame: Frame, newest: Frame) -> bool:
    """Compare lap clocks where the sender has no clock of its own."""
    lap_time_ms, newest_ms = frame.lap_time_ms, newest.lap_time_ms
    return (
        newest_ms is not None
        and lap_time_ms is not None
        and 0 < newest_ms - lap_time_ms < _LATE_MS
        and frame.lap_number == newest.lap_number
        and frame.timestamp_ms == frame.received_us // 1000
    )
