"""Agreement by a word: for what replaces or drops more than one can undo by a key."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from ps_tui.tui.dialogs.base import Dialog


class WordDialog(Dialog[bool]):
    """Says what would happen; only the word, typed in full, agrees to it."""

    def __init__(self, title: str, text: str, word: str) -> None:
        super().__init__(title)
        self._text = text
        self._word = word

    def compose_body(self) -> ComposeResult:
        yield Static(self._text, id="question", markup=False)
        yield Input(placeholder=self._word, id="word", compact=True)

    def hint(self) -> str:
        return f"type {self._word}, then enter · esc cancel"

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() == self._word:
            self.dismiss(True)
        else:
            self.say(f"Type {self._word} to go on, or press esc.")
