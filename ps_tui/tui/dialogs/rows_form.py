"""Key and value rows, typed one under the other: parts, parameters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Label

from ps_tui.tui.dialogs.base import Dialog
from ps_tui.tui.keymap import bindings

Result = TypeVar("Result")
TypedRow = tuple[str, ...]


class RowsDialog(Dialog[Result], Generic[Result]):
    """A grid to type in; the first column is the key, and never twice the same.

    There is always an empty row at the end. A row without a key is left out when
    ``save`` gets the rows, so that emptying a key removes its row.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("rows")

    def __init__(
        self,
        title: str,
        columns: Sequence[str],
        rows: Sequence[TypedRow],
        save: Callable[[list[TypedRow]], Awaitable[Result]],
    ) -> None:
        super().__init__(title)
        self._columns = columns
        self._rows = rows
        self._save = save

    def compose_body(self) -> ComposeResult:
        with Horizontal(classes="grid-head"):
            for column in self._columns:
                yield Label(column)
        with VerticalScroll(id="grid") as grid:
            grid.can_focus = False
            for row in self._rows:
                yield self._line(row)
            yield self._line(("",) * len(self._columns))

    def _line(self, row: TypedRow) -> Horizontal:
        fields = [Input(text, compact=True) for text in row]
        return Horizontal(*fields, classes="grid-row")

    def hint(self) -> str:
        return "enter save · tab ↑↓ move · no name removes the row · esc cancel"

    def on_mount(self) -> None:
        super().on_mount()
        self._lines()[0][0].focus()

    def _lines(self) -> list[list[Input]]:
        return [list(line.query(Input)) for line in self.query(".grid-row")]

    @on(Input.Changed)
    async def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_working:
            return
        self.say("")
        if event.value and event.input in self._lines()[-1]:
            await self.query_one("#grid").mount(self._line(("",) * len(self._columns)))

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        if self.is_working:
            return
        rows: list[TypedRow] = []
        seen: dict[str, None] = {}
        for line in self._lines():
            row = tuple(field.value.strip() for field in line)
            if row[0] in seen:
                self.say(f"{row[0]!r} stands here twice.")
                line[0].focus()
                return
            if not row[0] and any(row):
                self.say(f"Type a {self._columns[0].lower()}, or empty the row.")
                line[0].focus()
                return
            if row[0]:
                seen[row[0]] = None
                rows.append(row)
        self.do(partial(self._save, rows), "Saving …")

    def action_row(self, step: int) -> None:
        """Go to the same field of the next row, or of the one before."""
        lines = self._lines()
        for index, line in enumerate(lines):
            if self.focused in line:
                column = line.index(self.focused)
                lines[(index + step) % len(lines)][column].focus()
                return
