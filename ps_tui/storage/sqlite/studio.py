"""Studio on SQLite: each read on a connection of its own that can be stopped."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from math import isnan
from pathlib import Path
from typing import TypeVar

import msgspec

from ps_tui.domain.clock import Clock
from ps_tui.domain.errors import UsageError
from ps_tui.domain.studio import Page, Row, Table, Value, View
from ps_tui.domain.upkeep import QueryResult
from ps_tui.storage.sqlite import browsing
from ps_tui.storage.sqlite.catalog import catalog, entry_of, quoted
from ps_tui.storage.sqlite.connection import Database, connect_read_only, snapshot
from ps_tui.storage.sqlite.correcting import correct
from ps_tui.storage.sqlite.errors import database_error
from ps_tui.storage.sqlite.lookup import lap_key
from ps_tui.storage.sqlite.reading import load_trace
from ps_tui.storage.sqlite.sql_box import query_plan, run_query

T = TypeVar("T")
LONGEST_READ_S = 5.0
_STEPS = 10_000


class SqliteStudio:
    """Studio on SQLite; see ``domain.studio``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def tables(self) -> list[Table]:
        """Return tables and views by name, with their number of rows."""
        return await self._read(_tables)

    async def rows(
        self,
        table: str,
        view: View = View(),  # noqa: B008  frozen
        *,
        offset: int = 0,
        limit: int = 100,
    ) -> Page:
        """Return a page of a table."""
        return await self._read(
            lambda connection: browsing.page(
                connection, entry_of(connection, table), view, max(0, offset), limit
            )
        )

    async def row(self, table: str, key: int) -> Row:
        """Return one row whole."""
        return await self._read(lambda connection: browsing.row(connection, table, key))

    async def frames(self, lap_id: str, *, offset: int = 0, limit: int = 100) -> Page:
        """Return frames of a lap, decoded, one per row."""
        return await self._read(
            lambda connection: _frames(connection, lap_id, max(0, offset), limit)
        )

    async def update(
        self,
        table: str,
        key: int,
        changes: Mapping[str, str | None],
        *,
        seen: Mapping[str, Value],
    ) -> Row:
        """Change values of a row and note it."""
        now_us = self._clock.now_us()

        def work(connection: sqlite3.Connection) -> None:
            correct(connection, (table, key), changes, seen, now_us)

        await self._database.write(work)
        return await self.row(table, key)

    async def query(
        self,
        sql: str,
        *,
        frames_of: Sequence[str] = (),
        offset: int = 0,
        limit: int = 500,
        timeout_s: float = 10.0,
    ) -> QueryResult:
        """Run one statement that reads."""

        def work(path: Path, stop: Callable[[], bool]) -> QueryResult:
            return run_query(
                path,
                sql,
                laps=frames_of,
                limit=limit,
                timeout_s=timeout_s,
                skip=offset,
                stop=stop,
            )

        return await _stoppable(work, self._database.path)

    async def plan(self, sql: str, *, frames_of: Sequence[str] = ()) -> list[str]:
        """Return how SQLite would run a statement."""
        return await asyncio.to_thread(
            query_plan, self._database.path, sql, laps=frames_of
        )

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def apart(path: Path, stop: Callable[[], bool]) -> T:
            return _apart(path, work, stop)

        return await _stoppable(apart, self._database.path)


def _apart(
    path: Path, work: Callable[[sqlite3.Connection], T], stop: Callable[[], bool]
) -> T:
    ends_at = time.monotonic() + LONGEST_READ_S
    try:
        with closing(connect_read_only(path)) as connection:
            connection.text_factory = lambda text: text.decode("utf-8", "replace")
            connection.set_progress_handler(
                lambda: stop() or time.monotonic() > ends_at, _STEPS
            )
            return snapshot(connection, work)
    except sqlite3.Error as error:
        if "interrupted" in str(error):
            raise UsageError(
                f"This took longer than {LONGEST_READ_S:g} s and was stopped.",
                "Filter on an indexed column, or sort by none.",
            ) from error
        raise database_error(error, path) from error


async def _stoppable(work: Callable[[Path, Callable[[], bool]], T], path: Path) -> T:
    """Run ``work`` in a thread; cancelling makes it stop within some ms."""
    stopped = threading.Event()
    try:
        return await asyncio.to_thread(work, path, stopped.is_set)
    finally:
        stopped.set()


def _tables(connection: sqlite3.Connection) -> list[Table]:
    found = []
    for name, entry in catalog(connection).items():
        try:
            count = browsing.counted(connection, f"SELECT count(*) FROM {quoted(name)}")
        except sqlite3.OperationalError:
            count = None  # a view over something that is gone
        found.append(msgspec.structs.replace(entry.table, row_count=count))
    return found


def _frames(
    connection: sqlite3.Connection, lap_id: str, offset: int, limit: int
) -> Page:
    trace = load_trace(connection, lap_key(connection, lap_id))
    total = len(trace.columns["received_us"])
    end = min(total, offset + limit)
    names = tuple(trace.columns)
    columns = []
    for name in names:
        column = trace.columns[name][offset:end]
        columns.append([_plain(value) for value in column.tolist()])
    rows = tuple(zip(*columns, strict=True))
    return Page(names, rows, tuple(range(offset, end)), offset, total)


def _plain(value: Value) -> Value:
    return None if isinstance(value, float) and isnan(value) else value
