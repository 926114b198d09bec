"""Crew: who is at an event in which role, its prizes, and who won them."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.containers import Container

from ps_tui.domain.crew import EventRole, Participant, Prize, User
from ps_tui.domain.crew_ports import Crew
from ps_tui.domain.errors import UsageError
from ps_tui.domain.models import Event
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.crew_forms import participant_form, prize_form, user_form
from ps_tui.tui.dialogs.pick import Option, PickDialog
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.records import RecordsScreen
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.nav_bar import NavBar
from ps_tui.tui.widgets.record_table import Cell, Column, Record

COLUMNS = (
    Column("name", "Person, prize", 20, is_flexible=True),
    Column("kind", "Kind", 6),
    Column("what", "Role, winners", 24),
    Column("more", "E-mail, notes", 24, rank=1),
)
EMPTY = (
    "Nobody here yet.\n\nn adds a person: type the name, press enter.\np adds a prize."
)
NOBODY = ""


class CrewScreen(RecordsScreen):
    """The people and the prizes of the selected event."""

    PLACE = "crew"
    BINDINGS = bindings("crew")
    HELP = (
        "People take part in an event as admin, organizer, moderator, participant or "
        "viewer. enter changes the role of a person, or says who won a prize: mark "
        "the winners in the order of their places. e edits what is written."
    )

    def on_mount(self) -> None:
        self._event: Event | None = None
        self._rows: dict[str, Participant | Prize] = {}
        self._users: dict[str, User] = {}
        self._wanted: str | None = None

    def compose_body(self) -> ComposeResult:
        with Container(id="body"):
            yield Listing(COLUMNS, EMPTY)

    @property
    def crew(self) -> Crew:
        if self.services.crew is None:
            raise UsageError("There is no crew here.", "Open it without a capture.")
        return self.services.crew

    @property
    def current(self) -> Participant | Prize | None:
        """The person or the prize under the cursor."""
        return self._rows.get(self.current_key or "")

    async def load(self) -> None:
        event_id = self.workspace.event_id
        if event_id is None:
            self.go("events")
            return
        self._event = await self.services.library.event(event_id)
        people = await self.crew.participants(event_id)
        prizes = await self.crew.prizes(event_id)
        self._users = {user.id: user for user in await self.crew.users()}
        rows: list[Participant | Prize] = [*people, *prizes]
        self._rows = {row.id: row for row in rows}
        self.query_one(NavBar).set_trail(self._event.name)
        wanted, self._wanted = self._wanted, None
        records = [_record(row) for row in self._rows.values()]
        self.listing.set_records(records, wanted)

    def go_up(self) -> None:
        self.go("events")

    def key_label(self, key_id: str, label: str) -> str:
        if key_id == "crew.open":
            return "Winners" if isinstance(self.current, Prize) else "Role"
        return super().key_label(key_id, label)

    # What the keys do

    def action_new(self) -> None:
        """Add a person."""
        if self._event is not None:
            form = participant_form(self.crew, self._event.id)
            self.show_form(form, self._saved)

    def action_new_prize(self) -> None:
        """Add a prize."""
        if self._event is not None:
            self.show_form(prize_form(self.crew, self._event.id), self._saved)

    def action_edit(self) -> None:
        """Change what is written about the person or the prize."""
        row = self.current
        if isinstance(row, Prize):
            self.show_form(prize_form(self.crew, row.event_id, row), self._saved)
        elif row is not None:
            user = self._users[row.user_id]
            self.show_form(user_form(self.crew, user), lambda _user: self.reload())

    def action_open(self) -> None:
        """Change the role, or say who won."""
        row = self.current
        if isinstance(row, Prize):
            self._ask_winners(row)
        elif row is not None:
            self._ask_role(row)

    def _ask_role(self, person: Participant) -> None:
        options = [Option(role.value, role.value) for role in EventRole]

        def chosen(keys: list[str] | None) -> None:
            if keys:
                role = EventRole(keys[0])
                start(self, partial(self._change_role, person.id, role))

        title = f"{person.name} is here as"
        dialog = PickDialog(title, options, chosen=(person.role.value,))
        self.app.push_screen(dialog, chosen)

    async def _change_role(self, participant_id: str, role: EventRole) -> None:
        self._saved(await self.crew.change_role(participant_id, role))

    def _ask_winners(self, prize: Prize) -> None:
        people = [one for one in self._rows.values() if isinstance(one, Participant)]
        options = [Option(one.id, one.name, one.role.value) for one in people]

        def chosen(keys: list[str] | None) -> None:
            if keys is not None:
                ids = [key for key in keys if key != NOBODY]
                start(self, partial(self._set_winners, prize, ids))

        dialog = PickDialog(
            f"Who won {prize.name}? Mark them in order",
            [*options, Option(NOBODY, "Nobody")],
            chosen=[win.participant_id for win in prize.winners],
            is_multiple=True,
        )
        self.app.push_screen(dialog, chosen)

    async def _set_winners(self, prize: Prize, ids: list[str]) -> None:
        """Make these the winners, the first in place 1."""
        for win in prize.winners:
            if win.participant_id not in ids:
                await self.crew.clear_winner(prize.id, win.participant_id)
        for place, participant_id in enumerate(ids, 1):
            await self.crew.set_winner(prize.id, participant_id, place)
        self._saved(prize)

    def _saved(self, row: Participant | Prize) -> None:
        self._wanted = row.id
        self.reload()

    def action_delete(self) -> None:
        """Take the person or the prize off the event."""
        row, crew = self.current, self.crew
        if isinstance(row, Prize):
            self.ask_delete(
                "prize",
                row.name,
                "Only a prize that nobody has won can go.",
                lambda: crew.delete_prize(row.id),
                lambda: crew.restore_prize(row.id),
            )
        elif row is not None:
            self.ask_delete(
                "person",
                row.name,
                "The person leaves this event and stays known.",
                lambda: crew.remove_participant(row.id),
                lambda: crew.restore_participant(row.id),
            )


def _record(row: Participant | Prize) -> Record:
    if isinstance(row, Prize):
        what, more = row.winners_text or "not won yet", row.description or ""
        tone = "accent" if row.winners else "dim"
    else:
        what, more, tone = row.role.value, row.email or "", ""
    return Record(
        row.id,
        {
            "name": Cell(row.name, "bold" if isinstance(row, Prize) else ""),
            "kind": Cell("prize" if isinstance(row, Prize) else "person", "dim"),
            "what": Cell(what, tone),
            "more": Cell(more, "dim"),
        },
    )
