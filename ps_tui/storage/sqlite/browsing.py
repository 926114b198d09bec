"""Rows of any table: pages with a filter and an order, one row with its ways out.

Names in the queries come from the catalog; what a person types is always a parameter.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any, NamedTuple

from ps_tui.domain.errors import NotFoundError, UsageError
from ps_tui.domain.studio import Page, Reference, Row, Value, View
from ps_tui.storage.sqlite.catalog import Entry, Link, catalog, quoted

SHOWN_CHARACTERS = 200
SHOWN_BYTES = 8
LONGEST_CHARACTERS = 100_000
_OPERATORS = {"=": "IS", "!=": "IS NOT", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_CONDITION = re.compile(r"(?P<column>.+?)(?P<operator>!=|<=|>=|=|<|>|~)(?P<value>.*)")
_NAMES = ("name", "lap_number", "key", "id")
"""Columns that tell a person which row it is, best first."""


class Where(NamedTuple):
    """A condition in SQL with its parameters."""

    sql: str
    parameters: tuple[Any, ...] = ()


def page(
    connection: sqlite3.Connection, entry: Entry, view: View, offset: int, limit: int
) -> Page:
    """Return a page of rows, values cut to what a table shows."""
    names = [column.name for column in entry.table.columns]
    if not names:
        raise UsageError(f"{entry.table.name} shows what is gone.")
    listed = ", ".join(shortened(quoted(name)) for name in names)
    number = entry.row_number or "NULL"
    where = condition(entry, view)
    source = f"FROM {quoted(entry.table.name)}{where.sql}"
    query = f"SELECT {number}, {listed} {source}{_order(entry, view)} LIMIT ? OFFSET ?"
    rows = connection.execute(query, (*where.parameters, limit, offset)).fetchall()
    total = counted(connection, f"SELECT count(*) {source}", where.parameters)
    return Page(
        tuple(names),
        tuple(tuple(row[1:]) for row in rows),
        tuple(row[0] for row in rows),
        offset,
        total,
    )


def counted(
    connection: sqlite3.Connection, query: str, parameters: tuple[Any, ...] = ()
) -> int | None:
    """Return a count, ``None`` where the connection's time is up meanwhile."""
    try:
        return int(connection.execute(query, parameters).fetchone()[0])
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            return None
        raise


def row(connection: sqlite3.Connection, table: str, key: int) -> Row:
    """Return one row whole. Raises NotFoundError."""
    tables = catalog(connection)
    entry = tables.get(table)
    if entry is None or entry.row_number is None:
        raise NotFoundError(f"There is no row {key} of {table}.")
    values = row_values(connection, entry, key)
    references = [
        reference
        for link in entry.links
        if (reference := _towards(connection, tables, link, values.get(link.column)))
    ]
    backwards = [
        reference
        for other in tables.values()
        for link in other.links
        if link.table == table
        and (reference := _backwards(connection, other, link, values))
    ]
    lap_id = _lap_id(connection, table, values)
    return Row(table, key, values, tuple(references), tuple(backwards), lap_id)


def row_values(
    connection: sqlite3.Connection, entry: Entry, key: int
) -> dict[str, Value]:
    """Return the values of one row, texts whole. Raises NotFoundError."""
    names = [column.name for column in entry.table.columns]
    listed = ", ".join(
        shortened(quoted(name), characters=LONGEST_CHARACTERS) for name in names
    )
    query = (
        f"SELECT {listed} FROM {quoted(entry.table.name)} WHERE {entry.row_number} = ?"
    )
    found = connection.execute(query, (key,)).fetchone()
    if found is None:
        raise NotFoundError(
            f"Row {key} of {entry.table.name} is gone.", "Press esc, then look again."
        )
    return dict(zip(names, found, strict=True))


def condition(entry: Entry, view: View) -> Where:
    """Return what a view leaves out as a condition."""
    parts: list[str] = []
    parameters: list[Any] = []
    if view.where is not None:
        column, value = view.where
        parts.append(f"{_known(entry, column)} IS ?")
        parameters.append(value)
    for word in view.filter.split():
        part = _comparison(entry, word) or _anywhere(entry, word)
        parts.append(part.sql)
        parameters += part.parameters
    sql = f" WHERE {' AND '.join(parts)}" if parts else ""
    return Where(sql, tuple(parameters))


