"""Whether a copy is what it was, and can be trusted."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from ps_tui.domain.errors import (
    DamagedDatabaseError,
    DatabaseError,
    NewerDatabaseError,
    NotADatabaseError,
)
from ps_tui.domain.progress import Listener
from ps_tui.storage.sqlite.connection import connect_read_only
from ps_tui.storage.sqlite.errors import database_error
from ps_tui.storage.sqlite.identity import APPLICATION_ID
from ps_tui.storage.sqlite.loss import (
    integrity_problems,
    is_beyond_repair,
    missing_parts,
)
from ps_tui.storage.sqlite.manifest import read_manifest
from ps_tui.storage.sqlite.opening import check_marks, read_marks
from ps_tui.storage.sqlite.row_rules import broken_rules
from ps_tui.storage.sqlite.traces import damaged_traces

_READ_BYTES = 1 << 20
_CHOOSE = "Choose another backup."


def verify_copy(source: Path, *, content: bool = False) -> None:
    """Raise a DatabaseError where ``source`` should not be restored.

    ``content`` also refuses a sound file that holds a damaged lap, as the database
    it was copied from did.
    """
    if source.is_dir():
        raise DatabaseError(f"{source} is a folder.", _CHOOSE)
    if not source.is_file():
        raise DatabaseError(
            f"There is no backup {source}.", "`ps-tui db backups` lists them."
        )
    try:
        problems = _problems(source, content=content)
    except sqlite3.Error as error:
        raise _of_a_copy(database_error(error, source)) from error
    except DatabaseError as error:
        raise _of_a_copy(error) from error
    except OSError as error:
        raise DatabaseError(
            f"{source} cannot be read: {error.strerror}.", _CHOOSE
        ) from error
    if problems:
        raise DatabaseError(f"{source} is damaged ({problems[0]}).", _CHOOSE)


def _problems(source: Path, *, content: bool) -> list[str]:
    manifest = read_manifest(source)
    if manifest is not None and sha256_of(source) != manifest.sha256:
        raise DatabaseError(
            f"{source} has changed since it was made: its checksum is wrong.", _CHOOSE
        )
    marks = read_marks(source)
    check_marks(source, marks)
    if marks is None or marks.application_id != APPLICATION_ID:
        raise DatabaseError(f"{source} is empty.", _CHOOSE)
    with closing(connect_read_only(source)) as connection:
        problems = damage(connection) or lost_tables(connection)
        if content and not problems:
            problems = content_problems(connection)
    return problems


def _of_a_copy(error: DatabaseError) -> DatabaseError:
    """Return the same with what helps against a bad copy, not a bad database."""
    if isinstance(error, NewerDatabaseError):
        return type(error)(error.cause, "Update ps-tui, or choose another backup.")
    if isinstance(error, DamagedDatabaseError | NotADatabaseError):
        return type(error)(error.cause, _CHOOSE)
    return error


def damage(connection: sqlite3.Connection) -> list[str]:
    """Return what SQLite itself finds wrong with a file."""
    found = integrity_problems(connection, "quick_check")
    return [problem for problem in found if is_beyond_repair(problem)]


def lost_tables(connection: sqlite3.Connection) -> list[str]:
    """Name the tables that its migrations made and that are gone."""
    lost = [entry.name for entry in missing_parts(connection, "table")]
    return [f"tables are missing: {', '.join(lost)}"] if lost else []


def content_problems(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong with the rows of a sound file."""
    problems = lost_tables(connection)
    if problems:
        return problems
    broken = len(connection.execute("PRAGMA foreign_key_check").fetchall())
    if broken:
        problems.append(f"{broken} rows refer to nothing")
    wrong = len(broken_rules(connection))
    if wrong:
        problems.append(f"{wrong} rows hold values that cannot be")
    damaged = len(damaged_traces(connection))
    if damaged:
        problems.append(f"{damaged} laps have a wrong checksum")
    return problems


def sha256_of(path: Path, tell: Listener = lambda share: None) -> str:
    """Return the checksum of a file; ``tell`` hears which share of it was read."""
    size, digest, done = path.stat().st_size, hashlib.sha256(), 0
    buffer = memoryview(bytearray(_READ_BYTES))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
            done += count
            tell(done / size)
    return digest.hexdigest()
