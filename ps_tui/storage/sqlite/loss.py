"""What a database has lost that no repair brings back, and which backup has it."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from ps_tui.domain.errors import DamagedDatabaseError
from ps_tui.domain.units import format_age
from ps_tui.storage.sqlite.drift import expected_schema
from ps_tui.storage.sqlite.errors import primary_code
from ps_tui.storage.sqlite.manifest import Manifest, backup_folder, copies_in
from ps_tui.storage.sqlite.schema import SchemaObject, schema_objects

INDEX_PROBLEM = re.compile(
    r"(?:missing from|wrong # of entries in|non-unique entry in) index (.+)"
)
_RULE_PROBLEM = re.compile(r"CHECK constraint failed in ")


def missing_parts(connection: sqlite3.Connection, kind: str) -> list[SchemaObject]:
    """Return the shipped objects of one type that are not there, whatever is."""
    present = {entry.name for entry in schema_objects(connection)}
    return sorted(
        entry
        for entry in expected_schema(connection)
        if entry.type == kind and entry.name not in present
    )


def integrity_problems(
    connection: sqlite3.Connection, pragma: str = "integrity_check"
) -> list[str]:
    """Return what a check of SQLite's own finds, a line for each."""
    rows = connection.execute(f"PRAGMA {pragma}(100)")
    lines = [line for (text,) in rows for line in str(text).splitlines()]
    return [line for line in lines if line != "ok" and not line.startswith("***")]


def is_beyond_repair(problem: str) -> bool:
    """Say whether a finding of SQLite is about more than an index or a value."""
    return not (INDEX_PROBLEM.search(problem) or _RULE_PROBLEM.search(problem))


def refuse_loss(connection: sqlite3.Connection, now_us: int) -> None:
    """Raise DamagedDatabaseError where a table is gone or the file is damaged."""
    try:
        tables = [entry.name for entry in missing_parts(connection, "table")]
        problems = [] if tables else integrity_problems(connection)
    except sqlite3.DatabaseError as error:
        if primary_code(error) != sqlite3.SQLITE_CORRUPT:
            raise
        tables, problems = [], [str(error)]
    if tables:
        raise DamagedDatabaseError(
            f"{_listed(tables)} gone, with every row; no repair brings them back.",
            remedy_for_loss(connection, tables, now_us),
        )
    serious = [problem for problem in problems if is_beyond_repair(problem)]
    if serious:
        raise DamagedDatabaseError(
            f"The file is damaged ({serious[0]}); a repair would make it worse.",
            remedy_for_loss(connection, [], now_us),
        )


def remedy_for_loss(
    connection: sqlite3.Connection, tables: list[str], now_us: int
) -> str:
    """Say which backup still has some tables, and what to do without one."""
    path = database_file(connection)
    found = newest_backup(path, tables) if path is not None else None
    if found is None:
        way = (
            "`ps-tui db push` makes the tables again, empty."
            if tables
            else "`ps-tui db export-all` saves what can still be read."
        )
        return f"No backup beside the database has what is lost. {way}"
    copy, manifest = found
    age = format_age(max(now_us - manifest.created_us, 0) / 1_000_000)
    held = [f"{manifest.counts.get(name, 0)} {name}" for name in tables or ("laps",)]
    return f"`ps-tui db restore {copy.name}`: {age} old, it has {', '.join(held)}."


def newest_backup(path: Path, tables: list[str]) -> tuple[Path, Manifest] | None:
    """Return the newest sound copy that still has some tables, verified if any is."""
    found = [
        (copy, manifest)
        for copy, manifest in copies_in(backup_folder(path), path.name)
        if manifest.is_sound and set(tables) <= manifest.counts.keys()
    ]
    verified = [pair for pair in found if pair[1].verified]
    return next(iter(verified or found), None)


def database_file(connection: sqlite3.Connection) -> Path | None:
    """Return the file that a connection is open on; ``None`` for one in memory."""
    for _, name, file in connection.execute("PRAGMA database_list"):
        if name == "main" and file:
            return Path(file)
    return None


def _listed(tables: list[str]) -> str:
    if len(tables) == 1:
        return f"The table {tables[0]} is"
    return f"The tables {', '.join(tables)} are"
