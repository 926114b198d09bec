"""Free queries: on a read-only connection, within a time limit, frames included.

The frames of chosen laps are a temporary table ``frames``: one row each, a column
for every channel, beside ``lap_id`` and ``lap``. Nothing in it reaches the file.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ps_tui.domain.errors import UsageError
from ps_tui.domain.upkeep import QueryResult
from ps_tui.storage.sqlite.connection import connect_read_only
from ps_tui.storage.sqlite.errors import primary_code
from ps_tui.storage.sqlite.explain import plan_of
from ps_tui.storage.sqlite.lookup import lap_key
from ps_tui.storage.sqlite.reading import load_trace

_STEPS = 10_000
_BLOB_SHOWN = 16
_LONGEST_VALUE = 64 * 1024 * 1024
_WRITES = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH}
_READ_ONLY = "Only queries that read are run here."
_FORBIDDEN = {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}


def run_query(
    path: Path,
    sql: str,
    *,
    laps: Sequence[str] = (),
    limit: int = 1000,
    timeout_s: float = 5.0,
    skip: int = 0,
    stop: Callable[[], bool] = bool,
) -> QueryResult:
    """Run one statement that reads; leave out its first ``skip`` rows.

    ``stop`` is asked now and then whether to give up, from another thread than
    the caller's. Raises UsageError where the statement fails or takes long.
    """
    with _opened(path, laps) as connection:
        return _run(connection, sql, (skip, limit), timeout_s, stop)


def query_plan(path: Path, sql: str, *, laps: Sequence[str] = ()) -> list[str]:
    """Return the steps of a statement without running it. Raises UsageError."""
    with _opened(path, laps) as connection:
        try:
            return plan_of(connection, sql)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _refused(error) from error


@contextmanager
def _opened(path: Path, laps: Sequence[str]) -> Iterator[sqlite3.Connection]:
    with closing(connect_read_only(path)) as connection:
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        connection.execute("PRAGMA temp_store = MEMORY")
        if laps:
            connection.execute("PRAGMA query_only = OFF")
            _make_frames(connection, laps)
            connection.execute("PRAGMA query_only = ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        connection.set_authorizer(_authorize)
        yield connection


def _run(
    connection: sqlite3.Connection,
    sql: str,
    page: tuple[int, int],
    timeout_s: float,
    stop: Callable[[], bool],
) -> QueryResult:
    skip, limit = page
    started = time.perf_counter()
    is_late = lambda: time.perf_counter() - started > timeout_s or stop()  # noqa: E731
    connection.set_progress_handler(is_late, _STEPS)
    try:
        cursor = connection.execute(sql)
        if cursor.description is None:
            raise UsageError("This statement gives no rows.", "Begin with SELECT.")
        for _ in range(skip):
            if cursor.fetchone() is None:
                break
        rows = cursor.fetchmany(limit + 1)
        elapsed_ms = (time.perf_counter() - started) * 1000
        plan = _plan(connection, sql)
    except sqlite3.OperationalError as error:
        if primary_code(error) == sqlite3.SQLITE_INTERRUPT:
            raise UsageError(
                f"The query took longer than {timeout_s:g} s and was stopped.",
                "Ask for less; `ps-tui db sql --timeout` allows more.",
            ) from error
        raise _refused(error) from error
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _refused(error) from error
    return QueryResult(
        [column[0] for column in cursor.description],
        [[_shown(value) for value in row] for row in rows[:limit]],
        len(rows) > limit,
        round(elapsed_ms, 3),
        plan,
    )


def _plan(connection: sqlite3.Connection, sql: str) -> list[str]:
    try:
        return plan_of(connection, sql)
    except sqlite3.Error:
        return []  # a pragma or a plan has none


def _make_frames(connection: sqlite3.Connection, laps: Sequence[str]) -> None:
    traces = [load_trace(connection, lap_key(connection, lap)) for lap in laps]
    keys = list(dict.fromkeys(key for trace in traces for key in trace.columns))
    listed = ", ".join(f'"{key}"' for key in keys)
    connection.execute(f"CREATE TEMP TABLE frames (lap_id TEXT, lap INTEGER, {listed})")
    marks = ", ".join("?" for _ in range(len(keys) + 2))
    for trace in traces:
        count = len(trace.columns["received_us"])
        columns = [
            trace.columns[key].tolist() if key in trace.columns else [None] * count
            for key in keys
        ]
        fixed = (trace.lap.id, trace.lap.lap_number)
        connection.executemany(
            f"INSERT INTO frames VALUES ({marks})",
            ((*fixed, *row) for row in zip(*columns, strict=True)),
        )
    connection.commit()


def _authorize(action: int, *_: Any) -> int:
    return sqlite3.SQLITE_DENY if action in _FORBIDDEN else sqlite3.SQLITE_OK


def _refused(error: Exception) -> UsageError:
    reason = str(error).rstrip(".")
    if isinstance(error, sqlite3.Error) and primary_code(error) in _WRITES:
        return UsageError("This query would change something.", _READ_ONLY)
    return UsageError(f"This query fails: {reason}.", _hint(reason))


def _hint(message: str) -> str:
    if "one statement" in message:
        return "Leave out what stands behind the first semicolon."
    if "no such table: frames" in message:
        return "--lap names the laps whose frames it holds; ctrl+l on the SQL screen."
    return '`ps-tui db sql "SELECT name FROM sqlite_master"` lists the tables.'


def _shown(value: Any) -> Any:
    if not isinstance(value, bytes):
        return value
    head = value[:_BLOB_SHOWN].hex(" ")
    dots = " …" if len(value) > _BLOB_SHOWN else ""
    return f"{len(value)} bytes: {head}{dots}"
