"""The database as a command finds it, opened for one task."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from ps_tui.cli.progress import work_progress
from ps_tui.config import Settings

if TYPE_CHECKING:
    from ps_tui.domain.health import HealthReport
    from ps_tui.storage.sqlite.schema_care import SqliteSchema
    from ps_tui.storage.sqlite.store import SqliteStore

Result = TypeVar("Result")


def with_store(
    settings: Settings,
    task: Callable[[SqliteStore], Awaitable[Result]],
    *,
    create: bool = False,
    copy_folder: Path | None = None,
) -> Result:
    """Open the database, without recovery, and do one task on it."""
    from ps_tui.collector.clock import SystemClock
    from ps_tui.runtime import database_path
    from ps_tui.storage.sqlite.store import open_store

    async def answer() -> Result:
        store = await open_store(
            database_path(settings),
            SystemClock(),
            create=create,
            recovers=False,
            copy_folder=copy_folder,
        )
        try:
            with work_progress(click.get_current_context().info_name or ""):
                return await task(store)
        finally:
            await store.close()

    return asyncio.run(answer())


def check_as_it_lies(settings: Settings, *, deep: bool) -> HealthReport:
    """Run the checks on a file that is too damaged to be opened for writing."""
    from ps_tui.collector.clock import SystemClock
    from ps_tui.runtime import database_path
    from ps_tui.storage.sqlite.health import check_database

    now_us = SystemClock().now_us()
    return check_database(database_path(settings), now_us, deep=deep)


def with_schema(
    settings: Settings, task: Callable[[SqliteSchema], Awaitable[Result]]
) -> Result:
    """Do one task on the schema of the file as it lies there."""
    from ps_tui.collector.clock import SystemClock
    from ps_tui.runtime import database_path
    from ps_tui.storage.sqlite.schema_care import SqliteSchema

    async def answer() -> Result:
        return await task(SqliteSchema(database_path(settings), SystemClock()))

    return asyncio.run(answer())
