"""One row corrected by hand: every value held against its column, and noted."""

from __future__ import annotations

import getpass
import sqlite3
from collections.abc import Mapping
from typing import Any

import msgspec

from ps_tui.domain.errors import RecorderBusyError, UsageError
from ps_tui.domain.studio import TableColumn, Value
from ps_tui.storage.sqlite.browsing import LONGEST_CHARACTERS, row_values
from ps_tui.storage.sqlite.catalog import Entry, entry_of, quoted
from ps_tui.storage.sqlite.garage import CONFIGURATIONS, SETUPS, VEHICLES
from ps_tui.storage.sqlite.shelves import Shelf
from ps_tui.storage.sqlite.workbench import LAYOUTS, MATH_CHANNELS

_SHELVES: tuple[Shelf[Any, Any], ...] = (VEHICLES, CONFIGURATIONS, SETUPS, LAYOUTS)
_AUDIT = (
    "INSERT INTO audit"
    " (at_us, actor, action, table_name, row_id, before_json, after_json)"
    " VALUES (?, ?, 'edit', ?, ?, ?, ?)"
)
_FORMULA_COLUMNS = {"name", "formula", "deleted_us"}
_BUSY = {"sessions": ("status", "recording"), "laps": ("state", "open")}


def correct(
    connection: sqlite3.Connection,
    place: tuple[str, int],
    changes: Mapping[str, str | None],
    seen: Mapping[str, Value],
    now_us: int,
) -> None:
    """Change values of one row inside the caller's transaction, with an audit row.

    Raises UsageError where a value does not fit, may not be changed or is no
    longer what was seen, RecorderBusyError while a recording owns the row.
    """
    table, key = place
    entry = entry_of(connection, table)
    if not entry.table.is_editable:
        raise UsageError(f"{table} is written by the program alone.")
    before = row_values(connection, entry, key)
    column, busy = _BUSY.get(table, ("", ""))
    if column and before.get(column) == busy:
        raise RecorderBusyError("This row is being recorded.", "Stop with R first.")
    values: dict[str, Value] = {}
    for name, text in changes.items():
        if before.get(name) != seen.get(name):
            raise UsageError(
                f"{name} was changed meanwhile, to {before.get(name)!r}.",
                "Look again, then change it.",
            )
        if len(str(before.get(name))) >= LONGEST_CHARACTERS:
            raise UsageError(f"{name} is too long to be changed here.")
        values[name] = _value(entry, name, text)
    if table == MATH_CHANNELS.table and changes.keys() & _FORMULA_COLUMNS:
        _check_formula(connection, key, before | values)
    if entry.table.column("updated_us") is not None:
        values["updated_us"] = now_us
    _store(connection, entry, key, values)
    after = row_values(connection, entry, key)
    row_id = str(before.get("id") or key)
    texts = [msgspec.json.encode(values).decode() for values in (before, after)]
    connection.execute(_AUDIT, (now_us, _actor(), table, row_id, *texts))


def _store(
    connection: sqlite3.Connection, entry: Entry, key: int, values: dict[str, Value]
) -> None:
    changes = ", ".join(f"{quoted(name)} = ?" for name in values)
    query = (
        f"UPDATE {quoted(entry.table.name)} SET {changes} WHERE {entry.row_number} = ?"
    )
    try:
        connection.execute(query, (*values.values(), key))
    except sqlite3.IntegrityError as error:
        raise UsageError(_why_refused(error), "Nothing was changed.") from error
    except OverflowError as error:
        raise UsageError("This number is too large.", "Nothing was changed.") from error


def _why_refused(error: sqlite3.IntegrityError) -> str:
    """Say which rule of the table a value breaks."""
    rule = str(error).partition("constraint failed: ")[2]
    match error.sqlite_errorcode:
        case sqlite3.SQLITE_CONSTRAINT_CHECK:
            return f"This value breaks a rule of the table: {rule}."
        case sqlite3.SQLITE_CONSTRAINT_UNIQUE | sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
            return "Another row has this value already."
        case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
            return "There is no row that this would refer to."
        case sqlite3.SQLITE_CONSTRAINT_NOTNULL:
            return "A value is needed here."
    return "The table does not take this value."


def _value(entry: Entry, name: str, text: str | None) -> Value:
    column = entry.table.column(name)
    if column is None or not column.is_editable:
        raise UsageError(f"{name} of {entry.table.name} cannot be changed here.")
    if text is None:
        if column.is_required:
            raise UsageError(f"{name} needs a value.")
        return None
    _check_shape(entry.table.name, name, text)
    return _typed(column, text)


def _typed(column: TableColumn, text: str) -> Value:
    kind = column.type.upper()
    try:
        if kind == "INTEGER":
            return int(text)
        if kind == "REAL":
            return float(text)
    except ValueError:
        raise UsageError(f"{column.name} is a number, {text!r} is none.") from None
    return text


def _check_shape(table: str, column: str, text: str) -> None:
    """Hold JSON against the type that the program reads it as."""
    for shelf in _SHELVES:
        if shelf.table != table or column not in shelf.json:
            continue
        fields = {one.name: one.type for one in msgspec.structs.fields(shelf.draft)}
        try:
            msgspec.json.decode(text, type=fields[column])
        except (msgspec.DecodeError, UnicodeError) as error:
            raise UsageError(f"{column} has not the right shape: {error}.") from error


def _check_formula(
    connection: sqlite3.Connection, key: int, values: Mapping[str, Value]
) -> None:
    """Raise FormulaError unless a math channel can be worked out among the others."""
    if values["deleted_us"] is not None:
        return
    # Imported here: it loads numpy, and little is corrected by hand.
    from ps_tui.analysis.maths.channels import Formula, verify

    others = connection.execute(
        f"SELECT name, formula, coalesce(unit, '') FROM {MATH_CHANNELS.table}"
        " WHERE user_n = ? AND n <> ? AND deleted_us IS NULL",
        (values["user_n"], key),
    )
    own = (str(values[name] or "") for name in ("name", "formula", "unit"))
    verify(Formula(*own), [Formula(*other) for other in others])


def _actor() -> str:
    try:
        return f"studio: {getpass.getuser()}"
    except (OSError, KeyError, ImportError):
        return "studio"
