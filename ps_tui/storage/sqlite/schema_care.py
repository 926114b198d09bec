"""The schema of one database file: status, migrations and what they should have made.

Works on the file as it lies there; nothing here brings it up to date unasked.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from ps_tui.domain.clock import Clock
from ps_tui.domain.errors import UsageError
from ps_tui.domain.upkeep import Drift, PushStep, SchemaStatus
from ps_tui.storage.sqlite import ledger, plugin_sets
from ps_tui.storage.sqlite.backup import copy_into, list_backups, make_backup
from ps_tui.storage.sqlite.connection import transact
from ps_tui.storage.sqlite.drift import find_drift
from ps_tui.storage.sqlite.errors import database_error
from ps_tui.storage.sqlite.migrate import migrate, revision, shipped_migrations
from ps_tui.storage.sqlite.opening import open_writer
from ps_tui.storage.sqlite.push import push
from ps_tui.storage.sqlite.recovery import refuse_recording
from ps_tui.storage.sqlite.users import local_user
from ps_tui.storage.sqlite.validation import schema_problems, validate

T = TypeVar("T")


class SqliteSchema:
    """The schema commands. Each opens the file, does one thing and closes it."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    async def status(self) -> SchemaStatus:
        """Return revision, ledger, checksums and sizes."""
        return await self._on_file(lambda c: ledger.status(c, self._path))

    async def pending_sql(self, to: int | None = None) -> str:
        """Return the script that :meth:`migrate` would apply."""
        return await self._on_file(lambda c: ledger.pending_sql(c, to))

    async def migrate(self, to: int | None = None) -> int:
        """Apply what is missing, after a backup; return how many migrations.

        Without ``to`` those of plug-ins as well.
        """
        now_us = self._clock.now_us()

        def work(connection: sqlite3.Connection) -> int:
            ledger.check_known(to)
            done = revision(connection)
            newest = max(
                step.revision
                for step in shipped_migrations()
                if to is None or step.revision <= to
            )
            if newest <= done:
                return 0 if to else _merge_plugins(connection, now_us)
            _refuse_recording(connection, now_us)
            if done:
                make_backup(self._path, None, f"before migration from {done}", now_us)
            count = migrate(connection, now_us, to)
            transact(connection, lambda inner: local_user(inner, now_us))
            return count if to else count + _merge_plugins(connection, now_us)

        return await self._on_file(work)

    async def resolve(self, wanted: int, *, baseline: bool = False) -> None:
        """Mark migrations as applied; see :func:`ledger.resolve`."""
        now_us = self._clock.now_us()
        await self._on_file(
            lambda c: transact(
                c,
                lambda inner: ledger.resolve(inner, wanted, now_us, baseline=baseline),
            )
        )

    async def rollback(self, *, from_backup: bool = False) -> str:
        """Go back one revision, after a backup; return by which way.

        The file that leads back keeps everything but what only the newer revision
        can hold. ``from_backup`` puts the automatic backup in place instead, and
        with it the data of then.
        """
        now_us = self._clock.now_us()

        def work(connection: sqlite3.Connection) -> str:
            _refuse_recording(connection, now_us)
            done = revision(connection)
            if not done:
                raise UsageError("No migration is applied: nothing leads back.")
            step = next(s for s in shipped_migrations() if s.revision == done)
            if from_backup:
                return self._restore_before(connection, done, now_us)
            if step.down_sql is None:
                raise UsageError(
                    f"No file leads back from {step.file_name}.", "Use --from-backup."
                )
            make_backup(self._path, None, f"before rollback from {done}", now_us)
            connection.execute("PRAGMA foreign_keys = OFF")
            transact(connection, lambda inner: ledger.step_back(inner, step))
            return step.file_name.replace(".sql", ".down.sql")

        return await self._on_file(work)

    async def draft(self, name: str, folder: Path | None = None) -> Path:
        """Begin a migration with the next number, by default beside those shipped."""
        home = folder or Path(str(files("ps_tui.storage.sqlite") / "migrations"))
        return await asyncio.to_thread(ledger.draft_migration, home, name)

    async def drift(self) -> list[Drift]:
        """Return how the file differs from the migrations, object by object."""
        return await self._on_file(find_drift)

    async def validate(self) -> list[str]:
        """Return what is wrong with the shipped files and with this schema."""

        def work(connection: sqlite3.Connection) -> list[str]:
            changed = ledger.changed_files(connection)
            return [
                *validate(),
                *schema_problems(connection),
                *(f"{name} has changed since it was applied." for name in changed),
            ]

        problems = await self._on_file(work)
        return list(dict.fromkeys(problems))

    async def push(self) -> list[PushStep]:
        """Make the schema that of the files, after a backup; see :mod:`push`."""
        now_us = self._clock.now_us()

        def work(connection: sqlite3.Connection) -> list[PushStep]:
            _refuse_recording(connection, now_us)
            make_backup(self._path, None, "before push", now_us)
            return push(connection, now_us)

        return await self._on_file(work)

    def _restore_before(
        self, connection: sqlite3.Connection, done: int, now_us: int
    ) -> str:
        reason = f"before migration from {done - 1}"
        found = [copy for copy in list_backups(self._path) if copy.reason == reason]
        if not found:
            raise UsageError(
                "There is no automatic backup from before the migration.",
                "`ps-tui db backups` lists what there is.",
            )
        make_backup(self._path, None, f"before rollback from {done}", now_us)
        copy_into(connection, Path(found[0].path))
        return found[0].path

    async def _on_file(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(self._run, work)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with closing(open_writer(self._path, create=False)) as connection:
            try:
                return work(connection)
            except sqlite3.Error as error:
                raise database_error(error, self._path) from error


def _refuse_recording(connection: sqlite3.Connection, now_us: int) -> None:
    if revision(connection):
        refuse_recording(connection, now_us)


def _merge_plugins(connection: sqlite3.Connection, now_us: int) -> int:
    before = len(plugin_sets.applied_steps(connection))
    plugin_sets.merge(connection, now_us)
    return len(plugin_sets.applied_steps(connection)) - before
