"""Opening a database file: look first, touch after.

A file that is newer than this program, or not ours, is recognised through a
read-only connection before anything is switched or written.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import NamedTuple

from ps_tui.domain.errors import (
    DamagedDatabaseError,
    DatabaseError,
    NewerDatabaseError,
)
from ps_tui.storage.sqlite.connection import (
    BUSY_TIMEOUT_MS,
    JOURNAL_LIMIT_BYTES,
)
from ps_tui.storage.sqlite.errors import (
    database_error,
    not_a_database,
    not_writable,
    primary_code,
)
from ps_tui.storage.sqlite.identity import APPLICATION_ID, LATEST_REVISION
from ps_tui.storage.sqlite.reserve import release_reserve

_SETTLING_S = 5.0
_SMALLEST_PAGE = 512
RESTORE_LATEST = "Put the newest backup in place with `ps-tui db restore --latest`."


class Marks(NamedTuple):
    """What the header of a file says about it."""

    application_id: int
    revision: int
    object_count: int


def open_writer(path: Path, *, create: bool) -> sqlite3.Connection:
    """Open ``path`` for writing, in WAL mode, without changing its schema.

    Raises NewerDatabaseError, NotADatabaseError or DamagedDatabaseError with the
    file untouched, and DatabaseError where it cannot be opened.
    """
    check_place(path, create=create)
    signs = signs_of_use(path)
    if signs:
        raise DamagedDatabaseError(f"{path} is empty, and {signs}.", RESTORE_LATEST)
    try:
        marks = read_marks(path)
        check_marks(path, marks)
        try:
            return _connect(path, is_new=marks is None)
        except sqlite3.Error as error:
            if not release_reserve(path, error):
                raise
        return _connect(path, is_new=marks is None)
    except sqlite3.Error as error:
        raise database_error(error, path) from error


def _connect(path: Path, *, is_new: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, is_new=is_new)
    except BaseException:
        connection.close()
        raise
    return connection


def check_place(path: Path, *, create: bool) -> None:
    """Raise DatabaseError where no database can be at ``path``."""
    try:
        if path.is_dir():
            raise DatabaseError(f"{path} is a folder.", "Name a file with --db.")
        if not path.exists():
            if not create:
                raise DatabaseError(
                    f"There is no database at {path}.",
                    "Start ps-tui once to make it, or name another with --db.",
                )
            path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"{path.parent} cannot be used: {error.strerror}.",
            "Give yourself the right to it, or choose another file with --db.",
        ) from error
    writable = os.access(path.parent, os.W_OK) and (
        not path.exists() or os.access(path, os.W_OK)
    )
    if not writable:
        raise not_writable(path)


def signs_of_use(path: Path) -> str:
    """Say what shows that a file of no bytes was a database once; empty for others.

    SQLite would take it for a new one, and throw away the journal beside it.
    """
    if not path.exists() or path.stat().st_size:
        return ""
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        return f"there is a journal beside it ({wal.name})"
    # Imported here: nearly every file has bytes.
    from ps_tui.storage.sqlite.manifest import backup_folder, copies_in

    copies = copies_in(backup_folder(path), path.name)
    return f"there are {len(copies)} backups of it" if copies else ""


def read_marks(path: Path) -> Marks | None:
    """Return what a file says it is; ``None`` where there is nothing yet."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    if path.stat().st_size < _SMALLEST_PAGE:
        # SQLite would take so short a file for an empty one, and overwrite it.
        raise not_a_database(path)
    # With no journal beside it the file stands alone: opened as immutable, it gets
    # no lock and no side file. (Reading it with open() would drop the locks that
    # another connection of this process holds.)
    wal = path.with_name(path.name + "-wal")
    is_alone = not wal.exists() or wal.stat().st_size == 0
    mode = "immutable=1" if is_alone else "mode=ro"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None
    )
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (revision,) = connection.execute("PRAGMA user_version").fetchone()
        try:
            rows = connection.execute("SELECT count(*) FROM sqlite_master")
            (object_count,) = rows.fetchone()
        except sqlite3.DatabaseError as error:
            if primary_code(error) != sqlite3.SQLITE_CORRUPT:
                raise
            object_count = -1
    finally:
        connection.close()
    return Marks(application_id, revision, object_count)


def check_marks(path: Path, marks: Marks | None) -> None:
    """Raise where a file is not for this version to write."""
    if marks is None:
        return
    is_blank = marks == Marks(0, 0, 0)
    if marks.application_id != APPLICATION_ID and not is_blank:
        raise not_a_database(path)
    if marks.revision > LATEST_REVISION:
        raise NewerDatabaseError(
            f"{path} was made by a newer ps-tui (its revision is {marks.revision}, "
            f"this version knows {LATEST_REVISION}). It was left untouched.",
            "Update ps-tui, or choose another file with --db.",
        )


def _prepare(connection: sqlite3.Connection, *, is_new: bool) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    if is_new:
        # Both take effect only while the file is still empty. On any other the
        # second is a write, and a timer would take the file for changed.
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    _switch_to_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Whoever records checkpoints, nobody else: two checkpointers at once can
    # damage the file in SQLite 3.7.0 to 3.51.2 (sqlite.org/wal.html#walresetbug).
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_LIMIT_BYTES}")
    connection.execute("PRAGMA cache_size = -8192")
    connection.execute("PRAGMA temp_store = MEMORY")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # Processes that open a new file at once get BUSY here in spite of the timeout.
    deadline = time.monotonic() + _SETTLING_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            is_busy = primary_code(error) == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > deadline:
                raise
        except sqlite3.DatabaseError as error:
            if primary_code(error) != sqlite3.SQLITE_CORRUPT:
                raise
            return
        else:
            return
        with contextlib.suppress(InterruptedError):
            time.sleep(0.02)
