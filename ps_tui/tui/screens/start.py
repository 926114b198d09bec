"""What is on the terminal while the database opens, and where it could not."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static


class StartScreen(Screen[None]):
    """Painted before anything is opened; any key leaves after a failure."""

    def __init__(self) -> None:
        super().__init__()
        self._has_failed = False

    def compose(self) -> ComposeResult:
        yield Static(
            Content.assemble(
                ("▌PURPLE SECTOR\n\n", "bold $accent"),
                ("opening database …", "$muted"),
            ),
            id="start",
        )

    def show_failure(self, cause: str, remedy: str) -> None:
        """Say why there is nothing to show."""
        self._has_failed = True
        self.query_one("#start", Static).update(
            Content.assemble(
                ("✖ ps-tui cannot start\n\n", "bold $error"),
                (f"{cause}\n", "$foreground"),
                (f"{remedy}\n\n" if remedy else "\n", "$foreground"),
                ("any key leaves", "$muted"),
            )
        )

    def on_key(self, event: events.Key) -> None:
        if self._has_failed:
            event.stop()
            self.app.exit()
