"""Studio: every table of the database, row by row."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import msgspec
from textual import on
from textual.widgets import Input

from ps_tui.domain.studio import Row, Studio, Value, View
from ps_tui.tui.dialogs.pick import Option, PickDialog
from ps_tui.tui.dialogs.value_form import ValueDialog
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.studio_view import PAGE_ROWS, Level, StudioView
from ps_tui.tui.studio_rows import one_line
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.workspace import Undo


class StudioScreen(StudioView):
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
        if self._has_page(step):
            level = self.level
            level.offset, level.cursor = level.offset + step * PAGE_ROWS, "0"
            self.reload()

    def _has_page(self, step: int) -> bool:
        level, page = self.level, self._page
        if level.kind not in ("rows", "frames") or page is None:
            return False
        offset = level.offset + step * PAGE_ROWS
        if offset < 0 or (step > 0 and len(page.rows) < PAGE_ROWS):
            return False
        return page.total is None or offset < page.total

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
        if action == "page":
            return self._has_page(-1 if -1 in parameters else 1)
        if action == "columns":
            return kind in ("rows", "frames")
        if action == "filter":
            return kind != "frames" and self._has_rows
        if action == "sort":
            return kind == "rows" and self._has_rows
        if action == "edit":
            return self._column_to_edit() is not None
        if action == "frames":
            return kind == "row" and bool(self._row and self._row.lap_id)
        if action == "open":
            return kind != "frames" and self.listing.current_key is not None
        return super().check_action(action, parameters)

    @property
    def _has_rows(self) -> bool:
        """Whether there is anything to choose from, or a filter that hides it."""
        page, level = self._page, self.level
        if level.kind != "rows":
            return True
        return bool(level.view.filter or (page is not None and page.rows))

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
