"""Frames as rows of the live tail, and back."""

from __future__ import annotations

import json
import sqlite3
import struct
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import chain
from math import inf, isnan, nan
from typing import Any

from ps_tui.domain.channel import LAP_FACTS
from ps_tui.domain.frame import Frame
from ps_tui.domain.recording import StoredFrame

Row = tuple[Any, ...]

FRAME_COLUMNS = (
    "received_us, timestamp_ms, throttle, brake, steering, speed_kmh, gear, rpm,"
    " lap_time_ms, lap_number, normalized_position, sequence, extra"
)
SELECT_LAP_FRAMES = (
    f"SELECT {FRAME_COLUMNS} FROM telemetry_frames WHERE lap_n = ? ORDER BY row"
)
_PLACES = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT = f"INSERT INTO telemetry_frames (row, lap_n, {FRAME_COLUMNS}) VALUES {_PLACES}"
_ROWS_AT_ONCE = 32
"""Of one statement: with each, the writer lets the thread that reads the socket run
and waits for its turn again. 480 parameters are within the limit of any SQLite."""
_INSERT_ROWS = ", ".join([_INSERT, *[_PLACES] * (_ROWS_AT_ONCE - 1)])
_QUARANTINE = (
    "INSERT INTO quarantine (run, at_us, check_name, table_name, row_json)"
    " VALUES (?, ?, 'unstorable frames', 'telemetry_frames', ?)"
)
_FACTS = len(LAP_FACTS)
_UNSTORABLE = (OverflowError, sqlite3.IntegrityError, sqlite3.ProgrammingError)
_FLOAT32_MAX = 3.4028234663852886e38


def frame_row(row: int, lap_n: int, frame: Frame) -> Row:
    """Return a frame as the parameters of its insertion."""
    return (
        row,
        lap_n,
        frame.received_us,
        frame.timestamp_ms,
        frame.throttle,
        frame.brake,
        frame.steering,
        frame.speed_kmh,
        frame.gear,
        frame.rpm,
        frame.lap_time_ms,
        frame.lap_number,
        frame.normalized_position,
        frame.sequence,
        pack_extra(frame),
    )


def pack_extra(frame: Frame) -> bytes | None:
    """Pack lap facts and further channels; ``None`` where all are missing."""
    in_pit, lap_valid, last_lap_ms = frame.in_pit, frame.lap_valid, frame.last_lap_ms
    extra = frame.extra
    # Only NaN differs from itself: the quickest test for a missing last channel.
    if extra and extra[-1] != extra[-1]:
        extra = _trimmed(extra)
    if not extra and in_pit is None and lap_valid is None and last_lap_ms is None:
        return None
    values = (
        nan if in_pit is None else in_pit,
        nan if lap_valid is None else lap_valid,
        nan if last_lap_ms is None else last_lap_ms,
        *extra,
    )
    if not extra:
        values = _trimmed(values)
    try:
        return _packer(len(values))(*values)
    except (OverflowError, struct.error):
        return _packer(len(values))(*map(_in_float32, values))


def unpack_extra(blob: bytes | None) -> list[float]:
    """Return what :func:`pack_extra` packed."""
    values = array("f")
    if blob:
        values.frombytes(blob[: len(blob) // 4 * 4])
        if sys.byteorder == "big":
            values.byteswap()
    return values.tolist()


def frame_from_row(row: Sequence[Any]) -> Frame:
    """Return the frame of a row selected by FRAME_COLUMNS."""
    packed = unpack_extra(row[12])
    facts = [None if isnan(value) else value for value in packed[:_FACTS]]
    in_pit, lap_valid, last_lap_ms = facts + [None] * (_FACTS - len(facts))
    return Frame(
        received_us=row[0],
        timestamp_ms=row[1],
        throttle=row[2],
        brake=row[3],
        steering=row[4],
        speed_kmh=row[5],
        gear=row[6],
        rpm=row[7],
        lap_time_ms=row[8],
        lap_number=row[9],
        normalized_position=row[10],
        in_pit=None if in_pit is None else bool(in_pit),
        lap_valid=None if lap_valid is None else bool(lap_valid),
        last_lap_ms=None if last_lap_ms is None else int(last_lap_ms),
        sequence=row[11],
        extra=tuple(packed[_FACTS:]),
    )


def insert_frames(
    connection: sqlite3.Connection,
    rows: list[Row],
    frames: Iterable[StoredFrame],
    now_us: int,
) -> list[Row]:
    """Append rows to the tail; return those that are stored.

    A value that no column can hold (an integer beyond 64 bits, a text) sends its
    own frame to quarantine and no other.
    """
    connection.execute("SAVEPOINT frames")
    try:
        _insert_all(connection, rows)
    except _UNSTORABLE:
        connection.execute("ROLLBACK TO frames")
        rows = [
            row
            for row, stored in zip(rows, frames, strict=True)
            if _insert_one(connection, row, stored.frame, now_us)
        ]
    connection.execute("RELEASE frames")
    return rows


def _insert_all(connection: sqlite3.Connection, rows: list[Row]) -> None:
    whole = len(rows) - len(rows) % _ROWS_AT_ONCE
    connection.executemany(
        _INSERT_ROWS,
        (
            tuple(chain.from_iterable(rows[first : first + _ROWS_AT_ONCE]))
            for first in range(0, whole, _ROWS_AT_ONCE)
        ),
    )
    connection.executemany(_INSERT, rows[whole:])


def _insert_one(
    connection: sqlite3.Connection, row: Row, frame: Frame, now_us: int
) -> bool:
    try:
        connection.execute(_INSERT, row)
    except _UNSTORABLE:
        described = {name: getattr(frame, name) for name in Frame.__struct_fields__} | {
            "lap_n": row[1]
        }
        text = json.dumps(described, default=str)
        connection.execute(_QUARANTINE, (f"write-{now_us}", now_us, text))
        return False
    return True


@cache
def _packer(count: int) -> Callable[..., bytes]:
    return struct.Struct(f"<{count}f").pack


def _trimmed(values: tuple[float, ...]) -> tuple[float, ...]:
    count = len(values)
    while count and isnan(values[count - 1]):
        count -= 1
    return values[:count]


def _in_float32(value: object) -> float:
    """Return what float32 holds of a value; NaN where it is no number."""
    if not isinstance(value, int | float) or value != value:
        return nan
    if abs(value) <= _FLOAT32_MAX:
        return float(value)
    return inf if value > 0 else -inf
