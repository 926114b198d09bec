"""Soft delete and its way back. Runs inside a write transaction.

Everything that goes in one act carries one ``deleted_us``, which is how restoring
finds exactly that again.
"""

from __future__ import annotations

import sqlite3

from ps_tui.domain.errors import RecorderBusyError
from ps_tui.domain.models import Deletion, Event, Lap, Session
from ps_tui.storage.sqlite import queries
from ps_tui.storage.sqlite.recovery import recover, split_by_life


def delete_event(connection: sqlite3.Connection, event_n: int, now_us: int) -> Deletion:
    """Delete an event with its sessions and laps. Raises RecorderBusyError."""
    event = queries.event(connection, event_n)
    if event.deleted_us is not None:
        return Deletion(event.id, event.name)
    sessions = _keys(
        connection,
        "SELECT n FROM sessions WHERE event_n = ? AND deleted_us IS NULL",
        event_n,
    )
    refuse_recording(connection, sessions, f"event “{event.name}”", now_us)
    lap_count = sum(_delete_session(connection, n, now_us) for n in sessions)
    connection.execute(
        "UPDATE events SET deleted_us = ? WHERE n = ?", (now_us, event_n)
    )
    return Deletion(event.id, event.name, len(sessions), lap_count)


def delete_session(
    connection: sqlite3.Connection, session_n: int, now_us: int
) -> Deletion:
    """Delete a session with its laps. Raises RecorderBusyError."""
    session = queries.session(connection, session_n)
    if session.deleted_us is not None:
        return Deletion(session.id, session.name)
    refuse_recording(connection, [session_n], f"session “{session.name}”", now_us)
    lap_count = _delete_session(connection, session_n, now_us)
    return Deletion(session.id, session.name, 1, lap_count)


def delete_lap(connection: sqlite3.Connection, lap_n: int, now_us: int) -> Deletion:
    """Delete a lap. Raises RecorderBusyError while it is driven."""
    lap = queries.lap(connection, lap_n)
    name = f"Lap {lap.lap_number}"
    if lap.deleted_us is not None:
        return Deletion(lap.id, name)
    if lap.is_open:
        raise RecorderBusyError(
            f"{name} is still being driven.", "Delete it once it is finished."
        )
    connection.execute("UPDATE laps SET deleted_us = ? WHERE n = ?", (now_us, lap_n))
    return Deletion(lap.id, name, 0, 1)


def restore_event(connection: sqlite3.Connection, event_n: int) -> Event:
    """Bring back an event and exactly what was deleted with it."""
    at_us = _deleted_us(connection, "events", event_n)
    if at_us is not None:
        connection.execute(
            "UPDATE laps SET deleted_us = NULL WHERE deleted_us = ?"
            " AND session_n IN (SELECT n FROM sessions WHERE event_n = ?)",
            (at_us, event_n),
        )
        connection.execute(
            "UPDATE sessions SET deleted_us = NULL"
            " WHERE event_n = ? AND deleted_us = ?",
            (event_n, at_us),
        )
        _undelete(connection, "events", event_n)
    return queries.event(connection, event_n)


def restore_session(connection: sqlite3.Connection, session_n: int) -> Session:
    """Bring back a session, what was deleted with it, and its event alone."""
    at_us = _deleted_us(connection, "sessions", session_n)
    if at_us is not None:
        connection.execute(
            "UPDATE laps SET deleted_us = NULL WHERE session_n = ? AND deleted_us = ?",
            (session_n, at_us),
        )
    _undelete_upwards(connection, session_n)
    return queries.session(connection, session_n)


def restore_lap(connection: sqlite3.Connection, lap_n: int) -> Lap:
    """Bring back a lap, and the session and event that it stands in."""
    _undelete(connection, "laps", lap_n)
    (session_n,) = connection.execute(
        "SELECT session_n FROM laps WHERE n = ?", (lap_n,)
    ).fetchone()
    _undelete_upwards(connection, session_n)
    return queries.lap(connection, lap_n)


def _delete_session(connection: sqlite3.Connection, session_n: int, now_us: int) -> int:
    lap_count = connection.execute(
        "UPDATE laps SET deleted_us = ? WHERE session_n = ? AND deleted_us IS NULL",
        (now_us, session_n),
    ).rowcount
    connection.execute(
        "UPDATE sessions SET deleted_us = ? WHERE n = ?", (now_us, session_n)
    )
    return lap_count


def refuse_recording(
    connection: sqlite3.Connection,
    sessions: list[int],
    what: str,
    now_us: int,
    done: str = "deleted",
) -> None:
    """Raise RecorderBusyError where somebody alive records into ``sessions``."""
    alive, dead = split_by_life(connection, now_us)
    for claimed in alive:
        if claimed.session_n in sessions:
            raise RecorderBusyError(
                f"The {what} cannot be {done}: {claimed.recorder.label} (pid"
                f" {claimed.recorder.pid}) records into it.",
                "Stop the recording first.",
            )
    if dead:
        recover(connection, now_us)


def _keys(connection: sqlite3.Connection, query: str, key: int) -> list[int]:
    return [n for (n,) in connection.execute(query, (key,))]


def _deleted_us(connection: sqlite3.Connection, table: str, key: int) -> int | None:
    query = f"SELECT deleted_us FROM {table} WHERE n = ?"
    value: int | None = connection.execute(query, (key,)).fetchone()[0]
    return value


def _undelete(connection: sqlite3.Connection, table: str, key: int) -> None:
    connection.execute(f"UPDATE {table} SET deleted_us = NULL WHERE n = ?", (key,))


def _undelete_upwards(connection: sqlite3.Connection, session_n: int) -> None:
    _undelete(connection, "sessions", session_n)
    connection.execute(
        "UPDATE events SET deleted_us = NULL"
        " WHERE n = (SELECT event_n FROM sessions WHERE n = ?)",
        (session_n,),
    )
