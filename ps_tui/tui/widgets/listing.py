"""A table of records with its filter, and words in its place where it is empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from ps_tui.tui.widgets.record_table import Column, Record, RecordTable


class Listing(Vertical):
    """Owns the records of a screen: which of them match, which is current."""

    @dataclass
    class Opened(Message):
        """A record was chosen with the mouse or ``l``."""

        key: str

    @dataclass
    class Current(Message):
        """The cursor is on another record; ``None`` where there is none."""

        key: str | None

    def __init__(self, columns: Sequence[Column], empty: str) -> None:
        super().__init__(id="listing")
        self._columns = columns
        self._empty = empty
        self._records: list[Record] = []
        self._current: str | None = None

    def compose(self) -> ComposeResult:
        yield Input(placeholder="Filter", id="filter", compact=True)
        yield RecordTable(self._columns, id="records")
        yield Static(self._empty, id="empty", markup=False)

    @property
    def table(self) -> RecordTable:
        return self.query_one(RecordTable)

    @property
    def filter_text(self) -> str:
        return self.query_one("#filter", Input).value

    @property
    def is_filtered(self) -> bool:
        """Whether the filter is open."""
        return bool(self.query_one("#filter", Input).display)

    @property
    def current_key(self) -> str | None:
        """The id of the record that keys act on."""
        return self.table.current_key if self.table.display else None

    def set_records(
        self, records: Sequence[Record], current_key: str | None = None
    ) -> None:
        """Show these records as far as they match the filter."""
        self._records = list(records)
        self._show(current_key)

    def set_empty(self, text: str) -> None:
        """Say what to do where there are no records."""
        self._empty = text
        self._show(None)

    def open_filter(self) -> None:
        """Let a person type what to look for."""
        field = self.query_one("#filter", Input)
        field.display = True
        field.focus()

    def clear_filter(self) -> bool:
        """Show all again; say whether a filter was there."""
        field = self.query_one("#filter", Input)
        if not field.display:
            return False
        field.value = ""
        field.display = False
        self._show(None)
        self.focus_rows()
        return True

    def focus_rows(self) -> None:
        """Give the keys to the table."""
        self.table.focus()

    def on_mount(self) -> None:
        self.query_one("#filter", Input).display = False
        self.app.theme_changed_signal.subscribe(self, self._recolor)
        self._show(None)

    def _recolor(self, _theme: object) -> None:
        self.table.repaint()

    def _show(self, current_key: str | None) -> None:
        wanted = self.filter_text.casefold().split()
        matching = [
            record
            for record in self._records
            if all(word in record.words for word in wanted)
        ]
        table, words = self.table, self.query_one("#empty", Static)
        if wanted and current_key is None and matching:
            # What was typed leads to the first that matches, not to a neighbour.
            keys = [record.key for record in matching]
            current_key = self._current if self._current in keys else keys[0]
        table.set_records(matching, current_key)
        had_focus = self.screen.focused is None
        table.display = bool(matching)
        words.display = not matching
        if not matching:
            words.update(
                f"Nothing matches {self.filter_text!r}.\nesc shows all."
                if self._records
                else self._empty
            )
        elif had_focus:
            table.focus()
        self._tell()

    def _tell(self) -> None:
        if (key := self.current_key) != self._current:
            self._current = key
            self.post_message(self.Current(key))
        self.screen.refresh_bindings()

    @on(RecordTable.RowHighlighted)
    def _moved(self, event: RecordTable.RowHighlighted) -> None:
        event.stop()
        self._tell()

    @on(RecordTable.RowSelected)
    def _selected(self, event: RecordTable.RowSelected) -> None:
        event.stop()
        if (key := self.current_key) is not None:
            self.post_message(self.Opened(key))

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(None)

    @on(Input.Submitted, "#filter")
    def _done(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_rows()
