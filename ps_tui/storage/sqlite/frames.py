"""Frames as rows of the live tail, and back."""

from __future__ import annotations

import json
import sqlite3
import sys
from array import array
from collections.abc import Iterable, Sequence
from math import isnan, nan
from typing import Any

from ps_tui.domain.channel import LAP_FACTS
from ps_tui.domain.frame import Frame

Row = tuple[Any, ...]

FRAME_COLUMNS = (
    "received_us, timestamp_ms, throttle, brake, steering, speed_kmh, gear, rpm,"
    " lap_time_ms, lap_number, normalized_position, sequence, extra"
)
SELECT_LAP_FRAMES = (
    f"SELECT {FRAME_COLUMNS} FROM telemetry_frames WHERE lap_n = ? ORDER BY row"
)
_INSERT = (
    f"INSERT INTO telemetry_frames (row, lap_n, {FRAME_COLUMNS})"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_QUARANTINE = (
    "INSERT INTO quarantine (run, at_us, check_name, table_name, row_json)"
    " VALUES (?, ?, 'unstorable frames', 'telemetry_frames', ?)"
)
_FACTS = len(LAP_FACTS)


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
    values = array("f", (_or_nan(frame.in_pit), _or_nan(frame.lap_valid)))
    values.append(_or_nan(frame.last_lap_ms))
    values.extend(frame.extra)
    count = len(values)
    while count and isnan(values[count - 1]):
        count -= 1
    if not count:
        return None
    if sys.byteorder == "big":
        values.byteswap()
    return values[:count].tobytes()


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
    frames: Iterable[Frame],
    now_us: int,
) -> list[bool]:
    """Append rows to the tail; say for each whether it is stored.

    A value that no column can hold (an integer beyond 64 bits, a text) sends its
    own frame to quarantine and no other.
    """
    connection.execute("SAVEPOINT frames")
    try:
        connection.executemany(_INSERT, rows)
    except (OverflowError, sqlite3.IntegrityError, sqlite3.ProgrammingError):
        connection.execute("ROLLBACK TO frames")
        stored = [
            _insert_one(connection, row, frame, now_us)
            for row, frame in zip(rows, frames, strict=True)
        ]
    else:
        stored = [True] * len(rows)
    connection.execute("RELEASE frames")
    return stored


def _insert_one(
    connection: sqlite3.Connection, row: Row, frame: Frame, now_us: int
) -> bool:
    try:
        connection.execute(_INSERT, row)
    except (OverflowError, sqlite3.IntegrityError, sqlite3.ProgrammingError):
        described = {name: getattr(frame, name) for name in Frame.__struct_fields__} | {
            "lap_n": row[1]
        }
        text = json.dumps(described, default=str)
        connection.execute(_QUARANTINE, (f"write-{now_us}", now_us, text))
        return False
    return True


def _or_nan(value: float | None) -> float:
    return nan if value is None else value
