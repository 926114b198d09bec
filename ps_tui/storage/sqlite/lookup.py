"""From a public id, or the end of one, to the key of a row."""

from __future__ import annotations

import sqlite3

from ps_tui.domain.errors import GoneError, NotFoundError
from ps_tui.domain.ids import short_id

SHORTEST_END = 4
_FULL_LENGTH = 36


def event_key(connection: sqlite3.Connection, public_id: str) -> int:
    """Return the key of an event. Raises NotFoundError."""
    return _key(connection, "events", "event", public_id)


def session_key(connection: sqlite3.Connection, public_id: str) -> int:
    """Return the key of a session. Raises NotFoundError."""
    return _key(connection, "sessions", "session", public_id)


def lap_key(connection: sqlite3.Connection, public_id: str) -> int:
    """Return the key of a lap. Raises NotFoundError."""
    return _key(connection, "laps", "lap", public_id)


_NOUNS = {
    "users": "user",
    "event_participants": "participant",
    "prizes": "prize",
    "vehicles": "vehicle",
    "vehicle_configurations": "configuration",
    "vehicle_setups": "setup",
    "saved_plot_layouts": "layout",
    "math_telemetry_channels": "channel",
    "markers": "marker",
}


def key_of(connection: sqlite3.Connection, table: str, public_id: str) -> int:
    """Return the key of a row of ``table``. Raises NotFoundError."""
    return _key(connection, table, _NOUNS.get(table, "row"), public_id)


def _key(connection: sqlite3.Connection, table: str, noun: str, wanted: str) -> int:
    wanted = wanted.strip().lower()
    if len(wanted) >= _FULL_LENGTH:
        query = f"SELECT n FROM {table} WHERE id = ?"
        found = connection.execute(query, (wanted,)).fetchall()
    elif len(wanted) >= SHORTEST_END:
        # Reads the index of ids, not the table.
        query = f"SELECT n FROM {table} WHERE substr(id, -length(?1)) = ?1 LIMIT 2"
        found = connection.execute(query, (wanted,)).fetchall()
    else:
        raise NotFoundError(
            f"“{wanted}” is too short for an id.",
            f"Give at least its last {SHORTEST_END} characters.",
        )
    if not found and len(wanted) >= _FULL_LENGTH:
        # Nobody types so much: it was there when a list was read.
        raise GoneError(noun, short_id(wanted))
    if not found:
        raise NotFoundError(f"There is no {noun} with the id {wanted}.")
    if len(found) > 1:
        raise NotFoundError(
            f"More than one {noun} has an id that ends in {wanted}.",
            "Give more of it.",
        )
    return int(found[0][0])
