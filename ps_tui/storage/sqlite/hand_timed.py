"""Laps that somebody timed: a row with a time, and no frames."""

from __future__ import annotations

import sqlite3

from ps_tui.domain.errors import UsageError
from ps_tui.domain.ids import new_id
from ps_tui.domain.models import TIMED_BY_HAND, Lap, LapDraft
from ps_tui.storage.sqlite import queries
from ps_tui.storage.sqlite.deletion import refuse_recording

_NEW_LAP = (
    "INSERT INTO laps (id, session_n, lap_number, lap_time_ms, kind, valid, reason,"
    " state, started_us, ended_us, created_us)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, 'sealed', ?, ?, ?) RETURNING n"
)


def new_lap(
    connection: sqlite3.Connection, session_n: int, draft: LapDraft, now_us: int
) -> Lap:
    """Store a lap and return it.

    Raises UsageError for a number that is taken or a time that is none,
    RecorderBusyError while somebody records into the session.
    """
    if draft.lap_time_ms <= 0:
        raise UsageError("A lap takes time.", "Give its time as 1:47.880.")
    session = queries.session(connection, session_n)
    refuse_recording(
        connection, [session_n], f"session “{session.name}”", now_us, "added to"
    )
    (newest,) = connection.execute(
        "SELECT coalesce(max(lap_number), 0) FROM laps WHERE session_n = ?",
        (session_n,),
    ).fetchone()
    number = newest + 1 if draft.lap_number is None else draft.lap_number
    taken = connection.execute(
        "SELECT 1 FROM laps WHERE session_n = ? AND lap_number = ?",
        (session_n, number),
    ).fetchone()
    if number < 1 or taken:
        raise UsageError(
            f"The session “{session.name}” has a lap {number}, deleted or not."
            if taken
            else f"There is no lap {number}.",
            f"Leave the number out for lap {newest + 1}.",
        )
    started_us = now_us - draft.lap_time_ms * 1000
    (lap_n,) = connection.execute(
        _NEW_LAP,
        (
            *(new_id(now_us // 1000), session_n, number, draft.lap_time_ms),
            *(draft.kind.value, draft.valid, TIMED_BY_HAND),
            *(started_us, now_us, now_us),
        ),
    ).fetchone()
    return queries.lap(connection, lap_n)
