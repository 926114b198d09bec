"""Sessions: the outings of one event, or all of them."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize

from ps_tui.domain.models import Session
from ps_tui.domain.units import format_lap_time
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.driven_with import driven_with_dialog
from ps_tui.tui.dialogs.session_form import next_name, session_form
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.records import RecordsScreen
from ps_tui.tui.widgets.details import Details, Line
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.nav_bar import NavBar
from ps_tui.tui.widgets.record_table import Cell, Column, Record
from ps_tui.tui.words import counted, moment, session_status

COLUMNS = (
    Column("name", "Session", 16, is_flexible=True),
    Column("event", "Event", 14, rank=4),
    Column("status", "Status", 13, rank=1),
    Column("track", "Track", 10, rank=3),
    Column("car", "Car", 16, rank=5),
    Column("laps", "Laps", 4, is_right=True),
    Column("best", "Best", 8, is_right=True),
    Column("when", "When", 16, rank=2),
    Column("source", "Source", 13, rank=6),
    Column("tags", "Tags", 10, rank=7),
)
EMPTY_EVENT = "No sessions in this event yet.\n\nn and enter make one, then R records."
EMPTY_ALL = (
    "No sessions yet.\n\n"
    "n and enter make one, then R records.\n"
    "Telemetry that arrives opens one by itself."
)


class SessionsScreen(RecordsScreen):
    """Pick a session to see its laps, or make the one to record into."""

    PLACE = "sessions"
    BINDINGS = bindings("sessions")
    HELP = (
        "A session is one outing. n makes one and selects it: R then records into it. "
        "While another session records, R switches to the one made last. a shows the "
        "sessions of all events."
    )

    def compose_body(self) -> ComposeResult:
        with Container(id="body"):
            yield Listing(COLUMNS, EMPTY_ALL)
            yield Details()

    def on_mount(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._event_names: dict[str, str] = {}
        self._wanted: str | None = None

    async def load(self) -> None:
        library = self.services.library
        self._event_names = {one.id: one.name for one in await library.events()}
        if self.workspace.event_id not in self._event_names:
            self.workspace.event_id = None
        event_id = self.workspace.event_id
        sessions = await library.sessions(event_id)
        self._sessions = {session.id: session for session in sessions}
        name = self._event_names[event_id] if event_id else "all events"
        self.query_one(NavBar).set_trail(name)
        self.listing.set_empty(EMPTY_EVENT if event_id else EMPTY_ALL)
        columns = [c for c in COLUMNS if event_id is None or c.key != "event"]
        self.listing.table.set_columns(columns)
        wanted, self._wanted = self._wanted, None
        self.listing.set_records([self._record(one) for one in sessions], wanted)
        self._show_details(self.current_key)

    def key_label(self, key_id: str, label: str) -> str:
        if key_id == "sessions.all" and self.workspace.event_id is None:
            return "One event"
        return super().key_label(key_id, label)

    def _record(self, session: Session) -> Record:
        selected = self.services.recording.selected
        is_next = selected is not None and selected.id == session.id
        best_ms = session.best_lap_time_ms
        event = self._event_names.get(session.event_id or "")
        return Record(
            session.id,
            {
                "name": Cell(session.name),
                "event": Cell(event) if event else Cell("no event", "dim"),
                "status": session_status(
                    session, self.workspace.glyphs, is_next=is_next
                ),
                "track": Cell(session.track or ""),
                "car": Cell(session.car or ""),
                "laps": Cell(str(session.lap_count)),
                "best": Cell(format_lap_time(best_ms), "" if best_ms else "dim"),
                "when": Cell(moment(session.started_us or session.created_us)),
                "source": Cell(session.source, "dim"),
                "tags": Cell(session.tags or ""),
            },
        )

    @on(Listing.Current)
    def _selected(self, event: Listing.Current) -> None:
        event.stop()
        self._show_details(event.key)

    def on_resize(self, event: Resize) -> None:
        self._show_details(self.current_key)

    def _show_details(self, key: str | None) -> None:
        session = self._sessions.get(key or "")
        self.query_one(Details).set_lines(
            _lines(session, self.app.size.width) if session else []
        )

    def action_new(self) -> None:
        form = session_form(
            self.services.library,
            event_id=self.workspace.event_id,
            name=next_name(list(self._sessions.values())),
        )
        self.show_form(form, self._made)

    def _made(self, session: Session) -> None:
        self._wanted = session.id
        start(self, partial(self._select, session.id))

    async def _select(self, session_id: str) -> None:
        await self.services.recording.select(session_id)
        await self.load()
        self.refresh_status()

    def action_edit(self) -> None:
        session = self._sessions.get(self.current_key or "")
        if session is not None:
            form = session_form(self.services.library, session=session)
            self.show_form(form, lambda _saved: self.reload())

    def action_open(self) -> None:
        if self.current_key is not None:
            self.workspace.session_id = self.current_key
            self.go("laps")

    def go_up(self) -> None:
        self.go("events")

    def action_all(self) -> None:
        """Between the sessions of all events and those of the selected one."""
        if self.workspace.event_id is not None:
            self.workspace.event_id = None
        else:
            session = self._sessions.get(self.current_key or "")
            self.workspace.event_id = session.event_id if session else None
            if self.workspace.event_id is None:
                self.notify("This session belongs to no event.")
        self._wanted = self.current_key
        self.reload()

    def action_vehicle(self) -> None:
        start(self, self._choose_vehicle)

    async def _choose_vehicle(self) -> None:
        """Note what the session was driven with."""
        session = self._sessions.get(self.current_key or "")
        garage = self.services.garage
        if session is not None and garage is not None:
            dialog = await driven_with_dialog(garage, session)
            await self.app.push_screen(
                dialog, lambda done: self.reload() if done is not None else None
            )

    def action_delete(self) -> None:
        session = self._sessions.get(self.current_key or "")
        if session is None:
            return
        library, session_id = self.services.library, session.id
        self.ask_delete(
            "session",
            session.name,
            f"With it go {counted(session.lap_count, 'lap')}.",
            lambda: library.delete_session(session_id),
            lambda: library.restore_session(session_id),
        )


def _lines(session: Session, width: int) -> list[Line]:
    facts = [
        ("Car", session.car),
        ("Driver", session.driver),
        ("Track", " ".join(filter(None, (session.track, session.layout)))),
        ("Source", session.source),
        ("From", moment(session.started_us)),
        ("Until", moment(session.ended_us)),
        ("Frames", f"{session.frame_count:,}".replace(",", " ")),
        ("Dropped", str(session.dropped_frames)),
        ("Tags", session.tags),
    ]
    room = max(8, min(36, (width - 2) // 3) - 10)
    lines: list[Line] = [[(session.name, "bold $foreground")]]
    for first in range(0, len(facts), 3):
        spans: list[tuple[str, str]] = []
        for label, value in facts[first : first + 3]:
            spans += [
                (f"{label:<9}", "$muted"),
                (f"{value or '–':<{room}.{room}} ", "$foreground"),
            ]
        lines.append(spans)
    return lines
