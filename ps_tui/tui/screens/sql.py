"""SQL: one statement that reads, its rows, its plan, and its result as a file."""

from __future__ import annotations

import asyncio
import csv
import json
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Static, TextArea
from textual.worker import Worker

from ps_tui.domain.errors import PsError, UsageError
from ps_tui.domain.studio import Studio
from ps_tui.domain.units import format_lap_time
from ps_tui.domain.upkeep import QueryResult
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.form import Field, FormDialog, Values
from ps_tui.tui.dialogs.pick import Option, PickDialog
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.base import PsScreen
from ps_tui.tui.studio_rows import number, page_columns, page_records, visible
from ps_tui.tui.widgets.details import Details
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.nav_bar import NavBar
from ps_tui.tui.words import counted

PAGE_ROWS = 200
MOST_EXPORTED = 1_000_000
EXPORT_S = 60.0
EMPTY = (
    "Type a SELECT, press enter.\n\n"
    "ctrl+l chooses laps: their frames are then the table frames."
)
FIRST = "SELECT name, type FROM sqlite_master ORDER BY type, name"


class SqlEditor(TextArea):
    """enter runs the statement, ctrl+j begins a new line."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("sql_editor")
    HELP = "enter runs, ctrl+j begins a new line, tab goes to the rows."

    async def action_run(self) -> None:
        await self.run_action("screen.run")

    def action_newline(self) -> None:
        self.insert("\n")


class SqlScreen(PsScreen):
    """Asks the database on a connection that cannot write."""

    PLACE = "sql"
    BINDINGS = bindings("sql")
    AUTO_FOCUS: ClassVar[str] = "#sql"
    HELP = (
        "One statement that reads, on a connection that cannot write, for ten "
        "seconds at most; esc stops it. ctrl+l chooses laps whose frames are the "
        "table frames, ctrl+t shows the plan alone, ctrl+s writes all rows to a file."
    )

    def compose_body(self) -> ComposeResult:
        yield SqlEditor(FIRST, id="sql", tab_behavior="focus", compact=True)
        yield Static(id="studio-head", markup=False)
        with Container(id="body", classes="split"):
            yield Listing((), EMPTY)
            yield Details()

    def on_mount(self) -> None:
        self._result: QueryResult | None = None
        self._asked = ""
        self._offset = 0
        self._shift = 0
        self._laps: dict[str, str] = {}
        self._work: Worker[object] | None = None
        self.editor.select_all()

    @property
    def studio(self) -> Studio:
        if self.services.studio is None:
            raise UsageError("There is no database to look into here.")
        return self.services.studio

    @property
    def editor(self) -> SqlEditor:
        return self.query_one(SqlEditor)

    @property
    def is_asking(self) -> bool:
        return self._work is not None and not self._work.is_finished

    async def load(self) -> None:
        self.query_one(NavBar).set_trail("SQL, read only")
        self._draw()

    # Asking

    def action_run(self) -> None:
        """Run the statement; one under way is stopped."""
        self._asked, self._offset, self._shift = self.editor.text.strip(), 0, 0
        if self._asked:
            self._start()

    def _start(self) -> None:
        self._work = start(self, self._query, group="query", exclusive=True)
        self._say("Asking …  esc stops it")

    async def _query(self) -> None:
        try:
            self._result = await self.studio.query(
                self._asked,
                frames_of=tuple(self._laps),
                offset=self._offset,
                limit=PAGE_ROWS,
            )
        except asyncio.CancelledError:
            self._say("Stopped.")
            raise
        except PsError as error:
            self._result = None
            self.listing.set_empty(f"{error.cause}\n{error.remedy}")
        self._draw()

    def action_plan(self) -> None:
        start(self, self._plan, group="query", exclusive=True)

    async def _plan(self) -> None:
        plan = await self.studio.plan(
            self.editor.text.strip(), frames_of=tuple(self._laps)
        )
        self.listing.set_empty("\n".join(plan) or "No plan.")
        self._result = None
        self._draw()

    def action_back(self) -> None:
        if self.is_asking and self._work is not None:
            self._work.cancel()
        elif self.listing.clear_filter():
            return
        elif self.focused is not self.editor:
            self.editor.focus()
        else:
            self.go("studio")

    @property
    def can_go_back(self) -> bool:
        return True

    # Showing

    @property
    def listing(self) -> Listing:
        return self.query_one(Listing)

    def _say(self, text: str) -> None:
        self.query_one("#studio-head", Static).update(text)

    def _draw(self) -> None:
        result = self._result
        laps = counted(len(self._laps), "lap")
        frames = f"frames of {laps}" if self._laps else "no frames"
        if result is None:
            self.listing.set_records([])
            self.query_one(Details).set_lines([])
            self._say(frames)
            return
        columns = page_columns(result.columns, result.rows)
        self._shift = min(self._shift, max(0, len(columns) - 2))
        self.listing.table.set_columns(visible(columns, self._shift))
        self.listing.set_empty("No rows.")
        self.listing.set_records(page_records(result.rows))
        first, last = self._offset + 1, self._offset + len(result.rows)
        more = ", more with ]" if result.is_truncated else ""
        place = f"{number(first)}-{number(last)}" if result.rows else "no rows"
        self._say(f"{place}{more}  ·  {result.elapsed_ms:.1f} ms  ·  {frames}")
        self.query_one(Details).set_lines(
            [[("Plan", "bold $accent")]]
            + [[(step, "$foreground")] for step in result.plan]
        )

    def action_page(self, step: int) -> None:
        """Ask for the next rows of the result, or for those before."""
        result = self._result
        offset = self._offset + step * PAGE_ROWS
        if result is None or offset < 0 or (step > 0 and not result.is_truncated):
            return
        self._offset = offset
        self._start()

    def action_columns(self, step: int) -> None:
        """Move the columns to the left or to the right."""
        self._shift = max(0, self._shift + step)
        self._draw()

    def action_filter(self) -> None:
        self.listing.open_filter()

    # Frames and files

    def action_laps(self) -> None:
        start(self, self._choose_laps, group="laps", exclusive=True)

    async def _choose_laps(self) -> None:
        """Choose among the laps of the selected session, or of the newest."""
        library = self.services.library
        session_id = self.workspace.session_id
        if session_id is None:
            sessions = [one for one in await library.sessions() if one.lap_count]
            if not sessions:
                self.notify("There are no laps yet.")
                return
            session_id = sessions[0].id
        session = await library.session(session_id)
        options = [
            Option(
                lap.id,
                f"Lap {lap.lap_number}",
                f"{format_lap_time(lap.lap_time_ms)} {lap.kind.value}",
            )
            for lap in await library.laps(session_id)
        ]
        dialog = PickDialog(
            f"Frames of {session.name}",
            options,
            chosen=tuple(self._laps),
            is_multiple=True,
        )
        await self.app.push_screen(dialog, self._take_laps)

    def _take_laps(self, keys: list[str] | None) -> None:
        if keys is not None:
            self._laps = dict.fromkeys(keys, "")
            self._draw()

    def action_export(self) -> None:
        """Write every row of the result, not only those shown."""
        if self._result is None:
            self.notify("Run a statement first.")
            return

        async def save(values: Values) -> str:
            name = values["path"] or ""
            result = await self.studio.query(
                self._asked,
                frames_of=tuple(self._laps),
                limit=MOST_EXPORTED,
                timeout_s=EXPORT_S,
            )
            await asyncio.to_thread(write_result, result, name)
            more = "; the rest is left out" if result.is_truncated else ""
            return f"{counted(len(result.rows), 'row')} in {name}{more}"

        field = Field("path", "File", "query.csv", "name.csv or name.json", check_file)
        self.app.push_screen(
            FormDialog("Export all rows", [field], save),
            lambda said: self.notify(said, markup=False) if said else None,
        )


def check_file(text: str) -> str | None:
    """Say why a result cannot be written to a file of this name."""
    path = Path(text).expanduser()
    if path.suffix not in (".csv", ".json"):
        return "Name it something.csv or something.json."
    return f"{path} is there already." if path.exists() else None


def write_result(result: QueryResult, name: str) -> None:
    """Write a result as CSV, or as JSON objects. Raises UsageError."""
    path = Path(name).expanduser()
    try:
        with path.open("x", encoding="utf-8", newline="") as out:
            if path.suffix == ".json":
                rows = [
                    dict(zip(result.columns, row, strict=True)) for row in result.rows
                ]
                json.dump(rows, out, indent=1, ensure_ascii=False)
            else:
                writer = csv.writer(out)
                writer.writerow(result.columns)
                writer.writerows(result.rows)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.", "Choose another file."
        ) from error
