"""The laps of a session in a paged table, with the filter of every listing."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from ps_tui.tui.compat import start
from ps_tui.tui.lap_pages import LapPages
from ps_tui.tui.lap_rows import COLUMNS
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.paged_table import PagedTable
from ps_tui.tui.widgets.record_table import Record


class LapListing(Listing):
    """Shows pages of laps; a filter reads all of them, once."""

    def __init__(self, empty: str) -> None:
        super().__init__(COLUMNS, empty)
        self._pages: LapPages | None = None
        self._count = 0
        self._row = 0

    def compose(self) -> ComposeResult:
        yield Input(placeholder="Filter", id="filter", compact=True)
        yield PagedTable(COLUMNS, dom_id="records")
        yield Static(self._empty, id="empty", markup=False)

    @property
    def paged(self) -> PagedTable:
        return self.query_one(PagedTable)

    @property
    def current_key(self) -> str | None:
        """The id of the lap that keys act on."""
        return self.paged.current_key if self.paged.display else None

    async def show_laps(
        self, pages: LapPages | None, count: int, cursor_row: int | None = None
    ) -> None:
        """Show these laps, the cursor on a row or where it was."""
        is_same = pages is self._pages
        self._pages, self._count = pages, count
        if cursor_row is None:
            cursor_row = self.paged.cursor_row if is_same else 0
        self._row = cursor_row
        await self._apply()

    async def _apply(self) -> None:
        pages, wanted = self._pages, self.filter_text.casefold().split()
        table = self.paged
        if pages is None or not self._count:
            await table.set_rows(0, _nothing, 0)
        elif wanted:
            await self._apply_filter(pages, wanted)
        else:
            await table.set_rows(self._count, pages.fetch, self._row)
        if pages is not None:
            table.set_columns(pages.columns)
        self._show_words()

    async def _apply_filter(self, pages: LapPages, wanted: Sequence[str]) -> None:
        table, key = self.paged, self.paged.current_key
        found = [
            record
            for record in await pages.every()
            if all(word in record.words for word in wanted)
        ]
        keys = [record.key for record in found]

        async def fetch(offset: int, limit: int) -> Sequence[Record]:
            return found[offset : offset + limit]

        await table.set_rows(len(found), fetch, keys.index(key) if key in keys else 0)

    def _show_words(self) -> None:
        table, words = self.paged, self.query_one("#empty", Static)
        had_focus = self.screen.focused is None
        table.display = bool(table.row_count)
        words.display = not table.row_count
        if not table.row_count:
            words.update(
                f"Nothing matches {self.filter_text!r}.\nesc shows all."
                if self._count
                else self._empty
            )
        elif had_focus:
            table.focus()
        self._tell()

    def _show(self, current_key: str | None) -> None:
        """Filter anew; called by the base when the filter or the words change."""
        start(self.screen, self._apply, group="filter", exclusive=True)

    def _recolor(self, _theme: object) -> None:
        self.paged.refresh()

    def focus_rows(self) -> None:
        """Give the keys to the table."""
        self.paged.focus()

    @on(PagedTable.Moved)
    def _cursor_moved(self, event: PagedTable.Moved) -> None:
        event.stop()
        if not self.filter_text:
            self._row = self.paged.cursor_row
        self._tell()

    @on(PagedTable.Chosen)
    def _row_chosen(self, event: PagedTable.Chosen) -> None:
        event.stop()
        if (key := self.current_key) is not None:
            self.post_message(self.Opened(key))


async def _nothing(_offset: int, _limit: int) -> Sequence[Record]:
    return ()
