"""A whole database into an open archive, and an archive into a database."""

from __future__ import annotations

import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from ps_tui import __version__
from ps_tui.domain.errors import DatabaseError, UsageError
from ps_tui.domain.progress import teller
from ps_tui.domain.upkeep import ArchiveReport
from ps_tui.storage import archive
from ps_tui.storage.archive import ArchiveManifest
from ps_tui.storage.sqlite.catalog import quoted
from ps_tui.storage.sqlite.errors import primary_code
from ps_tui.storage.sqlite.migrate import revision
from ps_tui.storage.sqlite.queries import LOCAL_USER
from ps_tui.storage.sqlite.reading import stored_columns
from ps_tui.storage.sqlite.sealing import put_trace
from ps_tui.storage.sqlite.tables import data_tables, references
from ps_tui.storage.sqlite.users import local_user
from ps_tui.storage.trace_codec import encode

_TRACES = ("lap_traces", "telemetry_frames")
_LOCAL_ONLY = ("quarantine", "audit")
_MANIFEST = "manifest.json"
_UNREADABLE = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError),
    *(LookupError, TypeError, ValueError, OverflowError, AttributeError),
)
"""What comes of reading an archive that is cut off, damaged or somebody else's."""
_LEVEL = 4
"""Of deflate: the usual 6 takes a third more time for 3 % less room."""


