"""Rows that break a CHECK of their table, and what makes them keep it again.

SQLite's own checks look at CHECKs only where the file is open for writing, and name
no row. Here each CHECK of the shipped tables is a condition that rows are asked for.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ps_tui.storage.sqlite.drift import expected_schema
from ps_tui.storage.sqlite.schema import TOKEN, SchemaObject

_WORD = re.compile(r"[A-Za-z_]\w*")
_BETTER = {
    ("laps", "state"): "CASE WHEN EXISTS (SELECT 1 FROM lap_traces WHERE lap_n = n)"
    " THEN 'sealed' ELSE 'closed' END",
    ("sessions", "status"): "'interrupted'",
}
"""What a column becomes where its default would say something untrue."""


class BrokenRule(NamedTuple):
    """A row that does not keep the CHECKs of its table."""

    table: str
    key: int


def broken_rules(connection: sqlite3.Connection) -> list[BrokenRule]:
    """Return every row that breaks a CHECK, table by table."""
    found = []
    for table, rules in sorted(_rules(connection).items()):
        broken = " OR ".join(f"NOT ({rule})" for rule in rules)
        query = f'SELECT rowid FROM "{table}" WHERE {broken}'
        found += [BrokenRule(table, n) for (n,) in connection.execute(query)]
    return found


def mend(connection: sqlite3.Connection, row: BrokenRule) -> None:
    """Give the columns that break a rule their default, or take the row away.

    The caller has CHECKs switched off: one broken rule must not keep another from
    being put right.
    """
    columns = {
        name: _replacement(row.table, name, kind, is_needed, default)
        for _, name, kind, is_needed, default, _ in connection.execute(
            f'PRAGMA table_info("{row.table}")'
        )
    }
    for rule in _rules(connection)[row.table]:
        if _keeps(connection, row, rule):
            continue
        for name in columns.keys() & set(_WORD.findall(rule)):
            value = columns[name]
            if value is not None:
                _execute(connection, row, f'UPDATE {{}} SET "{name}" = {value}')
        if not _keeps(connection, row, rule):
            _execute(connection, row, "DELETE FROM {}")
            return


def rules_of(sql: str) -> Iterator[str]:
    """Return the conditions in the CHECKs of a CREATE TABLE statement."""
    tokens = [match for match in TOKEN.finditer(sql) if not match["space"]]
    for place, token in enumerate(tokens):
        if token[0].upper() != "CHECK":
            continue
        depth = 0
        for match in tokens[place + 1 :]:
            depth += (match[0] == "(") - (match[0] == ")")
            if depth == 0:
                yield sql[tokens[place + 1].end() : match.start()]
                break


def _rules(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """Return the rules of each table that is there."""
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        )
    }
    rules = _rules_of_all(expected_schema(connection))
    return {table: found for table, found in rules.items() if table in present}


@cache
def _rules_of_all(objects: frozenset[SchemaObject]) -> dict[str, tuple[str, ...]]:
    tables = {
        entry.name: tuple(rules_of(entry.sql))
        for entry in objects
        if entry.type == "table"
    }
    return {table: rules for table, rules in tables.items() if rules}


def _replacement(
    table: str, name: str, kind: str, is_needed: int, default: str | None
) -> str | None:
    better = _BETTER.get((table, name))
    if better or default is not None or not is_needed:
        return better or default or "NULL"
    return "'? ' || rowid" if kind == "TEXT" else None


def _keeps(connection: sqlite3.Connection, row: BrokenRule, rule: str) -> bool:
    query = f'SELECT coalesce({rule}, 1) FROM "{row.table}" WHERE rowid = ?'
    return bool(connection.execute(query, (row.key,)).fetchone()[0])


def _execute(connection: sqlite3.Connection, row: BrokenRule, change: str) -> None:
    statement = change.format(f'"{row.table}"')
    connection.execute(f"{statement} WHERE rowid = ?", (row.key,))
