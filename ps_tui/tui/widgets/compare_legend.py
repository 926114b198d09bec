"""Which lap each letter, colour and line stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ps_tui.tui.compare.colors import ASCII_LINES, LAP_COLORS, LINES, tone_of
from ps_tui.tui.widgets.compare_chart import LETTERS
from ps_tui.tui.widgets.palette import CAUTION
from ps_tui.tui.widgets.rows import Piece, Rows


class Entry(NamedTuple):
    """One lap: its name, its time, how it compares at the line and where it is from."""

    name: str
    time: str
    gap_ms: float | None
    note: str


class CompareLegend(Rows):
    """Two laps to a row. The lap that the table is about is marked.

    A warning stands in a row of its own below them.
    """

    def __init__(self) -> None:
        super().__init__("compare-legend")
        self._entries: Sequence[Entry] = ()
        self._versus = 1
        self._warning = ""

    def set_entries(
        self, entries: Sequence[Entry], versus: int, warning: str = ""
    ) -> None:
        """Show these laps; ``versus`` is the one that is looked at."""
        self._entries, self._versus, self._warning = entries, versus, warning
        rows = max(1, (len(entries) + 1) // 2) + bool(warning)
        if rows != self.extent.height:
            self.styles.height = rows
        self.redraw()

    def draw(self) -> None:
        """Paint the laps."""
        half = self.extent.width // 2
        for y in range(self.extent.height):
            pieces: list[Piece] = []
            for index in range(2 * y, min(2 * y + 2, len(self._entries))):
                pieces += self._entry(index, half)
            if not pieces and self._warning:
                pieces = [(f" ! {self._warning}", self.ink(CAUTION, is_bold=True))]
            self.paint(y, tuple(pieces), *pieces)

    def _entry(self, index: int, width: int) -> list[Piece]:
        entry = self._entries[index]
        line = (ASCII_LINES if self.is_ascii else LINES)[index]
        color = self.ink(LAP_COLORS[index], is_bold=True)
        is_versus = index == self._versus and len(self._entries) > 2
        mark = "▸" if not self.is_ascii else ">"
        gap = "reference" if index == 0 else "–"
        if index and entry.gap_ms is not None:
            gap = f"{entry.gap_ms / 1000:+z.3f}"
        pieces: list[Piece] = [
            (mark if is_versus else " ", self.ink(is_bold=True)),
            (f"{LETTERS[index]} {line} ", color),
            (f"{entry.name} ", self.ink()),
            (f"{entry.time} ", self.ink(is_bold=True)),
            (f"{gap} ", self.ink(tone_of(entry.gap_ms) if index else "muted")),
        ]
        used = sum(len(text) for text, _ in pieces)
        room = max(0, width - used - 1)
        note = entry.note
        if len(note) > room:
            note = f"{note[: room - 1]}…" if room > 4 else ""
        return [*pieces, (note.ljust(room) + " ", self.ink("muted"))]
