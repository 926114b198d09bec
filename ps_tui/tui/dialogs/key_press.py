"""Another key for an action: the next key that is pressed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from textual import events
from textual.app import ComposeResult
from textual.widgets import Static

from ps_tui.tui.dialogs.base import Dialog

RESET_KEYS = ("delete", "backspace")


class KeyDialog(Dialog[str]):
    """Waits for a key and saves it; what ``save`` raises is shown, then it waits on.

    ``save`` gets the name of the key, empty for the one of the program.
    """

    def __init__(
        self, title: str, text: str, save: Callable[[str], Awaitable[str]]
    ) -> None:
        super().__init__(title)
        self._text = text
        self._save = save

    def compose_body(self) -> ComposeResult:
        yield Static(self._text, id="question", markup=False)

    def hint(self) -> str:
        return "press the new key · del the program's own key · esc cancel"

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            return
        event.stop()
        event.prevent_default()
        if not self.is_working:
            key = "" if event.key in RESET_KEYS else event.key
            self.do(partial(self._save, key), "Saving …")
