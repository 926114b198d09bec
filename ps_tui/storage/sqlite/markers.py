"""Markers on SQLite: reads on the reader, edits on the one writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from ps_tui.domain.clock import Clock
from ps_tui.domain.ids import new_id
from ps_tui.domain.markers import Marker, MarkerDraft
from ps_tui.domain.models import Deletion
from ps_tui.storage.sqlite.connection import Database
from ps_tui.storage.sqlite.lookup import key_of, lap_key, session_key

# The row of a lap may be written after a marker on it: frames are committed in
# batches. So the lap is looked up by time, unless somebody named it.
_SELECT = """
SELECT m.id, s.id, m.received_us, m.created_us, l.id, l.lap_number, l.started_us,
       m.position, m.note, m.deleted_us
FROM markers AS m
JOIN sessions AS s ON s.n = m.session_n
LEFT JOIN laps AS l ON l.n = coalesce(m.lap_n, (
    SELECT n FROM laps
    WHERE session_n = m.session_n AND started_us <= m.received_us
      AND (ended_us IS NULL OR ended_us > m.received_us)
    ORDER BY lap_number DESC LIMIT 1))"""
MARKERS = (
    f"{_SELECT} WHERE m.session_n = ? AND m.deleted_us IS NULL"
    " AND l.deleted_us IS NULL ORDER BY m.received_us"
)
MARKER = f"{_SELECT} WHERE m.n = ?"
_NEW = (
    "INSERT INTO markers (id, session_n, lap_n, received_us, position, note,"
    " created_us) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING n"
)


class SqliteMarkers:
    """Markers on SQLite; see ``domain.markers``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def markers(self, session_id: str) -> list[Marker]:
        """Return the markers of a session as they were driven."""

        def work(connection: sqlite3.Connection) -> list[Marker]:
            session_n = session_key(connection, session_id)
            return [_marker(row) for row in connection.execute(MARKERS, (session_n,))]

        return await self._database.read(work)

    async def add_marker(self, draft: MarkerDraft) -> Marker:
        """Store a marker; a place beside the lap is moved onto the line."""
        now_us, place = self._clock.now_us(), draft.position

        def work(connection: sqlite3.Connection) -> Marker:
            row = (
                new_id(now_us // 1000),
                session_key(connection, draft.session_id),
                None if draft.lap_id is None else lap_key(connection, draft.lap_id),
                draft.received_us,
                None if place is None else min(max(place, 0.0), 1.0),
                draft.note.strip(),
                now_us,
            )
            (marker_n,) = connection.execute(_NEW, row).fetchone()
            return _one(connection, marker_n)

        return await self._database.write(work)

    async def note_marker(self, marker_id: str, note: str) -> Marker:
        """Replace the words of a marker."""
        return await self._change(
            marker_id,
            lambda connection, marker_n: connection.execute(
                "UPDATE markers SET note = ? WHERE n = ?", (note.strip(), marker_n)
            ),
        )

    async def delete_marker(self, marker_id: str) -> Deletion:
        """Soft-delete a marker."""
        now_us = self._clock.now_us()
        marker = await self._change(
            marker_id,
            lambda connection, marker_n: connection.execute(
                "UPDATE markers SET deleted_us = coalesce(deleted_us, ?) WHERE n = ?",
                (now_us, marker_n),
            ),
        )
        return Deletion(marker.id, marker.name)

    async def restore_marker(self, marker_id: str) -> Marker:
        """Bring back a marker."""
        return await self._change(
            marker_id,
            lambda connection, marker_n: connection.execute(
                "UPDATE markers SET deleted_us = NULL WHERE n = ?", (marker_n,)
            ),
        )

    async def _change(
        self, marker_id: str, change: Callable[[sqlite3.Connection, int], object]
    ) -> Marker:
        def work(connection: sqlite3.Connection) -> Marker:
            marker_n = key_of(connection, "markers", marker_id)
            change(connection, marker_n)
            return _one(connection, marker_n)

        return await self._database.write(work)


def _one(connection: sqlite3.Connection, marker_n: int) -> Marker:
    return _marker(connection.execute(MARKER, (marker_n,)).fetchone())


def _marker(row: tuple[Any, ...]) -> Marker:
    return Marker(*row)
