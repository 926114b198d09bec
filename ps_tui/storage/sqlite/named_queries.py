"""Every query that screens and recorder put, by name, with what it is asked about.

An index that none of them uses has no business in the schema; a query that reads a
whole table which grows with what is recorded has none here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from ps_tui.storage.sqlite import figures, queries
from ps_tui.storage.sqlite.crew import PARTICIPANTS, PRIZES, WINNERS
from ps_tui.storage.sqlite.frames import SELECT_LAP_FRAMES
from ps_tui.storage.sqlite.garage import CONFIGURATIONS, SETUPS, VEHICLES
from ps_tui.storage.sqlite.markers import MARKERS
from ps_tui.storage.sqlite.recording import SELECT_NEWEST, SELECT_TAIL
from ps_tui.storage.sqlite.recovery import LEFT_OPEN, RECORDING
from ps_tui.storage.sqlite.sealing import SELECT_TRACE
from ps_tui.storage.sqlite.shelves import list_query
from ps_tui.storage.sqlite.tables import data_tables, references
from ps_tui.storage.sqlite.validation import UNINDEXED_ON_PURPOSE
from ps_tui.storage.sqlite.workbench import DEFAULT_LAYOUT, LAYOUTS, MATH_CHANNELS

GROWING = ("laps", "sessions", "telemetry_frames", "lap_traces", "events", "markers")
"""Tables that no screen may read as a whole."""

SCANS_ON_PURPOSE = {
    "frames of a lap that is not sealed",
    "newest frame of the tail",
    "sessions with laps to be sealed",
}
"""The live tail holds a lap or two: reading it whole is reading them."""


class NamedQuery(NamedTuple):
    """``about`` names the tables whose newest key stands for each parameter."""

    name: str
    sql: str
    about: tuple[str, ...] = ()


_FIXED = (
    NamedQuery("events", queries.EVENTS),
    NamedQuery("deleted events", queries.DELETED_EVENTS),
    NamedQuery("event", queries.EVENT, ("events",)),
    NamedQuery("sessions", queries.SESSIONS),
    NamedQuery("sessions of an event", queries.SESSIONS_OF_EVENT, ("events",)),
    NamedQuery("deleted sessions", queries.DELETED_SESSIONS),
    NamedQuery(
        "deleted sessions of an event", queries.DELETED_SESSIONS_OF_EVENT, ("events",)
    ),
    NamedQuery("session", queries.SESSION, ("sessions",)),
    NamedQuery("session alone", queries.SESSION_UNCOUNTED, ("sessions",)),
    NamedQuery("laps of a session", queries.LAPS, ("sessions",)),
    NamedQuery("deleted laps of a session", queries.DELETED_LAPS, ("sessions",)),
    NamedQuery("lap", queries.LAP, ("laps",)),
    NamedQuery("trace of a lap", SELECT_TRACE, ("laps",)),
    NamedQuery("frames of a lap that is not sealed", SELECT_LAP_FRAMES, ("laps",)),
    NamedQuery(
        "best lap of a session",
        f"SELECT min(lap_time_ms) FROM laps WHERE session_n = ? AND {queries.COUNTS}",
        ("sessions",),
    ),
    NamedQuery(
        "newest lap of a session",
        "SELECT n, lap_number FROM laps WHERE session_n = ?"
        " ORDER BY lap_number DESC LIMIT 1",
        ("sessions",),
    ),
    NamedQuery("recordings that run", RECORDING),
    NamedQuery("sessions with laps to be sealed", LEFT_OPEN),
    NamedQuery("tail after a row", SELECT_TAIL, ("laps", "sessions", "laps")),
    NamedQuery("newest frame of the tail", SELECT_NEWEST, ("sessions",)),
    NamedQuery("vehicles", list_query(VEHICLES, "user_n"), ("users",)),
    NamedQuery(
        "configurations of a vehicle",
        list_query(CONFIGURATIONS, "vehicle_n"),
        ("vehicles",),
    ),
    NamedQuery("setups of a vehicle", list_query(SETUPS, "vehicle_n"), ("vehicles",)),
    NamedQuery(
        "sessions of a vehicle",
        "SELECT n FROM sessions WHERE vehicle_n = ? AND deleted_us IS NULL"
        " ORDER BY created_us DESC",
        ("vehicles",),
    ),
    NamedQuery("plot layouts", list_query(LAYOUTS, "user_n"), ("users",)),
    NamedQuery("default plot layout", DEFAULT_LAYOUT),
    NamedQuery("math channels", list_query(MATH_CHANNELS, "user_n"), ("users",)),
    NamedQuery(
        "math channel by name",
        "SELECT n FROM math_telemetry_channels"
        " WHERE user_n = ? AND name = 'x' AND deleted_us IS NULL",
        ("users",),
    ),
    NamedQuery("participants of an event", PARTICIPANTS, ("events",)),
    NamedQuery("prizes of an event", list_query(PRIZES, "event_n"), ("events",)),
    NamedQuery("winners of a prize", WINNERS, ("prizes",)),
    NamedQuery("markers of a session", MARKERS, ("sessions",)),
    NamedQuery("page of laps", figures.PAGE, ("sessions", "laps", "laps")),
    NamedQuery("places of laps", figures.COUNTS, ("laps", "laps", "sessions")),
    NamedQuery("best lap", figures.BEST, ("sessions",)),
    NamedQuery("quartile of lap times", figures.QUANTILE, ("sessions", "laps")),
    NamedQuery("sums of lap times", figures.SUMS, ("sessions",)),
    NamedQuery("best sectors", figures.SECTOR_BESTS, ("sessions", "laps")),
    NamedQuery("mini-sectors", figures.MINIS, ("sessions", "laps")),
    NamedQuery(
        "lap of a best sector", figures.BEST_SECTOR.format(1), ("sessions", "laps")
    ),
    NamedQuery(
        "laps to measure",
        figures.TO_MEASURE,
        ("sessions", "sessions", "laps", "sessions", "laps"),
    ),
    NamedQuery("sessions on a track", figures.ON_TRACK, ("sessions", "sessions")),
    NamedQuery("sector lines of a track", figures.LINES, ("users",)),
    NamedQuery(
        "history of a row",
        "SELECT n FROM audit WHERE table_name = 'laps' AND row_id = ? ORDER BY n",
        ("laps",),
    ),
)


def named_queries(connection: sqlite3.Connection) -> Iterator[NamedQuery]:
    """Return all queries, with one for each reference that a delete follows."""
    yield from _FIXED
    for table in data_tables(connection):
        for column, parent in references(connection, table).items():
            if (table, column) not in UNINDEXED_ON_PURPOSE:
                yield NamedQuery(
                    f"{table} that refer to a row of {parent}",
                    f"SELECT 1 FROM {table} WHERE {column} = ?",
                    (parent,),
                )


def samples(connection: sqlite3.Connection, about: tuple[str, ...]) -> tuple[Any, ...]:
    """Return the newest key of each table, 1 where it is empty."""
    return tuple(
        connection.execute(f"SELECT coalesce(max(n), 1) FROM {table}").fetchone()[0]
        for table in about
    )
