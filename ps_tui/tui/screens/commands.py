"""Commands: everything that can be done with the database, one row each."""

from __future__ import annotations

from functools import partial
from time import monotonic

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.timer import Timer

from ps_tui.domain.ports import Services
from ps_tui.tui.compat import start
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.records import RecordsScreen
from ps_tui.tui.toasts import Severity
from ps_tui.tui.upkeep.command import Command, Effect, Outcome
from ps_tui.tui.upkeep.runner import Runner
from ps_tui.tui.upkeep.table import BY_NAME, COMMANDS
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.record_table import Cell, Column, Record
from ps_tui.tui.widgets.result_pane import ResultPane
from ps_tui.tui.workspace import Workspace

COLUMNS = (
    Column("name", "ps-tui db", 23),
    Column("meaning", "What it does", 30, is_flexible=True),
)
TICK_S = 1.0
GREETING = "enter runs the command under the cursor; what it says stands here."


class CommandsScreen(RecordsScreen):
    """Runs what the shell's ``ps-tui db`` does, and shows what came of it."""

    PLACE = "commands"
    BINDINGS = bindings("commands")
    HELP = (
        "Each row is a command of ps-tui db. enter runs it: it asks for what it "
        "needs, shows what it would do and waits for a yes before anything changes. "
        "] and [ turn the pages of the result; tab goes into it, where arrows move. "
        "Work goes on while you look at other screens."
    )

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__(services, workspace)
        self._runner = Runner(self, self._show, self._say)
        self._timer: Timer | None = None
        self._began_s = 0.0
        self._working = ""

    def compose_body(self) -> ComposeResult:
        with Container(id="body", classes="told"):
            yield Listing(COLUMNS, "There are no commands.")
            yield ResultPane(id="result")

    def on_mount(self) -> None:
        records = [
            Record(
                one.name,
                {"name": Cell(one.name, "bold"), "meaning": Cell(one.meaning)},
            )
            for one in COMMANDS
        ]
        self.listing.set_records(records)
        self.when_drawn(self._greet)

    def _greet(self) -> None:
        if not self._working:
            self._pane.show("Commands", GREETING, tone="$muted")

    @property
    def _pane(self) -> ResultPane:
        return self.query_one(ResultPane)

    def go_up(self) -> None:
        self.go("database")

    def action_open(self) -> None:
        """Run the command under the cursor."""
        if self.current_key is not None:
            self.run_command(self.current_key)

    def run_command(self, name: str) -> None:
        """Run a command by its name, with everything that it asks."""
        self._runner.run(BY_NAME[name])

    def action_page(self, pages: int) -> None:
        """Turn the pages of the result."""
        self._pane.turn(pages)

    @on(Listing.Current)
    def _selected(self, event: Listing.Current) -> None:
        event.stop()

    # What the runner tells

    def _say(self, text: str) -> None:
        self._working, self._began_s = text, monotonic()
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if text:
            self._tick()
            if self.workspace.has_clocks:
                self._timer = self.set_interval(TICK_S, self._tick)
        else:
            self._greet()

    def _tick(self) -> None:
        elapsed_s = monotonic() - self._began_s
        time = f" {elapsed_s:.0f} s" if elapsed_s >= TICK_S else ""
        share = f" {self._runner.share:.0%}" if time and self._runner.share else ""
        self._pane.show("Under way", f"{self._working} …{share}{time}", tone="$warning")

    def _show(self, command: Command, outcome: Outcome) -> None:
        tone = "$success" if outcome.is_good else "$error"
        title = f"ps-tui db {command.name}"
        self._pane.show(title, outcome.said, outcome.header, outcome.rows, tone)
        if self.app.screen is not self:
            first = outcome.said.splitlines()[0]
            severity: Severity = "information" if outcome.is_good else "error"
            self.notify(first, title=command.name, severity=severity, markup=False)
        if outcome.is_good and command.effect is not Effect.NONE:
            start(self, partial(self._look_again), group="look")
        self.refresh_status()

    async def _look_again(self) -> None:
        """Light the health lamp anew after a change."""
        self.workspace.health = await self.services.care.check(quick=True)
        self.refresh_status()
