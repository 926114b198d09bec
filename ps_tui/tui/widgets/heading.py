"""One row above the gauges: what is driven, and a sign while the display stands."""

from __future__ import annotations

from ps_tui.tui.live_words import Sign
from ps_tui.tui.widgets import palette
from ps_tui.tui.widgets.rows import Piece, Rows

FROZEN_TEXT = "the display stands still"


class Heading(Rows):
    """Car and track on the left, the session on the right, or FROZEN across."""

    def __init__(self, *, dom_id: str) -> None:
        super().__init__(dom_id)
        self._left = ""
        self._right = ""
        self._warning = ""
        self._signs: tuple[Sign, ...] = ()
        self._is_frozen = False
        self._frozen_text = ""

    def set_texts(self, left: str, right: str, warning: str) -> None:
        """Show car and track, the session, and what is wrong in words, if it is."""
        if (left, right, warning) != (self._left, self._right, self._warning):
            self._left, self._right, self._warning = left, right, warning
            self.redraw()

    def set_signs(self, signs: tuple[Sign, ...]) -> None:
        """Show flags and the safety car, each as a word on its colour."""
        if signs != self._signs:
            self._signs = signs
            self.redraw()

    def set_frozen(self, *, is_frozen: bool, is_recording: bool) -> None:
        """Show or take away the sign that the display, and only it, stands still."""
        self._is_frozen = is_frozen
        rest = "recording goes on" if is_recording else "telemetry goes on"
        self._frozen_text = f"{FROZEN_TEXT}, {rest}"
        self.redraw()

    def draw(self) -> None:
        """Paint the row."""
        width = self.extent.width
        if self._is_frozen:
            text = f" FROZEN  {self._frozen_text}".ljust(width)
            end = "space: go on "
            self.paint(
                0,
                self._frozen_text,
                (
                    text[: max(0, width - len(end))] + end,
                    self.ink("ground", on=palette.CAUTION, is_bold=True),
                ),
            )
            return
        warning = f"{self._warning}  " if self._warning else ""
        signs: list[Piece] = []
        for sign in self._signs:
            ink = self.ink("ground", on=sign.color, is_bold=True)
            signs += [(f" {sign.word} ", ink), ("  ", self.ink())]
        used = len(warning) + sum(len(text) for text, _ink in signs)
        room = max(0, width - len(self._right) - used - 1)
        left = self._left
        if len(left) > room:
            left = left[: max(0, room - 1)] + "…"
        self.paint(
            0,
            (warning, left, self._right, self._signs),
            *signs,
            (warning, self.ink(palette.CAUTION, is_bold=True)),
            (left.ljust(room), self.ink(is_bold=True)),
            (" " + self._right, self.ink("muted")),
        )
