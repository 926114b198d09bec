"""The tables that hold what people or recorders made, each after those it refers to."""

from __future__ import annotations

import sqlite3

BOOKKEEPING = frozenset(
    {"schema_migrations", "plugin_migrations", "store_facts", "lap_figures"}
)
"""What the program keeps for itself, or can make again of the rest."""


def data_tables(connection: sqlite3.Connection) -> list[str]:
    """Return the tables with content, each after those that it refers to."""
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    names = [name for (name,) in rows if name not in BOOKKEEPING]
    parents = {name: set(references(connection, name).values()) for name in names}
    ordered: list[str] = []
    while len(ordered) < len(names):
        ready = [
            name
            for name in names
            if name not in ordered and parents[name] <= {*ordered, name}
        ]
        ordered += ready or [name for name in names if name not in ordered]
    return ordered


def references(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    """Return the columns of a table that refer to another, with that table."""
    rows = connection.execute(f'PRAGMA foreign_key_list("{table}")')
    return {row[3]: row[2] for row in rows}


def row_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many rows each table with content has."""
    return {
        table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        for table in data_tables(connection)
    }
