"""The rows of a finished lap become its trace, and back to columns.

A lap may have both: frames that arrive after sealing are rows again until the lap
is sealed anew. Reading and sealing therefore always join the two.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ps_tui.domain.channel import FRAME_CHANNELS, FRAME_FIELDS
from ps_tui.domain.errors import DatabaseError
from ps_tui.storage.frame_order import driving_order
from ps_tui.storage.sqlite.frames import SELECT_LAP_FRAMES, Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ps_tui.storage.trace_codec import Exact, Trace, TraceColumn

SELECT_TRACE = (
    "SELECT frame_count, codec, channels_json, t0_us, crc32, data"
    " FROM lap_traces WHERE lap_n = ?"
)
_PUT_TRACE = (
    "INSERT OR REPLACE INTO lap_traces"
    " (lap_n, frame_count, codec, channels_json, t0_us, crc32, data)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_FRAME_KEYS = tuple(channel.key for channel in FRAME_CHANNELS)


def seal(connection: sqlite3.Connection, lap_n: int, channels: Sequence[str]) -> None:
    """Turn the rows of a closed lap into its trace, inside the caller's transaction.

    Raises DatabaseError, with the rows kept, where an older trace of the lap that
    they belong to cannot be read.
    """
    is_closed = connection.execute(
        "UPDATE laps SET state = 'sealed' WHERE n = ? AND state = 'closed'", (lap_n,)
    ).rowcount
    rows = connection.execute(SELECT_LAP_FRAMES, (lap_n,)).fetchall()
    if not is_closed or not rows:
        return
    from ps_tui.storage.trace_codec import encode

    columns = joined(stored_trace(connection, lap_n), rows, channels)
    put_trace(connection, lap_n, encode(in_driving_order(columns)))
    connection.execute("DELETE FROM telemetry_frames WHERE lap_n = ?", (lap_n,))
    connection.execute(
        "UPDATE laps SET frame_count ="
        " (SELECT frame_count FROM lap_traces WHERE lap_n = laps.n),"
        " top_speed_kmh = ? WHERE n = ?",
        (_top(columns.get("speed")), lap_n),
    )


def seal_all(connection: sqlite3.Connection, session_n: int) -> None:
    """Seal every lap of a session that still has rows, or is not sealed.

    A lap that cannot be sealed keeps its rows; the others are not held up by it.
    """
    (channels_json,) = connection.execute(
        "SELECT channels_json FROM sessions WHERE n = ?", (session_n,)
    ).fetchone()
    waiting = connection.execute(
        "SELECT n FROM laps WHERE session_n = ? AND state = 'closed'", (session_n,)
    ).fetchall()
    for (lap_n,) in waiting:
        connection.execute("SAVEPOINT seal")
        try:
            seal(connection, lap_n, json.loads(channels_json))
        except (DatabaseError, OverflowError):
            connection.execute("ROLLBACK TO seal")
        connection.execute("RELEASE seal")


def stored_trace(connection: sqlite3.Connection, lap_n: int) -> Trace | None:
    """Return the trace of a lap as it is stored, not yet unpacked."""
    from ps_tui.storage.trace_codec import Trace

    row = connection.execute(SELECT_TRACE, (lap_n,)).fetchone()
    return None if row is None else Trace(*row)


def put_trace(connection: sqlite3.Connection, lap_n: int, trace: Trace) -> None:
    """Store a trace in place of the one before."""
    connection.execute(_PUT_TRACE, (lap_n, *trace))


def joined(
    trace: Trace | None, rows: Sequence[Row], channels: Sequence[str]
) -> dict[str, TraceColumn]:
    """Return all frames of a lap, from its trace and from its rows, by key."""
    from ps_tui.storage.trace_codec import decode

    older = {} if trace is None else decode(trace)
    if not rows:
        return older
    newer = rows_to_columns(rows, channels)
    if trace is None:
        return newer
    counts = (trace.frame_count, len(rows))
    keys = dict.fromkeys((*newer, *older))
    return {key: _appended(older.get(key), newer.get(key), counts) for key in keys}


def in_driving_order(columns: Mapping[str, TraceColumn]) -> dict[str, TraceColumn]:
    """Return the columns with late frames moved to where they were driven."""
    order = column_order(columns)
    if order is None:
        return dict(columns)
    import numpy as np

    from ps_tui.storage.trace_codec import Exact

    index = np.array(order, dtype=np.int64)
    return {
        key: column.take(index) if isinstance(column, Exact) else column[index]
        for key, column in columns.items()
    }


def column_order(columns: Mapping[str, TraceColumn]) -> list[int] | None:
    """Return the driving order of a lap's frames; ``None`` if they are in it."""
    received = _exact(columns["received_us"]).values.tolist()
    timestamp = _exact(columns["timestamp"]).values.tolist()
    if "sequence" not in columns:
        return driving_order(received, timestamp)
    sequence = _exact(columns["sequence"])
    if sequence.present is not None:
        return driving_order(received, timestamp)
    return driving_order(received, timestamp, sequence.values.tolist())


