"""Takes a repair back, from what it put in quarantine."""

from __future__ import annotations

import json
import sqlite3

from ps_tui.domain.errors import NotFoundError, UsageError
from ps_tui.domain.upkeep import QuarantineEntry
from ps_tui.storage.sqlite.connection import transact

_BLOBS = {"lap_traces": "data", "telemetry_frames": "extra"}


def quarantined(
    connection: sqlite3.Connection, run: str | None = None
) -> list[QuarantineEntry]:
    """Return what repairs took away or changed, newest first."""
    rows = connection.execute(
        "SELECT run, at_us, check_name, table_name, row_json,"
        " coalesce(length(blob), 0) FROM quarantine"
        " WHERE run = coalesce(?, run) ORDER BY n DESC",
        (run,),
    )
    return [
        QuarantineEntry(run, at_us, check, table, json.loads(text), size)
        for run, at_us, check, table, text, size in rows
    ]


def undo(connection: sqlite3.Connection, run: str, now_us: int) -> int:
    """Put back every row of a repair as it was before; return how many.

    Raises NotFoundError for an unknown run and UsageError where a row's place is
    taken by now.
    """
    # What a repair takes away often refers to nothing: that was its fault.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        return transact(connection, lambda inner: _undo(inner, run, now_us))
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _undo(connection: sqlite3.Connection, run: str, now_us: int) -> int:
    rows = connection.execute(
        "SELECT n, table_name, row_json, blob FROM quarantine"
        " WHERE run = ? AND check_name <> 'unstorable frames' ORDER BY n DESC",
        (run,),
    ).fetchall()
    if not rows:
        raise NotFoundError(
            f"There is no repair {run} to undo.", "`ps-tui db quarantine` lists them."
        )
    for n, table, text, blob in rows:
        _put_back(connection, table, json.loads(text), blob)
        connection.execute("DELETE FROM quarantine WHERE n = ?", (n,))
    connection.execute(
        "INSERT INTO audit (at_us, actor, action, table_name, row_id)"
        " VALUES (?, 'repair', 'undo', 'quarantine', ?)",
        (now_us, run),
    )
    return len(rows)


def _put_back(
    connection: sqlite3.Connection,
    table: str,
    row: dict[str, object],
    blob: bytes | None,
) -> None:
    if blob is not None:
        row[_BLOBS[table]] = blob
    known = {
        column[1] for column in connection.execute(f'PRAGMA table_info("{table}")')
    }
    row = {name: value for name, value in row.items() if name in known}
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    try:
        connection.execute(
            f'INSERT OR REPLACE INTO "{table}" ({names}) VALUES ({marks})',
            tuple(row.values()),
        )
    except sqlite3.IntegrityError as error:
        raise UsageError(
            f"A row of {table} cannot come back: {error}.",
            "What stands in its place was made since; restore a backup instead.",
        ) from error
