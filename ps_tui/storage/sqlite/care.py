"""Health, repair and copies of one open database.

What few starts need is imported when it is asked, in a thread where it takes long.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from ps_tui.domain.clock import Clock
from ps_tui.domain.errors import PsError, RecorderBusyError
from ps_tui.domain.health import (
    Backup,
    DatabaseInfo,
    HealthReport,
    RepairReport,
    RepairStep,
)
from ps_tui.storage.sqlite import copies
from ps_tui.storage.sqlite.connection import (
    Database,
    connect_read_only,
    give_pages_back,
    transact,
)
from ps_tui.storage.sqlite.errors import database_error
from ps_tui.storage.sqlite.recovery import active_recorder, claimed_sessions, interrupt
from ps_tui.storage.sqlite.users import local_user

_log = logging.getLogger(__name__)


class SqliteCare:
    """Care on SQLite. Long work runs in a thread, on connections of its own."""

    def __init__(
        self, database: Database, clock: Clock, copy_folder: Path | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._copy_folder = copy_folder
        self._backed_up_state: int | None = None

    async def info(self) -> DatabaseInfo:
        """Return what the Database screen says about the file."""
        path = self._database.path

        def work(connection: sqlite3.Connection) -> DatabaseInfo:
            (revision,) = connection.execute("PRAGMA user_version").fetchone()
            return DatabaseInfo(
                path=str(path),
                size_bytes=path.stat().st_size,
                wal_bytes=_size(path.with_name(path.name + "-wal")),
                disk_free_bytes=shutil.disk_usage(path.parent).free,
                revision=revision,
                sqlite_version=sqlite3.sqlite_version,
            )

        return await self._database.read(work)

    async def check(self, *, deep: bool = False, quick: bool = False) -> HealthReport:
        """Run every check, with ``quick`` those for a start; safe while recording."""
        path, now_us = self._database.path, self._clock.now_us()

        def work() -> HealthReport:
            from ps_tui.storage.sqlite.health import check_database

            return check_database(path, now_us, deep=deep, quick=quick)

        return await asyncio.to_thread(work)

    async def plan_repair(self) -> list[RepairStep]:
        """Return what :meth:`repair` would do, changing nothing."""
        path, now_us = self._database.path, self._clock.now_us()

        def work() -> list[RepairStep]:
            from ps_tui.storage.sqlite import repair

            with closing(connect_read_only(path)) as connection:
                return repair.plan(connection, now_us)

        try:
            return await asyncio.to_thread(work)
        except sqlite3.Error as error:
            raise database_error(error, path) from error

    async def repair(self) -> RepairReport:
        """Back up, then repair; what is removed goes to quarantine."""
        planned = await self.plan_repair()
        if not planned:
            return RepairReport([])
        from ps_tui.storage.sqlite import repair

        copy = await self._copy("before repair")
        now_us = self._clock.now_us()
        wanted = {step.check for step in planned}
        steps = await self._database.write(
            lambda connection: repair.repair(connection, now_us, wanted)
        )
        steps += await self._database.on_writer(
            lambda connection: repair.tidy(connection, now_us)
        )
        run = repair.run_name(now_us)
        is_undoable = await self._database.read(
            lambda connection: repair.has_changed(connection, run)
        )
        return RepairReport(steps, copy.path, run if is_undoable else "")

    async def undo_repair(self, run: str) -> int:
        """Put back what a repair took away; return how many rows."""
        from ps_tui.storage.sqlite.undo import undo

        await self._copy("before undo")
        now_us = self._clock.now_us()
        return await self._database.on_writer(
            lambda connection: undo(connection, run, now_us)
        )

    async def backup(
        self, target: Path | None = None, reason: str = "manual"
    ) -> Backup:
        """Write a verified copy to ``target``, by default beside the database."""
        made = await self._made(target, reason, strict=True)
        return await self._carried(made) if target is None else made

    async def auto_backup(self, reason: str) -> Backup | None:
        """Back up if anything changed since the last copy, then thin out old ones."""
        try:
            made = await self.backup_if_changed(reason)
        except (PsError, OSError) as error:
            _log.warning("no automatic backup: %s", error)
            return None
        if made is not None and made.copy_problem:
            _log.warning("%s", made.copy_problem)
        return made

    async def backup_if_changed(self, reason: str) -> Backup | None:
        """Do the same, and raise what goes wrong: for a timer that tells of it."""
        path = self._database.path
        state = await self._database.read(_data_version)
        is_known = state == self._backed_up_state
        if is_known or (
            self._backed_up_state is None
            and await asyncio.to_thread(copies.has_newest_copy, path)
        ):
            self._backed_up_state = state
            return None
        made = await self.backup(reason=reason)
        self._backed_up_state = state
        await asyncio.to_thread(copies.thin_out, path)
        return made

    async def verify_backup(self, name: Path) -> Backup:
        """Check a copy from its first byte to its last. Raises DatabaseError."""
        return await asyncio.to_thread(copies.verified, self._database.path, name)

    async def pin_backup(self, name: Path, *, pinned: bool = True) -> Backup:
        """Keep a copy for good, or let the rotation have it again."""
        path = self._database.path
        return await asyncio.to_thread(copies.pinned, path, name, is_pinned=pinned)

    async def backups(self) -> list[Backup]:
        """Return the copies beside the database, newest first."""
        return await asyncio.to_thread(copies.listed, self._database.path)

    async def restore(self, source: Path) -> Backup:
        """Put a backup's content in place, after a backup of what is there now."""
        await self._refuse_while_recording("restored")
        source = await asyncio.to_thread(copies.sound, self._database.path, source)
        safety = await self._copy("before restore")
        now_us = self._clock.now_us()

        def work(connection: sqlite3.Connection) -> None:
            from ps_tui.storage.sqlite.backup import copy_into
            from ps_tui.storage.sqlite.migrate import migrate
            from ps_tui.storage.sqlite.plugin_sets import merge

            _refuse(connection, "restored", now_us)
            copy_into(connection, source)
            migrate(connection, now_us)
            merge(connection, now_us)
            transact(connection, lambda inner: _settle(inner, now_us))
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

        await self._database.on_writer(work)
        return safety

    async def reset(self) -> Backup:
        """Empty the database, after a backup. Returns the backup."""
        await self._refuse_while_recording("reset")
        copy = await self._copy("before reset")
        now_us = self._clock.now_us()

        def work(connection: sqlite3.Connection) -> None:
            transact(connection, lambda inner: _empty(inner, now_us))
            give_pages_back(connection)
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

        await self._database.on_writer(work)
        return copy

    async def _carried(self, made: Backup) -> Backup:
        if self._copy_folder is None:
            return made
        return await asyncio.to_thread(copies.carried, made, self._copy_folder)

    async def _copy(self, reason: str) -> Backup:
        return await self._made(None, reason, strict=False)

    async def _made(self, target: Path | None, reason: str, *, strict: bool) -> Backup:
        return await asyncio.to_thread(
            copies.made,
            self._database.path,
            target,
            reason,
            self._clock.now_us(),
            strict=strict,
        )

    async def _refuse_while_recording(self, what: str) -> None:
        now_us = self._clock.now_us()
        await self._database.read(lambda connection: _refuse(connection, what, now_us))


def _refuse(connection: sqlite3.Connection, what: str, now_us: int) -> None:
    try:
        active = active_recorder(connection, now_us)
    except sqlite3.DatabaseError:
        return  # too damaged to tell, which is what a restore is for
    if active is not None:
        raise RecorderBusyError(
            f"The database cannot be {what}: {active.recorder.label} (pid"
            f" {active.recorder.pid}) records the session “{active.session_name}”.",
            "Stop the recording first.",
        )


def _settle(connection: sqlite3.Connection, now_us: int) -> None:
    # A copy made during a recording names a recorder; it may be this very process,
    # but nobody records into what has just been put in place.
    interrupt(connection, claimed_sessions(connection), now_us)
    local_user(connection, now_us)


def _empty(connection: sqlite3.Connection, now_us: int) -> None:
    from ps_tui.storage.sqlite.tables import data_tables

    _refuse(connection, "reset", now_us)
    # Children first: nothing is left for the cascades to search.
    for table in reversed(data_tables(connection)):
        connection.execute(f'DELETE FROM "{table}"')
    local_user(connection, now_us)


def _data_version(connection: sqlite3.Connection) -> int:
    # Of the reader's connection: moves with each commit of anybody else.
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
