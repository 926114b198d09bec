"""The game's own lap times: those that frames carry, and those told beside them."""

from __future__ import annotations

from ps_tui.domain.frame import Frame

PATIENCE_MS = 10_000
"""A busy computer reads late, and its measure of a lap is off by as much. No lap is
that short, so that nothing is taken for another."""


class OfficialTimes:
    """Keeps apart what was published when, so that no time counts for two laps."""

    def __init__(self) -> None:
        self.published_ms = 0
        """The last lap time that a frame carried."""
        self._told_ms = 0
        self._told_us = 0

    def note_published(self, frame: Frame) -> bool:
        """Remember the last lap time of a frame; say whether it is a new one."""
        published_ms = frame.last_lap_ms
        if published_ms is None or published_ms == self.published_ms:
            return False
        self.published_ms = max(published_ms, 0)
        return published_ms > 0

    def tell(self, lap_time_ms: int, received_us: int) -> None:
        """Keep a time told ahead of the frames that show the line."""
        self._told_ms, self._told_us = lap_time_ms, received_us

    def take_told(self, line_us: int, own_ms: int | None) -> int | None:
        """Return the time told for the line crossed at ``line_us``, once.

        One that was told long before, or that no clock agrees with, is of another lap.
        """
        told_ms, self._told_ms = self._told_ms, 0
        is_near = abs(line_us - self._told_us) <= PATIENCE_MS * 1000
        return told_ms if told_ms and is_near and agrees(told_ms, own_ms) else None


def agrees(told_ms: int, own_ms: int | None) -> bool:
    """Say whether a time that was told can be that of a lap measured as ``own_ms``."""
    return own_ms is None or abs(told_ms - own_ms) <= PATIENCE_MS
