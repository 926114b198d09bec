"""The colours of channels and states, the same wherever they are drawn."""

from __future__ import annotations

from functools import lru_cache

from textual.color import Color

THROTTLE = "#10b981"
BRAKE = "#ef4444"
CLUTCH = "#06b6d4"
STEERING = "#8b5cf6"
SPEED = "#3b82f6"
GEAR = "#f59e0b"
RPM = "#ec4899"
BEST = "#a855f7"
"""Purple: the best time, and the brand."""
GOOD = "#10b981"
CAUTION = "#f59e0b"
ALARM = "#ef4444"

CHANNEL_COLORS = {
    "throttle": THROTTLE,
    "brake": BRAKE,
    "clutch": CLUTCH,
    "steering": STEERING,
    "speed": SPEED,
    "gear": GEAR,
    "rpm": RPM,
    "math": RPM,
}

ANSI_NAMES = {
    "": "ansi_default",
    "ground": "ansi_black",
    "muted": "ansi_default",
    "faint": "ansi_bright_black",
    "track": "ansi_default",
    THROTTLE: "ansi_green",
    BRAKE: "ansi_red",
    CLUTCH: "ansi_cyan",
    STEERING: "ansi_magenta",
    SPEED: "ansi_blue",
    GEAR: "ansi_yellow",
    RPM: "ansi_bright_magenta",
    BEST: "ansi_bright_magenta",
}
"""What stands for a colour where the terminal's own sixteen are asked for."""


@lru_cache(256)
def for_background(color: Color, background: Color) -> Color:
    """Darken a colour that was chosen for dark screens where the screen is light."""
    is_light = background.ansi is None and background.brightness > 0.5
    return color.darken(0.12) if is_light else color
