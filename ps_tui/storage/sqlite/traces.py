"""Stored lap traces under test: checksums, and the order of their frames."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.progress import Listener
from ps_tui.storage.sqlite.sealing import (
    column_order,
    in_driving_order,
    put_trace,
    stored_trace,
)

if TYPE_CHECKING:
    from ps_tui.storage.trace_codec import TraceColumn

RECENT_LAPS = 100
"""How many traces a check unpacks that is not deep."""

_ALL_TRACES = (
    "SELECT lap_n, frame_count, codec, channels_json, t0_us, crc32, data"
    " FROM lap_traces"
)
_TOLD_EVERY = 100
_ALL = "SELECT lap_n FROM lap_traces ORDER BY lap_n DESC"


def damaged_traces(
    connection: sqlite3.Connection, tell: Listener = lambda share: None
) -> list[int]:
    """Return the laps whose trace does not have the checksum it was stored with.

    ``tell`` hears which share of them was looked at.
    """
    from ps_tui.storage.trace_codec import Trace

    found = []
    try:
        (total,) = connection.execute("SELECT count(*) FROM laps").fetchone()
        # In the order of the file, one statement: half the time of lap by lap.
        for place, (lap_n, *row) in enumerate(connection.execute(_ALL_TRACES)):
            if not place % _TOLD_EVERY:
                tell(place / max(total, 1))
            trace = Trace(*row)
            if trace.checksum() != trace.crc32:
                found.append(lap_n)
    except sqlite3.DatabaseError:
        return _damaged_one_by_one(connection)
    return found


def _damaged_one_by_one(connection: sqlite3.Connection) -> list[int]:
    found = []
    for lap_n in _laps(connection):
        try:
            trace = stored_trace(connection, lap_n)
        except sqlite3.DatabaseError:
            found.append(lap_n)
            continue
        if trace is not None and trace.checksum() != trace.crc32:
            found.append(lap_n)
    return found


def unreadable_traces(
    connection: sqlite3.Connection, tell: Listener = lambda share: None
) -> list[int]:
    """Return the laps whose trace does not unpack: slower, and sees no more
    than the checksum does unless the packing itself was wrong."""
    from ps_tui.storage.trace_codec import decode

    found = []
    laps = list(_laps(connection))
    for place, lap_n in enumerate(laps):
        if not place % _TOLD_EVERY:
            tell(place / len(laps))
        try:
            trace = stored_trace(connection, lap_n)
            if trace is not None:
                decode(trace)
        except (DatabaseError, sqlite3.DatabaseError):
            found.append(lap_n)
    return found


def disordered_traces(
    connection: sqlite3.Connection, limit: int | None = None
) -> list[int]:
    """Return the laps whose frames are not in driving order, newest first."""
    from ps_tui.storage.trace_codec import decode

    clocks = ("received_us", "timestamp", "sequence")
    found = []
    for lap_n in _laps(connection, limit):
        try:
            trace = stored_trace(connection, lap_n)
            columns = {} if trace is None else decode(trace, clocks)
            if columns and not _rises(columns) and column_order(columns) is not None:
                found.append(lap_n)
        except (DatabaseError, sqlite3.DatabaseError, KeyError):
            continue  # the checksums tell of these
    return found


def remove_damaged(connection: sqlite3.Connection, lap_n: int, now_us: int) -> None:
    """Take a damaged trace away and put its lap in the bin."""
    connection.execute("DELETE FROM lap_traces WHERE lap_n = ?", (lap_n,))
    connection.execute(
        "UPDATE laps SET deleted_us = coalesce(deleted_us, ?), frame_count = 0"
        " WHERE n = ? AND NOT EXISTS"
        " (SELECT 1 FROM telemetry_frames WHERE lap_n = laps.n)",
        (now_us, lap_n),
    )


def reorder(connection: sqlite3.Connection, lap_n: int) -> None:
    """Put the frames of a trace in driving order."""
    from ps_tui.storage.trace_codec import decode, encode

    trace = stored_trace(connection, lap_n)
    if trace is not None:
        put_trace(connection, lap_n, encode(in_driving_order(decode(trace))))


def _rises(columns: Mapping[str, TraceColumn]) -> bool:
    """Say at a glance whether frames are in order, as nearly always."""
    import numpy as np

    from ps_tui.storage.trace_codec import Exact

    return all(
        isinstance(column, Exact)
        and column.present is None
        and bool((np.diff(column.values) >= 0).all())
        for column in columns.values()
    )


def _laps(connection: sqlite3.Connection, limit: int | None = None) -> Iterator[int]:
    rows = connection.execute(f"{_ALL} LIMIT ?", (-1 if limit is None else limit,))
    return (lap_n for (lap_n,) in rows.fetchall())
