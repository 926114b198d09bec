"""Rows that refer to nothing, in any table, and how they are put right."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple


class StrayRow(NamedTuple):
    """A row whose reference leads nowhere. ``column`` is where it stands."""

    table: str
    rowid: int
    column: str
    is_needed: bool


def stray_rows(connection: sqlite3.Connection) -> list[StrayRow]:
    """Return every row that a foreign key of its table forbids."""
    rows = connection.execute("PRAGMA foreign_key_check").fetchall()
    return [
        StrayRow(table, rowid, *_reference(connection, table, number))
        for table, rowid, _, number in rows
        if rowid is not None
    ]


def remove(connection: sqlite3.Connection) -> None:
    """Empty such references where they may be empty, else take the row away.

    What hangs on a row that goes has lost its hold too, and is found next.
    """
    while found := stray_rows(connection):
        for row in found:
            change = (
                f'DELETE FROM "{row.table}"'
                if row.is_needed
                else f'UPDATE "{row.table}" SET "{row.column}" = NULL'
            )
            _with_children(connection, f"{change} WHERE rowid = ?", row)


def _with_children(connection: sqlite3.Connection, change: str, row: StrayRow) -> None:
    try:
        connection.execute(change, (row.rowid,))
    except sqlite3.IntegrityError:
        # A RESTRICT holds it back: what restricts it goes first.
        for table, column in _restricting(connection, row.table):
            connection.execute(
                f'DELETE FROM "{table}" WHERE "{column}" = ?', (row.rowid,)
            )
        connection.execute(change, (row.rowid,))


def _reference(
    connection: sqlite3.Connection, table: str, number: int
) -> tuple[str, bool]:
    column = next(
        row[3]
        for row in connection.execute(f'PRAGMA foreign_key_list("{table}")')
        if row[0] == number
    )
    is_needed = next(
        bool(row[3] or row[5])
        for row in connection.execute(f'PRAGMA table_info("{table}")')
        if row[1] == column
    )
    return column, is_needed


def _restricting(connection: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
    ).fetchall()
    return [
        (name, row[3])
        for (name,) in tables
        for row in connection.execute(f'PRAGMA foreign_key_list("{name}")')
        if row[2] == table and row[6] in ("RESTRICT", "NO ACTION")
    ]
