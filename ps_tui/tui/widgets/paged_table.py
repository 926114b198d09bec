"""A table that asks for the rows in view only, however many there are.

It knows how many rows there are and a function that fetches some of them; a row that
is on its way is drawn empty. Moving the cursor paints two lines.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ps_tui.tui.compat import start
from ps_tui.tui.keymap import bindings
from ps_tui.tui.widgets.record_table import Cell, Column, Record, fit_columns, style_of

Fetch = Callable[[int, int], Awaitable[Sequence[Record]]]
"""Returns the records from an offset on, at most so many."""

PAGE_ROWS = 64
MOST_PAGES = 16
_GAP = 1
_HEAD = 1


class PagedTable(ScrollView, can_focus=True):
    """Rows in pages; the heading stays, the cursor is a row."""

    BINDINGS = bindings("list")
    COMPONENT_CLASSES = {  # noqa: RUF012
        "datatable--header",
        "datatable--cursor",
    }
    ALLOW_SELECT = False

    @dataclass
    class Moved(Message):
        """The cursor is on another row, or its row has arrived."""

    @dataclass
    class Chosen(Message):
        """The row under the cursor was chosen."""

    def __init__(self, columns: Sequence[Column], *, dom_id: str) -> None:
        super().__init__(id=dom_id)
        self._columns = columns
        self._fitted: list[tuple[Column, int]] = []
        self._count = 0
        self._fetch: Fetch | None = None
        self._pages: dict[int, Sequence[Record]] = {}
        self._wanted: set[int] = set()
        self._styles: dict[str, Style] = {}
        self.cursor_row = 0

    @property
    def row_count(self) -> int:
        """How many rows there are, in view or not."""
        return self._count

    @property
    def current_key(self) -> str | None:
        """The id of the record under the cursor, ``None`` until it has come."""
        record = self._record(self.cursor_row)
        return None if record is None else record.key

    async def set_rows(self, count: int, fetch: Fetch, cursor_row: int) -> None:
        """Show these rows; returns when those around the cursor are there."""
        row = max(0, min(cursor_row, count - 1))
        first = row // PAGE_ROWS
        shown = set(self._visible_pages(row)) if count else set()
        pages = {
            page: await fetch(page * PAGE_ROWS, PAGE_ROWS)
            for page in sorted(shown | {first})
            if count and page * PAGE_ROWS < count
        }
        self._count, self._fetch, self.cursor_row = count, fetch, row
        self._pages, self._wanted = pages, set()
        self.virtual_size = Size(0, count + _HEAD)
        self._show_cursor()
        self.refresh()
        self.post_message(self.Moved())

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show these columns, as far as they fit."""
        if list(columns) != list(self._columns):
            self._columns = columns
            self._fit()

    def on_resize(self) -> None:
        self._fit()
        self._show_cursor()

    def notify_style_update(self) -> None:
        """Drop what depends on the theme."""
        super().notify_style_update()
        self._styles.clear()

    def _fit(self) -> None:
        width = self.scrollable_content_region.width
        self._fitted = fit_columns(self._columns, width, padding=_GAP)
        self.refresh()

    # Rows

    def _record(self, row: int) -> Record | None:
        page = self._pages.get(row // PAGE_ROWS, ())
        index = row % PAGE_ROWS
        return page[index] if 0 <= index < len(page) else None

    def _visible_pages(self, near: int) -> range:
        """Return the pages that a window with the row ``near`` in it may show."""
        rows = max(1, self.size.height)
        low, high = max(0, near - rows), near + rows
        return range(low // PAGE_ROWS, high // PAGE_ROWS + 1)

    def _want(self, page: int) -> None:
        if page not in self._wanted and page not in self._pages:
            self._wanted.add(page)
            start(self.screen, partial(self._load, page), group="page")

    async def _load(self, page: int) -> None:
        fetch = self._fetch
        if fetch is None or page not in self._wanted:
            return
        records = await fetch(page * PAGE_ROWS, PAGE_ROWS)
        if fetch is not self._fetch:
            return  # Other rows are shown since.
        self._wanted.discard(page)
        self._pages[page] = records
        here = self.cursor_row // PAGE_ROWS
        while len(self._pages) > MOST_PAGES:
            del self._pages[max(self._pages, key=lambda known: abs(known - here))]
        self.refresh()
        if page == here:
            self.post_message(self.Moved())

    # Lines

    def render_line(self, y: int) -> Strip:
        """Return the heading, or a row."""
        if y < _HEAD:
            return self._heading()
        row = y - _HEAD + round(self.scroll_y)
        if row >= self._count:
            return Strip.blank(self.size.width, self.rich_style)
        record = self._record(row)
        if record is None:
            self._want(row // PAGE_ROWS)
        return self._row(record, is_current=row == self.cursor_row)

    def _heading(self) -> Strip:
        style = self.get_component_rich_style("datatable--header")
        cells = [(Cell(c.label), c, width) for c, width in self._fitted]
        return self._line(cells, style, lambda _tone: style)

    def _row(self, record: Record | None, *, is_current: bool) -> Strip:
        cells = [
            (Cell("") if record is None else record.cells.get(c.key, Cell("")), c, w)
            for c, w in self._fitted
        ]
        if is_current:
            style = self.get_component_rich_style("datatable--cursor")
            bold = style + Style(bold=True)
            return self._line(
                cells, style, lambda tone: bold if tone not in ("", "dim") else style
            )
        base = self.rich_style
        return self._line(cells, base, lambda tone: base + self._style(tone))

    def _line(
        self,
        cells: Sequence[tuple[Cell, Column, int]],
        blank: Style,
        style_of: Callable[[str], Style],
    ) -> Strip:
        segments = [Segment(" ", blank)]
        used = 1
        for cell, column, width in cells:
            text = cell.text
            if len(text) > width:
                text = text[: width - 1] + "…"
            fill = " " * (width - len(text))
            inner = fill + text if column.is_right else text + fill
            segments.append(Segment(inner, style_of(cell.tone)))
            segments.append(Segment(" " * _GAP, blank))
            used += width + _GAP
        strip = Strip(segments, used)
        return strip.adjust_cell_length(self.size.width, blank)

    def _style(self, tone: str) -> Style:
        style = self._styles.get(tone)
        if style is None:
            style = self._styles[tone] = style_of(tone, self.app.theme_variables)
        return style

    # The cursor

    def move_cursor(self, row: int) -> None:
        """Put the cursor on a row, and that row in view."""
        row = max(0, min(row, self._count - 1))
        if row == self.cursor_row or not self._count:
            return
        self.cursor_row = row
        self._want(row // PAGE_ROWS)
        self._show_cursor()
        self.refresh()
        self.post_message(self.Moved())

    def _show_cursor(self) -> None:
        rows = self._visible_rows
        top = round(self.scroll_y)
        if self.cursor_row < top:
            top = self.cursor_row
        elif self.cursor_row >= top + rows:
            top = self.cursor_row - rows + 1
        self.scroll_to(y=top, animate=False, immediate=True)

    @property
    def _visible_rows(self) -> int:
        return max(1, self.size.height - _HEAD)

    def action_cursor_down(self) -> None:
        self.move_cursor(self.cursor_row + 1)

    def action_cursor_up(self) -> None:
        self.move_cursor(self.cursor_row - 1)

    def action_page_down(self) -> None:
        self.move_cursor(self.cursor_row + self._visible_rows - 1)

    def action_page_up(self) -> None:
        self.move_cursor(self.cursor_row - self._visible_rows + 1)

    def action_first(self) -> None:
        self.move_cursor(0)

    def action_last(self) -> None:
        self.move_cursor(self._count - 1)

    def action_select_cursor(self) -> None:
        if self.current_key is not None:
            self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        """Move to the row that is clicked; a second click opens it."""
        row = event.y - _HEAD + round(self.scroll_y)
        if event.y < _HEAD or row >= self._count:
            return
        if row == self.cursor_row:
            self.action_select_cursor()
        else:
            self.move_cursor(row)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Paint the rows that have come into view."""
        super().watch_scroll_y(old_value, new_value)
        self.refresh(Region(0, 0, *self.size))
