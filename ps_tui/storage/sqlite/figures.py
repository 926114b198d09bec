"""The queries behind pages and figures of laps, and how rows become records."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from math import sqrt
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ps_tui.domain.car_class import car_class
from ps_tui.domain.lap_figures import (
    GAME_LINES,
    THIRDS,
    BestsByLines,
    LapFigures,
    LapRow,
    SectorLines,
    SectorTimes,
    SessionPace,
)
from ps_tui.domain.models import Lap
from ps_tui.storage.sqlite import queries

RULE = 1
"""To be raised when figures of the same frames come out otherwise."""

_FRESH = (
    f"f.rule = {RULE} AND f.of_frames = l.frame_count AND f.of_time_ms IS l.lap_time_ms"
)
_FIGURES = (
    "f.lines, f.sector1_ms, f.sector2_ms, f.sector3_ms, f.minis, f.rate_hz,"
    " f.longest_gap_ms, f.drift_ms, f.fuel_used, f.fuel_unit, f.tyre_wear"
)
_WITH_FIGURES = queries.LAP_SELECT.replace(
    "FROM laps", f", {_FIGURES} FROM laps", 1
) + (f" LEFT JOIN lap_figures AS f ON f.lap_n = l.n AND {_FRESH}")
_LISTED = "session_n = ? AND state <> 'open' AND deleted_us IS NULL"
PAGE = (
    f"{_WITH_FIGURES} WHERE l.n IN (SELECT n FROM laps WHERE {_LISTED}"
    " ORDER BY lap_number LIMIT ? OFFSET ?) ORDER BY l.lap_number"
)
COUNTS = (
    "SELECT count(*), coalesce(sum(lap_number < ?), 0),"
    f" coalesce(sum(lap_number < ?), 0) FROM laps WHERE {_LISTED}"
)
"""How many laps there are, and how many before each of two."""
_COUNTED = f"FROM laps WHERE session_n = ? AND {queries.COUNTS}"
BEST = f"SELECT n {_COUNTED} ORDER BY lap_time_ms, lap_number LIMIT 1"
QUANTILE = f"SELECT lap_time_ms {_COUNTED} ORDER BY lap_time_ms LIMIT 2 OFFSET ?"
SUMS = (
    "SELECT count(*), sum(lap_time_ms), sum(lap_time_ms * lap_time_ms),"
    " sum(lap_number), sum(lap_number * lap_number), sum(lap_number * lap_time_ms)"
    f" {_COUNTED}"
)
_COUNTED_FIGURES = (
    "FROM json_each(?) AS wanted CROSS JOIN laps AS l CROSS JOIN lap_figures AS f"
    f" WHERE l.session_n = wanted.value AND f.lap_n = l.n AND {_FRESH}"
    f" AND {queries.counts_of('l')}"
)
SECTOR_BESTS = (
    "SELECT f.lines, min(f.sector1_ms), min(f.sector2_ms), min(f.sector3_ms)"
    f" {_COUNTED_FIGURES} AND l.lap_number < ? GROUP BY f.lines"
)
MINIS = (
    f"SELECT f.minis {_COUNTED_FIGURES} AND l.lap_number < ? AND f.minis IS NOT NULL"
)
BEST_SECTOR = (
    f"SELECT l.n {_COUNTED_FIGURES} AND f.lines = ? AND f.sector{{0}}_ms IS NOT NULL"
    " ORDER BY f.sector{0}_ms, l.lap_number LIMIT 1"
)
TO_MEASURE = (
    f"{queries.LAP_SELECT} JOIN json_each(?) AS wanted ON wanted.value = l.session_n"
    " LEFT JOIN lap_figures AS f ON f.lap_n = l.n"
    " WHERE l.state <> 'open' AND l.deleted_us IS NULL"
    f" AND (l.session_n = ? OR ({queries.counts_of('l')}))"
    f" AND (f.lap_n IS NULL OR NOT ({_FRESH})"
    f" OR (f.lines <> '{GAME_LINES}' AND f.lines <> ?))"
    " ORDER BY l.session_n <> ?, l.session_n, l.lap_number LIMIT ?"
)
ABOUT = "SELECT track, layout, car, created_us FROM sessions WHERE n = ?"
ON_TRACK = (
    "SELECT n, car, created_us FROM sessions"
    f" WHERE user_n = {queries.LOCAL_USER} AND deleted_us IS NULL"
    " AND track = ? AND layout IS ?"
)
KEEP = (
    "INSERT OR REPLACE INTO lap_figures SELECT n, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
    " ?, ? FROM laps WHERE id = ?"
)
LINES = "SELECT line1, line2 FROM sector_lines WHERE id = ?"
MOVE = (
    "INSERT INTO sector_lines"
    " (id, track, layout, line1, line2, created_us, updated_us)"
    " VALUES (?, ?, ?, ?, ?, ?6, ?6) ON CONFLICT (id) DO UPDATE"
    " SET line1 = excluded.line1, line2 = excluded.line2,"
    " updated_us = excluded.updated_us"
)
_LAP_COLUMNS = 21
EVERY_LAP = 2**62
_UNKNOWN = -1


def rows_of(
    connection: sqlite3.Connection, session_n: int, limit: int = -1, offset: int = 0
) -> list[LapRow]:
    return [
        LapRow(queries.lap_from_row(row), _figures(row[_LAP_COLUMNS:]))
        for row in connection.execute(PAGE, (session_n, limit, offset))
    ]


def _figures(row: Sequence[Any]) -> LapFigures | None:
    lines, *sectors_ms, minis = row[:5]
    if lines is None:
        return None
    return LapFigures(lines, tuple(sectors_ms), _unpacked(minis), *row[5:])


def stored(lap: Lap, figures: LapFigures) -> tuple[Any, ...]:
    return (
        RULE,
        lap.frame_count,
        lap.lap_time_ms,
        figures.lines,
        *figures.sectors_ms,
        _packed(figures.minis_ms),
        figures.rate_hz,
        figures.longest_gap_ms,
        figures.drift_ms,
        figures.fuel_used,
        figures.fuel_unit,
        figures.tyre_wear,
        lap.id,
    )


def _packed(times_ms: SectorTimes) -> bytes | None:
    known = [_UNKNOWN if time is None else time for time in times_ms]
    return b"".join(time.to_bytes(4, "little", signed=True) for time in known) or None


def _unpacked(blob: bytes | None) -> SectorTimes:
    blob = blob or b""
    times = (
        int.from_bytes(blob[at : at + 4], "little", signed=True)
        for at in range(0, len(blob), 4)
    )
    return tuple(None if time == _UNKNOWN else time for time in times)


def pace_of(connection: sqlite3.Connection, session_n: int) -> SessionPace:
    row = connection.execute(SUMS, (session_n,)).fetchone()
    n, *sums = (value or 0 for value in row)
    if not n:
        return SessionPace()
    times, squares, numbers, number_squares, products = sums
    quartiles = [_quantile(connection, session_n, n, share) for share in (1, 2, 3)]
    if n < 2:
        return SessionPace(n, quartiles[1])
    # Whole numbers until the end: nothing is lost where squares are subtracted.
    spread = n * squares - times * times
    width = n * number_squares - numbers * numbers
    rise = n * products - numbers * times
    return SessionPace(
        counted=n,
        median_ms=quartiles[1],
        iqr_ms=quartiles[2] - quartiles[0],
        sd_ms=sqrt(spread / (n * (n - 1))),
        slope_ms=rise / width,
        r_squared=rise * rise / (width * spread) if spread else 1.0,
    )


def _quantile(
    connection: sqlite3.Connection, session_n: int, n: int, quarter: int
) -> float:
    """Return a quartile, interpolated between the two times around it."""
    whole, rest = divmod((n - 1) * quarter, 4)
    found = connection.execute(QUANTILE, (session_n, whole)).fetchall()
    low, high = found[0][0], found[-1][0]
    return float(low + (high - low) * rest / 4)


def best_sectors(
    connection: sqlite3.Connection, session_n: int, before_lap: int
) -> BestsByLines:
    def best(sessions: list[int], last: int) -> dict[str, SectorTimes]:
        rows = connection.execute(SECTOR_BESTS, (json.dumps(sessions), last))
        return {lines: tuple(times) for lines, *times in rows}

    return BestsByLines(
        best([session_n], before_lap),
        best(comparable(connection, session_n), EVERY_LAP),
    )


def comparable(connection: sqlite3.Connection, session_n: int) -> list[int]:
    """Return earlier sessions on the same track in a car of the same class."""
    row = connection.execute(ABOUT, (session_n,)).fetchone()
    track, layout, car, created_us = row
    if track is None:
        return []
    wanted = car_class(car)
    return [
        other_n
        for other_n, other_car, other_us in connection.execute(
            ON_TRACK, (track, layout)
        )
        if other_n != session_n
        and other_us <= created_us
        and car_class(other_car) == wanted
    ]


def best_minis(
    connection: sqlite3.Connection, sessions: list[int], before_lap: int
) -> SectorTimes:
    blobs = connection.execute(MINIS, (json.dumps(sessions), before_lap)).fetchall()
    if not blobs:
        return ()
    import numpy as np

    width = len(blobs[0][0])
    table = np.frombuffer(
        b"".join(blob for (blob,) in blobs if len(blob) == width), "<i4"
    ).reshape(-1, width // 4)
    shown = np.where(table < 0, np.iinfo(np.int32).max, table).min(axis=0)
    most = np.iinfo(np.int32).max
    return tuple(None if time == most else time for time in shown.tolist())


def lines_of(
    connection: sqlite3.Connection, track: str | None, layout: str | None
) -> SectorLines:
    if not track:
        return THIRDS
    row = connection.execute(LINES, (lines_id(track, layout),)).fetchone()
    return THIRDS if row is None else (row[0], row[1])


def lines_id(track: str, layout: str | None) -> str:
    return str(uuid5(NAMESPACE_URL, f"ps-tui:sector-lines:{track}\n{layout or ''}"))
