"""What a frame lacks because a packet was lost is not what a game does not send."""

from __future__ import annotations

import msgspec

from ps_tui.domain.frame import Frame

HELD_US = 1_000_000
"""So long a value is shown that came last."""
FIELDS = (
    "throttle",
    "brake",
    "steering",
    "speed_kmh",
    "gear",
    "rpm",
    "lap_time_ms",
    "lap_number",
)


class Lately:
    """Fills the gaps of a frame with what came within the last second."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, float | int]] = {}

    def forget(self) -> None:
        """Know nothing: another game is shown."""
        self._known.clear()

    def filled(self, frame: Frame) -> Frame:
        """Return the frame with what was known a moment ago in its gaps."""
        now_us = frame.received_us
        held: dict[str, float | int] = {}
        for name in FIELDS:
            value = getattr(frame, name)
            if value is not None:
                self._known[name] = (now_us, value)
            elif name in self._known:
                then_us, known = self._known[name]
                if 0 <= now_us - then_us < HELD_US:
                    held[name] = known
        return msgspec.structs.replace(frame, **held) if held else frame
