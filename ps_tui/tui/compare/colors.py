"""The colours of laps A to D and of gains and losses, and the signs beside them."""

from __future__ import annotations

from ps_tui.tui.widgets import palette

LAP_COLORS = (palette.SPEED, palette.GEAR, palette.THROTTLE, palette.RPM)
GAIN = palette.GOOD
LOSS = palette.ALARM
EQUAL = "muted"

LINES = ("━━━━", "━━  ", "╺╺╺╺", "━━╺ ")
ASCII_LINES = ("====", "==  ", "- - ", "==- ")
"""How the line of each lap looks, for the legend."""

LOSS_TONE_MS = 5.0
"""Below this a difference is neither gain nor loss."""


def tone_of(loss_ms: float | None) -> str:
    """Return the colour of a difference; positive is slower."""
    if loss_ms is None or abs(loss_ms) < LOSS_TONE_MS:
        return EQUAL
    return LOSS if loss_ms > 0.0 else GAIN
