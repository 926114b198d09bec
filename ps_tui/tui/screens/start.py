"""What is on the terminal while the database opens, and where it could not."""

from __future__ import annotations

from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from ps_tui.domain.errors import PsError

FAULT_EXIT_CODE = 70
"""Ends with this code where the cause is a fault of the program (EX_SOFTWARE)."""


class StartFailure(NamedTuple):
    """Why a start came to nothing, and the code that the program ends with."""

    exit_code: int
    cause: str
    remedy: str


def failure_of(error: BaseException) -> StartFailure:
    """Say what a person is told of an error, be it a fault of the program."""
    if isinstance(error, PsError):
        return StartFailure(error.exit_code, error.cause, error.remedy)
    remedy = "This is a fault of ps-tui; the log file says more."
    return StartFailure(FAULT_EXIT_CODE, repr(error), remedy)


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

    def show_failure(self, failure: StartFailure) -> None:
        """Say why there is nothing to show."""
        _, cause, remedy = failure
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
