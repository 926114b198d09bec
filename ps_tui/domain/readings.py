"""What a frame says of clock, place and speed, less what games write for none."""

from __future__ import annotations

from ps_tui.domain.frame import Frame

STANDING_KMH = 5.0


def clock_ms(frame: Frame) -> int | None:
    """Return the lap clock; games write a negative one for "not running"."""
    clock = frame.lap_time_ms
    return clock if clock is not None and clock >= 0 else None


def position_of(frame: Frame) -> float | None:
    """Return the share of the lap driven within 0 to 1, ``None`` for nonsense."""
    position = frame.normalized_position
    if position is None or not -0.1 <= position <= 1.1:
        return None
    return min(max(position, 0.0), 1.0)


def stands(frame: Frame) -> bool:
    return frame.speed_kmh is not None and abs(frame.speed_kmh) < STANDING_KMH


def elapsed_ms(before: Frame, after: Frame) -> float:
    """Return the time between two frames by the sender's clock, else by reception."""
    sent = after.timestamp_ms - before.timestamp_ms
    received = (after.received_us - before.received_us) / 1000
    if sent > 0 and abs(sent - received) > 1:
        return float(sent)
    return max(received, 0.0)
