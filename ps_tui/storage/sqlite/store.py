"""The SQLite store: one open database and its three faces."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ps_tui.domain.clock import Clock
from ps_tui.domain.errors import DatabaseError, PsError
from ps_tui.storage.spill_place import spill_files, spill_folders
from ps_tui.storage.sqlite import plugin_sets
from ps_tui.storage.sqlite.connection import (
    Connections,
    Database,
    Successor,
    connect_read_only,
    transact,
)
from ps_tui.storage.sqlite.errors import database_error, primary_code
from ps_tui.storage.sqlite.identity import LATEST_REVISION
from ps_tui.storage.sqlite.library import SqliteLibrary
from ps_tui.storage.sqlite.opening import open_writer
from ps_tui.storage.sqlite.recording import SqliteRecording
from ps_tui.storage.sqlite.recovery import claimed_sessions, recover, split_by_life
from ps_tui.storage.sqlite.reserve import keep_reserve
from ps_tui.storage.sqlite.users import local_user

if TYPE_CHECKING:
    from ps_tui.storage.sqlite.care import SqliteCare
    from ps_tui.storage.sqlite.content import SqliteContent
    from ps_tui.storage.sqlite.crew import SqliteCrew
    from ps_tui.storage.sqlite.garage import SqliteGarage
    from ps_tui.storage.sqlite.schema_care import SqliteSchema
    from ps_tui.storage.sqlite.spilling import SqliteSpill
    from ps_tui.storage.sqlite.studio import SqliteStudio
    from ps_tui.storage.sqlite.workbench import SqliteWorkbench

Folders = tuple[Path, ...]


class SqliteStore:
    """An open database. ``recovered`` names the sessions found interrupted."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        recovered: tuple[str, ...],
        copy_folder: Path | None = None,
        side_folder: Path | None = None,
    ) -> None:
        self.path = database.path
        self.recovered = recovered
        self.library = SqliteLibrary(database, clock)
        self.recording = SqliteRecording(database, clock)
        self._database = database
        self._clock = clock
        self._copy_folder = copy_folder
        self._side_folder = side_folder

    # What few starts need is imported when it is first asked for.

    @cached_property
    def spill(self) -> SqliteSpill:
        """Where frames go that the database does not take just now."""
        from ps_tui.storage.sqlite.spilling import SqliteSpill

        folders = spill_folders(self.path, self._side_folder)
        return SqliteSpill(self._database, self.recording, folders)

    @cached_property
    def care(self) -> SqliteCare:
        """Health, repair and copies."""
        from ps_tui.storage.sqlite.care import SqliteCare

        return SqliteCare(self._database, self._clock, self._copy_folder)

    @cached_property
    def content(self) -> SqliteContent:
        """Queries, seeds, archives and what goes for good."""
        from ps_tui.storage.sqlite.content import SqliteContent

        return SqliteContent(self._database, self._clock)

    @cached_property
    def crew(self) -> SqliteCrew:
        """People, their roles at events, prizes and winners."""
        from ps_tui.storage.sqlite.crew import SqliteCrew

        return SqliteCrew(self._database, self._clock)

    @cached_property
    def garage(self) -> SqliteGarage:
        """Vehicles, parts lists and setups."""
        from ps_tui.storage.sqlite.garage import SqliteGarage

        return SqliteGarage(self._database, self._clock)

    @cached_property
    def schema(self) -> SqliteSchema:
        """Migrations, and whether the tables are what they made."""
        from ps_tui.storage.sqlite.schema_care import SqliteSchema

        return SqliteSchema(self.path, self._clock)

    @cached_property
    def studio(self) -> SqliteStudio:
        """Every table, to look at and to correct."""
        from ps_tui.storage.sqlite.studio import SqliteStudio

        return SqliteStudio(self._database, self._clock)

    @cached_property
    def workbench(self) -> SqliteWorkbench:
        """Saved plots and math channels."""
        from ps_tui.storage.sqlite.workbench import SqliteWorkbench

        return SqliteWorkbench(self._database, self._clock)

    async def close(self) -> None:
        """End recordings that still run, then close the file."""
        for session_id in self.recording.claimed_session_ids:
            # What is committed stays; the next start finds the session open.
            with contextlib.suppress(PsError):
                if "spill" in self.__dict__:
                    await self.spill.drain(session_id)
                await self.recording.finish_recording(session_id)
        if "spill" in self.__dict__:
            self.spill.close()
        await self._database.close()
        keep_reserve(self.path)


