"""Events, sessions and laps as people read and edit them."""

from __future__ import annotations

import json
import sqlite3
from datetime import date

from ps_tui.domain.errors import UsageError
from ps_tui.domain.ids import new_id
from ps_tui.domain.models import (
    Deletion,
    Event,
    EventDraft,
    Lap,
    LapTrace,
    Session,
    SessionDraft,
)
from ps_tui.domain.ports import Clock
from ps_tui.storage.sqlite import deletion, queries
from ps_tui.storage.sqlite.connection import Database
from ps_tui.storage.sqlite.frames import SELECT_LAP_FRAMES
from ps_tui.storage.sqlite.lookup import event_key, lap_key, session_key
from ps_tui.storage.sqlite.sealing import (
    in_driving_order,
    joined,
    public_columns,
    stored_trace,
)
from ps_tui.storage.sqlite.users import local_user

_NEW_EVENT = (
    "INSERT INTO events (id, user_n, name, description, location, start_date,"
    " end_date, created_us, updated_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING n"
)
_EDIT_EVENT = (
    "UPDATE events SET name = ?, description = ?, location = ?, start_date = ?,"
    " end_date = ?, updated_us = ? WHERE n = ?"
)
_NEW_SESSION = (
    "INSERT INTO sessions (id, user_n, event_n, name, source, tags, car, track,"
    " driver, created_us, updated_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " RETURNING n"
)
_EDIT_SESSION = (
    "UPDATE sessions SET event_n = ?, name = ?, source = ?, tags = ?, car = ?,"
    " track = ?, driver = ?, updated_us = ? WHERE n = ?"
)


