"""What is applied to a database, and putting the list right by hand."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ps_tui import __version__
from ps_tui.domain.errors import UsageError
from ps_tui.domain.upkeep import MigrationState, SchemaStatus
from ps_tui.storage.sqlite import plugin_sets
from ps_tui.storage.sqlite.drift import compare
from ps_tui.storage.sqlite.identity import APPLICATION_ID, LATEST_REVISION
from ps_tui.storage.sqlite.migrate import (
    Migration,
    record,
    revision,
    shipped_migrations,
    shipped_schema,
)
from ps_tui.storage.sqlite.schema import schema_objects, statements

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def status(connection: sqlite3.Connection, path: Path) -> SchemaStatus:
    """Return revision, ledger, checksums and sizes."""
    (page_count,) = connection.execute("PRAGMA page_count").fetchone()
    (free_pages,) = connection.execute("PRAGMA freelist_count").fetchone()
    return SchemaStatus(
        path=str(path),
        revision=revision(connection),
        latest=LATEST_REVISION,
        migrations=[*_core_states(connection), *_plugin_states(connection)],
        size_bytes=path.stat().st_size,
        wal_bytes=file_size(path.with_name(path.name + "-wal")),
        page_count=page_count,
        free_pages=free_pages,
        sqlite_version=sqlite3.sqlite_version,
        app_version=__version__,
    )


def pending_sql(connection: sqlite3.Connection, to: int | None) -> str:
    """Return the script that would be applied, for a person to read."""
    check_known(to)
    done = revision(connection)
    scripts = [
        f"-- {step.file_name}\n{step.sql}"
        for step in shipped_migrations()
        if step.revision > done and (to is None or step.revision <= to)
    ]
    if to is None:
        missing = {
            (state.namespace, state.revision)
            for state in _plugin_states(connection)
            if not state.is_applied
        }
        scripts += [
            f"-- {plugin.namespace}: {step.file_name}\n{step.sql}"
            for plugin in plugin_sets.installed_sets()
            for step in plugin.migrations
            if (plugin.namespace, step.revision) in missing
        ]
    return "\n".join(scripts)


def check_known(wanted: int | None) -> None:
    """Raise UsageError where no shipped migration has this number."""
    known = [step.revision for step in shipped_migrations()]
    if wanted is not None and wanted not in known:
        listed = ", ".join(map(str, known))
        raise UsageError(f"There is no migration {wanted}.", f"Known: {listed}.")


def resolve(
    connection: sqlite3.Connection, wanted: int, now_us: int, *, baseline: bool
) -> None:
    """Write migrations into the ledger that were applied by other means.

    ``baseline`` marks everything up to ``wanted``, otherwise that one alone. Runs
    inside the caller's transaction. Raises UsageError where the tables are not what
    the ledger would then claim.
    """
    check_known(wanted)
    steps = {step.revision: step for step in shipped_migrations()}
    if not baseline and wanted > revision(connection) + 1:
        raise UsageError(
            f"Migration {wanted} cannot come after {revision(connection)}.",
            f"Use --baseline {wanted} to mark all up to it.",
        )
    target = max(wanted, revision(connection))
    found = {
        entry
        for entry in schema_objects(connection)
        if not entry.name.startswith(_plugin_prefixes(connection))
    }
    missing = [
        drift
        for drift in compare(found, shipped_schema(target))
        if drift.kind != "unexpected"
    ]
    if missing:
        names = ", ".join(drift.name for drift in missing[:5])
        raise UsageError(
            f"The database is not at revision {target}: {names} differ.",
            "`ps-tui db drift` shows how; `ps-tui db push` makes it so.",
        )
    for number in range(1, wanted + 1) if baseline else (wanted,):
        record(connection, steps[number], now_us)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {target}")


def draft_migration(folder: Path, name: str) -> Path:
    """Write an empty migration with the next number; return the file."""
    if not _NAME.match(name):
        raise UsageError(
            f"“{name}” cannot name a migration.", "Use a-z, 0-9 and underscores."
        )
    taken = [int(file.name[:4]) for file in folder.glob("[0-9][0-9][0-9][0-9]_*.sql")]
    number = max([LATEST_REVISION, *taken]) + 1
    file = folder / f"{number:04}_{name}.sql"
    try:
        file.write_text(
            f"-- {name.replace('_', ' ').capitalize()}.\n--\n"
            "-- Applied whole in one transaction. Once shipped it is never edited.\n",
            encoding="utf-8",
        )
    except OSError as error:
        raise UsageError(
            f"{folder} takes no migration: {error.strerror}.", "Name another folder."
        ) from error
    return file


def changed_files(connection: sqlite3.Connection) -> list[str]:
    """Return the migrations whose file is no longer what was applied."""
    states = [*_core_states(connection), *_plugin_states(connection)]
    return [step.name for step in states if step.is_changed]


def step_back(connection: sqlite3.Connection, step: Migration) -> None:
    """Undo the newest migration by its forward file, in the caller's transaction."""
    for statement in statements(step.down_sql or ""):
        connection.execute(statement)
    connection.execute(
        "DELETE FROM schema_migrations WHERE revision >= ?", (step.revision,)
    )
    connection.execute(f"PRAGMA user_version = {step.revision - 1}")
    differing = compare(schema_objects(connection), shipped_schema(step.revision - 1))
    if [drift for drift in differing if drift.kind != "unexpected"]:
        raise sqlite3.IntegrityError(f"{step.name} does not lead back")


def file_size(path: Path) -> int:
    """Return the size of a file, 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _core_states(connection: sqlite3.Connection) -> Iterator[MigrationState]:
    ledger = {}
    if _has(connection, "schema_migrations"):
        rows = connection.execute(
            "SELECT revision, sha256, applied_us, app_version FROM schema_migrations"
        )
        ledger = {row[0]: row[1:] for row in rows}
    for step in shipped_migrations():
        sha256, applied_us, version = ledger.get(step.revision, (None, None, None))
        yield MigrationState(
            step.revision,
            step.name,
            sha256 is not None,
            applied_us=applied_us,
            app_version=version,
            is_changed=sha256 not in (None, step.sha256),
        )


def _plugin_states(connection: sqlite3.Connection) -> Iterator[MigrationState]:
    ledger = {}
    if _has(connection, "plugin_migrations"):
        rows = connection.execute(
            "SELECT namespace, revision, sha256, applied_us, app_version"
            " FROM plugin_migrations"
        )
        ledger = {row[:2]: row[2:] for row in rows}
    for plugin in plugin_sets.installed_sets():
        for step in plugin.migrations:
            sha256, applied_us, version = ledger.get(
                (plugin.namespace, step.revision), (None, None, None)
            )
            yield MigrationState(
                step.revision,
                step.name,
                sha256 is not None,
                plugin.namespace,
                applied_us=applied_us,
                app_version=version,
                is_changed=sha256 not in (None, step.sha256),
            )


def _plugin_prefixes(connection: sqlite3.Connection) -> tuple[str, ...]:
    if not _has(connection, "plugin_migrations"):
        return ()
    rows = connection.execute("SELECT DISTINCT namespace FROM plugin_migrations")
    return tuple(f"{namespace}_" for (namespace,) in rows)


def _has(connection: sqlite3.Connection, table: str) -> bool:
    row = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = ?", (table,)
    ).fetchone()
    return row is not None
