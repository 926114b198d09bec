"""Studio: every table of the database, row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Input, Static

from ps_tui.domain.errors import UsageError
from ps_tui.domain.studio import Page, Row, Studio, Table, Value, View
from ps_tui.tui.dialogs.pick import Option, PickDialog
from ps_tui.tui.dialogs.value_form import ValueDialog
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.base import PsScreen
from ps_tui.tui.studio_rows import (
    ROW_COLUMNS,
    TABLE_COLUMNS,
    number,
    one_line,
    page_columns,
    page_records,
    preview_lines,
    row_records,
    table_lines,
    table_records,
    value_lines,
    visible,
)
from ps_tui.tui.widgets.details import Details
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.nav_bar import NavBar
from ps_tui.tui.workspace import Undo

PAGE_ROWS = 100
EMPTY = "No rows here."


@dataclass
class Level:
    """One step on the way down: the tables, rows of one, one row, or its frames."""

    kind: str
    table: str = ""
    view: View = field(default_factory=View)
    offset: int = 0
    shift: int = 0
    """How many columns are out of sight to the left."""
    row_key: int = 0
    lap_id: str = ""
    cursor: str | None = None


class StudioScreen(PsScreen):
    """Looks at any table; follows references; corrects single values."""

    PLACE = "studio"
    BINDINGS = bindings("studio")
    AUTO_FOCUS: ClassVar[str] = "#records"
    HELP = (
        "enter opens a table, a row, and what a row refers to; esc goes back. "
        "/ filters: words, or conditions as kind=flying lap_time_ms<90000 "
        "name~Monza deleted_us=null. o sorts, [ and ] turn pages, arrows move the "
        "columns, f opens the frames of a lap, e corrects a value, s asks in SQL."
    )

    def compose_body(self) -> ComposeResult:
        yield Static(id="studio-head", markup=False)
        yield Input(
            placeholder="words, or column=value", id="studio-filter", compact=True
        )
        with Container(id="body", classes="split"):
            yield Listing(TABLE_COLUMNS, EMPTY)
            yield Details()

    def on_mount(self) -> None:
        self._levels = [Level("tables")]
        self._drawn: Level | None = None
        self._tables: dict[str, Table] = {}
        self._page: Page | None = None
        self._row: Row | None = None
        self.query_one("#studio-filter").display = False

    @property
    def studio(self) -> Studio:
        if self.services.studio is None:
            raise UsageError("There is no database to look into here.")
        return self.services.studio

    @property
    def level(self) -> Level:
        return self._levels[-1]

    @property
    def listing(self) -> Listing:
        return self.query_one(Listing)

    # Loading and drawing

    async def load(self) -> None:
        level, studio = self.level, self.studio
        if level.kind == "tables" or not self._tables:
            self._tables = {one.name: one for one in await studio.tables()}
        if level.kind == "rows":
            self._page = await studio.rows(
                level.table, level.view, offset=level.offset, limit=PAGE_ROWS
            )
        elif level.kind == "frames":
            self._page = await studio.frames(
                level.lap_id, offset=level.offset, limit=PAGE_ROWS
            )
        elif level.kind == "row":
            self._row = await studio.row(level.table, level.row_key)
        if level is self.level:
            self._draw()

    def _draw(self) -> None:
        level, page = self.level, self._page
        if level.kind == "tables":
            columns = list(TABLE_COLUMNS)
            records = table_records(list(self._tables.values()))
        elif level.kind == "row" and self._row is not None:
            columns = list(ROW_COLUMNS)
            records = row_records(self._row, self._tables[level.table])
        elif page is not None:
            columns = page_columns(page.columns, page.rows)
            level.shift = min(level.shift, max(0, len(columns) - 2))
            columns = visible(columns, level.shift)
            records = page_records(page.rows)
        else:
            return
        self.listing.table.set_columns(columns)
        wanted, level.cursor = level.cursor, None
        if level is not self._drawn and wanted is None and records:
            wanted = records[0].key
        self._drawn = level
        self.listing.set_records(records, wanted)
        self.query_one("#studio-head", Static).update(self._head())
        trail = [one_line(one.table) for one in self._levels[1:] if one.kind == "rows"]
        self.query_one(NavBar).set_trail(" > ".join(["studio", *trail[-2:]]))
        self._show_details(self.listing.current_key)

    def _head(self) -> str:
        level, page = self.level, self._page
        if level.kind == "tables":
            return f"{len(self._tables)} tables and views, read only until e"
        if level.kind == "row":
            return f"{one_line(level.table)}, row {level.row_key}"
        if page is None:
            return ""
        last = page.offset + len(page.rows)
        place = f"{number(page.offset + 1)}-{number(last)}" if page.rows else "0"
        name = "frames" if level.kind == "frames" else one_line(level.table)
        parts = [f"{name}  {place} of {number(page.total)}"]
        view = level.view
        if view.where is not None:
            parts.append(f"{view.where[0]} = {view.where[1]}")
        if view.filter:
            parts.append(f"filter {view.filter}")
        if view.sort is not None:
            way = "falling" if view.is_descending else "rising"
            parts.append(f"by {one_line(view.sort)}, {way}")
        if level.shift:
            parts.append(f"{level.shift} columns to the left")
        return "  ·  ".join(parts)

    @on(Listing.Current)
    def _moved(self, event: Listing.Current) -> None:
        event.stop()
        self._show_details(event.key)

    def _show_details(self, key: str | None) -> None:
        level, lines = self.level, []
        if level.kind == "tables" and key in self._tables:
            lines = table_lines(self._tables[key])
        elif level.kind == "row" and self._row is not None and key is not None:
            column = key.removeprefix("column ")
            if column in self._row.values:
                lines = value_lines(column, self._row.values[column])
        elif level.kind in ("rows", "frames") and self._page and key is not None:
            place = int(key) if key.isdigit() else -1
            if 0 <= place < len(self._page.rows):
                lines = preview_lines(self._page, place)
        self.query_one(Details).set_lines(lines)

    # Ways down and up

    def _push(self, level: Level) -> None:
        self._leave_level()
        self._levels.append(level)
        self.reload()

    def _leave_level(self) -> None:
        self.level.cursor = self.listing.current_key
        self.listing.clear_filter()

    @property
    def can_go_back(self) -> bool:
        return True

    def action_back(self) -> None:
        typed = self.query_one("#studio-filter", Input)
        if typed.display:
            typed.display = False
            self.listing.table.focus()
        elif self.listing.clear_filter():
            return
        elif len(self._levels) == 1:
            self.go("database")
        else:
            self._levels.pop()
            self.reload()

    @on(Listing.Opened)
    def _opened(self, event: Listing.Opened) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Open the table, the row, or what the row refers to."""
        key, level = self.listing.current_key, self.level
        if key is None:
            return
        if level.kind == "tables":
            self._push(Level("rows", key))
        elif level.kind == "rows" and self._page is not None:
            row_key = self._page.keys[int(key)]
            if row_key is None:
                self.notify("Rows of this table have no number to open them by.")
            else:
                self._push(Level("row", level.table, row_key=row_key))
        elif level.kind == "row" and self._row is not None:
            self._follow(self._row, key)

    def _follow(self, row: Row, key: str) -> None:
        if key.startswith("rows "):
            reference = row.referenced_by[int(key.removeprefix("rows "))]
            view = reference.view or View()
            self._push(Level("rows", reference.table, view))
            return
        column = key.removeprefix("column ")
        for reference in row.references:
            if reference.column == column and reference.key is not None:
                self._push(Level("row", reference.table, row_key=reference.key))
                return
        if column == "data" and row.lap_id is not None:
            self.action_frames()

    def action_frames(self) -> None:
        """Open the frames of the lap that this row stands for."""
        if self.level.kind == "row" and self._row and self._row.lap_id:
            self._push(Level("frames", lap_id=self._row.lap_id))

    def action_sql(self) -> None:
        self.go("sql")

    # Pages, columns, filter, order

    def action_page(self, step: int) -> None:
        """Turn the page."""
        level, page = self.level, self._page
        if level.kind not in ("rows", "frames") or page is None:
            return
        offset = level.offset + step * PAGE_ROWS
        total = page.total
        if offset < 0 or (step > 0 and len(page.rows) < PAGE_ROWS):
            return
        if total is not None and offset >= total:
            return
        level.offset, level.cursor = offset, "0"
        self.reload()

    def action_columns(self, step: int) -> None:
        """Move the columns to the left or to the right."""
        if self.level.kind in ("rows", "frames"):
            self.level.shift = max(0, self.level.shift + step)
            self.level.cursor = self.listing.current_key
            self._draw()

    def action_filter(self) -> None:
        if self.level.kind != "rows":
            self.listing.open_filter()
            return
        typed = self.query_one("#studio-filter", Input)
        typed.value = self.level.view.filter
        typed.display = True
        typed.focus()

    @on(Input.Submitted, "#studio-filter")
    def _filter(self, event: Input.Submitted) -> None:
        event.stop()
        event.input.display = False
        self.listing.table.focus()
        self._change_view(filter=event.value.strip())

    def action_sort(self) -> None:
        """Choose a column; the same one again turns the order round."""
        page, view = self._page, self.level.view
        if self.level.kind != "rows" or page is None:
            return
        options = [Option(name, one_line(name)) for name in page.columns]

        def chosen(keys: list[str] | None) -> None:
            if keys:
                turns = keys[0] == view.sort and not view.is_descending
                self._change_view(sort=keys[0], is_descending=turns)

        dialog = PickDialog("Sort by", options, chosen=(view.sort or "",))
        self.app.push_screen(dialog, chosen)

    def _change_view(self, **changes: Value) -> None:
        level = self.level
        level.view = msgspec.structs.replace(level.view, **changes)
        level.offset, level.cursor = 0, "0"
        self.reload()

    # Corrections

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted:
            return super().check_action(action, parameters)
        kind = self.level.kind
        if action in ("page", "columns"):
            return kind in ("rows", "frames")
        if action == "sort":
            return kind == "rows"
        if action == "edit":
            return self._column_to_edit() is not None
        if action == "frames":
            return kind == "row" and bool(self._row and self._row.lap_id)
        if action == "open":
            return kind != "frames" and self.listing.current_key is not None
        return super().check_action(action, parameters)

    def _column_to_edit(self) -> str | None:
        table = self._tables.get(self.level.table)
        key = self.listing.current_key or ""
        if self.level.kind != "row" or table is None or not key.startswith("column "):
            return None
        column = table.column(key.removeprefix("column "))
        return column.name if column is not None and column.is_editable else None

    def action_edit(self) -> None:
        """Type a value anew; it is stored with a note."""
        column, row = self._column_to_edit(), self._row
        if column is None or row is None:
            return
        studio = self.studio

        def saved(changed: Row | None) -> None:
            if changed is None:
                return
            self.workspace.undo = Undo(
                f"{row.table}.{column}",
                partial(_put_back, studio, row, column, changed),
            )
            self.notify(f"Changed {row.table}.{column}. u undoes.", markup=False)
            self.level.cursor = f"column {column}"
            self.reload()

        self.app.push_screen(ValueDialog(studio, row, column), saved)


async def _put_back(studio: Studio, old: Row, column: str, new: Row) -> Row:
    value = old.values[column]
    text = None if value is None else str(value)
    seen = {column: new.values[column]}
    return await studio.update(old.table, old.key, {column: text}, seen=seen)
