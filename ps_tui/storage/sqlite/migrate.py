"""Numbered SQL files, each applied once, whole, and remembered with its checksum.

A file that has shipped is never edited: what changes later is the next number.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from functools import cache, partial
from importlib.resources import files
from typing import NamedTuple

from ps_tui import __version__
from ps_tui.storage.sqlite.connection import transact
from ps_tui.storage.sqlite.identity import APPLICATION_ID


class Migration(NamedTuple):
    """One shipped file; ``revision`` is the number that its name begins with."""

    revision: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


class SchemaObject(NamedTuple):
    """A table, index, trigger or view, its SQL without layout and comments."""

    type: str
    name: str
    sql: str


@cache
def shipped_migrations() -> tuple[Migration, ...]:
    """Return the migrations of this version in the order they are applied."""
    folder = files("ps_tui.storage.sqlite") / "migrations"
    found = [
        Migration(
            int(entry.name[:4]), entry.name[5:-4], entry.read_text(encoding="utf-8")
        )
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    ]
    return tuple(sorted(found))


def migrate(connection: sqlite3.Connection, now_us: int) -> int:
    """Apply what is missing, one transaction for each file; return how many.

    Another process may be doing the same: who comes second finds it done.
    """
    return sum(
        transact(connection, partial(_apply, step, now_us))
        for step in shipped_migrations()
    )


def revision(connection: sqlite3.Connection) -> int:
    """Return the number of the newest migration in the database."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def schema_objects(connection: sqlite3.Connection) -> set[SchemaObject]:
    """Return what the database is made of, comparable between files."""
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_master"
        " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return {SchemaObject(kind, name, _plain(sql or "")) for kind, name, sql in rows}


def fingerprint(objects: set[SchemaObject]) -> str:
    """Return one checksum over a whole schema."""
    return hashlib.sha256("\n".join(map(str, sorted(objects))).encode()).hexdigest()


@cache
def shipped_schema() -> frozenset[SchemaObject]:
    """Return the schema that the shipped migrations make."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection, 0)
        return frozenset(schema_objects(connection))
    finally:
        connection.close()


def statements(script: str) -> Iterator[str]:
    """Split an SQL script, semicolons in texts and triggers respected."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
    if _plain(statement):
        yield statement.strip()


def _apply(step: Migration, now_us: int, connection: sqlite3.Connection) -> int:
    if revision(connection) >= step.revision:
        return 0
    for statement in statements(step.sql):
        connection.execute(statement)
    connection.execute(
        "INSERT INTO schema_migrations VALUES (?, ?, ?, ?, ?)",
        (step.revision, step.name, step.sha256, now_us, __version__),
    )
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {step.revision}")
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        raise sqlite3.IntegrityError(f"migration {step.revision} breaks references")
    return 1


def _plain(sql: str) -> str:
    lines = (line.partition("--")[0] for line in sql.splitlines())
    return " ".join(" ".join(lines).split())
