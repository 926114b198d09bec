"""Puts the seed into a database: as often as one likes, with the same result.

A row that is there already is changed only where it differs, and its role never.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from ps_tui.domain.frame import Frame
from ps_tui.domain.laps import LapCompleted
from ps_tui.domain.upkeep import DemoDrive, SeedReport
from ps_tui.storage.sqlite.frames import frame_row
from ps_tui.storage.sqlite.sealing import put_trace, rows_to_columns
from ps_tui.storage.sqlite.seed_data import (
    DEMO_SESSION,
    LOCAL,
    SEED,
    SEEDED_US,
    SeedRow,
    seed_id,
)
from ps_tui.storage.sqlite.tables import data_tables
from ps_tui.storage.sqlite.users import local_user

_UNDUMPED = ("audit", "quarantine")


class _Counts(msgspec.Struct):
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0


def seed(
    connection: sqlite3.Connection, now_us: int, drive: DemoDrive | None = None
) -> SeedReport:
    """Write the seed inside the caller's transaction."""
    counts = _Counts()
    local_n = local_user(connection, now_us)
    for row in SEED:
        _put(connection, row, local_n, counts)
    if drive is not None:
        _put_drive(connection, drive, local_n, counts)
    return SeedReport(
        counts.inserted, counts.updated, counts.unchanged, dump_hash(connection)
    )


def dump_hash(connection: sqlite3.Connection) -> str:
    """Return one checksum over every row that people or recorders made."""
    digest = hashlib.sha256()
    for table in data_tables(connection):
        if table in _UNDUMPED:
            continue
        digest.update(table.encode())
        for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY 1'):
            digest.update(repr(row).encode())
    return digest.hexdigest()


def _put(
    connection: sqlite3.Connection, row: SeedRow, local_n: int, counts: _Counts
) -> int:
    values = dict(row.values)
    for column, (table, key) in row.refers.items():
        values[column] = (
            local_n if (table, key) == LOCAL else _key(connection, table, key)
        )
    public_id = _present_id(connection, row)
    found = connection.execute(
        f'SELECT n, {", ".join(values)} FROM "{row.table}" WHERE id = ?', (public_id,)
    ).fetchone()
    if found is None:
        counts.inserted += 1
        return _insert(connection, row.table, public_id, values)
    changed = {
        name: value
        for (name, value), stored in zip(values.items(), found[1:], strict=True)
        if name not in row.kept and stored != value
    }
    if changed:
        changes = ", ".join(f"{name} = ?" for name in changed)
        connection.execute(
            f'UPDATE "{row.table}" SET {changes} WHERE n = ?',
            (*changed.values(), found[0]),
        )
        counts.updated += 1
    else:
        counts.unchanged += 1
    return int(found[0])


def _present_id(connection: sqlite3.Connection, row: SeedRow) -> str:
    """Return the id of the row where its natural key already stands."""
    if row.table == "users":
        found = connection.execute(
            "SELECT id FROM users WHERE email = ?", (row.values["email"],)
        ).fetchone()
        if found is not None:
            return str(found[0])
    if row.table == "math_telemetry_channels":
        found = connection.execute(
            "SELECT id FROM math_telemetry_channels WHERE name = ?"
            " AND deleted_us IS NULL",
            (row.values["name"],),
        ).fetchone()
        if found is not None:
            return str(found[0])
    return seed_id(row.table, row.key)


def _insert(
    connection: sqlite3.Connection, table: str, public_id: str, values: dict[str, Any]
) -> int:
    row = {"id": public_id, **values, "created_us": SEEDED_US}
    columns = {
        column[1] for column in connection.execute(f'PRAGMA table_info("{table}")')
    }
    if "updated_us" in columns:
        row["updated_us"] = SEEDED_US
    names, marks = ", ".join(row), ", ".join("?" for _ in row)
    (key,) = connection.execute(
        f'INSERT INTO "{table}" ({names}) VALUES ({marks}) RETURNING n',
        tuple(row.values()),
    ).fetchone()
    return int(key)


def _key(connection: sqlite3.Connection, table: str, key: str) -> int:
    row = next(entry for entry in SEED if (entry.table, entry.key) == (table, key))
    (found,) = connection.execute(
        f'SELECT n FROM "{table}" WHERE id = ?', (_present_id(connection, row),)
    ).fetchone()
    return int(found)


def _put_drive(
    connection: sqlite3.Connection, drive: DemoDrive, local_n: int, counts: _Counts
) -> None:
    first, last = drive.laps[0][0], drive.laps[-1][0]
    who = drive.identity
    session = DEMO_SESSION._replace(
        values=DEMO_SESSION.values
        | {
            "car": who.car,
            "driver": who.driver,
            "track": who.track,
            "layout": who.layout,
            "track_length_m": who.track_length_m,
            "channels_json": json.dumps(drive.channels),
            "started_us": first.started_us,
            "ended_us": last.ended_us,
        }
    )
    session_n = _put(connection, session, local_n, counts)
    for lap, frames in drive.laps:
        _put_lap(connection, session_n, lap, frames, drive.channels, counts)


def _put_lap(
    connection: sqlite3.Connection,
    session_n: int,
    lap: LapCompleted,
    frames: Sequence[Frame],
    channels: Sequence[str],
    counts: _Counts,
) -> None:
    from ps_tui.storage.trace_codec import encode

    key = f"weekend/demo laps/{lap.lap_number}"
    public_id = seed_id("laps", key)
    known = connection.execute("SELECT 1 FROM laps WHERE id = ?", (public_id,))
    if known.fetchone() is not None:
        counts.unchanged += 1
        return
    speeds = [frame.speed_kmh for frame in frames if frame.speed_kmh is not None]
    (lap_n,) = connection.execute(
        "INSERT INTO laps (id, session_n, lap_number, lap_time_ms, clock_time_ms,"
        " is_official, kind, valid, reason, state, started_us, ended_us, frame_count,"
        " top_speed_kmh, created_us)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'sealed', ?, ?, ?, ?, ?) RETURNING n",
        (
            public_id,
            session_n,
            lap.lap_number,
            lap.lap_time_ms,
            lap.clock_time_ms,
            lap.is_official,
            lap.kind.value,
            lap.valid,
            lap.reason,
            lap.started_us,
            lap.ended_us,
            len(frames),
            max(speeds, default=None),
            SEEDED_US,
        ),
    ).fetchone()
    rows = [frame_row(0, lap_n, frame)[2:] for frame in frames]
    put_trace(connection, lap_n, encode(rows_to_columns(rows, channels)))
    counts.inserted += 1
