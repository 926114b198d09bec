"""How times, sizes and ages are written for people."""

from __future__ import annotations

import re

NO_TIME = "-:--.---"
_WRITTEN = re.compile(r"(?:(\d{1,2}):)?(\d{1,3})(?:[.,](\d{1,3}))?")


def format_lap_time(lap_time_ms: int | None) -> str:
    """Write a lap time as ``m:ss.mmm``."""
    if lap_time_ms is None or lap_time_ms < 0:
        return NO_TIME
    minutes, rest = divmod(lap_time_ms, 60_000)
    return f"{minutes}:{rest // 1000:02d}.{rest % 1000:03d}"


def parse_lap_time(text: str) -> int | None:
    """Return ``1:47.880``, ``1:47.8`` or ``107.88`` in milliseconds."""
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        return None
    minutes, seconds, fraction = match.groups()
    if minutes is not None and int(seconds) >= 60:
        return None
    whole = int(minutes or 0) * 60 + int(seconds)
    return (whole * 1000 + int((fraction or "0").ljust(3, "0"))) or None


def format_gap(gap_ms: int | None) -> str:
    """Write a signed difference in seconds, ``+0.123``; positive is slower."""
    return "" if gap_ms is None else f"{gap_ms / 1000:+z.3f}"


def format_bytes(size: int) -> str:
    """Write a size with a binary prefix: ``512 B``, ``3.2 MiB``, ``120 GiB``."""
    if size < 1024:
        return f"{size} B"
    power = min((size.bit_length() - 1) // 10, 4)
    amount = size / 1024**power
    unit = ("KiB", "MiB", "GiB", "TiB")[power - 1]
    return f"{amount:.1f} {unit}" if amount < 10 else f"{amount:.0f} {unit}"


def format_at_least(seconds: float) -> str:
    """Write how long something lasts, rounded down to a step that stays a while."""
    steps = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800)
    hours = (3600, 7200, 18_000, 36_000, 86_400, 172_800)
    known = [step for step in (*steps, *hours) if step <= seconds]
    if not known:
        return "no time"
    step = known[-1]
    if step < 60:
        return f"{step} s"
    return f"{step // 60} min" if step < 3600 else f"{step // 3600} h"


def format_age(seconds: float) -> str:
    """Write an age in the largest unit that keeps it readable: ``4 s``, ``3 min``."""
    for limit, step, unit in ((90, 1, "s"), (5400, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / step:.0f} {unit}"
    return f"{seconds / 86_400:.0f} d"
