"""Laps written straight into a database: many of them, without their frames."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from ps_tui.domain.ids import new_id
from tests.support.recordings import START_US

LAP_US = 90_000_000
FRAMES = 5400


def put_laps(
    path: Path,
    session_id: str,
    rows: Iterable[tuple[int | None, str, int, int | None]],
) -> None:
    """Write sealed laps: lap time ms, class, valid, and when it was excluded."""
    with closing(sqlite3.connect(path)) as connection:
        (session_n,) = connection.execute(
            "SELECT n FROM sessions WHERE id = ?", (session_id,)
        ).fetchone()
        connection.executemany(
            "INSERT INTO laps (id, session_n, lap_number, lap_time_ms, kind, valid,"
            " excluded_us, state, started_us, ended_us, frame_count, created_us)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'sealed', ?, ?, ?, ?)",
            [
                (
                    new_id(START_US // 1000),
                    session_n,
                    number,
                    *row,
                    START_US + number * LAP_US,
                    START_US + (number + 1) * LAP_US,
                    FRAMES,
                    START_US,
                )
                for number, row in enumerate(rows, start=1)
            ],
        )
        connection.commit()
