"""What has been in the bin for long goes for good, a little at a time.

Each row goes in a transaction of its own, laps first, so that a recording never
waits long for the writer.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import NamedTuple

from ps_tui.storage.sqlite.tables import data_tables

_BENEATH = (
    "n IN (SELECT n FROM sessions WHERE status <> 'recording' AND (deleted_us < :before"
    " OR event_n IN (SELECT n FROM events WHERE deleted_us < :before)))"
)
_GONE = {
    "laps": f"(deleted_us < :before OR session_{_BENEATH})",
    "sessions": _BENEATH,
}
"""What goes, where that is more than what was deleted itself."""

_KEPT_BY = {
    "events": "EXISTS (SELECT 1 FROM sessions WHERE event_n = events.n)",
    "prizes": "EXISTS (SELECT 1 FROM winners WHERE prize_n = prizes.n)",
}
"""What holds a row back although it is deleted."""

_WINNERS = (
    "DELETE FROM winners WHERE prize_n IN (SELECT n FROM prizes WHERE event_n = :key)"
)


class Doomed(NamedTuple):
    """One row that goes."""

    table: str
    key: int


def doomed(connection: sqlite3.Connection, before_us: int) -> list[Doomed]:
    """Return what was deleted before a moment, and what hangs on it.

    Laps first, then sessions, then the rest in an order that no reference minds.
    """
    rest = [
        table
        for table in reversed(data_tables(connection))
        if table not in _GONE and table != "users" and _has_bin(connection, table)
    ]
    return [
        Doomed(table, n)
        for table in (*_GONE, *rest)
        for (n,) in connection.execute(
            f'SELECT n FROM "{table}" WHERE {_condition(table)}', {"before": before_us}
        ).fetchall()
    ]


def remove(connection: sqlite3.Connection, row: Doomed, before_us: int) -> bool:
    """Delete one row with what hangs on it, in the caller's transaction.

    Returns whether it went: it may have been restored meanwhile.
    """
    kept = f" AND NOT {_KEPT_BY[row.table]}" if row.table in _KEPT_BY else ""
    condition = f"n = :key AND {_condition(row.table)}{kept}"
    about = {"key": row.key, "before": before_us}
    found = connection.execute(
        f'SELECT 1 FROM "{row.table}" WHERE {condition}', about
    ).fetchone()
    if found is None:
        return False
    if row.table == "events":
        # Won prizes refuse to go; the winners of a purged event go before them.
        connection.execute(_WINNERS, about)
    connection.execute(f'DELETE FROM "{row.table}" WHERE n = :key', about)
    return True


def counted(rows: list[Doomed]) -> dict[str, int]:
    """Return how many rows of each table."""
    return dict(Counter(row.table for row in rows))


def _condition(table: str) -> str:
    return _GONE.get(table, "deleted_us < :before")


def _has_bin(connection: sqlite3.Connection, table: str) -> bool:
    columns = connection.execute(f'PRAGMA table_info("{table}")')
    return any(column[1] == "deleted_us" for column in columns)
