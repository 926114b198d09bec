"""Events, sessions and laps as people read and edit them."""

from __future__ import annotations

import sqlite3

from ps_tui.domain.clock import Clock
from ps_tui.domain.errors import UsageError
from ps_tui.domain.ids import new_id
from ps_tui.domain.models import (
    Deletion,
    Event,
    EventDraft,
    Lap,
    LapDraft,
    LapNotes,
    LapTrace,
    Session,
    SessionDraft,
)
from ps_tui.storage.sqlite import deletion, queries
from ps_tui.storage.sqlite.connection import Database
from ps_tui.storage.sqlite.drafts import event_fields, session_fields, trimmed_name
from ps_tui.storage.sqlite.hand_timed import new_lap
from ps_tui.storage.sqlite.lap_book import SqliteLapBook
from ps_tui.storage.sqlite.lookup import event_key, lap_key, session_key
from ps_tui.storage.sqlite.reading import load_trace
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
_EXCLUDE_LAP = "UPDATE laps SET excluded_us = ?, excluded_reason = ? WHERE n = ?"
_NOTE_LAP = "UPDATE laps SET tags = ?, notes = ?, driver = ?, stint = ? WHERE n = ?"


class SqliteLibrary(SqliteLapBook):
    """Library on SQLite: reads on the reader, edits on the writer."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
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
        fields, now_us = event_fields(draft), self._stamp_us()

        def work(connection: sqlite3.Connection) -> Event:
            user_n = local_user(connection, now_us)
            row = (new_id(now_us // 1000), user_n, *fields, now_us, now_us)
            (event_n,) = connection.execute(_NEW_EVENT, row).fetchone()
            return queries.event(connection, event_n)

        return await self._database.write(work)

    async def edit_event(self, event_id: str, draft: EventDraft) -> Event:
        """Replace what a person filled in about an event."""
        fields, now_us = event_fields(draft), self._stamp_us()

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

    async def session(self, session_id: str, *, counted: bool = True) -> Session:
        """Return one session, deleted or not."""
        return await self._database.read(
            lambda connection: queries.session(
                connection, session_key(connection, session_id), counted=counted
            )
        )

    async def create_session(self, draft: SessionDraft) -> Session:
        """Store a new session, in an event or on its own."""
        name, now_us = trimmed_name(draft.name), self._stamp_us()

        def work(connection: sqlite3.Connection) -> Session:
            user_n = local_user(connection, now_us)
            fields = session_fields(connection, draft, name)
            row = (new_id(now_us // 1000), user_n, *fields, now_us, now_us)
            (session_n,) = connection.execute(_NEW_SESSION, row).fetchone()
            return queries.session(connection, session_n)

        return await self._database.write(work)

    async def edit_session(self, session_id: str, draft: SessionDraft) -> Session:
        """Replace what a person filled in about a session."""
        name, now_us = trimmed_name(draft.name), self._stamp_us()

        def work(connection: sqlite3.Connection) -> Session:
            session_n = session_key(connection, session_id)
            fields = session_fields(connection, draft, name)
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

    async def create_lap(self, session_id: str, draft: LapDraft) -> Lap:
        """Store a lap that was timed by hand."""
        now_us = self._stamp_us()
        return await self._database.write(
            lambda connection: new_lap(
                connection, session_key(connection, session_id), draft, now_us
            )
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

    async def exclude_lap(self, lap_id: str, reason: str) -> Lap:
        """Take a lap out of bests and averages; it stays in every list."""
        if not reason.strip():
            raise UsageError("A reason is missing.", "Say why the lap shall not count.")
        return await self._change_lap(
            lap_id, _EXCLUDE_LAP, (self._stamp_us(), reason.strip())
        )

    async def include_lap(self, lap_id: str) -> Lap:
        """Let an excluded lap count again."""
        return await self._change_lap(lap_id, _EXCLUDE_LAP, (None, None))

    async def note_lap(self, lap_id: str, notes: LapNotes) -> Lap:
        """Replace what a person wrote about a lap."""
        if notes.stint is not None and notes.stint < 1:
            raise UsageError(f"There is no stint {notes.stint}.", "Count from 1.")
        return await self._change_lap(
            lap_id, _NOTE_LAP, (notes.tags, notes.notes, notes.driver, notes.stint)
        )

    async def _change_lap(
        self, lap_id: str, statement: str, values: tuple[int | str | None, ...]
    ) -> Lap:
        def work(connection: sqlite3.Connection) -> Lap:
            lap_n = lap_key(connection, lap_id)
            connection.execute(statement, (*values, lap_n))
            return queries.lap(connection, lap_n)

        return await self._database.write(work)

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
