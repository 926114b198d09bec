"""The lap table: rows in view at once, then what all laps amount to."""

from __future__ import annotations

from functools import partial

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.timer import Timer

from ps_tui.domain.models import Lap, Session
from ps_tui.domain.ports import Services
from ps_tui.tui.compat import start
from ps_tui.tui.lap_pages import LapPages
from ps_tui.tui.lap_rows import mini_letters
from ps_tui.tui.lap_summary import LapSummary
from ps_tui.tui.measuring import measure_laps
from ps_tui.tui.possible_best import PossibleBest
from ps_tui.tui.screens.records import RecordsScreen
from ps_tui.tui.widgets.details import Details
from ps_tui.tui.widgets.lap_chart import LapChart
from ps_tui.tui.widgets.lap_listing import LapListing
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.mini_line import MiniLine
from ps_tui.tui.widgets.nav_bar import NavBar
from ps_tui.tui.workspace import Workspace

EMPTY = (
    "No laps here yet.\n\n"
    "R records; a lap appears when you cross the line.\n"
    "2 shows the other sessions."
)
EMPTY_RECORDING = (
    "Recording.\n\nA lap appears when you cross the line; 3 shows the car."
)
POSSIBLE_S = 0.5
"""How often the possible best of the lap being driven is worked out."""


class LapTableScreen(RecordsScreen):
    """Shows the laps of a session; subclasses say what keys do with them."""

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__(services, workspace)
        self._pages: LapPages | None = None
        self.summary: LapSummary | None = None
        self._possible = PossibleBest(services.live)
        self._timer: Timer | None = None

    def compose_body(self) -> ComposeResult:
        yield Details(id="summary")
        with Container(id="body", classes="charted"):
            yield LapListing(EMPTY)
            yield MiniLine()
            yield LapChart(
                self.services.library.load_trace, is_ascii=self.workspace.is_ascii
            )

    def on_mount(self) -> None:
        if self.workspace.has_clocks:
            self._timer = self.set_interval(POSSIBLE_S, self.tick, pause=True)

    async def on_screen_resume(self) -> None:
        if self._timer is not None:
            self._timer.resume()

    def on_screen_suspend(self) -> None:
        if self._timer is not None:
            self._timer.pause()

    async def load(self) -> None:
        """Show the rows in view first, then what is worked out over all of them."""
        session = await self._session()
        self.query_one(NavBar).set_trail(session.name if session else "")
        self._show_empty(session)
        if session is None:
            self._pages = self.summary = None
            await self._laps.show_laps(None, 0)
            self._show_summary()
            return
        await self._show_rows(session)
        await self._work_out(session)
        start(self, partial(self._measure, session), group="measure", exclusive=True)

    @property
    def _laps(self) -> LapListing:
        return self.query_one(LapListing)

    @property
    def session_id(self) -> str | None:
        return self.summary.session.id if self.summary else None

    async def _session(self) -> Session | None:
        """The opened session; else the one recording; else the newest with laps."""
        library, recording = self.services.library, self.services.recording.session
        recorded = None if recording is None else recording.id
        for session_id in (self.workspace.session_id, recorded):
            if session_id is not None:
                session = await library.session(session_id, counted=False)
                if session.deleted_us is None:
                    return session
        sessions = await library.sessions()
        with_laps = (session for session in sessions if session.lap_count)
        return next(with_laps, sessions[0] if sessions else None)

    def _show_empty(self, session: Session | None) -> None:
        recording = self.services.recording.session
        is_recording = bool(session and recording and session.id == recording.id)
        self._laps.set_empty(EMPTY_RECORDING if is_recording else EMPTY)

    async def _show_rows(self, session: Session) -> None:
        library, before = self.services.library, self.summary
        is_other = before is None or session.id != before.session.id
        near = self._wanted_lap(session)
        span = await library.lap_span(session.id, near)
        if is_other or self._pages is None:
            self._pages = LapPages(library, session.id, self.workspace.glyphs)
            before = None
        await self._pages.prepare(span.best)
        wanted = span.best_index if is_other else None
        if span.near_index is not None:
            wanted = span.near_index
        await self._laps.show_laps(self._pages, span.count, wanted)
        kept = LapSummary(session, span.count, span.best) if before is None else before
        self.summary = msgspec.structs.replace(
            kept, session=session, count=span.count, best=span.best
        )
        self.query_one(LapChart).display = bool(span.count)
        self.query_one(MiniLine).display = bool(span.count)
        self._show_summary()
        self._show_chart(self.current_key)

    async def _work_out(self, session: Session) -> None:
        library = self.services.library
        pace = await library.session_pace(session.id)
        bests = await library.sector_bests(session.id)
        self._possible.cut_at(await library.sector_lines(session.track, session.layout))
        summary, pages = self.summary, self._pages
        if summary is None or pages is None or summary.session.id != session.id:
            return
        self.summary = msgspec.structs.replace(summary, pace=pace, bests=bests)
        if not pages.is_rated:
            pages.is_rated = True
            await self._laps.show_laps(pages, summary.count)
        self.tick()
        self._show_summary()

    async def _measure(self, session: Session) -> None:
        """Make the figures that are missing; what is shown grows with them."""

        async def measured() -> None:
            if self.session_id == session.id:
                await self._show_rows(session)
                await self._work_out(session)

        await measure_laps(self.services.library, session, measured)

    def tick(self) -> None:
        """Work out what the lap being driven can still become."""
        summary, recording = self.summary, self.services.recording.session
        if summary is None or recording is None or recording.id != self.session_id:
            return
        possible_ms = self._possible.pull(summary.bests.session)
        if possible_ms != summary.possible_ms:
            self.summary = msgspec.structs.replace(summary, possible_ms=possible_ms)
            self._show_summary()

    def _show_summary(self) -> None:
        lines = self.summary.lines() if self.summary else []
        self.query_one("#summary", Details).set_lines(lines)

    def _wanted_lap(self, session: Session) -> int | None:
        """Return the number of the lap of a marker that somebody goes to, once."""
        marker = self.workspace.looked_at
        if marker is None or marker.session_id != session.id:
            return None
        self.workspace.looked_at = None
        return marker.lap_number

    @property
    def lap(self) -> Lap | None:
        """The lap under the cursor."""
        row = self._pages.row(self.current_key) if self._pages else None
        return row.lap if row is not None else None

    @on(Listing.Current)
    def _selected(self, event: Listing.Current) -> None:
        event.stop()
        self._show_chart(event.key)

    def _show_chart(self, key: str | None) -> None:
        lap = self.lap
        self.query_one(LapChart).show(lap)
        if lap is None:
            self.query_one(MiniLine).show("", ())
        else:
            start(self, partial(self._show_minis, lap), group="minis", exclusive=True)

    async def _show_minis(self, lap: Lap) -> None:
        library = self.services.library
        bests = await library.mini_bests(lap.session_id, lap.lap_number)
        row = self._pages.row(lap.id) if self._pages else None
        letters = mini_letters(row, bests) if row is not None else []
        self.query_one(MiniLine).show(f"Lap {lap.lap_number}", letters)
