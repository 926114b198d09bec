"""One value of the studio, typed anew."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from ps_tui.domain.studio import Row, Studio, Value
from ps_tui.tui.dialogs.base import Dialog

NOTHING = "null"


class ValueDialog(Dialog[Row]):
    """Stores the value with a note in the audit table, or says why not."""

    def __init__(self, studio: Studio, row: Row, column: str) -> None:
        super().__init__(f"{row.table}.{column}")
        self._studio = studio
        self._row = row
        self._column = column

    def compose_body(self) -> ComposeResult:
        old = self._row.values[self._column]
        yield Input(_typed(old), id="value", compact=True)
        yield Static("It is noted in the table audit.", id="question", markup=False)

    def hint(self) -> str:
        return f"enter save · {NOTHING} for no value · esc cancel"

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value
        if text == _typed(self._row.values[self._column]):
            self.dismiss(None)
        elif not self.is_working:
            self.do(partial(self._save, None if text == NOTHING else text), "Saving …")

    async def _save(self, text: str | None) -> Row:
        row, column = self._row, self._column
        seen = {column: row.values[column]}
        return await self._studio.update(row.table, row.key, {column: text}, seen=seen)


def _typed(value: Value) -> str:
    return NOTHING if value is None else str(value)
