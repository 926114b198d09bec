"""A game's own clock, which starts anywhere, placed on UTC.

Games stamp packets with milliseconds since they began, and some of these clocks
wrap, or stop in menus. The stamps keep their spacing; only their origin is moved.
"""

from __future__ import annotations

_FURTHEST_BEHIND_MS, _FURTHEST_AHEAD_MS = -5000, 5000
"""Further from the time of reception, the clock was paused, wrapped or set anew."""

_LATE_MS = 2000
"""Networks deliver late by less; a clock that steps back further began anew."""


class SenderClock:
    """Turns the stamps of one sender into milliseconds UTC.

    ``is_late`` says that the last stamp was older than the newest: what a decoder
    remembers must not be turned back by a packet that another one overtook.
    """

    def __init__(self) -> None:
        self.is_late = False
        self._offset_ms = 0
        self._newest_ms = 0

    def utc_ms(self, clock_ms: int, received_us: int) -> int:
        """Return when ``clock_ms`` was stamped, as near as its reception tells."""
        stamp_ms = clock_ms + self._offset_ms
        ahead_ms = stamp_ms - received_us // 1000
        if _FURTHEST_BEHIND_MS < ahead_ms < _FURTHEST_AHEAD_MS:
            if stamp_ms < self._newest_ms < stamp_ms + _LATE_MS:
                self.is_late = True
                return stamp_ms
        else:
            self._offset_ms -= ahead_ms
            stamp_ms -= ahead_ms
        self._newest_ms = stamp_ms
        self.is_late = False
        return stamp_ms
