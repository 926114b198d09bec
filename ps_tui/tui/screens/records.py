"""What the screens of events, sessions and laps share: filter, delete, undo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from textual import on

from ps_tui.domain.models import Deletion
from ps_tui.domain.recording import Alert, Notice
from ps_tui.tui.dialogs.base import Dialog
from ps_tui.tui.dialogs.confirm import ConfirmDialog
from ps_tui.tui.screens.base import PsScreen
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.workspace import Undo

Result = TypeVar("Result")
ON_RECORD = frozenset({"open", "edit", "delete"})


class RecordsScreen(PsScreen):
    """A screen around one listing. Subclasses say what a record is."""

    AUTO_FOCUS = "#records"

    @property
    def listing(self) -> Listing:
        return self.query_one(Listing)

    @property
    def current_key(self) -> str | None:
        """The id of the record under the cursor."""
        listings = self.query(Listing)
        return listings.first().current_key if listings else None

    @property
    def is_filtered(self) -> bool:
        """Whether a filter hides some records, or may be typed."""
        listings = self.query(Listing)
        return bool(listings) and listings.first().is_filtered

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ON_RECORD:
            return self.current_key is not None
        return super().check_action(action, parameters)

    def receive(self, notice: Notice) -> None:
        if not isinstance(notice, Alert):
            self.reload()

    @on(Listing.Opened)
    def _open_chosen(self, event: Listing.Opened) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Go one level deeper."""

    def action_filter(self) -> None:
        self.listing.open_filter()

    def action_back(self) -> None:
        if not self.listing.clear_filter():
            self.go_up()

    @property
    def can_go_back(self) -> bool:
        return True

    def go_up(self) -> None:
        """Go one level up."""

    def ask_delete(
        self,
        noun: str,
        name: str,
        goes_with_it: str,
        delete: Callable[[], Awaitable[Deletion]],
        restore: Callable[[], Awaitable[object]],
    ) -> None:
        """Ask, delete, and remember how ``u`` brings it back."""
        label = f"{noun} {name!r}".replace("'", '"')
        text = f"{goes_with_it}\nu brings it back."

        def done(is_deleted: bool | None) -> None:
            if is_deleted:
                self.workspace.undo = Undo(label[0].upper() + label[1:], restore)
                self.notify(f"Deleted {label}. u brings it back.", markup=False)
                self.reload()
                self.refresh_bindings()

        self.app.push_screen(
            ConfirmDialog(f"Delete {label}?", text, yes="Delete", work=delete), done
        )

    def show_form(self, form: Dialog[Result], saved: Callable[[Result], None]) -> None:
        """Push a form and react to what it saved."""
        self.app.push_screen(
            form, lambda result: saved(result) if result is not None else None
        )
