"""A game's own clock, which starts anywhere, placed on UTC.

Games stamp packets with milliseconds since they began, and some of these clocks
wrap, or stop in menus. The stamps keep their spacing; only their origin is moved.
"""

from __future__ import annotations

from collections.abc import Callable

_FURTHEST_BEHIND_MS, _FURTHEST_AHEAD_MS = -5000, 5000
"""Further from the time of reception, the clock was paused, wrapped or set anew."""

_LATE_MS = 2000
"""Networks deliver late by less; a clock that steps back further began anew."""

_STEADY_MS = 1000
"""So long after a look at both clocks, neither can have gone as far as that."""
_STEADY_US = _STEADY_MS * 1000
_STEADY_BEHIND_MS = _FURTHEST_BEHIND_MS + _STEADY_MS
_STEADY_AHEAD_MS = _FURTHEST_AHEAD_MS - _STEADY_MS


class SenderClock:
    """Turns the stamps of one sender into milliseconds UTC.

    ``is_late`` says that the last stamp was older than the newest: what a decoder
    remembers must not be turned back by a packet that another one overtook.
    """

    def __init__(self, note_restart: Callable[[], None] | None = None) -> None:
        """``note_restart`` is called where the sender's clock begins anew."""
        self.is_late = False
        self._note_restart = note_restart
        self._offset_ms = 0
        self._newest_ms = 0
        """By the sender's clock."""
        self._steady_until_ms = 0
        self._steady_until_us = 0

    def utc_ms(self, clock_ms: int, received_us: int) -> int:
        """Return when ``clock_ms`` was stamped, as near as its reception tells.

        ``received_us`` is on a clock that never steps back.
        """
        if (
            clock_ms < self._steady_until_ms
            and clock_ms >= self._newest_ms
            and received_us < self._steady_until_us
        ):
            self._newest_ms = clock_ms
            return clock_ms + self._offset_ms
        return self._compare(clock_ms, received_us)

    def _compare(self, clock_ms: int, received_us: int) -> int:
        """Look at both clocks; note until when that need not be done again."""
        stamp_ms = clock_ms + self._offset_ms
        ahead_ms = stamp_ms - received_us // 1000
        if _FURTHEST_BEHIND_MS < ahead_ms < _FURTHEST_AHEAD_MS:
            if clock_ms < self._newest_ms < clock_ms + _LATE_MS:
                self.is_late = True
                self._steady_until_ms = 0
                return stamp_ms
        else:
            self._offset_ms -= ahead_ms
            stamp_ms -= ahead_ms
            ahead_ms = 0
        if self._note_restart is not None and clock_ms < self._newest_ms - _LATE_MS:
            self._note_restart()
        self._newest_ms = clock_ms
        self.is_late = False
        is_steady = _STEADY_BEHIND_MS < ahead_ms < _STEADY_AHEAD_MS
        self._steady_until_ms = clock_ms + _STEADY_MS if is_steady else 0
        self._steady_until_us = received_us + _STEADY_US
        return stamp_ms
