"""The writer and the reader of one database, each a thread with a connection.

Every unit of work is a plain function that runs on the connection's thread in one
hop, inside one transaction. A cancelled caller cannot tear it: the unit runs to its
end, and only then does the cancellation go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from ps_tui.domain.errors import DatabaseError
from ps_tui.storage.sqlite.errors import database_error

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

BUSY_TIMEOUT_MS = 5000
READER_BUSY_TIMEOUT_MS = 2000
AUTOCHECKPOINT_PAGES = 1000
JOURNAL_LIMIT_BYTES = 16 * 1024 * 1024
_UNSEEN = (-1, -1)
"""Stands for a file in a folder that this user may no longer look into."""
_PAGES_AT_A_TIME = 2000
_MAPPED_BYTES = 1 << 40
"""More than any file has; SQLite takes what it was built for."""


def connect_read_only(path: Path, *, mapped: bool = False) -> sqlite3.Connection:
    """Open a connection that can neither write nor checkpoint.

    ``mapped`` reads the file as memory. That is faster, but a disk that fails then
    ends the process: nothing for one that records.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute(f"PRAGMA busy_timeout = {READER_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    if mapped:
        connection.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
    return connection


def transact(connection: sqlite3.Connection, work: Work[T]) -> T:
    """Run ``work`` in one write transaction: all of it is stored, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        # A full disk rolls back by itself; then there is nothing left to undo.
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise
    return result


def give_pages_back(connection: sqlite3.Connection) -> None:
    """Take empty pages off the end of the file, outside of a transaction."""
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    for _ in range(0, free, _PAGES_AT_A_TIME):
        # A script, as a page goes with each step and execute() takes only one. A
        # part at a time, so that a recorder gets its turn.
        connection.executescript(f"PRAGMA incremental_vacuum({_PAGES_AT_A_TIME})")


def snapshot(connection: sqlite3.Connection, work: Work[T]) -> T:
    """Run ``work`` on one unchanging state of the database."""
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        if connection.in_transaction:
            # Nothing was written; a COMMIT would look at the file once more, and
            # fail where it is damaged.
            connection.execute("ROLLBACK")


class WorkerConnection(aiosqlite.Connection):
    """An aiosqlite connection that runs whole functions on its thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(lambda: connection, 64)
        # A terminal must come back even where somebody forgot to close.
        self._thread.daemon = True

    async def run(self, work: Work[T]) -> T:
        result: T = await self._execute(work, self._conn)  # type: ignore[no-untyped-call]
        return result


class Database:
    """One writer and one reader on one file."""

    def __init__(
        self, path: Path, writer: WorkerConnection, reader: WorkerConnection
    ) -> None:
        self.path = path
        self._writer = writer
        self._reader = reader
        self._lock = asyncio.Lock()
        self._is_closed = False
        self._identity = _identity(path)

    @classmethod
    async def start(
        cls, path: Path, writer: sqlite3.Connection, reader: sqlite3.Connection
    ) -> Database:
        """Take over two open connections."""
        connections = WorkerConnection(writer), WorkerConnection(reader)
        for connection in connections:
            await connection
        return cls(path, *connections)

    async def write(
        self, work: Work[T], committed: Callable[[T], None] | None = None
    ) -> T:
        """Commit ``work`` whole, or raise a DatabaseError and leave no trace.

        ``committed`` is called with the result on the writer's thread, before
        anything else is written.
        """

        def unit(connection: sqlite3.Connection) -> T:
            self._check_place()
            result = transact(connection, work)
            if committed is not None:
                committed(result)
            return result

        return await self.on_writer(unit)

    async def on_writer(self, work: Work[T]) -> T:
        """Run ``work`` on the writer, outside a transaction and uninterrupted."""
        return await _uninterrupted(self._exclusive(work))

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on one snapshot of the database."""
        return await self._guarded(
            self._reader, lambda connection: snapshot(connection, work)
        )

    async def close(self) -> None:
        """Close the reader, then the writer, which tidies up the journal."""
        if self._is_closed:
            return
        async with self._lock:
            self._is_closed = True
            await self._reader.close()
            await self._writer.close()

    def _check_place(self) -> None:
        """Raise DatabaseError where the open file is no longer the one at its path.

        The system goes on writing into a file that is deleted or moved, and nobody
        would find that again.
        """
        now = _identity(self.path)
        is_known = _UNSEEN not in (now, self._identity)
        if now is None or (is_known and now != self._identity):
            raise DatabaseError(
                f"{self.path} is gone: it was moved, deleted or replaced.",
                "Put it back or reconnect its disk; if that does not help, start"
                " ps-tui again.",
            )

    async def _exclusive(self, work: Work[T]) -> T:
        async with self._lock:
            return await self._guarded(self._writer, work)

    async def _guarded(self, connection: WorkerConnection, work: Work[T]) -> T:
        if self._is_closed:
            raise DatabaseError("The database is already closed.")
        try:
            return await connection.run(work)
        except sqlite3.Error as error:
            self._check_place()
            raise database_error(error, self.path) from error


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells one file from another, None where there is none."""
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return _UNSEEN
    return stat.st_dev, stat.st_ino


async def _uninterrupted(unit: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(unit)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at, so that nobody reports it as forgotten
        raise
