"""What a database is made of, comparable between files.

Two schemas are the same where their objects are, whatever the layout, comments and
quotes of the statements that made them.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

TOKEN = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<space>\s+)|(?P<text>'(?:[^']|'')*')"
    r'|"(?P<quoted>[^"]*)"|(?P<word>[\w.]+)|(?P<sign>[<>=!|]+|.)',
    re.DOTALL,
)
_NAME = re.compile(r"[A-Za-z_]\w*\Z")


class SchemaObject(NamedTuple):
    """A table, index, trigger or view, its SQL without layout and comments."""

    type: str
    name: str
    sql: str


def schema_objects(connection: sqlite3.Connection) -> set[SchemaObject]:
    """Return what the database is made of."""
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_master"
        " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return {SchemaObject(kind, name, plain_sql(sql or "")) for kind, name, sql in rows}


def fingerprint(objects: Iterable[SchemaObject]) -> str:
    """Return one checksum over a whole schema."""
    return hashlib.sha256("\n".join(map(str, sorted(objects))).encode()).hexdigest()


@cache
def plain_sql(sql: str) -> str:
    """Return a statement in one line, without comments and needless quotes."""
    plain = ""
    for match in TOKEN.finditer(sql):
        if match["comment"] or match["space"]:
            continue
        token = match[0]
        quoted = match["quoted"]
        if quoted is not None and _NAME.match(quoted):
            token = quoted
        glued = not plain or plain[-1] in "(" or token in "(),"
        plain += token if glued else f" {token}"
    return plain


def statements(script: str) -> Iterator[str]:
    """Split an SQL script, semicolons in texts and triggers respected."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
    if plain_sql(statement):
        yield statement.strip()
