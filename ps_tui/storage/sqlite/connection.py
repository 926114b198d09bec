"""The writer and the reader of one database, each a thread with a connection.

Every unit of work is a plain function that runs on the connection's thread in one
hop, inside one transaction. A cancelled caller cannot tear it: the unit runs to its
end, and only then does the cancellation go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import aiosqlite

from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.progress import Listener
from ps_tui.storage.sqlite.errors import database_error
from ps_tui.storage.sqlite.place import Place, ReplacedError, replaced

_log = logging.getLogger(__name__)
T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

BUSY_TIMEOUT_MS = 5000
READER_BUSY_TIMEOUT_MS = 2000
AUTOCHECKPOINT_PAGES = 1000
JOURNAL_LIMIT_BYTES = 16 * 1024 * 1024
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


def give_pages_back(
    connection: sqlite3.Connection, tell: Listener = lambda share: None
) -> None:
    """Take empty pages off the end of the file, outside of a transaction.

    ``tell`` hears which share of them is gone.
    """
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    for done in range(0, free, _PAGES_AT_A_TIME):
        tell(done / free)
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


Connections = tuple[sqlite3.Connection, sqlite3.Connection]


class Successor(NamedTuple):
    """What to do when another file is put in the place of the open one."""

    keep: Work[None]
    """Save what the open file holds, which may have no name any more."""
    connect: Callable[[], Connections]
    """Open the new one: its writer and its reader."""


class Database:
    """One writer and one reader on one file, and on the one that takes its place."""

    def __init__(
        self,
        path: Path,
        writer: WorkerConnection,
        reader: WorkerConnection,
        successor: Successor | None = None,
    ) -> None:
        self.path = path
        self.on_replaced: Callable[[], None] = lambda: None
        """Called when another file was opened, before anything is written there."""
        self._writer = writer
        self._reader = reader
        self._successor = successor
        self._lock = asyncio.Lock()
        self._is_closed = False
        self._is_between_files = False
        self._is_kept = False
        self._place = Place(path)

    @classmethod
    async def start(
        cls,
        path: Path,
        connections: Connections,
        successor: Successor | None = None,
    ) -> Database:
        """Take over a writer and a reader."""
        return cls(path, *await _started(connections), successor)

    async def write(
        self, work: Work[T], committed: Callable[[T], None] | None = None
    ) -> T:
        """Commit ``work`` whole, or raise a DatabaseError and leave no trace.

        ``committed`` is called with the result on the writer's thread, before
        anything else is written.
        """

        def unit(connection: sqlite3.Connection) -> T:
            self._place.check()
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

        def unit(connection: sqlite3.Connection) -> T:
            self._place.check_same()
            return snapshot(connection, work)

        reader = self._reader
        try:
            return await self._guarded(reader, unit)
        except ReplacedError:
            await _uninterrupted(self._leave(reader))
            return await self._guarded(self._reader, unit)

    async def close(self) -> None:
        """Close the reader, then the writer, which tidies up the journal."""
        if self._is_closed:
            return
        async with self._lock:
            self._is_closed = True
            if not self._is_between_files:
                with contextlib.suppress(sqlite3.Error):
                    await self._writer.run(self._leave_no_journal)
                await self._close_connections()

    async def _exclusive(self, work: Work[T]) -> T:
        async with self._lock:
            try:
                return await self._guarded(self._writer, work)
            except ReplacedError:
                await self._reopen()
                return await self._guarded(self._writer, work)

    async def _leave(self, reader: WorkerConnection) -> None:
        """Go on in the new file, unless somebody else has led there meanwhile."""
        async with self._lock:
            if self._reader is reader:
                await self._reopen()

    async def _reopen(self) -> None:
        """Go on in the file that is at the path now; to be called under the lock.

        The old file's journal has the name of the new one's. So it is emptied into
        the old file first, or the new one would be mixed with it.
        """
        successor = self._successor
        if successor is None:
            raise replaced(self.path)
        try:
            if not self._is_kept:
                await self._reader.run(successor.keep)
                self._is_kept = True
            if not self._is_between_files:
                await self._writer.run(_empty_journal)
                self._is_between_files = True
                await self._close_connections()
            place = await asyncio.to_thread(Place, self.path)
            connections = await asyncio.to_thread(successor.connect)
        except sqlite3.Error as error:
            raise database_error(error, self.path) from error
        self._writer, self._reader = await _started(connections)
        self._place = place
        self._is_between_files = self._is_kept = False
        _log.warning("%s was replaced; the new file is in use", self.path)
        self.on_replaced()

    def _leave_no_journal(self, connection: sqlite3.Connection) -> None:
        """Empty the journal where SQLite would leave it beside another file."""
        try:
            self._place.check_same()
        except ReplacedError:
            _empty_journal(connection)

    async def _close_connections(self) -> None:
        await self._reader.close()
        await self._writer.close()

    async def _guarded(self, connection: WorkerConnection, work: Work[T]) -> T:
        if self._is_closed:
            raise DatabaseError("The database is already closed.")
        if self._is_between_files:
            raise replaced(self.path)
        try:
            return await connection.run(work)
        except sqlite3.Error as error:
            self._place.check()
            raise database_error(error, self.path) from error


async def _started(
    connections: Connections,
) -> tuple[WorkerConnection, WorkerConnection]:
    writer, reader = map(WorkerConnection, connections)
    await writer
    await reader
    return writer, reader


def _empty_journal(connection: sqlite3.Connection) -> None:
    (is_busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise sqlite3.OperationalError("the journal is in use")


async def _uninterrupted(unit: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(unit)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at, so that nobody reports it as forgotten
        raise
