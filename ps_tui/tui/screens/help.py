"""Help: what this screen is for and every key that works on it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from ps_tui.tui.keymap import bindings, key_word, keys_of

SECTIONS = (
    (
        "On this screen",
        (
            "events",
            "crew",
            "sessions",
            "live",
            "laps",
            "compare",
            "garage",
            "database",
            "commands",
            "settings",
            "doctor",
            "studio",
            "sql",
            "sql_editor",
        ),
    ),
    ("In a table", ("list",)),
    ("In a result", ("result",)),
    ("On every screen", ("screen", "app")),
)


class HelpScreen(ModalScreen[None]):
    """Reads the active bindings, so that it never tells of a key that does not work.

    A focused widget or a screen says what it is for with a ``HELP`` text.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("help")

    def __init__(self, subject: Screen[object]) -> None:
        super().__init__()
        self._subject = subject

    def compose(self) -> ComposeResult:
        place = str(getattr(self._subject, "PLACE", "")).capitalize()
        with VerticalScroll(id="dialog", classes="help") as frame:
            frame.border_title = f"Help: {place}" if place else "Help"
            yield Static(self._text(), id="help-text", markup=False)

    def _text(self) -> Content:
        purpose = next(
            (
                text
                for node in (self._subject.focused, self._subject)
                if (text := getattr(node, "HELP", ""))
            ),
            "",
        )
        parts: list[tuple[str, str]] = [(f"{purpose}\n", "$foreground")]
        for title, scopes in SECTIONS:
            rows = self._rows(scopes)
            if rows:
                parts.append((f"\n{title}\n", "bold $accent"))
            for keys, sentence in rows:
                parts.append((f"  {keys:<16}", "bold $foreground"))
                parts.append((f"{sentence}\n", "$muted"))
        parts.append(("\nesc closes", "$muted"))
        return Content.assemble(*parts)

    def _rows(self, scopes: tuple[str, ...]) -> list[tuple[str, str]]:
        words: dict[str, list[str]] = {}
        for key, active in self._subject.active_bindings.items():
            if active.enabled and active.binding.id:
                words.setdefault(active.binding.id, []).append(key_word(key))
        return [
            (" ".join(words[key.id]), key.help)
            for key in keys_of(*scopes)
            if key.id in words
        ]

    def action_close(self) -> None:
        self.dismiss(None)

    def action_down(self) -> None:
        self.query_one("#dialog").scroll_relative(y=3, animate=False)

    def action_up(self) -> None:
        self.query_one("#dialog").scroll_relative(y=-3, animate=False)