def shortened(column: str, *, characters: int = SHOWN_CHARACTERS) -> str:
    """Return SQL for a value without its bulk: bytes as a text, texts cut."""
    return (
        f"CASE typeof({column}) WHEN 'blob' THEN length({column}) || ' bytes: ' ||"
        f" lower(hex(substr({column}, 1, {SHOWN_BYTES})))"
        f" WHEN 'text' THEN substr({column}, 1, {characters}) ELSE {column} END"
    )


def _comparison(entry: Entry, word: str) -> Where | None:
    found = _CONDITION.fullmatch(word)
    column = entry.table.column(found["column"]) if found else None
    if found is None or column is None:
        return None
    name, operator, text = quoted(column.name), found["operator"], found["value"]
    if operator == "~":
        return Where(_contains(name), (text,))
    value: Value = None if text.casefold() == "null" else text
    if value is not None and column.type.upper() in ("INTEGER", "REAL", "NUMERIC"):
        value = _number(text, column.name)
    return Where(f"{name} {_OPERATORS[operator]} ?", (value,))


def _anywhere(entry: Entry, word: str) -> Where:
    columns = [
        quoted(column.name)
        for column in entry.table.columns
        if column.type.upper() != "BLOB"
    ]
    if not columns:
        return Where("0")
    sql = " OR ".join(_contains(name) for name in columns)
    return Where(f"({sql})", (word,) * len(columns))


def _contains(column: str) -> str:
    return f"instr(lower(CAST({column} AS TEXT)), lower(?)) > 0"


def _number(text: str, column: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise UsageError(
            f"{column} holds numbers, {text!r} is none.", "null finds what is missing."
        ) from None


def _order(entry: Entry, view: View) -> str:
    if view.sort is None:
        return f" ORDER BY {entry.row_number}" if entry.row_number else ""
    way = "DESC" if view.is_descending else "ASC"
    last = f", {entry.row_number}" if entry.row_number else ""
    return f" ORDER BY {_known(entry, view.sort)} {way}{last}"


def _known(entry: Entry, column: str) -> str:
    if entry.table.column(column) is None:
        raise NotFoundError(f"{entry.table.name} has no column {column}.")
    return quoted(column)


def _towards(
    connection: sqlite3.Connection, tables: dict[str, Entry], link: Link, value: Value
) -> Reference | None:
    target = tables.get(link.table)
    if value is None or target is None or target.row_number is None:
        return None
    name = quoted(link.target) if target.table.column(link.target) else "rowid"
    label = _label_column(target)
    found = connection.execute(
        f"SELECT {target.row_number}, {shortened(label)}"
        f" FROM {quoted(link.table)} WHERE {name} = ?",
        (value,),
    ).fetchone()
    if found is None:
        return Reference(link.column, link.table, "missing", count=0)
    return Reference(link.column, link.table, str(found[1] or ""), found[0])


def _backwards(
    connection: sqlite3.Connection, other: Entry, link: Link, values: dict[str, Value]
) -> Reference | None:
    value = values.get(link.target)
    if value is None:
        return None
    query = (
        f"SELECT count(*) FROM {quoted(other.table.name)}"
        f" WHERE {quoted(link.column)} = ?"
    )
    count = counted(connection, query, (value,))
    view = View(where=(link.column, value))
    return Reference(link.column, other.table.name, view=view, count=count or 0)


def _label_column(entry: Entry) -> str:
    known = [name for name in _NAMES if entry.table.column(name)]
    return quoted(known[0]) if known else str(entry.row_number)


def _lap_id(
    connection: sqlite3.Connection, table: str, values: dict[str, Value]
) -> str | None:
    if table == "laps":
        return str(values["id"])
    if table not in ("lap_traces", "telemetry_frames"):
        return None
    query = "SELECT id FROM laps WHERE n = ?"
    found = connection.execute(query, (values["lap_n"],)).fetchone()
    return None if found is None else str(found[0])
