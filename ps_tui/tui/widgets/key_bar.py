"""The last line: at most eight keys, and only keys that work here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.widgets import Static

from ps_tui.tui.keymap import key_by_id, key_word

if TYPE_CHECKING:
    from textual.screen import Screen

MOST_KEYS = 8


class KeyBar(Static, can_focus=False):
    """Shows the active keys of the screen by rank; a click presses the key."""

    def __init__(self) -> None:
        super().__init__(id="key-bar", markup=False)
        self._spans: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)
        self.call_after_refresh(self.rebuild)

    def on_resize(self) -> None:
        self.rebuild()

    def _bindings_changed(self, _screen: Screen[object]) -> None:
        if self.is_attached:
            self.rebuild()

    def rebuild(self) -> None:
        """Draw the keys anew, dropping those of the highest rank that do not fit."""
        shown: dict[str, tuple[int, str, str]] = {}
        for key, active in self.screen.active_bindings.items():
            row = key_by_id(active.binding.id)
            if row is None or not row.rank or not active.enabled or row.id in shown:
                continue
            shown[row.id] = (row.rank, key, self.label(row.id, row.label))
        parts: list[tuple[str, str]] = []
        self._spans = []
        column = 1
        for _rank, key, label in sorted(shown.values())[:MOST_KEYS]:
            word = key_word(key)
            width = len(word) + 1 + len(label)
            if column + width > self.size.width:
                break
            parts += [(word, "bold $accent"), (f" {label}  ", "$muted")]
            self._spans.append((column, column + width, key))
            column += width + 2
        self.update(Content.assemble(" ", *parts), layout=False)

    def label(self, key_id: str, label: str) -> str:
        """Return what a key does at this moment, where that varies."""
        label_for = getattr(self.screen, "key_label", None)
        return label_for(key_id, label) if label_for else label

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._spans:
            if start <= event.x < end:
                self.app.simulate_key(key)
