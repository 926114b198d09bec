"""Development: make a database what the files say, without a migration.

Whatever can be made again is dropped and made; a table is rebuilt around its rows.
Nothing that holds data goes: a column with values or a table with rows that the
files do not know stops it before anything has changed.
"""

from __future__ import annotations

import sqlite3

from ps_tui.domain.errors import UsageError
from ps_tui.domain.upkeep import PushStep
from ps_tui.storage.sqlite.connection import transact
from ps_tui.storage.sqlite.migrate import record, shipped_migrations, shipped_schema
from ps_tui.storage.sqlite.plugin_sets import merged_schema
from ps_tui.storage.sqlite.schema import SchemaObject, schema_objects

_Objects = dict[str, SchemaObject]


def push(connection: sqlite3.Connection, now_us: int) -> list[PushStep]:
    """Bring the schema to the newest revision of the files; return what was done.

    Raises UsageError where data would be lost.
    """
    # Dropping the old table of a rebuild must not cascade; the pragma is heard
    # outside of transactions only.
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA legacy_alter_table = ON")
    try:
        return transact(connection, lambda inner: _push(inner, now_us))
    finally:
        connection.execute("PRAGMA legacy_alter_table = OFF")
        connection.execute("PRAGMA foreign_keys = ON")


def _push(connection: sqlite3.Connection, now_us: int) -> list[PushStep]:
    has_plugins = any(
        entry.name == "plugin_migrations" for entry in schema_objects(connection)
    )
    plugins = merged_schema(connection) if has_plugins else frozenset()
    wanted = {entry.name: entry for entry in shipped_schema() | plugins}
    found = {entry.name: entry for entry in schema_objects(connection)}
    steps = [
        *_drop_parts(connection, found, wanted),
        *_tables(connection, found, wanted),
        *_make_parts(connection, wanted),
    ]
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken:
        raise UsageError(
            f"A row of {broken[0]} would refer to nothing.", "Correct the data first."
        )
    for step in shipped_migrations():
        record(connection, step, now_us)
    connection.execute(f"PRAGMA user_version = {shipped_migrations()[-1].revision}")
    return steps


def _drop_parts(
    connection: sqlite3.Connection, found: _Objects, wanted: _Objects
) -> list[PushStep]:
    steps = []
    for name, entry in sorted(found.items()):
        if entry.type != "table" and wanted.get(name) != entry:
            connection.execute(f'DROP {entry.type} "{name}"')
            steps.append(PushStep(f"drop {entry.type}", name))
    return steps


def _tables(
    connection: sqlite3.Connection, found: _Objects, wanted: _Objects
) -> list[PushStep]:
    steps = []
    for name, entry in sorted(found.items()):
        if entry.type == "table" and name not in wanted:
            _refuse_rows(connection, name)
            connection.execute(f'DROP TABLE "{name}"')
            steps.append(PushStep("drop table", name))
    for name, entry in sorted(wanted.items()):
        if entry.type != "table" or found.get(name) == entry:
            continue
        if name in found:
            _rebuild(connection, entry)
            steps.append(PushStep("rebuild table", name))
        else:
            connection.execute(entry.sql)
            steps.append(PushStep("create table", name))
    return steps


def _make_parts(connection: sqlite3.Connection, wanted: _Objects) -> list[PushStep]:
    # A rebuilt table has lost its indexes and triggers, so what is there is asked anew.
    present = {entry.name for entry in schema_objects(connection)}
    steps = []
    for name, entry in sorted(wanted.items()):
        if entry.type != "table" and name not in present:
            _execute(connection, entry.sql, name)
            steps.append(PushStep(f"create {entry.type}", name))
    return steps


def _rebuild(connection: sqlite3.Connection, entry: SchemaObject) -> None:
    name, old = entry.name, f"{entry.name}__old"
    connection.execute(f'ALTER TABLE "{name}" RENAME TO "{old}"')
    connection.execute(entry.sql)
    before, after = _columns(connection, old), _columns(connection, name)
    for column in before:
        if column not in after:
            _refuse_values(connection, old, name, column)
    shared = ", ".join(f'"{column}"' for column in before if column in after)
    copy = f'INSERT INTO "{name}" ({shared}) SELECT {shared} FROM "{old}"'
    if shared:
        _execute(connection, copy, name)
    connection.execute(f'DROP TABLE "{old}"')


def _execute(connection: sqlite3.Connection, sql: str, name: str) -> None:
    try:
        connection.execute(sql)
    except sqlite3.IntegrityError as error:
        raise UsageError(
            f"The rows of {name} do not fit the new schema: {error}.",
            "Correct the data first, or write a migration that does.",
        ) from error


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]


def _refuse_rows(connection: sqlite3.Connection, table: str) -> None:
    (count,) = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
    if count:
        raise UsageError(
            f"The table {table} holds {count} rows that would be lost.",
            "Write a migration that moves them; `ps-tui db migrate create` begins one.",
        )


def _refuse_values(
    connection: sqlite3.Connection, old: str, table: str, column: str
) -> None:
    (count,) = connection.execute(f'SELECT count("{column}") FROM "{old}"').fetchone()
    if count:
        raise UsageError(
            f"{table}.{column} holds {count} values that would be lost.",
            "Write a migration that moves them; `ps-tui db migrate create` begins one.",
        )
