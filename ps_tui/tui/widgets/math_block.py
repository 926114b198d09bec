"""Math channels read out: a line for each with its name, value and unit."""

from __future__ import annotations

from ps_tui.tui.live_maths import Line
from ps_tui.tui.widgets.rows import Piece, Rows

_VALUE = 9
_MOST_NAME = 18


class MathBlock(Rows):
    """As many lines as were chosen; one without a value says why."""

    def __init__(self, *, dom_id: str) -> None:
        super().__init__(dom_id)
        self._lines: tuple[Line, ...] = ()

    def set_lines(self, lines: tuple[Line, ...]) -> None:
        """Show these."""
        if lines != self._lines:
            self._lines = lines
            self.redraw()

    def draw(self) -> None:
        """Paint the lines from the top and leave the rest blank."""
        longest = max((len(line.name) for line in self._lines), default=0)
        width = min(longest, _MOST_NAME)
        for y in range(self.extent.height):
            line = self._lines[y] if y < len(self._lines) else None
            pieces = () if line is None else self._pieces(line, width)
            self.paint(y, (line, width), *pieces)

    def _pieces(self, line: Line, width: int) -> tuple[Piece, ...]:
        name = (f"{line.name[:width]:<{width}} ", self.ink("muted", is_bold=True))
        if line.note:
            room = self.extent.width - width - 1
            note = line.note
            if len(note) > room:
                note = note.removesuffix(" from this game")
            return name, (note, self.ink("muted"))
        value = (f"{line.value:>{_VALUE}}", self.ink(is_bold=True))
        return name, value, (f" {line.unit}", self.ink("muted"))
