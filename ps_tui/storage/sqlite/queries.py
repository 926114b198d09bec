"""The named reads of the library, and how their rows become records."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from typing import Any

from ps_tui.domain.errors import NotFoundError
from ps_tui.domain.models import (
    Event,
    EventStatus,
    Lap,
    LapKind,
    Session,
    SessionStatus,
)

LOCAL_USER = "(SELECT min(n) FROM users WHERE deleted_us IS NULL)"

# The rule of Lap.counts_as_best, in the words of the index laps_best.
COUNTS = (
    "kind = 'flying' AND valid = 1 AND state <> 'open'"
    " AND lap_time_ms IS NOT NULL AND deleted_us IS NULL AND excluded_us IS NULL"
)


def counts_of(lap: str) -> str:
    """Return the same rule for laps under another name of the table."""
    return re.sub(
        r"\b(kind|valid|state|lap_time_ms|deleted_us|excluded_us)\b",
        rf"{lap}.\1",
        COUNTS,
    )


_SESSION_OWN = """
    s.id, s.name, s.source, s.status, s.created_us,
    (SELECT id FROM events WHERE n = s.event_n),
    s.tags, s.car, s.driver, s.track, s.layout, s.started_us, s.ended_us"""
_SESSION_REST = """s.dropped_frames, s.deleted_us,
    (SELECT id FROM vehicles WHERE n = s.vehicle_n),
    (SELECT id FROM vehicle_configurations WHERE n = s.configuration_n),
    (SELECT id FROM vehicle_setups WHERE n = s.setup_n), s.track_length_m"""


def _session_columns(is_deleted: str) -> str:
    """Return the columns of a session; ``is_deleted`` picks the laps to count."""
    laps = f"FROM laps WHERE session_n = s.n AND deleted_us {is_deleted}"
    return f"""{_SESSION_OWN},
    (SELECT count(*) {laps} AND state <> 'open'),
    (SELECT coalesce(sum(frame_count), 0) {laps}),
    (SELECT min(lap_time_ms) FROM laps WHERE session_n = s.n AND {COUNTS}),
    {_SESSION_REST}"""


def _event_columns(is_deleted: str) -> str:
    sessions = f"FROM sessions AS s WHERE s.event_n = e.n AND s.deleted_us {is_deleted}"
    laps = (
        "FROM sessions AS s JOIN laps ON laps.session_n = s.n WHERE s.event_n = e.n"
        f" AND s.deleted_us {is_deleted} AND laps.deleted_us {is_deleted}"
    )
    return f"""
    e.id, e.name, e.status, e.created_us, e.description, e.location,
    e.start_date, e.end_date,
    (SELECT count(*) {sessions}),
    (SELECT count(*) {laps} AND laps.state <> 'open'),
    (SELECT min((SELECT min(lap_time_ms) FROM laps WHERE session_n = s.n AND {COUNTS}))
     {sessions}),
    e.deleted_us"""


_LIVE, _GONE_WITH_EVENT, _GONE_WITH_SESSION = (
    "IS NULL",
    "= e.deleted_us",
    "= s.deleted_us",
)
EVENTS = (
    f"SELECT {_event_columns(_LIVE)} FROM events AS e WHERE e.user_n = {LOCAL_USER}"
    " AND e.deleted_us IS NULL ORDER BY e.created_us DESC"
)
DELETED_EVENTS = (
    f"SELECT {_event_columns(_GONE_WITH_EVENT)} FROM events AS e"
    f" WHERE e.user_n = {LOCAL_USER} AND e.deleted_us IS NOT NULL"
    " ORDER BY e.deleted_us DESC"
)
EVENT = f"SELECT {_event_columns('IS e.deleted_us')} FROM events AS e WHERE e.n = ?"
SESSIONS = (
    f"SELECT {_session_columns(_LIVE)} FROM sessions AS s"
    f" WHERE s.user_n = {LOCAL_USER} AND s.deleted_us IS NULL"
    " ORDER BY s.created_us DESC"
)
SESSIONS_OF_EVENT = (
    f"SELECT {_session_columns(_LIVE)} FROM sessions AS s"
    " WHERE s.event_n = ? AND s.deleted_us IS NULL ORDER BY s.created_us DESC"
)
DELETED_SESSIONS = (
    f"SELECT {_session_columns(_GONE_WITH_SESSION)} FROM sessions AS s"
    f" WHERE s.user_n = {LOCAL_USER} AND s.deleted_us IS NOT NULL"
    " ORDER BY s.deleted_us DESC"
)
DELETED_SESSIONS_OF_EVENT = (
    f"SELECT {_session_columns(_GONE_WITH_SESSION)} FROM sessions AS s"
    " WHERE s.event_n = ? AND s.deleted_us IS NOT NULL ORDER BY s.created_us DESC"
)
SESSION = (
    f"SELECT {_session_columns('IS s.deleted_us')} FROM sessions AS s WHERE s.n = ?"
)
# Counting and summing laps takes a moment where there are thousands.
SESSION_UNCOUNTED = (
    f"SELECT {_SESSION_OWN}, 0, 0, NULL, {_SESSION_REST}"
    " FROM sessions AS s WHERE s.n = ?"
)
LAP_SELECT = """
    SELECT l.id, s.id, l.lap_number, l.lap_time_ms, l.kind, l.valid, l.started_us,
    l.frame_count, l.clock_time_ms, l.is_official, l.reason, l.top_speed_kmh,
    l.ended_us, l.state = 'open', l.deleted_us, l.tags, l.notes, l.excluded_us,
    l.excluded_reason, l.driver, l.stint
    FROM laps AS l JOIN sessions AS s ON s.n = l.session_n"""
LAPS = (
    f"{LAP_SELECT} WHERE l.session_n = ? AND l.state <> 'open' AND l.deleted_us IS NULL"
    " ORDER BY l.lap_number"
)
DELETED_LAPS = (
    f"{LAP_SELECT} WHERE l.session_n = ? AND l.state <> 'open'"
    " AND l.deleted_us IS NOT NULL ORDER BY l.lap_number"
)
LAP = f"{LAP_SELECT} WHERE l.n = ?"


def events(connection: sqlite3.Connection, *, deleted: bool) -> list[Event]:
    """Return all events, newest first, or those in the bin."""
    query = DELETED_EVENTS if deleted else EVENTS
    return [event_from_row(row) for row in connection.execute(query)]


def event(connection: sqlite3.Connection, event_n: int) -> Event:
    """Return one event by its key."""
    return event_from_row(_one(connection, EVENT, event_n))


def sessions(
    connection: sqlite3.Connection, event_n: int | None, *, deleted: bool
) -> list[Session]:
    """Return the sessions of an event, or all, newest first."""
    if event_n is None:
        rows = connection.execute(DELETED_SESSIONS if deleted else SESSIONS)
    else:
        query = DELETED_SESSIONS_OF_EVENT if deleted else SESSIONS_OF_EVENT
        rows = connection.execute(query, (event_n,))
    return [session_from_row(row) for row in rows]


def session(
    connection: sqlite3.Connection, session_n: int, *, counted: bool = True
) -> Session:
    """Return one session by its key."""
    query = SESSION if counted else SESSION_UNCOUNTED
    return session_from_row(_one(connection, query, session_n))


def laps(connection: sqlite3.Connection, session_n: int, *, deleted: bool) -> list[Lap]:
    """Return the finished laps of a session in driving order."""
    rows = connection.execute(DELETED_LAPS if deleted else LAPS, (session_n,))
    return [lap_from_row(row) for row in rows]


def lap(connection: sqlite3.Connection, lap_n: int) -> Lap:
    """Return one lap by its key, finished or not."""
    return lap_from_row(_one(connection, LAP, lap_n))


def event_from_row(row: Sequence[Any]) -> Event:
    public_id, name, status, *rest = row
    return Event(public_id, name, EventStatus(status), *rest)


def session_from_row(row: Sequence[Any]) -> Session:
    public_id, name, source, status, *rest = row
    return Session(public_id, name, source, SessionStatus(status), *rest)


def lap_from_row(row: Sequence[Any]) -> Lap:
    return Lap(
        id=row[0],
        session_id=row[1],
        lap_number=row[2],
        lap_time_ms=row[3],
        kind=LapKind(row[4]),
        valid=bool(row[5]),
        started_us=row[6],
        frame_count=row[7],
        clock_time_ms=row[8],
        is_official=bool(row[9]),
        reason=row[10],
        top_speed_kmh=row[11],
        ended_us=row[12],
        is_open=bool(row[13]),
        deleted_us=row[14],
        tags=row[15],
        notes=row[16],
        excluded_us=row[17],
        excluded_reason=row[18],
        driver=row[19],
        stint=row[20],
    )


def _one(connection: sqlite3.Connection, query: str, key: int) -> Sequence[Any]:
    row: Sequence[Any] | None = connection.execute(query, (key,)).fetchone()
    if row is None:
        # Its parent is gone, though it should have taken it along.
        raise NotFoundError("What it belongs to is missing.", "Run `ps-tui db check`.")
    return row
