"""How a database differs from what the migrations make, object by object."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from ps_tui.domain.upkeep import Drift
from ps_tui.storage.sqlite.migrate import revision, shipped_schema
from ps_tui.storage.sqlite.plugin_sets import merged_schema
from ps_tui.storage.sqlite.schema import SchemaObject, schema_objects

_LINE_END = re.compile(r", (?=[\w\"]+ |CHECK|UNIQUE|FOREIGN|PRIMARY)")


def expected_schema(connection: sqlite3.Connection) -> frozenset[SchemaObject]:
    """Return what the shipped files make up to the revision of this database.

    The files are run in memory, those of its plug-ins included.
    """
    core = shipped_schema(revision(connection))
    has_ledger = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = 'plugin_migrations'"
    ).fetchone()
    return core | merged_schema(connection) if has_ledger else core


def find_drift(connection: sqlite3.Connection) -> list[Drift]:
    """Return every object that is missing, unexpected or changed."""
    return compare(schema_objects(connection), expected_schema(connection))


def compare(
    found: Iterable[SchemaObject], expected: Iterable[SchemaObject]
) -> list[Drift]:
    """Compare two schemas by name; a changed object comes with its diff."""
    here = {(entry.type, entry.name): entry.sql for entry in found}
    there = {(entry.type, entry.name): entry.sql for entry in expected}
    drifts = []
    for kind, name in sorted(here.keys() | there.keys()):
        is_sql, should_sql = here.get((kind, name)), there.get((kind, name))
        if is_sql == should_sql:
            continue
        what = "changed"
        if is_sql is None:
            what = "missing"
        elif should_sql is None:
            what = "unexpected"
        diff = _diff(should_sql or "", is_sql or "")
        drifts.append(Drift(what, kind, name, diff))
    return drifts


def _diff(should_sql: str, is_sql: str) -> list[str]:
    import difflib

    lines = difflib.unified_diff(_lines(should_sql), _lines(is_sql), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _lines(sql: str) -> list[str]:
    """Return one line for each column and constraint of a statement."""
    return _LINE_END.sub(",\n", sql).splitlines()
