"""Laps in pages with their figures, and aggregates over all of them, by SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from ps_tui.domain.errors import UsageError
from ps_tui.domain.lap_figures import (
    BestsByLines,
    LapFigures,
    LapPage,
    LapRow,
    LapSpan,
    MiniBests,
    SectorLines,
    SessionPace,
    checked_lines,
    lines_text,
)
from ps_tui.domain.models import Lap
from ps_tui.storage.sqlite import figures, queries
from ps_tui.storage.sqlite.lookup import session_key
from ps_tui.storage.sqlite.markers import SqliteMarkers


class SqliteLapBook(SqliteMarkers):
    """Pages and figures of laps on SQLite; see ``domain.lap_figures``."""

    async def lap_span(self, session_id: str, near: int | None = None) -> LapSpan:
        """Return how many finished laps there are, and the best that counts."""

        def work(connection: sqlite3.Connection) -> LapSpan:
            session_n = session_key(connection, session_id)

            row = connection.execute(figures.BEST, (session_n,)).fetchone()
            best = None if row is None else queries.lap(connection, row[0])
            about = (0 if best is None else best.lap_number, near or 0, session_n)
            count, best_index, near_index = connection.execute(
                figures.COUNTS, about
            ).fetchone()
            return LapSpan(
                count, best, best_index, None if near is None else near_index
            )

        return await self._database.read(work)

    async def lap_page(
        self, session_id: str, offset: int, limit: int, *, rated: bool = True
    ) -> LapPage:
        """Return some finished laps in driving order, and the bests before them."""

        def work(connection: sqlite3.Connection) -> LapPage:
            session_n = session_key(connection, session_id)
            rows = figures.rows_of(connection, session_n, limit, offset)
            if not rated:
                return LapPage(rows)
            first = rows[0].lap.lap_number if rows else 0
            return LapPage(rows, figures.best_sectors(connection, session_n, first))

        return await self._database.read(work)

    async def lap_rows(self, session_id: str) -> list[LapRow]:
        """Return every finished lap with its figures, in driving order."""
        return await self._database.read(
            lambda connection: figures.rows_of(
                connection, session_key(connection, session_id)
            )
        )

    async def session_pace(self, session_id: str) -> SessionPace:
        """Return the pace of all laps that count."""
        return await self._database.read(
            lambda connection: figures.pace_of(
                connection, session_key(connection, session_id)
            )
        )

    async def sector_bests(self, session_id: str) -> BestsByLines:
        """Return the bests of a session, and those of its track and car class."""
        return await self._database.read(
            lambda connection: figures.best_sectors(
                connection, session_key(connection, session_id), figures.EVERY_LAP
            )
        )

    async def best_sector_laps(self, session_id: str, lines: str) -> list[Lap]:
        """Return the lap that holds each best sector; none where one is missing."""

        def work(connection: sqlite3.Connection) -> list[Lap]:
            wanted = json.dumps([session_key(connection, session_id)])
            found = [
                connection.execute(
                    figures.BEST_SECTOR.format(n), (wanted, lines)
                ).fetchone()
                for n in (1, 2, 3)
            ]
            if None in found:
                return []
            return [queries.lap(connection, lap_n) for (lap_n,) in found]

        return await self._database.read(work)

    async def mini_bests(
        self, session_id: str, before_lap: int | None = None
    ) -> MiniBests:
        """Return the best mini-sectors, of laps before ``before_lap`` if given."""

        def work(connection: sqlite3.Connection) -> MiniBests:
            session_n = session_key(connection, session_id)
            last = figures.EVERY_LAP if before_lap is None else before_lap
            return MiniBests(
                figures.best_minis(connection, [session_n], last),
                figures.best_minis(
                    connection,
                    figures.comparable(connection, session_n),
                    figures.EVERY_LAP,
                ),
            )

        return await self._database.read(work)

    async def laps_to_measure(self, session_id: str, limit: int) -> list[Lap]:
        """Return laps whose figures are missing or out of date, this session first."""

        def work(connection: sqlite3.Connection) -> list[Lap]:
            session_n = session_key(connection, session_id)
            track, layout, *_ = connection.execute(
                figures.ABOUT, (session_n,)
            ).fetchone()
            lines = lines_text(figures.lines_of(connection, track, layout))
            wanted = json.dumps([session_n, *figures.comparable(connection, session_n)])
            rows = connection.execute(
                figures.TO_MEASURE, (wanted, session_n, lines, session_n, limit)
            )
            return [queries.lap_from_row(row) for row in rows]

        return await self._database.read(work)

    async def keep_figures(self, made: Mapping[str, tuple[Lap, LapFigures]]) -> None:
        """Store the figures of laps by lap id, made of the laps as given."""
        rows = [figures.stored(lap, found) for lap, found in made.values()]
        await self._database.write(
            lambda connection: connection.executemany(figures.KEEP, rows)
        )

    async def sector_lines(self, track: str | None, layout: str | None) -> SectorLines:
        """Return the lines of a track: as a person put them, else thirds."""
        return await self._database.read(
            lambda connection: figures.lines_of(connection, track, layout)
        )

    async def move_sector_lines(
        self, track: str | None, layout: str | None, lines: SectorLines
    ) -> None:
        """Put the lines of a track elsewhere. Raises UsageError without a track."""
        if not track:
            raise UsageError(
                "Nobody knows the track of this session.",
                "Give it one first: e on the Sessions screen.",
            )
        line1, line2 = checked_lines(lines)
        values = (figures.lines_id(track, layout), track, layout or "", line1, line2)
        now_us = self._clock.now_us()
        await self._database.write(
            lambda connection: connection.execute(figures.MOVE, (*values, now_us))
        )
