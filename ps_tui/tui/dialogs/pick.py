"""Choose one of many, or several: a list with a filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.binding import BindingType

from ps_tui.tui.dialogs.list_dialog import ListDialog
from ps_tui.tui.keymap import bindings
from ps_tui.tui.widgets.record_table import Cell, Column, Record

COLUMNS = (
    Column("mark", "", 1),
    Column("label", "", 24, is_flexible=True),
    Column("note", "", 20, rank=1),
)
MOST_ROWS = 14


class Option(NamedTuple):
    """One line to choose; ``note`` stands beside it."""

    key: str
    label: str
    note: str = ""


class PickDialog(ListDialog[list[str]]):
    """Returns the keys of what was chosen: one, or all that are marked."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("pick")
    COLUMNS = COLUMNS
    EMPTY = "There is nothing to choose from."

    def __init__(
        self,
        title: str,
        options: Sequence[Option],
        *,
        chosen: Sequence[str] = (),
        is_multiple: bool = False,
    ) -> None:
        super().__init__(title)
        self._options = options
        self._chosen = dict.fromkeys(chosen)
        self._is_multiple = is_multiple

    def row_count(self) -> int:
        return min(MOST_ROWS, max(3, len(self._options))) + 2

    def hint(self) -> str:
        marks = "space mark · " if self._is_multiple else ""
        return f"enter choose · {marks}/ filter · esc cancel"

    def on_mount(self) -> None:
        super().on_mount()
        self._draw(next(iter(self._chosen), None))

    def _draw(self, current_key: str | None = None) -> None:
        records = [
            Record(
                option.key,
                {
                    "mark": Cell("*" if option.key in self._chosen else "", "accent"),
                    "label": Cell(option.label),
                    "note": Cell(option.note, "dim"),
                },
            )
            for option in self._options
        ]
        self.listing.set_records(records, current_key)

    def action_mark(self) -> None:
        """Mark the line under the cursor, or take the mark off."""
        key = self.listing.current_key
        if not self._is_multiple or key is None:
            return
        if key in self._chosen:
            del self._chosen[key]
        else:
            self._chosen[key] = None
        self._draw()
        self.listing.table.action_cursor_down()

    def action_done(self) -> None:
        key = self.listing.current_key
        if self.is_working:
            return
        if self._is_multiple and self._chosen:
            self.dismiss_with(list(self._chosen))
        elif key is not None:
            self.dismiss_with([key])

    def dismiss_with(self, keys: list[str]) -> None:
        """Close with what was chosen; a subclass may do something about it first."""
        self.dismiss(keys)