def frame_count(columns: Mapping[str, TraceColumn]) -> int:
    """Return how many frames the columns of a lap hold."""
    return len(_exact(columns["received_us"]).values) if columns else 0


def public_columns(
    columns: Mapping[str, TraceColumn], frame_count: int
) -> dict[str, NDArray[Any]]:
    """Return columns as the arrays of a LapTrace, frame channels first."""
    import numpy as np

    from ps_tui.storage.trace_codec import Exact

    arrays = {
        key: column.as_array() if isinstance(column, Exact) else column
        for key, column in columns.items()
        if key != "sequence"
    }
    missing = np.full(frame_count, np.nan, dtype=np.float32)
    first = {key: arrays.pop(key, missing) for key in ("received_us", *_FRAME_KEYS)}
    return first | arrays


def rows_to_columns(
    rows: Sequence[Row], channels: Sequence[str]
) -> dict[str, TraceColumn]:
    """Return rows of the tail, selected by FRAME_COLUMNS, as columns by key."""
    from ps_tui.storage.trace_codec import EXACT_KEYS, exact_column, float_column

    by_field = list(zip(*rows, strict=True))
    columns: dict[str, TraceColumn] = {"received_us": exact_column(by_field[0])}
    for key, values in zip(
        _FRAME_KEYS, by_field[1 : len(FRAME_FIELDS) + 1], strict=True
    ):
        pack = exact_column if key in EXACT_KEYS else float_column
        columns[key] = pack(values)
    columns["sequence"] = exact_column(by_field[-2])
    return columns | _extra_columns(by_field[-1], channels)


def _extra_columns(
    blobs: Sequence[bytes | None], channels: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    import numpy as np

    width = max(len(blob) // 4 for blob in (b"" if b is None else b for b in blobs))
    missing = np.full(width, np.nan, dtype="<f4").tobytes()
    whole = b"".join(
        missing
        if blob is None
        else blob
        if len(blob) == len(missing)
        else blob + missing[len(blob) :]
        for blob in blobs
    )
    table = np.frombuffer(whole, "<f4").reshape(len(blobs), width)
    names = [*channels, *(f"channel_{n}" for n in range(len(channels), width))]
    return {
        names[n]: np.ascontiguousarray(table[:, n])
        for n in range(width)
        if not np.isnan(table[:, n]).all()
    }


def _appended(
    older: TraceColumn | None, newer: TraceColumn | None, counts: tuple[int, int]
) -> TraceColumn:
    import numpy as np

    from ps_tui.storage.trace_codec import Exact

    if isinstance(older, Exact) or isinstance(newer, Exact):
        halves = [
            Exact(np.zeros(count, np.int64), np.zeros(count, np.bool_))
            if half is None
            else _exact(half)
            for half, count in zip((older, newer), counts, strict=True)
        ]
        values = np.concatenate([half.values for half in halves])
        present = np.concatenate(
            [
                np.ones(len(half.values), np.bool_)
                if half.present is None
                else half.present
                for half in halves
            ]
        )
        return Exact(values, None if present.all() else present)
    return np.concatenate(
        [
            np.full(count, np.nan, np.float32) if half is None else half
            for half, count in zip((older, newer), counts, strict=True)
        ]
    )


def _exact(column: TraceColumn) -> Exact:
    from ps_tui.storage.trace_codec import Exact, damaged

    if not isinstance(column, Exact):
        raise damaged("a clock is not stored as an integer")
    return column


def _top(speed: TraceColumn | None) -> float | None:
    import numpy as np

    if speed is None or not isinstance(speed, np.ndarray):
        return None
    finite = speed[np.isfinite(speed)]
    return float(finite.max()) if finite.size else None
