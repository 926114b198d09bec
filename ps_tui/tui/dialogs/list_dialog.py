"""Dialogs around one table of records: take one, filter, delete and bring back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult

from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.base import Dialog
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.record_table import Column
from ps_tui.tui.workspace import Undo, Workspace

Result = TypeVar("Result")


class ListDialog(Dialog[Result]):
    """``enter`` on a row is ``action_done``; ``esc`` takes a filter off first."""

    COLUMNS: ClassVar[Sequence[Column]] = ()
    EMPTY: ClassVar[str] = ""
    ROWS: ClassVar[int] = 12
    AUTO_FOCUS = "#records"

    def compose_body(self) -> ComposeResult:
        listing = Listing(self.columns(), self.EMPTY)
        listing.styles.height = self.row_count()
        yield listing

    def columns(self) -> Sequence[Column]:
        """Return the columns of the table."""
        return self.COLUMNS

    def row_count(self) -> int:
        """Return the height of the table in lines."""
        return self.ROWS

    @property
    def listing(self) -> Listing:
        """The table."""
        return self.query_one(Listing)

    @on(Listing.Opened)
    def _take_row(self, event: Listing.Opened) -> None:
        event.stop()
        self.action_done()

    @on(Listing.Current)
    def _keep_move(self, event: Listing.Current) -> None:
        event.stop()

    def action_done(self) -> None:
        """Close with what was chosen."""
        raise NotImplementedError

    def action_filter(self) -> None:
        self.listing.open_filter()

    def action_cancel(self) -> None:
        if not self.listing.clear_filter():
            super().action_cancel()


class RecordsDialog(ListDialog[Result]):
    """A list of stored records: loads itself, and undoes what was deleted here."""

    def __init__(self, title: str, workspace: Workspace) -> None:
        super().__init__(title)
        self._workspace = workspace

    def on_mount(self) -> None:
        super().on_mount()
        self.reload()

    def reload(self, current: str | None = None) -> None:
        """Fetch the records again and put the cursor on ``current``."""
        start(self, partial(self.load, current), group="load", exclusive=True)

    async def load(self, current: str | None = None) -> None:
        """Fetch the records and show them."""
        raise NotImplementedError

    async def deleted(self, label: str, restore: Callable[[], Awaitable[None]]) -> None:
        """Say what was deleted, and keep the way back for ``u``."""
        self._workspace.undo = Undo(label, restore)
        self.say(f"{label} is deleted; u brings it back.", is_error=False)
        await self.load()

    def action_undo(self) -> None:
        """Bring back what was deleted here last."""
        start(self, self._undo, group="change")

    async def _undo(self) -> None:
        undo, self._workspace.undo = self._workspace.undo, None
        if undo is not None:
            await undo.restore()
            self.say(f"{undo.label} is back.", is_error=False)
            await self.load()
