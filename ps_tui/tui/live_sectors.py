"""Times at the sector lines of the running lap, cut by position as it is driven."""

from __future__ import annotations

from collections.abc import Sequence

_LINE_DROP = 0.5
"""The position falls by more than this at the line, and nowhere else."""
_START, _START_MS = 0.01, 2000
"""A lap seen from before this place and time on was seen whole."""
_LEAP = 0.05
"""A longer step between two frames says nothing of when a line in it was passed."""

Times = tuple[int | None, ...]


class SectorClock:
    """Sector times of the running lap and of the lap before it.

    ``cuts`` are the inner lines as shares of the lap. A sector counts only if both
    of its ends were passed in sight.
    """

    def __init__(self, cuts: Sequence[float]) -> None:
        self._ends = (*cuts, 1.0)
        self._times: list[int | None] = [None] * len(self._ends)
        self.previous: Times = ()
        """Of the lap before; empty until a lap has ended."""
        self._index = 0
        self._began_ms: float | None = None
        self._last: tuple[float, float, int] | None = None

    @property
    def running(self) -> Times:
        """Times of the sectors passed, ``None`` for those ahead or not seen whole."""
        return tuple(self._times)

    @property
    def current(self) -> int:
        """Index of the sector being driven."""
        return self._index

    @property
    def began_ms(self) -> float | None:
        """Lap time where the sector being driven began, ``None`` if not seen."""
        return self._began_ms

    def update(
        self, place: float | None, lap_time_ms: float | None, received_us: int
    ) -> bool:
        """Take a frame; say whether a line was passed."""
        if place is None or lap_time_ms is None:
            self._last = None
            return False
        last, self._last = self._last, (place, lap_time_ms, received_us)
        if last is None:
            self._enter(place)
            if place < _START and 0 <= lap_time_ms < _START_MS:
                self._began_ms = 0.0
            return True
        last_place, last_ms, last_us = last
        step_us = received_us - last_us
        if place < last_place - _LINE_DROP:
            self._end_lap(last, 1.0 - last_place + place, step_us)
            self._pass(0.0, 0.0, place, min(lap_time_ms, step_us / 1000))
            return True
        if lap_time_ms < last_ms and place > 1.0 - _LEAP:
            # The clock of the new lap runs before the position is back at the line.
            lap_time_ms = last_ms + step_us / 1000
            self._last = (place, lap_time_ms, received_us)
        elif lap_time_ms < last_ms and place < _LEAP:
            return False  # … or the other way round
        if lap_time_ms < last_ms or abs(place - last_place) > _LEAP:
            self._enter(place)
            return True
        if place <= last_place:
            self._last = (last_place, lap_time_ms, received_us)
            return False
        return self._pass(last_place, last_ms, place, lap_time_ms)

    def _enter(self, place: float) -> None:
        """Begin somewhere on the lap: what lies behind was not seen."""
        self._times = [None] * len(self._ends)
        self._index = sum(end <= place for end in self._ends[:-1])
        self._began_ms = None

    def _pass(
        self, last_place: float, last_ms: float, place: float, now_ms: float
    ) -> bool:
        first = self._index
        while self._index < len(self._ends) - 1 and place >= self._ends[self._index]:
            share = (self._ends[self._index] - last_place) / (place - last_place)
            self._close(last_ms + share * (now_ms - last_ms))
            self._index += 1
        return self._index != first

    def _close(self, at_ms: float) -> None:
        if self._began_ms is not None:
            self._times[self._index] = round(at_ms) - round(self._began_ms)
        self._began_ms = at_ms

    def _end_lap(
        self, last: tuple[float, float, int], step: float, step_us: int
    ) -> None:
        last_place, last_ms, _us = last
        is_whole = self._index == len(self._ends) - 1 and 0 < step <= _LEAP
        if is_whole:
            share = (1.0 - last_place) / step
            self._close(last_ms + share * step_us / 1000)
        self.previous = self.running
        self._times = [None] * len(self._ends)
        self._index = 0
        self._began_ms = 0.0
