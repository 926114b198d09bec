"""Remembers whatever a repair changes, so that it can be taken back whole.

While a repair runs, temporary triggers copy each row to quarantine before it is
changed or deleted, by the repair itself or by a cascade, and note each row that is
added. Nothing that writes has to know of it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from ps_tui.storage.sqlite.tables import data_tables

MADE = "(made)"
"""Stands in ``row_json`` of a row that was not there before, with its rowid."""
KEY = "(rowid)"
"""The key of a row whose table has no integer of its own for it."""
SCHEMA = "sqlite_master"
_LOGS = ("quarantine", "audit")
_INSERT = (
    "INSERT INTO quarantine (run, at_us, check_name, table_name, row_json, blob)"
    " VALUES (repair_note('run'), repair_note('at_us'), repair_note('check'),"
)


class ChangeLog:
    """Files the changes of one repair under ``run``; ``check`` is what it mends."""

    def __init__(self, run: str, at_us: int) -> None:
        self.run = run
        self.at_us = at_us
        self.check = ""

    @contextmanager
    def watching(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Log what happens to every table, inside the caller's transaction."""
        connection.create_function("repair_note", 1, lambda name: getattr(self, name))
        triggers = []
        # A REPLACE that displaces a row fires its delete trigger only with this.
        connection.execute("PRAGMA recursive_triggers = ON")
        try:
            for table in data_tables(connection):
                if table not in _LOGS:
                    triggers += _watch(connection, table)
            yield
        finally:
            for name in triggers:
                connection.execute(f'DROP TRIGGER IF EXISTS temp."{name}"')
            connection.execute("PRAGMA recursive_triggers = OFF")

    def note_made(self, connection: sqlite3.Connection, kind: str, name: str) -> None:
        """Note an index or a trigger that the repair made."""
        row = json.dumps({MADE: name, "type": kind})
        connection.execute(f"{_INSERT} ?, ?, NULL)", (SCHEMA, row))


def _watch(connection: sqlite3.Connection, table: str) -> list[str]:
    columns = [
        (name, kind)
        for _, name, kind, *_ in connection.execute(f'PRAGMA table_info("{table}")')
    ]
    blob = next((name for name, kind in columns if kind == "BLOB"), None)
    names = [name for name, _ in columns if name != blob]

    def as_json(rowid: int, *values: object) -> str:
        row = dict(zip(names, map(_plain, values), strict=True))
        return json.dumps({KEY: rowid, **row})

    function = f"row_of_{table}"
    connection.create_function(function, len(names) + 1, as_json)
    old = ", ".join(["OLD.rowid", *(f'OLD."{name}"' for name in names)])
    kept = f'"{function}"({old}), ' + (f'OLD."{blob}"' if blob else "NULL")
    made = f"'{{\"{MADE}\": ' || NEW.rowid || '}}', NULL"
    triggers = []
    for event, values in (
        ("BEFORE UPDATE", kept),
        ("BEFORE DELETE", kept),
        ("AFTER INSERT", made),
    ):
        name = f"repair {event} {table}"
        connection.execute(
            f'CREATE TEMP TRIGGER "{name}" {event} ON main."{table}"'
            f" BEGIN {_INSERT} '{table}', {values}); END"
        )
        triggers.append(name)
    return triggers


def _plain(value: object) -> object:
    return {"hex": value.hex()} if isinstance(value, bytes) else value
