"""Migrations that installed packages bring: found by entry point, applied at start.

A package registers itself in the group ``ps_tui.migrations``: the entry point's name
is the namespace, its value a package with a ``migrations`` folder of numbered SQL
files. Every object that it makes begins with the namespace, so that nobody's tables
get in another's way. A set that fails is reported in the log and left out; it never
keeps the database from opening.
"""

from __future__ import annotations

import logging
import sqlite3
import sys
import zlib
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ps_tui import __version__

if TYPE_CHECKING:
    from ps_tui.storage.sqlite.migrate import Migration
    from ps_tui.storage.sqlite.schema import SchemaObject

GROUP = "ps_tui.migrations"
_FACT = "plugins"
_log = logging.getLogger(__name__)


class PluginSet(NamedTuple):
    """The migrations of one plug-in."""

    namespace: str
    migrations: tuple[Migration, ...]


def is_merged(connection: sqlite3.Connection) -> bool:
    """Say whether nothing was installed since the sets were last merged.

    Costs a few calls of stat: reading the metadata of all packages takes longer
    than opening the database.
    """
    row = connection.execute(
        "SELECT value FROM store_facts WHERE key = ?", (_FACT,)
    ).fetchone()
    return row is not None and row[0] == _signature()


def merge(
    connection: sqlite3.Connection,
    now_us: int,
    sets: tuple[PluginSet, ...] | None = None,
) -> list[str]:
    """Apply what is missing of every installed set; return the sets that failed."""
    from ps_tui.storage.sqlite.connection import transact
    from ps_tui.storage.sqlite.drift import find_drift
    from ps_tui.storage.sqlite.surroundings import schema_mark

    failed = []
    for plugin in installed_sets() if sets is None else sets:
        _adopt(connection, plugin, now_us)
        for step in plugin.migrations:
            try:
                transact(
                    connection,
                    lambda inner, plugin=plugin, step=step: _apply(  # type: ignore[misc]
                        inner, plugin.namespace, step, now_us
                    ),
                )
            except (sqlite3.Error, ValueError) as error:
                _log.error("plug-in %s: %s: %s", plugin.namespace, step.name, error)
                failed.append(plugin.namespace)
                break
    facts = {_FACT: _signature()}
    if sets is None and not find_drift(connection):
        # A start then compares one number instead of every object.
        facts["schema"] = schema_mark(connection)
    transact(
        connection,
        lambda inner: inner.executemany(
            "INSERT OR REPLACE INTO store_facts VALUES (?, ?)", facts.items()
        ),
    )
    return failed


@cache
def installed_sets() -> tuple[PluginSet, ...]:
    """Return the sets of all installed packages, by name."""
    from importlib.metadata import entry_points
    from importlib.resources import files

    from ps_tui.storage.sqlite.migrate import read_migrations

    found = {}
    for entry in entry_points(group=GROUP):
        try:
            migrations = read_migrations(files(entry.value) / "migrations")
        except (ImportError, OSError, ValueError) as error:
            _log.error("plug-in %s: %s", entry.name, error)
            continue
        found[entry.name] = PluginSet(entry.name, migrations)
    return tuple(found[name] for name in sorted(found))


def merged_schema(connection: sqlite3.Connection) -> frozenset[SchemaObject]:
    """Return the objects that the sets in the ledger of a database make."""
    return _made_by(frozenset(applied_steps(connection)))


@cache
def _made_by(applied: frozenset[tuple[str, int]]) -> frozenset[SchemaObject]:
    from ps_tui.storage.sqlite.migrate import migrate
    from ps_tui.storage.sqlite.schema import schema_objects

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as shadow:
        migrate(shadow, 0)
        core = schema_objects(shadow)
        for plugin in installed_sets():
            for step in plugin.migrations:
                if (plugin.namespace, step.revision) in applied:
                    _apply(shadow, plugin.namespace, step, 0)
        return frozenset(schema_objects(shadow) - core)


def applied_steps(connection: sqlite3.Connection) -> dict[tuple[str, int], str]:
    """Return namespace and revision of what is applied, with its checksum."""
    rows = connection.execute(
        "SELECT namespace, revision, sha256 FROM plugin_migrations"
    )
    return {(namespace, revision): sha256 for namespace, revision, sha256 in rows}


def _adopt(connection: sqlite3.Connection, plugin: PluginSet, now_us: int) -> None:
    """Write into the ledger what is there already, exactly as the set makes it.

    A rollback to before there was a ledger of plug-ins leaves their tables alone.
    """
    from ps_tui.storage.sqlite.connection import transact
    from ps_tui.storage.sqlite.schema import schema_objects

    steps = plugin.migrations
    if any(name == plugin.namespace for name, _ in applied_steps(connection)):
        return
    prefix = f"{plugin.namespace}_"
    found = {e for e in schema_objects(connection) if e.name.startswith(prefix)}
    if not found or found != _made_by(
        frozenset((plugin.namespace, step.revision) for step in steps)
    ):
        return

    def work(inner: sqlite3.Connection) -> None:
        for step in steps:
            _record(inner, plugin.namespace, step, now_us)

    transact(connection, work)


def _apply(
    connection: sqlite3.Connection, namespace: str, step: Migration, now_us: int
) -> None:
    from ps_tui.storage.sqlite.schema import schema_objects, statements

    if (namespace, step.revision) in applied_steps(connection):
        return
    before = schema_objects(connection)
    for statement in statements(step.sql):
        connection.execute(statement)
    for entry in schema_objects(connection) ^ before:
        if not entry.name.startswith(f"{namespace}_"):
            raise ValueError(f"{entry.name} does not begin with {namespace}_")
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        raise sqlite3.IntegrityError(f"{step.name} breaks references")
    _record(connection, namespace, step, now_us)


def _record(
    connection: sqlite3.Connection, namespace: str, step: Migration, now_us: int
) -> None:
    connection.execute(
        "INSERT INTO plugin_migrations VALUES (?, ?, ?, ?, ?, ?)",
        (namespace, step.revision, step.name, step.sha256, now_us, __version__),
    )


def _signature() -> str:
    """Return a text that changes when a package is installed or removed."""
    parts = [__version__]
    for place in sys.path:
        if place.endswith(("site-packages", "dist-packages")):
            try:
                parts.append(f"{place} {Path(place).stat().st_mtime_ns}")
            except OSError:
                continue
    return f"{zlib.crc32('|'.join(parts).encode()):08x}"
