"""What is in an open database: queries on it, seeds, archives, and what goes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from ps_tui.domain.clock import Clock
from ps_tui.domain.errors import UsageError
from ps_tui.domain.progress import teller
from ps_tui.domain.upkeep import (
    ArchiveReport,
    DemoDrive,
    Explanation,
    LockHolder,
    Purged,
    QuarantineEntry,
    QueryResult,
    SeedReport,
    Vacuumed,
)
from ps_tui.storage.sqlite.backup import make_backup
from ps_tui.storage.sqlite.connection import (
    Database,
    T,
    Work,
    connect_read_only,
    give_pages_back,
    snapshot,
    transact,
)
from ps_tui.storage.sqlite.errors import database_error
from ps_tui.storage.sqlite.holders import holders
from ps_tui.storage.sqlite.recovery import refuse_recording
from ps_tui.storage.sqlite.seed import seed

DAY_US = 86_400_000_000


class SqliteContent:
    """The commands about rows. Long reading has connections of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def explain(self) -> Explanation:
        """Return plan, time and indexes of every named query."""
        from ps_tui.storage.sqlite.explain import explain

        return await asyncio.to_thread(self._apart, explain)

    async def locks(self) -> list[LockHolder]:
        """Return the other processes that have this database open."""
        return await asyncio.to_thread(
            holders, self._database.path, self._clock.now_us(), skip=os.getpid()
        )

    async def query(
        self,
        sql: str,
        *,
        laps: Sequence[str] = (),
        limit: int = 1000,
        timeout_s: float = 5.0,
    ) -> QueryResult:
        """Run one statement that reads; ``frames`` holds the frames of ``laps``."""
        from ps_tui.storage.sqlite.sql_box import run_query

        return await asyncio.to_thread(
            run_query,
            self._database.path,
            sql,
            laps=laps,
            limit=limit,
            timeout_s=timeout_s,
        )

    async def seed(self, drive: DemoDrive | None = None) -> SeedReport:
        """Put in the demo crew, its car and, with ``drive``, driven laps."""
        now_us = self._clock.now_us()
        return await self._database.write(
            lambda connection: seed(connection, now_us, drive)
        )

    async def purge(self, days: float, *, dry_run: bool = False) -> Purged:
        """Remove for good what has been in the bin for ``days``, after a backup."""
        from ps_tui.storage.sqlite import purge

        if days < 0:
            raise UsageError(f"{days:g} days is no age.", "Give 0 or more.")
        before_us = self._clock.now_us() - round(days * DAY_US)
        rows = await self._database.read(
            lambda connection: purge.doomed(connection, before_us)
        )
        if dry_run or not rows:
            return Purged(purge.counted(rows))
        backup = await self._backup("before purge")
        gone = []
        for row in rows:
            removes = await self._database.write(
                lambda connection, row=row: purge.remove(connection, row, before_us)  # type: ignore[misc]
            )
            if removes:
                gone.append(row)
        return Purged(purge.counted(gone), backup)

    async def vacuum(self, *, full: bool = False) -> Vacuumed:
        """Give free pages back; ``full`` rewrites the file, and not while recording."""
        path, now_us, tell = self._database.path, self._clock.now_us(), teller()

        def work(connection: sqlite3.Connection) -> None:
            if full:
                refuse_recording(connection, now_us)
                connection.execute("VACUUM")
            else:
                give_pages_back(connection, tell)
            connection.execute("PRAGMA optimize")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

        before = path.stat().st_size
        await self._database.on_writer(work)
        return Vacuumed(before, path.stat().st_size)

    async def export_all(self, target: Path) -> ArchiveReport:
        """Write everything into an open archive, on one snapshot."""
        from ps_tui.storage.sqlite.archiving import export_all

        now_us = self._clock.now_us()
        return await asyncio.to_thread(
            self._apart,
            lambda connection: export_all(connection, target, now_us),
        )

    async def import_all(self, source: Path) -> ArchiveReport:
        """Add what an archive holds, after a backup; all of it or nothing."""
        from ps_tui.storage.sqlite.archiving import import_all

        await self._backup("before import")
        now_us = self._clock.now_us()

        def work(connection: sqlite3.Connection) -> ArchiveReport:
            return transact(connection, lambda inner: import_all(inner, source, now_us))

        return await self._database.on_writer(work)

    async def quarantine(self, run: str | None = None) -> list[QuarantineEntry]:
        """Return what repairs took away, newest first."""
        from ps_tui.storage.sqlite.undo import quarantined

        return await self._database.read(
            lambda connection: quarantined(connection, run)
        )

    async def _backup(self, reason: str) -> str:
        made = await asyncio.to_thread(
            make_backup,
            self._database.path,
            None,
            reason,
            self._clock.now_us(),
            strict=False,
        )
        return made.path

    def _apart(self, work: Work[T]) -> T:
        """Run ``work`` on a snapshot, on a connection that is nobody else's."""
        path = self._database.path
        try:
            with closing(connect_read_only(path)) as connection:
                return snapshot(connection, work)
        except sqlite3.Error as error:
            raise database_error(error, path) from error
