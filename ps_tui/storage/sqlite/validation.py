"""Whether the shipped schema keeps its own rules; needs no database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from ps_tui.storage.sqlite import plugin_sets
from ps_tui.storage.sqlite.migrate import migrate, shipped_migrations, shipped_schema
from ps_tui.storage.sqlite.schema import schema_objects, statements

UNINDEXED_ON_PURPOSE = {("telemetry_frames", "lap_n")}
"""The live tail holds a lap or two: an index would only add writes."""


def validate() -> list[str]:
    """Return what is wrong with the shipped files, in sentences."""
    problems = []
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        try:
            migrate(connection, 0)
        except sqlite3.Error as error:
            return [f"The migrations do not run: {error}."]
        failed = plugin_sets.merge(connection, 0)
        problems += [f"The migrations of {name} do not run." for name in failed]
        problems += schema_problems(connection)
    problems += _wrong_ways_back()
    return problems


def schema_problems(connection: sqlite3.Connection) -> list[str]:
    """Return foreign keys without an index, needless indexes, loose tables."""
    problems = []
    for table, is_strict in _tables(connection):
        if not is_strict:
            problems.append(f"{table} is not STRICT.")
        problems += _unindexed_references(connection, table)
        problems += _repeated_indexes(connection, table)
    return problems


def _tables(connection: sqlite3.Connection) -> list[tuple[str, bool]]:
    rows = connection.execute(
        "SELECT name, strict FROM pragma_table_list"
        " WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%'"
        " ESCAPE '\\' ORDER BY name"
    )
    return [(name, bool(strict)) for name, strict in rows]


def _unindexed_references(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    for row in connection.execute(f"PRAGMA foreign_key_list({table})").fetchall():
        column = row[3]
        if (table, column) in UNINDEXED_ON_PURPOSE:
            continue
        plan = connection.execute(
            f"EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE {column} = ?", (1,)
        ).fetchall()
        if any(step[3].startswith("SCAN") for step in plan):
            yield f"{table}.{column} refers to {row[2]} without an index."


def _repeated_indexes(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    rows = connection.execute(f"PRAGMA index_list({table})").fetchall()
    whole = {
        name: _index_columns(connection, name)
        for _, name, _, _, is_partial in rows
        if not is_partial
    }
    for _, name, is_unique, origin, is_partial in rows:
        if origin != "c" or is_unique:
            continue
        columns = _index_columns(connection, name)
        for other, longer in whole.items():
            is_prefix = other != name and longer[: len(columns)] == columns
            if is_prefix and not is_partial:
                yield f"The index {name} repeats {other} of {table}."


def _index_columns(
    connection: sqlite3.Connection, index: str
) -> list[tuple[str, int, str]]:
    rows = connection.execute(f"PRAGMA index_xinfo({index})")
    return [(row[2], row[3], row[4]) for row in rows if row[5]]


def _wrong_ways_back() -> Iterator[str]:
    for step in shipped_migrations():
        if step.down_sql is None:
            continue
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            migrate(connection, 0, step.revision)
            try:
                for statement in statements(step.down_sql):
                    connection.execute(statement)
            except sqlite3.Error as error:
                yield f"The way back of {step.file_name} does not run: {error}."
                continue
            if schema_objects(connection) != shipped_schema(step.revision - 1):
                yield f"The way back of {step.file_name} does not lead back."
