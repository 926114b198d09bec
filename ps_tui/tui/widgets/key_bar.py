"""The last line: at most eight keys, and only keys that work here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual import events
from textual.content import Content
from textual.widgets import Static

from ps_tui.tui.keymap import key_by_id, key_word

if TYPE_CHECKING:
    from textual.screen import Screen

MOST_KEYS = 8
PINNED = {"screen.record", "app.help"}
"""Keys that stay on the narrowest window."""


class Shown(NamedTuple):
    """One key of the bar; they stand in the order of their rank."""

    rank: int
    id: str
    key: str
    word: str
    label: str

    @property
    def width(self) -> int:
        """The cells that it takes, with the gap after it."""
        return len(self.word) + 1 + len(self.label) + 2


def fit_keys(keys: Sequence[Shown], width: int) -> list[Shown]:
    """Return at most eight keys that fit into ``width`` cells."""
    chosen = list(keys)
    while chosen:
        used = sum(key.width for key in chosen) - 1
        if used <= width and len(chosen) <= MOST_KEYS:
            break
        loose = [key for key in chosen if key.id not in PINNED]
        chosen.remove((loose or chosen)[-1])
    return chosen


class KeyBar(Static, can_focus=False):
    """Shows the active keys of the screen by rank; a click presses the key."""

    def __init__(self) -> None:
        super().__init__(id="key-bar", markup=False)
        self._spans: list[tuple[int, int, str]] = []
        self._is_due = False
        """Many changes of one moment are drawn once."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)
        self.call_after_refresh(self.rebuild)

    def on_resize(self) -> None:
        self.rebuild()

    def _bindings_changed(self, _screen: Screen[object]) -> None:
        if self.is_attached and not self._is_due:
            self._is_due = True
            self.call_after_refresh(self.rebuild)

    def rebuild(self) -> None:
        """Draw the keys anew; where room is short, those of high rank go first."""
        self._is_due = False
        if not self.is_attached:
            return
        shown: dict[str, Shown] = {}
        for key, active in self.screen.active_bindings.items():
            row = key_by_id(active.binding.id)
            if row is None or not row.rank or not active.enabled or row.id in shown:
                continue
            label = self.label(row.id, row.label)
            shown[row.id] = Shown(row.rank, row.id, key, key_word(key), label)
        parts: list[tuple[str, str]] = []
        self._spans = []
        column = 1
        for item in fit_keys(sorted(shown.values()), self.size.width):
            parts += [(item.word, "bold $accent"), (f" {item.label}  ", "$muted")]
            self._spans.append((column, column + item.width - 2, item.key))
            column += item.width
        self.update(Content.assemble(" ", *parts), layout=False)

    def label(self, key_id: str, label: str) -> str:
        """Return what a key does at this moment, where that varies."""
        label_for = getattr(self.screen, "key_label", None)
        return label_for(key_id, label) if label_for else label

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._spans:
            if start <= event.x < end:
                self.app.simulate_key(key)
