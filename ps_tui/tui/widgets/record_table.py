"""A table of records: fixed columns that fit the width, rows known by key.

It changes when a record changes, never per frame: one changed cell repaints all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from rich.style import Style
from rich.text import Text
from textual.color import Color, ColorParseError
from textual.widgets import DataTable

from ps_tui.tui.keymap import bindings

PADDING = 2


class Column(NamedTuple):
    """One column. The highest ``rank`` goes first where the window is narrow.

    A flexible column takes the room that is left; ``width`` is its least.
    """

    key: str
    label: str
    width: int
    rank: int = 0
    is_right: bool = False
    is_flexible: bool = False


class Cell(NamedTuple):
    """A text with the name of a theme colour, or ``dim`` or ``bold``."""

    text: str
    tone: str = ""


class Record(NamedTuple):
    """One row: its public id and its cells by column key."""

    key: str
    cells: dict[str, Cell]

    @property
    def words(self) -> str:
        """Everything a filter looks in, in lower case."""
        return " ".join(cell.text for cell in self.cells.values()).casefold()


def fit_columns(
    columns: Sequence[Column], width: int, *, padding: int = PADDING
) -> list[tuple[Column, int]]:
    """Return the columns that fit into ``width`` cells, each with its own width.

    ``padding`` is the room beside each.
    """
    chosen = list(columns)
    while len(chosen) > 1 and sum(c.width + padding for c in chosen) > width:
        droppable = max(chosen, key=lambda column: column.rank)
        if droppable.rank == 0:
            break
        chosen.remove(droppable)
    spare = max(0, width - sum(c.width + padding for c in chosen))
    flexible = [column for column in chosen if column.is_flexible]
    fitted = []
    for column in chosen:
        extra = 0
        if column.is_flexible:
            extra = spare // len(flexible)
            spare -= extra
            flexible.remove(column)
        fitted.append((column, column.width + extra))
    return fitted


def style_of(tone: str, variables: Mapping[str, str]) -> Style:
    """Return how the text of a cell is drawn in the colours of a theme."""
    if tone in ("", "dim", "bold"):
        return Style(dim=tone == "dim" or None, bold=tone == "bold" or None)
    try:
        return Style(color=Color.parse(variables.get(tone, "")).rich_color)
    except ColorParseError:
        return Style()


class RecordTable(DataTable[Text], inherit_bindings=False):
    """Shows records; the cursor stays on its record when the rows change."""

    BINDINGS = bindings("list")

    def __init__(self, columns: Sequence[Column], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, cursor_type="row", cell_padding=PADDING // 2)
        self._specs = columns
        self._fitted: list[tuple[Column, int]] = []
        self._records: list[Record] = []
        self._row = 0
        """Where the cursor belongs; the rows wait for the first layout."""

    @property
    def current_key(self) -> str | None:
        """The id of the record under the cursor."""
        row = self.cursor_row if self._fitted else self._row
        return self._records[row].key if 0 <= row < len(self._records) else None

    def set_records(
        self, records: Sequence[Record], current_key: str | None = None
    ) -> None:
        """Show these records, the cursor on ``current_key`` or where it was."""
        key = current_key or self.current_key
        row = self.cursor_row
        if list(records) != self._records:
            self._records = list(records)
            self._rebuild()
        keys = [record.key for record in self._records]
        if key in keys:
            row = keys.index(key)
        self._row = max(0, min(row, len(keys) - 1))
        self.move_cursor(row=self._row)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show these columns, as far as they fit."""
        if list(columns) != list(self._specs):
            self._specs = columns
            self.on_resize()

    def on_resize(self) -> None:
        fitted = fit_columns(self._specs, self.scrollable_content_region.width)
        if fitted != self._fitted:
            row = self._row if not self._fitted else self.cursor_row
            self._fitted = fitted
            self._rebuild()
            self.move_cursor(row=row)

    def repaint(self) -> None:
        """Build every cell anew, for a change of theme."""
        row = self.cursor_row
        self._rebuild()
        self.move_cursor(row=row)

    def _rebuild(self) -> None:
        self.clear(columns=True)
        for column, width in self._fitted:
            label = Text(column.label, justify=_side(column))
            self.add_column(label, width=width, key=column.key)
        if not self._fitted:
            return
        for record in self._records:
            cells = [self._cell(record, column, w) for column, w in self._fitted]
            self.add_row(*cells, key=record.key)

    def _cell(self, record: Record, column: Column, width: int) -> Text:
        cell = record.cells.get(column.key, Cell(""))
        text = Text(
            cell.text,
            style_of(cell.tone, self.app.theme_variables),
            justify=_side(column),
        )
        text.no_wrap = True
        text.truncate(width, overflow="ellipsis")
        return text

    def action_first(self) -> None:
        self.move_cursor(row=0)

    def action_last(self) -> None:
        self.move_cursor(row=len(self._records) - 1)


def _side(column: Column) -> Literal["left", "right"]:
    return "right" if column.is_right else "left"