async def open_store(
    path: Path,
    clock: Clock,
    *,
    create: bool = True,
    recovers: bool = True,
    copy_folder: Path | None = None,
    side_folder: Path | None = None,
) -> SqliteStore:
    """Open the database at ``path``, make or migrate it, recover what is left over.

    Raises NewerDatabaseError and NotADatabaseError with the file untouched, and
    DatabaseError where it cannot be opened or, without ``create``, is missing. A
    damaged file opens as far as it can, so that it can be checked and restored.
    ``recovers=False`` leaves sessions of dead recorders as they are. Backups are
    carried to ``copy_folder`` as well, as long as it is there. Frames for which there
    is no room beside the database wait in ``side_folder``.
    """
    folders = spill_folders(path, side_folder) if recovers else None
    connections, recovered = await asyncio.to_thread(
        _connect, path, clock, folders, create=create
    )
    database = await Database.start(path, connections, _successor(path, clock))
    return SqliteStore(database, clock, tuple(recovered), copy_folder, side_folder)


def _connect(
    path: Path, clock: Clock, folders: Folders | None, *, create: bool
) -> tuple[Connections, list[str]]:
    """Return writer and reader of an up-to-date file, and what was recovered.

    Side files are looked for in ``folders``; without them nothing is recovered.
    """
    writer = open_writer(path, create=create)
    try:
        recovered = _settle(writer, path, clock, folders)
        return (writer, connect_read_only(path)), recovered
    except BaseException as error:
        writer.close()
        if isinstance(error, sqlite3.Error):
            raise database_error(error, path) from error
        raise


def _successor(path: Path, clock: Clock) -> Successor:
    """Say how to go on when another file is put in the place of this one."""

    def keep(connection: sqlite3.Connection) -> None:
        from ps_tui.storage.sqlite.backup import make_backup

        try:
            make_backup(
                path, None, "replaced", clock.now_us(), strict=False, origin=connection
            )
        except PsError as error:
            raise DatabaseError(
                f"{path} was replaced by another file, and what was in it cannot be"
                f" saved: {error.cause}",
                f"{error.remedy} Or move the old file back.",
            ) from error

    def connect() -> Connections:
        connections, _ = _connect(path, clock, None, create=False)
        return connections

    return Successor(keep, connect)


def _settle(
    connection: sqlite3.Connection, path: Path, clock: Clock, folders: Folders | None
) -> list[str]:
    """Bring the schema up to date and end what dead recorders left."""
    try:
        (revision,) = connection.execute("PRAGMA user_version").fetchone()
        if revision != LATEST_REVISION:
            _migrate(connection, path, revision, clock)
        if not plugin_sets.is_merged(connection):
            plugin_sets.merge(connection, clock.now_us())
        if folders is None:
            return []
        return _recover_all(connection, path, clock, folders)
    except sqlite3.DatabaseError as error:
        if primary_code(error) != sqlite3.SQLITE_CORRUPT:
            raise
    return []


def _recover_all(
    connection: sqlite3.Connection, path: Path, clock: Clock, folders: Folders
) -> list[str]:
    try:
        names: list[str] = []
        if claimed_sessions(connection):
            names = _recover(connection, clock.now_us())
        return list(dict.fromkeys([*names, *_replay(connection, path, clock, folders)]))
    except sqlite3.OperationalError as error:
        if primary_code(error) != sqlite3.SQLITE_FULL:
            raise
    # Without room what is there can be looked at; the rest waits for the next start.
    return []


def _migrate(
    connection: sqlite3.Connection, path: Path, revision: int, clock: Clock
) -> None:
    # Imported here: the way of nearly every start is that nothing is to be done.
    from ps_tui.storage.sqlite.backup import make_backup
    from ps_tui.storage.sqlite.migrate import migrate

    now_us = clock.now_us()
    if revision:
        reason = f"before migration from {revision}"
        make_backup(path, None, reason, now_us, strict=False)
    migrate(connection, now_us)
    transact(connection, lambda inner: local_user(inner, now_us))


def _replay(
    connection: sqlite3.Connection, path: Path, clock: Clock, folders: Folders
) -> list[str]:
    if not spill_files(folders, path.stem):
        return []
    from ps_tui.storage.sqlite.spilling import replay

    return replay(connection, path, clock.now_us(), folders)


def _recover(connection: sqlite3.Connection, now_us: int) -> list[str]:
    _, dead = split_by_life(connection, now_us)
    if not dead:
        return []
    return transact(connection, lambda inner: recover(inner, now_us))
