"""Pages, figures and aggregates of laps in memory, worked out from all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ps_tui.analysis.statistics import pace_of
from ps_tui.domain.car_class import car_class
from ps_tui.domain.lap_figures import (
    GAME_LINES,
    THIRDS,
    BestsByLines,
    LapFigures,
    LapPage,
    LapRow,
    LapSpan,
    MiniBests,
    SectorLines,
    SectorTimes,
    SessionPace,
    checked_lines,
    least,
    lines_text,
)
from ps_tui.domain.models import Lap, Session, best_lap


class FakeLapBook:
    """Keeps figures in ``figures`` and moved lines in ``lines``."""

    all_laps: dict[str, Lap]
    all_sessions: dict[str, Session]

    def __init__(self) -> None:
        super().__init__()
        self.figures: dict[str, tuple[int | None, LapFigures]] = {}
        self.lines: dict[tuple[str | None, str | None], SectorLines] = {}
        self.pages_fetched: list[tuple[int, int]] = []

    async def lap_span(self, session_id: str, near: int | None = None) -> LapSpan:
        laps = self._listed(session_id)
        best = best_lap(laps)
        return LapSpan(
            len(laps),
            best,
            0 if best is None else laps.index(best),
            None if near is None else sum(lap.lap_number < near for lap in laps),
        )

    async def lap_page(
        self, session_id: str, offset: int, limit: int, *, rated: bool = True
    ) -> LapPage:
        self.pages_fetched.append((offset, limit))
        laps = self._listed(session_id)
        rows = [self._row(lap) for lap in laps[offset : offset + limit]]
        if not rated:
            return LapPage(rows)
        own = self._bests(laps[:offset])
        return LapPage(rows, BestsByLines(own, self._bests(self._others(session_id))))

    async def lap_rows(self, session_id: str) -> list[LapRow]:
        return [self._row(lap) for lap in self._listed(session_id)]

    async def session_pace(self, session_id: str) -> SessionPace:
        pace = pace_of(self._listed(session_id))
        if pace is None:
            return SessionPace()
        trend = pace.trend
        return SessionPace(
            pace.n,
            pace.median_ms,
            pace.iqr_ms,
            pace.sd_ms,
            None if trend is None else trend.slope,
            None if trend is None else trend.r_squared,
        )

    async def sector_bests(self, session_id: str) -> BestsByLines:
        return BestsByLines(
            self._bests(self._listed(session_id)),
            self._bests(self._others(session_id)),
        )

    async def best_sector_laps(self, session_id: str, lines: str) -> list[Lap]:
        best = self._bests(self._listed(session_id)).get(lines, ())
        if not best or None in best:
            return []
        found = []
        for index, time_ms in enumerate(best):
            found.append(
                next(
                    lap
                    for lap in self._listed(session_id)
                    if lap.counts_as_best
                    and (made := self._row(lap).figures) is not None
                    and made.lines == lines
                    and made.sectors_ms[index] == time_ms
                )
            )
        return found

    async def mini_bests(
        self, session_id: str, before_lap: int | None = None
    ) -> MiniBests:
        own = [
            lap
            for lap in self._listed(session_id)
            if before_lap is None or lap.lap_number < before_lap
        ]
        return MiniBests(self._minis(own), self._minis(self._others(session_id)))

    async def laps_to_measure(self, session_id: str, limit: int) -> list[Lap]:
        session = self.all_sessions[session_id]
        now = lines_text(self._lines(session.track, session.layout))
        every = [*self._listed(session_id), *self._others(session_id)]
        waiting = []
        for lap in every:
            made = self._row(lap).figures
            if made is None or made.lines not in (GAME_LINES, now):
                waiting.append(lap)
        return waiting[:limit]

    async def keep_figures(self, made: Mapping[str, tuple[Lap, LapFigures]]) -> None:
        for lap_id, (lap, figures) in made.items():
            self.figures[lap_id] = (lap.lap_time_ms, figures)

    async def sector_lines(self, track: str | None, layout: str | None) -> SectorLines:
        return self._lines(track, layout)

    async def move_sector_lines(
        self, track: str | None, layout: str | None, lines: SectorLines
    ) -> None:
        first, second = checked_lines(lines)
        self.lines[track, layout] = (first, second)

    def _lines(self, track: str | None, layout: str | None) -> SectorLines:
        return self.lines.get((track, layout), THIRDS)

    def _listed(self, session_id: str) -> list[Lap]:
        return [
            lap
            for lap in self.all_laps.values()
            if lap.session_id == session_id
            and lap.deleted_us is None
            and not lap.is_open
        ]

    def _others(self, session_id: str) -> list[Lap]:
        here = self.all_sessions[session_id]
        return [
            lap
            for session in self.all_sessions.values()
            if session.id != here.id
            and here.track is not None
            and (session.track, session.layout) == (here.track, here.layout)
            and car_class(session.car) == car_class(here.car)
            and session.created_us <= here.created_us
            for lap in self._listed(session.id)
            if lap.counts_as_best
        ]

    def _row(self, lap: Lap) -> LapRow:
        of_time_ms, made = self.figures.get(lap.id, (None, None))
        return LapRow(lap, made if of_time_ms == lap.lap_time_ms else None)

    def _bests(self, laps: Iterable[Lap]) -> dict[str, SectorTimes]:
        found: dict[str, SectorTimes] = {}
        for row in map(self._row, laps):
            if row.figures is not None and row.lap.counts_as_best:
                lines = row.figures.lines
                found[lines] = least(found.get(lines, ()), row.figures.sectors_ms)
        return found

    def _minis(self, laps: Iterable[Lap]) -> SectorTimes:
        best: SectorTimes = ()
        for row in map(self._row, laps):
            if row.figures is not None and row.lap.counts_as_best:
                best = least(best, row.figures.minis_ms)
        return best
