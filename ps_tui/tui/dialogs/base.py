"""What every dialog has: a frame, an inline message, work that may fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from ps_tui.domain.errors import PsError
from ps_tui.tui.compat import start
from ps_tui.tui.keymap import bindings

Result = TypeVar("Result")


class Dialog(ModalScreen[Result | None], Generic[Result]):
    """A framed question over a screen; ``esc`` closes it without a result."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._is_working = False

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="dialog") as frame:
            frame.border_title = self._title
            frame.can_focus = False
            yield from self.compose_body()
            yield Static(id="message", markup=False)
            yield Static(self.hint(), id="hint", markup=False)

    def compose_body(self) -> ComposeResult:
        """Yield what the dialog asks."""
        raise NotImplementedError

    def hint(self) -> str:
        """Return the last line: what the keys do."""
        return "esc cancel"

    def say(self, text: str, *, is_error: bool = True) -> None:
        """Show a message under the fields; nothing typed is lost."""
        message = self.query_one("#message", Static)
        message.update(text)
        message.set_class(is_error, "-error")
        message.display = bool(text)

    def do(self, work: Callable[[], Awaitable[Result]], words: str) -> None:
        """Await ``work`` and close with its result, or say why it failed."""
        self._is_working = True
        self.say(words, is_error=False)
        start(self, partial(self._finish, work), exclusive=True)

    async def _finish(self, work: Callable[[], Awaitable[Result]]) -> None:
        try:
            result = await work()
        finally:
            self._is_working = False
        self.dismiss(result)

    @property
    def is_working(self) -> bool:
        """Whether a second enter has to wait."""
        return self._is_working

    def on_mount(self) -> None:
        self.query_one("#message", Static).display = False

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        event.stop()
        error = event.worker.error
        if event.state is not WorkerState.ERROR or error is None:
            return
        if isinstance(error, PsError):
            self.say(f"{error.cause} {error.remedy}".strip())
        else:
            self.log.error(error)
            self.say(f"{type(error).__name__}: {error}. This is a fault of ps-tui.")

    def action_cancel(self) -> None:
        if not self._is_working:
            self.dismiss(None)