class SqliteLibrary:
    """Library on SQLite: reads on the reader, edits on the writer."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._newest_us = 0

    async def events(self, *, deleted: bool = False) -> list[Event]:
        """Return the events, newest first; with ``deleted`` only deleted ones."""
        return await self._database.read(
            lambda connection: queries.events(connection, deleted=deleted)
        )

    async def event(self, event_id: str) -> Event:
        """Return one event, deleted or not."""
        return await self._database.read(
            lambda connection: queries.event(
                connection, event_key(connection, event_id)
            )
        )

    async def create_event(self, draft: EventDraft) -> Event:
        """Store a new event of the local user."""
        fields, now_us = _event_fields(draft), self._stamp_us()

        def work(connection: sqlite3.Connection) -> Event:
            user_n = local_user(connection, now_us)
            row = (new_id(now_us // 1000), user_n, *fields, now_us, now_us)
            (event_n,) = connection.execute(_NEW_EVENT, row).fetchone()
            return queries.event(connection, event_n)

        return await self._database.write(work)

    async def edit_event(self, event_id: str, draft: EventDraft) -> Event:
        """Replace what a person filled in about an event."""
        fields, now_us = _event_fields(draft), self._stamp_us()

        def work(connection: sqlite3.Connection) -> Event:
            event_n = event_key(connection, event_id)
            connection.execute(_EDIT_EVENT, (*fields, now_us, event_n))
            return queries.event(connection, event_n)

        return await self._database.write(work)

    async def delete_event(self, event_id: str) -> Deletion:
        """Soft-delete an event with its sessions and laps."""
        now_us = self._stamp_us()
        return await self._database.write(
            lambda connection: deletion.delete_event(
                connection, event_key(connection, event_id), now_us
            )
        )

    async def restore_event(self, event_id: str) -> Event:
        """Bring back an event and exactly what was deleted with it."""
        return await self._database.write(
            lambda connection: deletion.restore_event(
                connection, event_key(connection, event_id)
            )
        )

    async def sessions(
        self, event_id: str | None = None, *, deleted: bool = False
    ) -> list[Session]:
        """Return the sessions of an event, or all, newest first."""

        def work(connection: sqlite3.Connection) -> list[Session]:
            event_n = None if event_id is None else event_key(connection, event_id)
            return queries.sessions(connection, event_n, deleted=deleted)

        return await self._database.read(work)

    async def session(self, session_id: str) -> Session:
        """Return one session, deleted or not."""
        return await self._database.read(
            lambda connection: queries.session(
                connection, session_key(connection, session_id)
            )
        )

    async def create_session(self, draft: SessionDraft) -> Session:
        """Store a new session, in an event or on its own."""
        name, now_us = _name(draft.name), self._stamp_us()

        def work(connection: sqlite3.Connection) -> Session:
            user_n = local_user(connection, now_us)
            fields = _session_fields(connection, draft, name)
            row = (new_id(now_us // 1000), user_n, *fields, now_us, now_us)
            (session_n,) = connection.execute(_NEW_SESSION, row).fetchone()
            return queries.session(connection, session_n)

        return await self._database.write(work)

    async def edit_session(self, session_id: str, draft: SessionDraft) -> Session:
        """Replace what a person filled in about a session."""
        name, now_us = _name(draft.name), self._stamp_us()

        def work(connection: sqlite3.Connection) -> Session:
            session_n = session_key(connection, session_id)
            fields = _session_fields(connection, draft, name)
            connection.execute(_EDIT_SESSION, (*fields, now_us, session_n))
            return queries.session(connection, session_n)

        return await self._database.write(work)

    async def delete_session(self, session_id: str) -> Deletion:
        """Soft-delete a session with its laps."""
        now_us = self._stamp_us()
        return await self._database.write(
            lambda connection: deletion.delete_session(
                connection, session_key(connection, session_id), now_us
            )
        )

    async def restore_session(self, session_id: str) -> Session:
        """Bring back a session, what was deleted with it, and its event."""
        return await self._database.write(
            lambda connection: deletion.restore_session(
                connection, session_key(connection, session_id)
            )
        )

    async def laps(self, session_id: str, *, deleted: bool = False) -> list[Lap]:
        """Return the finished laps of a session in driving order."""
        return await self._database.read(
            lambda connection: queries.laps(
                connection, session_key(connection, session_id), deleted=deleted
            )
        )

    async def lap(self, lap_id: str) -> Lap:
        """Return one lap, also while it is driven."""
        return await self._database.read(
            lambda connection: queries.lap(connection, lap_key(connection, lap_id))
        )

    async def delete_lap(self, lap_id: str) -> Deletion:
        """Soft-delete a lap."""
        now_us = self._stamp_us()
        return await self._database.write(
            lambda connection: deletion.delete_lap(
                connection, lap_key(connection, lap_id), now_us
            )
        )

    async def restore_lap(self, lap_id: str) -> Lap:
        """Bring back a lap, and its session and event if they are deleted."""
        return await self._database.write(
            lambda connection: deletion.restore_lap(
                connection, lap_key(connection, lap_id)
            )
        )

    async def load_trace(self, lap_id: str) -> LapTrace:
        """Return all frames of a lap. Raises DatabaseError on a damaged trace."""

        def work(connection: sqlite3.Connection) -> LapTrace:
            lap_n = lap_key(connection, lap_id)
            return load_trace(connection, lap_n)

        return await self._database.read(work)

    def _stamp_us(self) -> int:
        # Rising, so that two acts within one tick of the clock stay two acts.
        self._newest_us = max(self._clock.now_us(), self._newest_us + 1)
        return self._newest_us


def load_trace(connection: sqlite3.Connection, lap_n: int) -> LapTrace:
    """Return all frames of a lap from its trace and from rows not yet sealed."""
    lap = queries.lap(connection, lap_n)
    trace = stored_trace(connection, lap_n)
    rows = []
    channels: list[str] = []
    if trace is None or not _is_sealed(connection, lap_n):
        rows = connection.execute(SELECT_LAP_FRAMES, (lap_n,)).fetchall()
        (channels_json,) = connection.execute(
            "SELECT channels_json FROM sessions"
            " WHERE n = (SELECT session_n FROM laps WHERE n = ?)",
            (lap_n,),
        ).fetchone()
        channels = json.loads(channels_json)
    columns = joined(trace, rows, channels)
    if rows:
        columns = in_driving_order(columns)
    frame_count = len(rows) + (0 if trace is None else trace.frame_count)
    return LapTrace(lap, public_columns(columns, frame_count))


def _is_sealed(connection: sqlite3.Connection, lap_n: int) -> bool:
    row = connection.execute("SELECT state FROM laps WHERE n = ?", (lap_n,)).fetchone()
    return bool(row[0] == "sealed")


def _name(name: str) -> str:
    if not name.strip():
        raise UsageError("A name is missing.", "Type at least one character.")
    return name.strip()


def _event_fields(draft: EventDraft) -> tuple[str | None, ...]:
    days = [_day(text) for text in (draft.start_date, draft.end_date)]
    if None not in days and str(days[0]) > str(days[1]):
        raise UsageError("The event ends before it starts.", "Swap the two dates.")
    return (_name(draft.name), draft.description, draft.location, *days)


def _day(text: str | None) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(
            f"“{text}” is not a date.", "Write it as 2026-11-21."
        ) from None


def _session_fields(
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
