"""Numbered SQL files, each applied once, whole, and remembered with its checksum.

A file that has shipped is never edited: what changes later is the next number. A
``.down.sql`` beside a file leads back, for those who return to an older version.
"""

from __future__ import annotations

import hashlib
import sqlite3
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from ps_tui import __version__
from ps_tui.storage.sqlite.connection import transact
from ps_tui.storage.sqlite.identity import APPLICATION_ID
from ps_tui.storage.sqlite.schema import SchemaObject, schema_objects, statements

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_UP, _DOWN = ".sql", ".down.sql"


class Migration(NamedTuple):
    """One shipped file; ``revision`` is the number that its name begins with."""

    revision: int
    name: str
    sql: str
    down_sql: str | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def file_name(self) -> str:
        return f"{self.revision:04}_{self.name}{_UP}"


@cache
def shipped_migrations() -> tuple[Migration, ...]:
    """Return the migrations of this version in the order they are applied."""
    from importlib.resources import files

    return read_migrations(files("ps_tui.storage.sqlite") / "migrations")


def read_migrations(folder: Traversable) -> tuple[Migration, ...]:
    """Return the migrations in a folder. Raises ValueError for a bad name."""
    texts = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(_UP)
    }
    return tuple(
        Migration(
            int(name[:4]),
            name[5 : -len(_UP)],
            text,
            texts.get(name.removesuffix(_UP) + _DOWN),
        )
        for name, text in sorted(texts.items())
        if not name.endswith(_DOWN)
    )


def migrate(connection: sqlite3.Connection, now_us: int, to: int | None = None) -> int:
    """Apply what is missing, one transaction for each file; return how many.

    Another process may be doing the same: who comes second finds it done.
    """
    return sum(
        transact(connection, partial(_apply, step, now_us))
        for step in shipped_migrations()
        if to is None or step.revision <= to
    )


def revision(connection: sqlite3.Connection) -> int:
    """Return the number of the newest migration in the database."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@cache
def shipped_schema(to: int | None = None) -> frozenset[SchemaObject]:
    """Return the schema that the shipped migrations make, up to a revision."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection, 0, to)
        return frozenset(schema_objects(connection))
    finally:
        connection.close()


def _apply(step: Migration, now_us: int, connection: sqlite3.Connection) -> int:
    if revision(connection) >= step.revision:
        return 0
    for statement in statements(step.sql):
        connection.execute(statement)
    record(connection, step, now_us)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {step.revision}")
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        raise sqlite3.IntegrityError(f"migration {step.revision} breaks references")
    return 1


def record(connection: sqlite3.Connection, step: Migration, now_us: int) -> None:
    """Write a migration into the ledger, as applied by this version."""
    connection.execute(
        "INSERT OR REPLACE INTO schema_migrations VALUES (?, ?, ?, ?, ?)",
        (step.revision, step.name, step.sha256, now_us, __version__),
    )
