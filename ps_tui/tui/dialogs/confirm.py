"""Yes or no before something that a person may regret."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from ps_tui.tui.dialogs.base import Dialog
from ps_tui.tui.keymap import bindings


class ConfirmDialog(Dialog[bool]):
    """Says what would happen; ``y`` or ``enter`` does it, ``n`` or ``esc`` does not.

    ``work``, where given, is awaited inside the dialog, so that a refusal shows
    there. The result is True once it is done.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("confirm")

    def __init__(
        self,
        title: str,
        text: str,
        *,
        yes: str,
        work: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        super().__init__(title)
        self._text = text
        self._yes = yes
        self._work = work

    def compose_body(self) -> ComposeResult:
        yield Static(self._text, id="question", markup=False)

    def hint(self) -> str:
        return f"enter {self._yes.lower()} · esc cancel"

    def action_yes(self) -> None:
        if not self.is_working:
            self.do(self._agreed, "Working …")

    async def _agreed(self) -> bool:
        if self._work is not None:
            await self._work()
        return True
