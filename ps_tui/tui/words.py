"""How states, days and moments are written on the screens."""

from __future__ import annotations

from datetime import UTC, date, datetime

from ps_tui.domain.models import EventStatus, Lap, LapKind, Session, SessionStatus
from ps_tui.tui.glyphs import Glyphs
from ps_tui.tui.widgets.record_table import Cell

EVENT_TONES = {
    EventStatus.ACTIVE: "success",
    EventStatus.DRAFT: "dim",
    EventStatus.CANCELLED: "dim",
}


def moment(time_us: int | None) -> str:
    """Write a moment as local day and minute."""
    if time_us is None:
        return ""
    local = datetime.fromtimestamp(time_us / 1e6, UTC).astimezone()
    return f"{local:%Y-%m-%d %H:%M}"


def days(start: str | None, end: str | None) -> str:
    """Write one day or two, as short as they can be: ``14-16 Nov 2026``."""
    try:
        first = date.fromisoformat(start or end or "")
        last = date.fromisoformat(end or start or "")
    except ValueError:
        return start or end or ""
    if first == last:
        return f"{first.day} {first:%b %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {last:%b %Y}"
    return f"{first.day} {first:%b}–{last.day} {last:%b %Y}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Write a count with its noun: ``1 lap``, ``41 laps``."""
    return f"{count} {noun}" if count == 1 else f"{count} {plural or noun + 's'}"


def session_status(session: Session, glyphs: Glyphs, *, is_next: bool) -> Cell:
    """Return the status of a session; ``is_next`` where R would record into it."""
    if session.status is SessionStatus.RECORDING:
        return Cell(f"{glyphs.recording} recording", "error")
    if session.status is SessionStatus.INTERRUPTED:
        return Cell(f"{glyphs.warning} interrupted", "warning")
    if is_next:
        return Cell(f"{glyphs.idle} R records", "accent")
    return Cell(session.status.value, "dim")


def lap_validity(lap: Lap) -> Cell:
    """Return ``INV`` for an invalid lap, ``excl.`` for an excluded one."""
    if lap.is_open:
        return Cell("open", "accent")
    if lap.excluded_us is not None:
        return Cell("excl.", "warning")
    if lap.valid:
        return Cell("valid", "dim")
    return Cell("INV", "error")


def lap_note(lap: Lap, marked: int = 0) -> str:
    """Say what a person wrote, who drove, how many moments are marked, and what one
    should know about the time of a lap."""
    count = counted(marked, "marker") if marked else None
    stint = None if lap.stint is None else f"stint {lap.stint}"
    parts = [lap.excluded_reason, lap.reason, lap.tags, lap.notes]
    parts += [lap.driver, stint, count]
    if lap.kind is LapKind.FLYING and lap.lap_time_ms is not None:
        parts.append(None if lap.is_official else "own clock")
    return " · ".join(part for part in parts if part)
