"""A lap read back: its trace, and the rows that are not sealed yet."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

from ps_tui.domain.models import LapTrace
from ps_tui.storage.sqlite import queries
from ps_tui.storage.sqlite.frames import SELECT_LAP_FRAMES
from ps_tui.storage.sqlite.sealing import (
    frame_count,
    in_driving_order,
    joined,
    public_columns,
    stored_trace,
)

if TYPE_CHECKING:
    from ps_tui.storage.trace_codec import TraceColumn


def load_trace(connection: sqlite3.Connection, lap_n: int) -> LapTrace:
    """Return all frames of a lap from its trace and from rows not yet sealed."""
    lap = queries.lap(connection, lap_n)
    columns = stored_columns(connection, lap_n)
    return LapTrace(lap, public_columns(columns, frame_count(columns)))


def stored_columns(
    connection: sqlite3.Connection, lap_n: int
) -> dict[str, TraceColumn]:
    """Return everything that is stored of a lap's frames, in driving order."""
    trace = stored_trace(connection, lap_n)
    rows = []
    channels: list[str] = []
    if trace is None or not _is_sealed(connection, lap_n):
        rows = connection.execute(SELECT_LAP_FRAMES, (lap_n,)).fetchall()
        (channels_json,) = connection.execute(
            "SELECT channels_json FROM sessions"
            " WHERE n = (SELECT session_n FROM laps WHERE n = ?)",
            (lap_n,),
        ).fetchone()
        channels = json.loads(channels_json)
    columns = joined(trace, rows, channels)
    return in_driving_order(columns) if rows else columns


def _is_sealed(connection: sqlite3.Connection, lap_n: int) -> bool:
    row = connection.execute("SELECT state FROM laps WHERE n = ?", (lap_n,)).fetchone()
    return bool(row[0] == "sealed")
