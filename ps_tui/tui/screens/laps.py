"""Laps: the lap table of one session, and the chart of the selected lap."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from statistics import median

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from ps_tui.domain.markers import MarkerDraft
from ps_tui.domain.models import Lap, Session, best_lap
from ps_tui.domain.units import format_gap, format_lap_time
from ps_tui.tui.compare.choosing import (
    make_reference,
    show_statistics,
    toggle_lap,
)
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.lap_forms import exclude_form, export_form, notes_form
from ps_tui.tui.keymap import bindings
from ps_tui.tui.marking import ask_words
from ps_tui.tui.screens.records import RecordsScreen
from ps_tui.tui.widgets.details import Details, Line
from ps_tui.tui.widgets.lap_chart import LapChart
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.nav_bar import NavBar
from ps_tui.tui.widgets.record_table import Cell, Column, Record
from ps_tui.tui.words import counted, lap_note, lap_validity

COLUMNS = (
    Column("lap", "Lap", 3, is_right=True),
    Column("time", "Time", 8, is_right=True),
    Column("gap", "Gap", 7, is_right=True),
    Column("kind", "Class", 7),
    Column("valid", "Valid", 5, rank=1),
    Column("top", "Top km/h", 8, rank=3, is_right=True),
    Column("frames", "Frames", 6, rank=4, is_right=True),
    Column("note", "Note", 9, rank=2, is_flexible=True),
)
EMPTY = (
    "No laps here yet.\n\n"
    "R records; a lap appears when you cross the line.\n"
    "2 shows the other sessions."
)
EMPTY_RECORDING = (
    "Recording.\n\nA lap appears when you cross the line; 3 shows the car."
)


class LapsScreen(RecordsScreen):
    """The laps of the opened session, by default of the one being recorded."""

    PLACE = "laps"
    BINDINGS = bindings("laps")
    HELP = (
        "Every lap has a class (flying, out, in, pit, partial) and is valid or INV. "
        "Only valid flying laps count for best and median. The gap is to the best of "
        "the session. The chart shows the selected lap over track position."
    )

    def compose_body(self) -> ComposeResult:
        yield Details(id="summary")
        with Container(id="body", classes="charted"):
            yield Listing(COLUMNS, EMPTY)
            yield LapChart(
                self.services.library.load_trace, is_ascii=self.workspace.is_ascii
            )

    def on_mount(self) -> None:
        self._laps: dict[str, Lap] = {}
        self._session_id: str | None = None
        self._shown_session: Session | None = None

    async def load(self) -> None:
        session = await self._session()
        library = self.services.library
        laps = await library.laps(session.id) if session else []
        self._laps = {lap.id: lap for lap in laps}
        recording = self.services.recording.session
        is_recording = bool(session and recording and session.id == recording.id)
        self.listing.set_empty(EMPTY_RECORDING if is_recording else EMPTY)
        self.query_one(LapChart).display = bool(laps)
        self.query_one(NavBar).set_trail(session.name if session else "")
        best = best_lap(laps)
        best_id = best.id if best else None
        markers = await library.markers(session.id) if session else []
        marked = Counter(marker.lap_id for marker in markers)
        records = [self._record(lap, best, marked[lap.id]) for lap in laps]
        is_other = session is not None and session.id != self._session_id
        wanted = self._wanted_lap() or (best_id if is_other else None)
        self._session_id = session.id if session else None
        self._shown_session = session
        self.listing.set_records(records, wanted)
        self.query_one("#summary", Details).set_lines(_summary(session, laps, best))
        self._show_chart(self.current_key)

    async def _session(self) -> Session | None:
        """The opened session; else the one recording; else the newest with laps."""
        sessions = await self.services.library.sessions()
        by_id = {session.id: session for session in sessions}
        recording = self.services.recording.session
        for session_id in (self.workspace.session_id, recording and recording.id):
            if session_id in by_id:
                return by_id[session_id]
        with_laps = (session for session in sessions if session.lap_count)
        return next(with_laps, sessions[0] if sessions else None)

    def _wanted_lap(self) -> str | None:
        """Return the lap of a marker that somebody goes to, once."""
        marker = self.workspace.looked_at
        if marker is None or marker.lap_id not in self._laps:
            return None
        self.workspace.looked_at = None
        return marker.lap_id

    def _record(self, lap: Lap, best: Lap | None, marked: int) -> Record:
        is_best = best is not None and lap.id == best.id
        gap = Cell("")
        if is_best:
            gap = Cell(f"{self.workspace.glyphs.best} best", "accent")
        elif best is not None and best.lap_time_ms and lap.lap_time_ms:
            gap = Cell(format_gap(lap.lap_time_ms - best.lap_time_ms), "dim")
        tone = "" if lap.counts_as_best else "dim"
        top = lap.top_speed_kmh
        return Record(
            lap.id,
            {
                "lap": Cell(str(lap.lap_number)),
                "time": Cell(
                    format_lap_time(lap.lap_time_ms), "accent" if is_best else tone
                ),
                "gap": gap,
                "kind": Cell(lap.kind.value, tone),
                "valid": lap_validity(lap),
                "top": Cell("" if top is None else f"{top:.0f}"),
                "frames": Cell(str(lap.frame_count), "dim"),
                "note": Cell(lap_note(lap, marked), "dim"),
            },
        )

    @on(Listing.Current)
    def _selected(self, event: Listing.Current) -> None:
        event.stop()
        self._show_chart(event.key)

    def _show_chart(self, key: str | None) -> None:
        self.query_one(LapChart).show(self._laps.get(key or ""))

    def moment(self) -> MarkerDraft | None:
        """Return the line where the selected lap began."""
        lap = self._laps.get(self.current_key or "")
        if lap is None:
            return super().moment()
        return MarkerDraft(lap.session_id, lap.started_us, lap.id, 0.0)

    def action_mark(self) -> None:
        """Mark the selected lap."""
        lap = self._laps.get(self.current_key or "")
        if lap is None or (draft := self.moment()) is None:
            super().action_mark()
        else:
            ask_words(self, draft, f"Mark lap {lap.lap_number}")

    def go_up(self) -> None:
        self.go("sessions")

    def action_compare(self) -> None:
        toggle_lap(self, self._laps.get(self.current_key or ""))

    def action_statistics(self) -> None:
        show_statistics(self, self._session_id)

    def action_reference(self) -> None:
        make_reference(self, self._laps.get(self.current_key or ""))

    def key_label(self, key_id: str, label: str) -> str:
        if key_id == "laps.exclude":
            lap = self._laps.get(self.current_key or "")
            is_out = lap is not None and lap.excluded_us is not None
            return "Count again" if is_out else "Exclude"
        return super().key_label(key_id, label)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "export" and self.services.export is None:
            return False
        if action in {"exclude", "notes", "export"}:
            return self.current_key is not None
        return super().check_action(action, parameters)

    def action_exclude(self) -> None:
        """Take the lap out of bests and averages, or let it count again."""
        lap = self._laps.get(self.current_key or "")
        if lap is None:
            return
        if lap.excluded_us is not None:
            start(self, partial(self._include, lap.id))
            return
        form = exclude_form(self.services.library, lap)
        self.show_form(form, lambda _lap: self.reload())

    async def _include(self, lap_id: str) -> None:
        await self.services.library.include_lap(lap_id)
        await self.load()

    def action_notes(self) -> None:
        """Write tags, a note, driver and stint."""
        lap = self._laps.get(self.current_key or "")
        if lap is not None:
            form = notes_form(self.services.library, lap)
            self.show_form(form, lambda _lap: self.reload())

    def action_export(self) -> None:
        """Write the lap to a file for other tools."""
        lap = self._laps.get(self.current_key or "")
        if lap is not None and self.services.export is not None:
            form = export_form(self.services.export, lap, self._shown_session)
            self.show_form(form, self._exported)

    def _exported(self, written: list[Path]) -> None:
        names = ", ".join(str(path) for path in written)
        self.notify(f"Wrote {names}.", title="Export", markup=False)

    def action_delete(self) -> None:
        lap = self._laps.get(self.current_key or "")
        if lap is None:
            return
        library, lap_id = self.services.library, lap.id
        self.ask_delete(
            "lap",
            f"{lap.lap_number}, {format_lap_time(lap.lap_time_ms)}",
            f"With it go {counted(lap.frame_count, 'frame')}.",
            lambda: library.delete_lap(lap_id),
            lambda: library.restore_lap(lap_id),
        )


def _summary(session: Session | None, laps: list[Lap], best: Lap | None) -> list[Line]:
    if session is None or not laps:
        return [[(session.name, "bold $foreground")]] if session else []
    times = [lap.lap_time_ms for lap in laps if lap.counts_as_best and lap.lap_time_ms]
    middle = round(median(times)) if times else None
    best_text = format_lap_time(best.lap_time_ms if best else None)
    if best is not None:
        best_text += f" in lap {best.lap_number}"
    who = " · ".join(filter(None, (session.car, session.track)))
    return [
        [
            ("Best ", "$muted"),
            (best_text, "bold $accent"),
            ("   Median ", "$muted"),
            (format_lap_time(middle), "$foreground"),
            (f"   {counted(len(laps), 'lap')}, {len(times)} count", "$muted"),
            (f"   {who}" if who else "", "$muted"),
        ]
    ]
