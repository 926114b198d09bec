"""Things people make, one table each: stored from a draft, read back as a record.

A shelf tells how a table, a draft and a record belong together. JSON columns are
held against the types of the draft before anything is written.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from ps_tui.domain.errors import UsageError
from ps_tui.domain.ids import new_id
from ps_tui.domain.models import Deletion
from ps_tui.storage.sqlite.drafts import trimmed_name
from ps_tui.storage.sqlite.errors import primary_code

Draft = TypeVar("Draft", bound=msgspec.Struct)
Record = TypeVar("Record", bound=msgspec.Struct)
Values = dict[str, Any]


class Shelf(NamedTuple, Generic[Draft, Record]):
    """One table. ``columns`` select the record's fields, ``t`` being the table."""

    table: str
    noun: str
    draft: type[Draft]
    record: type[Record]
    columns: Values
    json: frozenset[str] = frozenset()
    order: str = "t.created_us"

    @property
    def select(self) -> str:
        listed = ", ".join(f"{sql} AS {name}" for name, sql in self.columns.items())
        return f"SELECT {listed} FROM {self.table} AS t"


def listing(
    connection: sqlite3.Connection,
    shelf: Shelf[Draft, Record],
    owner: str,
    owner_n: int,
    *,
    deleted: bool = False,
) -> list[Record]:
    """Return what belongs to one owner and is, or is not, deleted."""
    cursor = connection.execute(
        list_query(shelf, owner, deleted=deleted), {"owner": owner_n}
    )
    return [_record(shelf, cursor, row) for row in cursor.fetchall()]


def list_query(shelf: Shelf[Any, Any], owner: str, *, deleted: bool = False) -> str:
    """Return the query behind :func:`listing`."""
    state = "IS NOT NULL" if deleted else "IS NULL"
    return (
        f"{shelf.select} WHERE t.{owner} = :owner AND t.deleted_us {state}"
        f" ORDER BY {shelf.order}"
    )


def one(
    connection: sqlite3.Connection, shelf: Shelf[Draft, Record], key: int
) -> Record:
    """Return one record by its key, deleted or not."""
    cursor = connection.execute(f"{shelf.select} WHERE t.n = ?", (key,))
    return _record(shelf, cursor, cursor.fetchone())


def create(
    connection: sqlite3.Connection,
    shelf: Shelf[Draft, Record],
    owner: Values,
    values: Values,
    now_us: int,
) -> Record:
    """Store a new record; ``owner`` names the row that it belongs to."""
    row = owner | values | {"created_us": now_us, "updated_us": now_us}
    row["id"] = new_id(now_us // 1000)
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    query = f"INSERT INTO {shelf.table} ({names}) VALUES ({marks}) RETURNING n"
    (key,) = _unless_taken(connection, shelf, query, row)
    return one(connection, shelf, key)


def edit(
    connection: sqlite3.Connection,
    shelf: Shelf[Draft, Record],
    key: int,
    values: Values,
    now_us: int,
) -> Record:
    """Replace what a person filled in."""
    row = values | {"updated_us": now_us}
    changes = ", ".join(f"{name} = :{name}" for name in row)
    query = f"UPDATE {shelf.table} SET {changes} WHERE n = :n RETURNING n"
    _unless_taken(connection, shelf, query, row | {"n": key})
    return one(connection, shelf, key)


def delete(
    connection: sqlite3.Connection, shelf: Shelf[Any, Any], key: int, now_us: int
) -> Deletion:
    """Soft-delete a record; doing so twice deletes once."""
    public_id, name = connection.execute(
        f"SELECT id, name FROM {shelf.table} WHERE n = ?", (key,)
    ).fetchone()
    connection.execute(
        f"UPDATE {shelf.table} SET deleted_us = coalesce(deleted_us, ?) WHERE n = ?",
        (now_us, key),
    )
    return Deletion(public_id, name)


def restore(
    connection: sqlite3.Connection, shelf: Shelf[Draft, Record], key: int
) -> Record:
    """Bring a record back. Raises UsageError where its name is taken by now."""
    query = f"UPDATE {shelf.table} SET deleted_us = NULL WHERE n = :n RETURNING n"
    _unless_taken(connection, shelf, query, {"n": key})
    return one(connection, shelf, key)


def checked(shelf: Shelf[Draft, Any], draft: Draft) -> Values:
    """Return a draft as values of columns, each held against its type.

    Raises UsageError where a name is missing or JSON has not the right shape.
    """
    try:
        values: Values = msgspec.to_builtins(
            msgspec.convert(msgspec.to_builtins(draft), shelf.draft)
        )
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise UsageError(f"This {shelf.noun} cannot be stored: {error}.") from error
    values["name"] = trimmed_name(values["name"])
    for name in shelf.json:
        values[name] = msgspec.json.encode(values[name]).decode()
    return values


def _unless_taken(
    connection: sqlite3.Connection, shelf: Shelf[Any, Any], query: str, row: Values
) -> tuple[int]:
    try:
        found: tuple[int] = connection.execute(query, row).fetchone()
    except sqlite3.IntegrityError as error:
        if primary_code(error) == sqlite3.SQLITE_CONSTRAINT and "UNIQUE" in str(error):
            raise UsageError(
                f"There is a {shelf.noun} of this name already.",
                "Choose another name, or edit the one that is there.",
            ) from error
        raise
    return found


def _record(
    shelf: Shelf[Any, Record], cursor: sqlite3.Cursor, row: tuple[Any, ...]
) -> Record:
    values = dict(zip((column[0] for column in cursor.description), row, strict=True))
    for name in shelf.json:
        values[name] = msgspec.json.decode(values[name])
    return msgspec.convert(values, shelf.record, strict=False)
