"""The tables and columns that there are: the only source of names in built queries.

Pragmas are asked as table-valued functions, so that names travel as parameters. What
goes into the text of a query is a name read from the schema, quoted.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from ps_tui.domain.errors import NotFoundError
from ps_tui.domain.studio import Table, TableColumn
from ps_tui.storage.sqlite.tables import BOOKKEEPING

READ_ONLY = BOOKKEEPING | {"audit", "lap_traces", "quarantine", "telemetry_frames"}
"""Tables that only the program itself writes."""

_OWN_KEYS = frozenset({"n", "id", "created_us", "updated_us", "heartbeat_us"})
_OWN_COLUMNS = {
    "laps": frozenset({"session_n", "state", "frame_count"}),
    "sessions": frozenset({"channels_json", "last_row", "dropped_frames"}),
}
_OWN_STEMS = ("recorder_",)
_ROW_NUMBERS = ("rowid", "_rowid_", "oid")

_TABLES = (
    "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main'"
    " AND type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    " ORDER BY name"
)
_COLUMNS = (
    'SELECT name, type, pk, "notnull", hidden FROM pragma_table_xinfo(?)'
    " WHERE hidden <> 1 ORDER BY cid"
)
_REFERENCES = (
    'SELECT "from", "table", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq'
)


class Link(NamedTuple):
    """A foreign key of one column. ``target`` is the column that it refers to."""

    column: str
    table: str
    target: str


class Entry(NamedTuple):
    """A table as queries need it. ``row_number`` is SQL, ``None`` without one."""

    table: Table
    row_number: str | None
    links: tuple[Link, ...]


def quoted(name: str) -> str:
    """Return a name of the schema as SQL takes it, whatever it is made of."""
    return '"' + name.replace('"', '""') + '"'


def catalog(connection: sqlite3.Connection) -> dict[str, Entry]:
    """Return every table and view by its name."""
    found = connection.execute(_TABLES).fetchall()
    return {name: _entry(connection, name, kind, wr) for name, kind, wr in found}


def entry_of(connection: sqlite3.Connection, table: str) -> Entry:
    """Return one table. Raises NotFoundError for a name that the schema lacks."""
    for name, kind, without_row_number in connection.execute(_TABLES).fetchall():
        if name == table:
            return _entry(connection, name, kind, without_row_number)
    raise NotFoundError(f"There is no table {table}.", "Press esc for the list.")


def _entry(
    connection: sqlite3.Connection, name: str, kind: str, without_row_number: int
) -> Entry:
    links = _links(connection, name)
    refers_to = {link.column: link.table for link in links}
    rows = _columns(connection, name)
    names = {row[0].casefold() for row in rows}
    number = None
    if kind == "table" and not without_row_number:
        number = next((one for one in _ROW_NUMBERS if one not in names), None)
    is_editable = number is not None and name not in READ_ONLY
    columns = tuple(
        TableColumn(
            column,
            type_,
            bool(pk),
            bool(notnull),
            refers_to.get(column),
            is_editable and not pk and not hidden and _is_editable(name, column, type_),
        )
        for column, type_, pk, notnull, hidden in rows
    )
    table = Table(name, columns, None, is_editable, kind == "view")
    return Entry(table, number, links)


def _columns(
    connection: sqlite3.Connection, table: str
) -> list[tuple[str, str, int, int, int]]:
    try:
        return connection.execute(_COLUMNS, (table,)).fetchall()
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise
        return []  # a view over something that is gone


def _links(connection: sqlite3.Connection, table: str) -> tuple[Link, ...]:
    rows = connection.execute(_REFERENCES, (table,)).fetchall()
    return tuple(
        Link(column, target, to or _only_key(connection, target))
        for column, target, to in rows
    )


def _only_key(connection: sqlite3.Connection, table: str) -> str:
    rows = _columns(connection, table)
    return next((row[0] for row in rows if row[2]), "rowid")


def _is_editable(table: str, column: str, type_: str) -> bool:
    return (
        column not in _OWN_KEYS
        and column not in _OWN_COLUMNS.get(table, frozenset())
        and not column.startswith(_OWN_STEMS)
        and type_.upper() != "BLOB"
    )
