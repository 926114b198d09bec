"""Seventeen ways in which a schema differs from what the migrations make."""

from __future__ import annotations

import sqlite3


def rebuilt(table: str, old: str, new: str) -> str:
    """Return a script that changes the statement of a table as it is stored."""
    return f"REBUILD {table}|{old}|{new}"


DRIFTS = {
    "column missing": "ALTER TABLE laps DROP COLUMN notes",
    "column added": "ALTER TABLE laps ADD COLUMN weather TEXT",
    "column type": rebuilt("events", "location TEXT", "location BLOB"),
    "column nullable": rebuilt("events", "name TEXT NOT NULL", "name TEXT"),
    "column default": rebuilt("events", "DEFAULT 'draft'", "DEFAULT 'active'"),
    "table missing": "DROP TABLE markers",
    "table added": "CREATE TABLE mine (x)",
    "index missing": "DROP INDEX events_by_user",
    "index columns": "DROP INDEX events_by_user;"
    "CREATE INDEX events_by_user ON events (user_n, name)",
    "index partial": "DROP INDEX events_by_user; CREATE INDEX events_by_user"
    " ON events (user_n, created_us) WHERE deleted_us IS NULL",
    "index descending": "DROP INDEX events_by_user; CREATE INDEX events_by_user"
    " ON events (user_n, created_us DESC)",
    "check removed": rebuilt("events", "CHECK (length(name) > 0)", ""),
    "trigger": "CREATE TRIGGER t AFTER INSERT ON laps BEGIN DELETE FROM audit; END",
    "view": "CREATE VIEW v AS SELECT * FROM laps",
    "WITHOUT ROWID": rebuilt("store_facts", ") STRICT", ") STRICT, WITHOUT ROWID"),
    "primary key order": rebuilt(
        "plugin_migrations", "(namespace, revision)", "(revision, namespace)"
    ),
    "foreign key": rebuilt("sessions", "ON DELETE CASCADE", "ON DELETE SET NULL"),
}


def drift_into(connection: sqlite3.Connection, script: str) -> None:
    if not script.startswith("REBUILD "):
        connection.executescript(script)
        return
    table, old, new = script.removeprefix("REBUILD ").split("|")
    (sql,) = connection.execute(
        "SELECT sql FROM sqlite_master WHERE name = ?", (table,)
    ).fetchone()
    assert old in sql
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_master SET sql = ? WHERE name = ?",
        (sql.replace(old, new, 1), table),
    )
