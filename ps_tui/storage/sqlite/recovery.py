"""Sessions whose recorder died: closed as interrupted, their last lap as partial."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from ps_tui.domain.errors import RecorderBusyError
from ps_tui.domain.models import ActiveRecorder, RecorderInfo
from ps_tui.storage.process import is_alive, is_same_process, own_recorder
from ps_tui.storage.sqlite.sealing import seal_all

RECORDING = (
    "SELECT n, id, name, recorder_pid, recorder_started_us, recorder_boot_id,"
    " recorder_host, recorder_label, heartbeat_us"
    " FROM sessions WHERE status = 'recording'"
)
LEFT_OPEN = (
    "SELECT DISTINCT l.session_n FROM laps AS l JOIN sessions AS s ON s.n = l.session_n"
    " WHERE l.state <> 'sealed' AND s.status <> 'recording' AND (l.state = 'open'"
    " OR EXISTS (SELECT 1 FROM telemetry_frames WHERE lap_n = l.n))"
)
_RELEASE = (
    "UPDATE sessions SET status = ?, ended_us = ?, updated_us = ?,"
    " recorder_pid = NULL, recorder_started_us = NULL, recorder_boot_id = NULL,"
    " recorder_host = NULL, recorder_label = NULL WHERE n = ?"
)


class Claimed(NamedTuple):
    """A session with the status recording, and who is to be recording it."""

    session_n: int
    session_id: str
    name: str
    recorder: RecorderInfo
    heartbeat_us: int


def claimed_sessions(connection: sqlite3.Connection) -> list[Claimed]:
    """Return the sessions that are marked as being recorded."""
    own_host = own_recorder().host
    claimed = []
    for (
        n,
        public_id,
        name,
        pid,
        started_us,
        boot_id,
        host,
        label,
        beat_us,
    ) in connection.execute(RECORDING):
        recorder = RecorderInfo(
            pid=pid or 0,
            process_started_us=started_us or 0,
            boot_id=boot_id or "",
            host=host or own_host,
            label=label or "ps-tui",
        )
        claimed.append(Claimed(n, public_id, name, recorder, beat_us or 0))
    return claimed


def split_by_life(
    connection: sqlite3.Connection, now_us: int
) -> tuple[list[Claimed], list[Claimed]]:
    """Return the claimed sessions whose recorder lives, and those it left."""
    alive: list[Claimed] = []
    dead: list[Claimed] = []
    for claimed in claimed_sessions(connection):
        lives = is_alive(claimed.recorder, claimed.heartbeat_us, now_us)
        (alive if lives else dead).append(claimed)
    return alive, dead


def active_recorder(
    connection: sqlite3.Connection, now_us: int
) -> ActiveRecorder | None:
    """Return the live recording into a database."""
    alive, _ = split_by_life(connection, now_us)
    if not alive:
        return None
    _, session_id, name, recorder, heartbeat_us = alive[0]
    is_own = is_same_process(recorder, own_recorder())
    return ActiveRecorder(session_id, name, recorder, heartbeat_us, is_own)


def refuse_recording(connection: sqlite3.Connection, now_us: int) -> None:
    """Raise RecorderBusyError while anybody records into the database."""
    active = active_recorder(connection, now_us)
    if active is not None:
        raise RecorderBusyError(
            f"{active.recorder.label} (pid {active.recorder.pid}) records the"
            f" session “{active.session_name}”.",
            "Stop the recording first.",
        )


def left_open(connection: sqlite3.Connection) -> list[int]:
    """Return the sessions that are over and still have laps to be sealed."""
    return [n for (n,) in connection.execute(LEFT_OPEN)]


def recover(connection: sqlite3.Connection, now_us: int) -> list[str]:
    """Close the sessions whose recorder died; return their names.

    Runs inside the caller's write transaction, so that two processes that start
    at once cannot both do it.
    """
    _, dead = split_by_life(connection, now_us)
    return interrupt(connection, dead, now_us)


def interrupt(
    connection: sqlite3.Connection, sessions: list[Claimed], now_us: int
) -> list[str]:
    """Close sessions that nobody records any more; return their names."""
    for claimed in sessions:
        close_open_laps(connection, claimed.session_n, "recorder died")
        seal_all(connection, claimed.session_n)
        ended_us = last_frame_us(connection, claimed.session_n)
        release(
            connection,
            claimed.session_n,
            "interrupted",
            ended_us or claimed.heartbeat_us or now_us,
            now_us,
        )
    return [claimed.name for claimed in sessions]


def close_open_laps(
    connection: sqlite3.Connection, session_n: int, reason: str
) -> None:
    """Close the laps that were being driven as partial; drop those without frames."""
    connection.execute(
        "DELETE FROM laps WHERE session_n = ? AND state = 'open' AND NOT EXISTS"
        " (SELECT 1 FROM telemetry_frames WHERE lap_n = laps.n)",
        (session_n,),
    )
    connection.execute(
        "UPDATE laps SET state = 'closed', kind = 'partial', reason = ?,"
        " lap_time_ms = NULL, ended_us = coalesce((SELECT max(received_us)"
        " FROM telemetry_frames WHERE lap_n = laps.n), started_us)"
        " WHERE session_n = ? AND state = 'open'",
        (reason, session_n),
    )


def last_frame_us(connection: sqlite3.Connection, session_n: int) -> int | None:
    """Return when the last lap of a session ended."""
    row = connection.execute(
        "SELECT max(ended_us) FROM laps WHERE session_n = ?", (session_n,)
    ).fetchone()
    return None if row[0] is None else int(row[0])


def release(
    connection: sqlite3.Connection,
    session_n: int,
    status: str,
    ended_us: int,
    now_us: int,
) -> None:
    """End a recording in the session's row."""
    connection.execute(_RELEASE, (status, ended_us, now_us, session_n))
