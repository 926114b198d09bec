"""How one batch of the recorder becomes rows. Runs inside a write transaction."""

from __future__ import annotations

import sqlite3
from collections import Counter
from operator import itemgetter

import msgspec

from ps_tui.domain.errors import RecorderBusyError
from ps_tui.domain.frame import Identity
from ps_tui.domain.ids import new_id
from ps_tui.domain.laps import LapCompleted, LapRevised, LapStarted
from ps_tui.domain.models import RecorderInfo
from ps_tui.domain.recording import RecordingBatch, StoredFrame
from ps_tui.storage.sqlite.frames import Row, frame_row, insert_frames

_INT64 = 1 << 63
_OPEN_LAP = (
    "INSERT INTO laps (id, session_n, lap_number, started_us, created_us)"
    " VALUES (?, ?, ?, ?, ?) RETURNING n"
)
_CLOSE_LAP = (
    "UPDATE laps SET kind = ?, valid = ?, lap_time_ms = ?, clock_time_ms = ?,"
    " is_official = ?, reason = ?, started_us = ?, ended_us = ?,"
    " state = 'closed' WHERE n = ?"
)
_ADD_FRAMES = (
    "UPDATE laps SET frame_count = frame_count + ?,"
    " state = CASE state WHEN 'sealed' THEN 'closed' ELSE state END WHERE n = ?"
)
_IDENTITY = (
    "UPDATE sessions SET car = coalesce(?, car), driver = coalesce(?, driver),"
    " track = coalesce(?, track), layout = coalesce(?, layout),"
    " track_length_m = coalesce(?, track_length_m) WHERE n = ?"
)
_HEARTBEAT = (
    "UPDATE sessions SET heartbeat_us = ?, last_row = ?,"
    " dropped_frames = dropped_frames + ?"
    " WHERE n = ? AND status = 'recording' AND recorder_pid = ?"
    " AND recorder_started_us = ? AND recorder_host = ?"
)
_lap_n = itemgetter(1)
"""Reads the lap out of a row of frame_row."""


class Claim(msgspec.Struct):
    """What the recorder of a session knows between two commits.

    ``lap_keys`` finds the row of a lap by the number that the recorder gave it. In
    a session that was recorded before, that number may be taken; the lap is then
    stored under the next free one.
    """

    session_n: int
    session_id: str
    recorder: RecorderInfo
    channels: tuple[str, ...]
    next_row: int
    lap_keys: dict[int, int] = {}
    name: str = "Recording"
    source: str = "unknown"
    is_rescued: bool = False
    """The session had vanished; what was recorded before is gone with it."""

    def copy(self) -> Claim:
        return msgspec.structs.replace(self, lap_keys=dict(self.lap_keys))


def apply_batch(
    connection: sqlite3.Connection, claim: Claim, batch: RecordingBatch, now_us: int
) -> None:
    """Write a batch; ``claim`` moves on with it.

    Raises RecorderBusyError where the session is no longer this recorder's.
    """
    for started in batch.opened:
        _open_lap(connection, claim, started, now_us)
    if batch.frames:
        _add_frames(connection, claim, batch.frames, now_us)
    for completed in batch.closed:
        _close_lap(connection, claim, completed, now_us)
    for revised in batch.revised:
        _revise_lap(connection, claim, revised)
    if batch.identity is not None:
        _put_identity(connection, claim.session_n, batch.identity)
    _beat(connection, claim, batch.dropped_frames, now_us)


def find_lap(
    connection: sqlite3.Connection, claim: Claim | None, session_n: int, number: int
) -> int | None:
    """Return the key of a lap by the recorder's number for it."""
    if claim is not None and claim.session_n == session_n and number in claim.lap_keys:
        return claim.lap_keys[number]
    row = connection.execute(
        "SELECT n FROM laps WHERE session_n = ? AND lap_number = ?",
        (session_n, number),
    ).fetchone()
    return None if row is None else int(row[0])


