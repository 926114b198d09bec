"""What the studio shows: the level it is on, as a table with details."""

from __future__ import annotations

from dataclasses import dataclass, field

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Input, Static

from ps_tui.domain.errors import UsageError
from ps_tui.domain.studio import Page, Row, Studio, Table, View
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


class StudioView(PsScreen):
    """Loads and draws the lowest of its levels; subclasses move between them."""

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
            return f"{len(self._tables)} tables and views"
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
