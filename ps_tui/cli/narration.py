"""Notices as lines for a person without a screen."""

from __future__ import annotations

from ps_tui.domain.recording import LapStored, Notice, SessionOpened
from ps_tui.domain.units import format_lap_time


def narration(notice: Notice) -> str | None:
    """Put a notice into one line for a person without a screen."""
    match notice:
        case SessionOpened(name=name):
            return f"Session “{name}” opened."
        case LapStored(lap=lap):
            mark = "" if lap.valid else ", invalid"
            return (
                f"Lap {lap.lap_number}: {format_lap_time(lap.lap_time_ms)} "
                f"({lap.kind.value}{mark})"
            )
        case _:
            return getattr(notice, "message", None)


def counted(count: int, noun: str) -> str:
    """Write a count with its noun: ``1 lap``, ``41 laps``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