def _open_lap(
    connection: sqlite3.Connection, claim: Claim, started: LapStarted, now_us: int
) -> int:
    known = claim.lap_keys.get(started.lap_number)
    if known is not None:
        # Frames came before the start of their lap was announced.
        connection.execute(
            "UPDATE laps SET started_us = ? WHERE n = ?", (started.started_us, known)
        )
        return known
    newest = connection.execute(
        "SELECT n, lap_number FROM laps WHERE session_n = ?"
        " ORDER BY lap_number DESC LIMIT 1",
        (claim.session_n,),
    ).fetchone()
    number = started.lap_number
    if newest is not None and newest[1] >= number:
        number = newest[1] + 1
    (lap_n,) = connection.execute(
        _OPEN_LAP,
        (new_id(now_us // 1000), claim.session_n, number, started.started_us, now_us),
    ).fetchone()
    if newest is not None and newest[0] in claim.lap_keys.values():
        _move_frames(connection, newest[0], lap_n, started.started_us)
    claim.lap_keys[started.lap_number] = lap_n
    return int(lap_n)


def _add_frames(
    connection: sqlite3.Connection,
    claim: Claim,
    frames: list[StoredFrame],
    now_us: int,
) -> None:
    lap_keys = claim.lap_keys
    rows: list[Row] = []
    for row, stored in enumerate(frames, claim.next_row):
        lap_n = lap_keys.get(stored.lap_number)
        if lap_n is None:
            # A lap that nobody announced: its frames are kept all the same.
            begin = LapStarted(stored.lap_number, stored.frame.received_us)
            lap_n = _open_lap(connection, claim, begin, now_us)
        rows.append(frame_row(row, lap_n, stored.frame))
    claim.next_row += len(rows)
    kept = insert_frames(connection, rows, frames, now_us)
    counts = Counter(map(_lap_n, kept))
    connection.executemany(
        _ADD_FRAMES, [(count, lap_n) for lap_n, count in counts.items()]
    )


def _close_lap(
    connection: sqlite3.Connection, claim: Claim, lap: LapCompleted, now_us: int
) -> None:
    lap_n = claim.lap_keys.get(lap.lap_number)
    if lap_n is None:
        begin = LapStarted(lap.lap_number, lap.started_us)
        lap_n = _open_lap(connection, claim, begin, now_us)
    following = connection.execute(
        "SELECT next.n FROM laps AS lap JOIN laps AS next"
        " ON next.session_n = lap.session_n AND next.lap_number > lap.lap_number"
        " WHERE lap.n = ? ORDER BY next.lap_number LIMIT 1",
        (lap_n,),
    ).fetchone()
    if following is not None:
        _move_frames(connection, lap_n, following[0], lap.ended_us)
    connection.execute(
        _CLOSE_LAP,
        (
            lap.kind.value,
            lap.valid,
            _duration(lap.lap_time_ms),
            _duration(lap.clock_time_ms),
            lap.is_official,
            lap.reason,
            lap.started_us,
            lap.ended_us,
            lap_n,
        ),
    )
    connection.execute(
        "UPDATE laps SET top_speed_kmh = (SELECT max(speed_kmh)"
        " FROM telemetry_frames WHERE lap_n = laps.n) WHERE n = ?",
        (lap_n,),
    )


def _revise_lap(connection: sqlite3.Connection, claim: Claim, lap: LapRevised) -> None:
    lap_n = find_lap(connection, claim, claim.session_n, lap.lap_number)
    connection.execute(
        "UPDATE laps SET lap_time_ms = ?, is_official = 1 WHERE n = ?",
        (_duration(lap.lap_time_ms), lap_n),
    )


def _move_frames(
    connection: sqlite3.Connection, lap_n: int, following_n: int, from_us: int
) -> None:
    """File what was received from ``from_us`` on under the lap that follows."""
    moved = connection.execute(
        "UPDATE telemetry_frames SET lap_n = ? WHERE lap_n = ? AND received_us >= ?",
        (following_n, lap_n, from_us),
    ).rowcount
    if moved > 0:
        connection.execute(_ADD_FRAMES, (moved, following_n))
        connection.execute(
            "UPDATE laps SET frame_count = max(frame_count - ?, 0) WHERE n = ?",
            (moved, lap_n),
        )


def _put_identity(
    connection: sqlite3.Connection, session_n: int, identity: Identity
) -> None:
    connection.execute(
        _IDENTITY,
        (
            identity.car,
            identity.driver,
            identity.track,
            identity.layout,
            identity.track_length_m,
            session_n,
        ),
    )


def _beat(
    connection: sqlite3.Connection, claim: Claim, dropped_frames: int, now_us: int
) -> None:
    recorder = claim.recorder
    parameters = (now_us, claim.next_row - 1, dropped_frames, claim.session_n)
    holder = (recorder.pid, recorder.process_started_us, recorder.host)
    if connection.execute(_HEARTBEAT, parameters + holder).rowcount != 1:
        raise RecorderBusyError(
            "This session is no longer recorded from here: another program ended it"
            " or took it over.",
            "Start a new recording.",
        )


def _duration(value: int | None) -> int | None:
    """Return a time that the database takes; nonsense becomes unknown."""
    return value if value is not None and 0 <= value < _INT64 else None
