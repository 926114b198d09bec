"""Takes a repair back, from what its change log put in quarantine."""

from __future__ import annotations

import json
import sqlite3

from ps_tui.domain.errors import NotFoundError, UsageError
from ps_tui.domain.upkeep import QuarantineEntry
from ps_tui.storage.sqlite.change_log import KEY, MADE, SCHEMA
from ps_tui.storage.sqlite.connection import transact


def quarantined(
    connection: sqlite3.Connection, run: str | None = None
) -> list[QuarantineEntry]:
    """Return what repairs took away or changed, newest first.

    Raises NotFoundError for an unknown run.
    """
    rows = connection.execute(
        "SELECT run, at_us, check_name, table_name, row_json,"
        " coalesce(length(blob), 0) FROM quarantine"
        " WHERE run = coalesce(?, run) ORDER BY n DESC",
        (run,),
    )
    found = [
        QuarantineEntry(name, at_us, check, table, json.loads(text), size)
        for name, at_us, check, table, text, size in rows
    ]
    if run is not None and not found:
        raise _unknown(run)
    return found


def undo(connection: sqlite3.Connection, run: str, now_us: int) -> int:
    """Put everything back as it was before a repair; return how many changes.

    Raises NotFoundError for an unknown run and UsageError where a row's place is
    taken by now.
    """
    # What a repair takes away often refers to nothing, or breaks a rule of its
    # table: that was its fault.
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    try:
        return transact(connection, lambda inner: _undo(inner, run, now_us))
    finally:
        connection.execute("PRAGMA ignore_check_constraints = OFF")
        connection.execute("PRAGMA foreign_keys = ON")


def _undo(connection: sqlite3.Connection, run: str, now_us: int) -> int:
    rows = connection.execute(
        "SELECT n, table_name, row_json, blob FROM quarantine"
        " WHERE run = ? AND check_name <> 'unstorable frames' ORDER BY n DESC",
        (run,),
    ).fetchall()
    if not rows:
        raise _unknown(run)
    for n, table, text, blob in rows:
        _take_back(connection, table, json.loads(text), blob)
        connection.execute("DELETE FROM quarantine WHERE n = ?", (n,))
    connection.execute(
        "INSERT INTO audit (at_us, actor, action, table_name, row_id)"
        " VALUES (?, 'repair', 'undo', 'quarantine', ?)",
        (now_us, run),
    )
    return len(rows)


def _take_back(
    connection: sqlite3.Connection,
    table: str,
    row: dict[str, object],
    blob: bytes | None,
) -> None:
    if table == SCHEMA:
        connection.execute(f'DROP {row["type"]} IF EXISTS "{row[MADE]}"')
        return
    key = row.pop(MADE, None) or row.pop(KEY)
    connection.execute(f'DELETE FROM "{table}" WHERE rowid = ?', (key,))
    if row:
        _put_back(connection, table, key, row, blob)


def _put_back(
    connection: sqlite3.Connection,
    table: str,
    key: object,
    row: dict[str, object],
    blob: bytes | None,
) -> None:
    columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    values = {name: _value(row[name]) for _, name, *_ in columns if name in row}
    if blob is not None:
        values[next(name for _, name, kind, *_ in columns if kind == "BLOB")] = blob
    if not any(is_key and kind == "INTEGER" for _, _, kind, *_, is_key in columns):
        values["rowid"] = key
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join("?" for _ in values)
    try:
        connection.execute(
            f'INSERT INTO "{table}" ({names}) VALUES ({marks})', tuple(values.values())
        )
    except sqlite3.IntegrityError as error:
        raise UsageError(
            f"A row of {table} cannot come back: {error}.",
            "What stands in its place was made since; restore a backup instead.",
        ) from error


def _value(stored: object) -> object:
    return bytes.fromhex(stored["hex"]) if isinstance(stored, dict) else stored


def _unknown(run: str) -> NotFoundError:
    return NotFoundError(
        f"There is no repair {run} to undo.", "`ps-tui db quarantine` lists them."
    )
