"""Events: race weekends and track days, and the sessions of the selected one."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize

from ps_tui.domain.crew import EventRole
from ps_tui.domain.crew_ports import Crew
from ps_tui.domain.models import Event, Session
from ps_tui.domain.units import format_lap_time
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.event_form import event_form
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.records import RecordsScreen
from ps_tui.tui.widgets.details import Details, Line, fact
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.record_table import Cell, Column, Record
from ps_tui.tui.words import EVENT_TONES, counted, days, moment, session_status

COLUMNS = (
    Column("name", "Event", 14, is_flexible=True),
    Column("status", "Status", 9, rank=2),
    Column("dates", "Dates", 14, rank=4),
    Column("location", "Track", 12, rank=5),
    Column("sessions", "Sess", 4, rank=3, is_right=True),
    Column("laps", "Laps", 4, rank=1, is_right=True),
    Column("best", "Best", 8, is_right=True),
)
EMPTY = (
    "No events yet.\n\n"
    "n makes the first one: type its name, press enter.\n"
    "R records at once, without an event."
)


class EventsScreen(RecordsScreen):
    """The first place: pick an event, or make one."""

    PLACE = "events"
    BINDINGS = bindings("events")
    HELP = (
        "An event is a race weekend or a track day; it holds sessions, and a session "
        "holds laps. Make one with n, open it with enter, make a session there with n "
        "and enter, then R records. c shows who is there, what can be won, and who won."
    )

    @property
    def can_go_back(self) -> bool:
        return self.is_filtered

    def compose_body(self) -> ComposeResult:
        with Container(id="body", classes="split"):
            yield Listing(COLUMNS, EMPTY)
            yield Details()

    def on_mount(self) -> None:
        self._events: dict[str, Event] = {}
        self._sessions: list[Session] = []
        self._wanted: str | None = None
        self._crew: list[Line] = []
        """Who is at the selected event and who won what, once it is known."""

    async def load(self) -> None:
        library = self.services.library
        events = await library.events()
        self._sessions = await library.sessions()
        self._events = {event.id: event for event in events}
        wanted, self._wanted = self._wanted, None
        records = [_record(event) for event in events]
        self.listing.set_records(records, wanted)
        self._show_details(self.current_key)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "crew":
            return self.services.crew is not None and self.current_key is not None
        return super().check_action(action, parameters)

    @on(Listing.Current)
    def _selected(self, event: Listing.Current) -> None:
        event.stop()
        self._crew = []
        self._show_details(event.key)
        if self.services.crew is not None and event.key is not None:
            look = partial(self._look_at_crew, self.services.crew, event.key)
            start(self, look, group="crew", exclusive=True)

    async def _look_at_crew(self, crew: Crew, event_id: str) -> None:
        people = await crew.participants(event_id)
        prizes = await crew.prizes(event_id)
        names = [
            one.name
            if one.role is EventRole.PARTICIPANT
            else f"{one.name} ({one.role})"
            for one in people
        ]
        self._crew = [fact("People", ", ".join(names))] if people else []
        for prize in prizes:
            won = f"{prize.name}: {prize.winners_text or 'not won yet'}"
            self._crew.append(fact("Prize", won))
        self._show_details(self.current_key)

    def on_resize(self, event: Resize) -> None:
        self.when_drawn(lambda: self._show_details(self.current_key))

    def _show_details(self, key: str | None) -> None:
        details = self.query_one(Details)
        event = self._events.get(key or "")
        details.set_lines(self._lines(event) if event else self._loose_lines())

    def _lines(self, event: Event) -> list[Line]:
        own = [one for one in self._sessions if one.event_id == event.id]
        if not own:
            name: Line = [(event.name, "bold $foreground")]
            hints = ("No sessions yet.", "enter opens the event, n makes one.")
            return [name, *self._crew, *([(hint, "$muted")] for hint in hints)]
        count = counted(len(own), "session")
        if not self.has_class("-wide"):
            head = [(event.name, "bold $foreground"), (f"   {count}", "$accent")]
            if event.description:
                head.append((f"   {event.description}", "$muted"))
            return [head, *self._tree(own)]
        lines: list[Line] = [
            [(event.name, "bold $foreground")],
            fact("Status", event.status.value),
            fact("Days", days(event.start_date, event.end_date)),
            fact("Track", event.location or ""),
            fact("Best", format_lap_time(event.best_lap_time_ms)),
        ]
        if event.description:
            lines.append(fact("Notes", event.description))
        lines += [*self._crew, [("", "")], [(count, "bold $accent")]]
        return lines + self._tree(own)

    def _loose_lines(self) -> list[Line]:
        loose = [one for one in self._sessions if one.event_id is None]
        if not loose:
            return []
        head: Line = [("Sessions without an event", "bold $accent")]
        return [head, *self._tree(loose)]

    def _tree(self, sessions: list[Session]) -> list[Line]:
        glyphs = self.workspace.glyphs
        lines: list[Line] = []
        for index, session in enumerate(sessions):
            is_last = index == len(sessions) - 1
            branch = glyphs.last_branch if is_last else glyphs.branch
            status = session_status(session, glyphs, is_next=False)
            tone = f"${status.tone}" if status.tone != "dim" else "$muted"
            lines.append(
                [
                    (branch, "$muted"),
                    (f"{session.name:<14.14} ", "$foreground"),
                    (f"{format_lap_time(session.best_lap_time_ms)} ", "$foreground"),
                    (status.text, tone),
                ]
            )
        return lines

    def action_new(self) -> None:
        self.show_form(event_form(self.services.library), self._saved)

    def action_edit(self) -> None:
        event = self._events.get(self.current_key or "")
        if event is not None:
            self.show_form(event_form(self.services.library, event), self._saved)

    def _saved(self, event: Event) -> None:
        self._wanted = event.id
        self.reload()

    def action_open(self) -> None:
        if self.current_key is not None:
            self.workspace.event_id = self.current_key
            self.go("sessions")

    def action_crew(self) -> None:
        """Show people, prizes and winners of the event."""
        if self.current_key is not None:
            self.workspace.event_id = self.current_key
            self.go("crew")

    def action_delete(self) -> None:
        event = self._events.get(self.current_key or "")
        if event is None:
            return
        library, event_id = self.services.library, event.id
        parts = [
            counted(event.session_count, "session"),
            counted(event.lap_count, "lap"),
        ]
        self.ask_delete(
            "event",
            event.name,
            f"With it go {parts[0]} and {parts[1]}.",
            lambda: library.delete_event(event_id),
            lambda: library.restore_event(event_id),
        )


def _record(event: Event) -> Record:
    dates = days(event.start_date, event.end_date)
    return Record(
        event.id,
        {
            "name": Cell(event.name),
            "status": Cell(event.status.value, EVENT_TONES.get(event.status, "")),
            "dates": Cell(dates)
            if dates
            else Cell(moment(event.created_us)[:10], "dim"),
            "location": Cell(event.location or ""),
            "sessions": Cell(str(event.session_count)),
            "laps": Cell(str(event.lap_count)),
            "best": Cell(
                format_lap_time(event.best_lap_time_ms),
                "" if event.best_lap_time_ms else "dim",
            ),
        },
    )
