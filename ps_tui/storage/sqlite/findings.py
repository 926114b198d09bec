"""Faults in the stored data: how each is found, and how it is put right.

A check counts, a repair acts; both use the same query, so that they cannot
disagree. Laps that a live recorder is driving are never found.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import NamedTuple

from ps_tui.domain.health import Verdict
from ps_tui.domain.models import TIMED_BY_HAND
from ps_tui.storage.sqlite.queries import LOCAL_USER


class Finding(NamedTuple):
    """One kind of fault. ``query`` gives one row, key first, for each."""

    name: str
    query: str
    remedy: str
    action: str
    table: str
    fix: Callable[[sqlite3.Connection, int], None]
    status: Verdict = Verdict.ERROR


def count(connection: sqlite3.Connection, finding: Finding) -> int:
    """Return how often a fault is there."""
    query = f"SELECT count(*) FROM ({finding.query})"
    return int(connection.execute(query).fetchone()[0])


def keys(connection: sqlite3.Connection, finding: Finding) -> list[int]:
    """Return the keys of the rows that have a fault."""
    return [row[0] for row in connection.execute(finding.query)]


def _delete(table: str) -> Callable[[sqlite3.Connection, int], None]:
    query = f"DELETE FROM {table} WHERE rowid = ?"

    def fix(connection: sqlite3.Connection, key: int) -> None:
        connection.execute(query, (key,))

    return fix


def _update(query: str) -> Callable[[sqlite3.Connection, int], None]:
    def fix(connection: sqlite3.Connection, key: int) -> None:
        connection.execute(query, (key,))

    return fix


_NOT_LIVE = "session_n NOT IN (SELECT n FROM sessions WHERE status = 'recording')"
_FRAMES_OF_LAP = (
    "coalesce((SELECT frame_count FROM lap_traces WHERE lap_n = laps.n), 0)"
    " + (SELECT count(*) FROM telemetry_frames WHERE lap_n = laps.n)"
)

REFERENCES = frozenset(
    {
        ("sessions", "event_n"),
        ("sessions", "user_n"),
        ("events", "user_n"),
        ("laps", "session_n"),
        ("lap_traces", "lap_n"),
        ("telemetry_frames", "lap_n"),
    }
)
"""References that a finding of its own looks after."""

FINDINGS: tuple[Finding, ...] = (
    Finding(
        "orphaned sessions",
        "SELECT n FROM sessions WHERE event_n IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM events WHERE n = sessions.event_n)",
        "`ps-tui db repair` takes them out of the missing event and keeps their laps.",
        "take sessions out of an event that is missing, keeping their laps",
        "sessions",
        _update("UPDATE sessions SET event_n = NULL WHERE n = ?"),
    ),
    Finding(
        "orphaned laps",
        # From one session's first lap to the next one's: no other is looked at.
        "SELECT n FROM laps WHERE session_n IN (WITH RECURSIVE named(n) AS"
        " (SELECT min(session_n) FROM laps UNION ALL SELECT (SELECT min(session_n)"
        " FROM laps WHERE session_n > named.n) FROM named WHERE named.n IS NOT NULL)"
        " SELECT n FROM named EXCEPT SELECT n FROM sessions)",
        "`ps-tui db repair` moves them to quarantine.",
        "move laps whose session is missing to quarantine",
        "laps",
        _delete("laps"),
    ),
    Finding(
        "invalid references",
        "SELECT lap_n FROM lap_traces"
        " WHERE NOT EXISTS (SELECT 1 FROM laps WHERE n = lap_traces.lap_n)",
        "`ps-tui db repair` moves what belongs to no lap to quarantine.",
        "move traces whose lap is missing to quarantine",
        "lap_traces",
        _delete("lap_traces"),
    ),
    Finding(
        "invalid references",
        "SELECT row FROM telemetry_frames"
        " WHERE NOT EXISTS (SELECT 1 FROM laps WHERE n = telemetry_frames.lap_n)",
        "`ps-tui db repair` moves what belongs to no lap to quarantine.",
        "move frames whose lap is missing to quarantine",
        "telemetry_frames",
        _delete("telemetry_frames"),
    ),
    Finding(
        "invalid references",
        "SELECT n FROM sessions"
        " WHERE NOT EXISTS (SELECT 1 FROM users WHERE n = sessions.user_n)",
        "`ps-tui db repair` gives what belongs to nobody to the local user.",
        "give sessions of a missing user to the local user",
        "sessions",
        _update(f"UPDATE sessions SET user_n = {LOCAL_USER} WHERE n = ?"),
    ),
    Finding(
        "invalid references",
        "SELECT n FROM events"
        " WHERE NOT EXISTS (SELECT 1 FROM users WHERE n = events.user_n)",
        "`ps-tui db repair` gives what belongs to nobody to the local user.",
        "give events of a missing user to the local user",
        "events",
        _update(f"UPDATE events SET user_n = {LOCAL_USER} WHERE n = ?"),
    ),
    Finding(
        "duplicate lap numbers",
        # NOT INDEXED: a damaged or missing index must not hide what it forbids.
        "SELECT n FROM (SELECT n, row_number() OVER (PARTITION BY session_n,"
        " lap_number ORDER BY frame_count DESC, n) AS place FROM laps NOT INDEXED"
        " WHERE (session_n, lap_number) IN (SELECT session_n, lap_number"
        " FROM laps NOT INDEXED GROUP BY 1, 2 HAVING count(*) > 1)) WHERE place > 1",
        "`ps-tui db repair` keeps the lap with the most frames.",
        "move laps with a number taken twice to quarantine, keeping the longest",
        "laps",
        _delete("laps"),
    ),
    Finding(
        "laps without frames",
        "SELECT n FROM laps WHERE state <> 'open' AND deleted_us IS NULL"
        f" AND reason IS NOT '{TIMED_BY_HAND}' AND {_NOT_LIVE}"
        " AND NOT EXISTS (SELECT 1 FROM lap_traces WHERE lap_n = laps.n)"
        " AND NOT EXISTS (SELECT 1 FROM telemetry_frames WHERE lap_n = laps.n)",
        "`ps-tui db repair` puts them in the bin, where they can be restored.",
        "delete laps without any frame, so that they can be restored",
        "laps",
        _update(
            "UPDATE laps SET frame_count = 0,"
            " deleted_us = (SELECT max(created_us) + 1 FROM laps) WHERE n = ?"
        ),
    ),
    Finding(
        "frame counts",
        # The tail is counted once, not once for each lap.
        "WITH tail AS MATERIALIZED (SELECT lap_n, count(*) AS frames"
        " FROM telemetry_frames GROUP BY lap_n), counted AS (SELECT laps.n,"
        " laps.frame_count AS said, coalesce(lap_traces.frame_count, 0)"
        " + coalesce(tail.frames, 0) AS frames FROM laps"
        " LEFT JOIN lap_traces ON lap_traces.lap_n = laps.n"
        " LEFT JOIN tail ON tail.lap_n = laps.n"
        f" WHERE laps.deleted_us IS NULL AND laps.frame_count > 0 AND {_NOT_LIVE})"
        " SELECT n FROM counted WHERE frames > 0 AND frames <> said",
        "`ps-tui db repair` counts them again.",
        "count the frames of laps again",
        "laps",
        _update(f"UPDATE laps SET frame_count = {_FRAMES_OF_LAP} WHERE n = ?"),
    ),
)
