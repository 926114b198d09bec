"""What people fill in, checked and put in the order of the columns."""

from __future__ import annotations

import sqlite3
from datetime import date

from ps_tui.domain.errors import UsageError
from ps_tui.domain.models import EventDraft, SessionDraft
from ps_tui.storage.sqlite.lookup import event_key


def trimmed_name(name: str) -> str:
    if not name.strip():
        raise UsageError("A name is missing.", "Type at least one character.")
    return name.strip()


def event_fields(draft: EventDraft) -> tuple[str | None, ...]:
    span = days(draft.start_date, draft.end_date, "event")
    return (trimmed_name(draft.name), draft.description, draft.location, *span)


def days(
    first: str | None, last: str | None, noun: str
) -> tuple[str | None, str | None]:
    """Return two dates as ISO 8601. Raises UsageError where they are in no order."""
    span = iso_day(first), iso_day(last)
    if None not in span and str(span[0]) > str(span[1]):
        raise UsageError(f"The {noun} ends before it starts.", "Swap the two dates.")
    return span


def iso_day(text: str | None) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(
            f"“{text}” is not a date.", "Write it as 2026-11-21."
        ) from None


def session_fields(
    connection: sqlite3.Connection, draft: SessionDraft, name: str
) -> tuple[int | str | None, ...]:
    event_n = None if draft.event_id is None else event_key(connection, draft.event_id)
    return (
        event_n,
        name,
        draft.source,
        draft.tags,
        draft.car,
        draft.track,
        draft.driver,
    )