def export_all(
    connection: sqlite3.Connection, target: Path, now_us: int
) -> ArchiveReport:
    """Write everything into a new zip; the caller holds one snapshot.

    Frames that cannot be read any more are left out, and their laps named.
    """
    if target.exists():
        raise UsageError(f"{target} exists already.", "Choose another name.")
    temporary = target.with_name(target.name + ".tmp")
    try:
        with zipfile.ZipFile(
            temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL
        ) as out:
            rows = {
                table: _export_table(connection, table, out)
                for table in _tables(connection)
            }
            traces, unreadable = _export_traces(connection, out)
            (user_id,) = connection.execute(
                f"SELECT id FROM users WHERE n = {LOCAL_USER}"
            ).fetchone()
            manifest = ArchiveManifest(
                format=archive.FORMAT,
                revision=revision(connection),
                app_version=__version__,
                created_us=now_us,
                local_user=user_id,
                rows=rows,
                traces=traces,
            )
            out.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        temporary.replace(target)
    except OSError as error:
        raise DatabaseError(
            f"{target} cannot be written: {error.strerror}.", "Choose another place."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return ArchiveReport(str(target), rows, traces, unreadable=unreadable)


def import_all(
    connection: sqlite3.Connection, source: Path, now_us: int
) -> ArchiveReport:
    """Add what an archive holds, inside the caller's transaction.

    Rows that are there by their id stay as they are. What belonged to the local user
    of the archive belongs to this database's.
    """
    try:
        with zipfile.ZipFile(source) as content:
            text = content.read(_MANIFEST)
            manifest = msgspec.json.decode(text, type=ArchiveManifest)
            is_newer = manifest.format > archive.FORMAT
            if is_newer or manifest.revision > revision(connection):
                raise DatabaseError(
                    f"{source} was made by a newer ps-tui.", "Update ps-tui."
                )
            return _import(connection, content, source, manifest.local_user, now_us)
    except sqlite3.OperationalError as error:
        if primary_code(error) != sqlite3.SQLITE_ERROR:
            raise
        raise _no_archive(source, error) from error  # a field that no table has
    except _UNREADABLE as error:
        raise _no_archive(source, error) from error


def _no_archive(source: Path, error: Exception) -> DatabaseError:
    return DatabaseError(
        f"{source} is no archive of ps-tui: {_reason(error)}.",
        "`ps-tui db export-all` makes one.",
    )


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be read ({error.strerror})"
    if isinstance(error, LookupError):
        return "a part of it is missing"
    if isinstance(error, zipfile.BadZipFile | zlib.error | EOFError):
        return "it is no zip file, or it is damaged or cut off"
    return "what it holds is not as an archive has it"


def _import(
    connection: sqlite3.Connection,
    content: zipfile.ZipFile,
    source: Path,
    local_id: str,
    now_us: int,
) -> ArchiveReport:
    keys: dict[tuple[str, str], int] = {
        ("users", local_id): local_user(connection, now_us)
    }
    rows: dict[str, int] = {}
    new_laps = []
    skipped = 0
    names = set(content.namelist())
    for table in _tables(connection):
        if table in _LOCAL_ONLY or f"tables/{table}.json" not in names:
            continue
        for fields in msgspec.json.decode(content.read(f"tables/{table}.json")):
            public_id = fields["id"]
            if (table, public_id) in keys:
                continue
            key = _existing(connection, table, fields)
            if key is None:
                key = _insert(connection, table, fields, keys)
                rows[table] = rows.get(table, 0) + 1
                if table == "laps":
                    new_laps.append((key, public_id))
            else:
                skipped += 1
            keys[table, public_id] = key
    traces = 0
    for lap_n, public_id in new_laps:
        if f"traces/{public_id}.csv" in names:
            columns = archive.trace_from_csv(content.read(f"traces/{public_id}.csv"))
            put_trace(connection, lap_n, encode(columns))
            traces += 1
    return ArchiveReport(str(source), rows, traces, skipped)


def _tables(connection: sqlite3.Connection) -> list[str]:
    return [table for table in data_tables(connection) if table not in _TRACES]


def _export_table(
    connection: sqlite3.Connection, table: str, out: zipfile.ZipFile
) -> int:
    count = 0
    with out.open(f"tables/{table}.json", "w", force_zip64=True) as file:
        file.write(b"[")
        for row in _rows(connection, table):
            file.write(b",\n" if count else b"\n")
            file.write(msgspec.json.encode(row))
            count += 1
        file.write(b"\n]\n")
    return count


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    parents = references(connection, table)
    cursor = connection.execute(f'SELECT * FROM "{table}" ORDER BY n')
    names = [column[0] for column in cursor.description]
    ids: dict[tuple[str, int], str | None] = {}
    for values in cursor:
        row = dict(zip(names, values, strict=True))
        row.pop("n")
        row.pop("blob", None)
        for column, parent in parents.items():
            key = row.pop(column)
            if key is not None and (parent, key) not in ids:
                ids[parent, key] = _public_id(connection, parent, key)
            row[column.removesuffix("_n")] = None if key is None else ids[parent, key]
        yield row


def _export_traces(
    connection: sqlite3.Connection, out: zipfile.ZipFile
) -> tuple[int, list[str]]:
    count, unreadable = 0, []
    laps = connection.execute("SELECT n, id FROM laps ORDER BY n").fetchall()
    tell = teller()
    for place, (lap_n, public_id) in enumerate(laps):
        tell(place / len(laps))
        try:
            columns = stored_columns(connection, lap_n)
        except (DatabaseError, sqlite3.DatabaseError):
            unreadable.append(public_id)
            continue
        if columns:
            out.writestr(f"traces/{public_id}.csv", archive.trace_to_csv(columns))
            count += 1
    return count, unreadable


def _public_id(connection: sqlite3.Connection, table: str, key: int) -> str | None:
    row = connection.execute(f'SELECT id FROM "{table}" WHERE n = ?', (key,)).fetchone()
    return None if row is None else str(row[0])


def _existing(
    connection: sqlite3.Connection, table: str, fields: dict[str, Any]
) -> int | None:
    row = connection.execute(
        f'SELECT n FROM "{table}" WHERE id = ?', (fields["id"],)
    ).fetchone()
    if row is None and table == "users" and fields.get("email"):
        row = connection.execute(
            "SELECT n FROM users WHERE email = ?", (fields["email"],)
        ).fetchone()
    return None if row is None else int(row[0])


def _insert(
    connection: sqlite3.Connection,
    table: str,
    fields: dict[str, Any],
    keys: dict[tuple[str, str], int],
) -> int:
    parents = references(connection, table)
    row = archive.row_from(fields, parents)
    for column, parent in parents.items():
        if row.get(column) is not None:
            row[column] = keys[parent, row[column]]
    if row.get("status") == "recording":
        row["status"] = "interrupted"
    if row.get("state") in ("open", "closed"):
        row["state"] = "sealed"
    names = ", ".join(map(quoted, row))
    marks = ", ".join("?" for _ in row)
    (key,) = connection.execute(
        f'INSERT INTO "{table}" ({names}) VALUES ({marks}) RETURNING n',
        tuple(row.values()),
    ).fetchone()
    return int(key)
