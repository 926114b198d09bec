"""Where did I lose it: one row for each part of the track, the worst loss first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ps_tui.tui import measures
from ps_tui.tui.compare.colors import tone_of
from ps_tui.tui.compare.words import (
    plain,
    reasons,
    seconds,
    signed,
    speed,
    verdict,
)
from ps_tui.tui.widgets.rows import Piece, Rows

if TYPE_CHECKING:
    from ps_tui.analysis.losses import LossRow


MOST_WORD_ROWS = 4


class LossColumn(NamedTuple):
    """One column; those at the end of the table go first where it is narrow."""

    label: str
    width: int
    text: Callable[[LossRow], str]


def columns(unit: str) -> tuple[LossColumn, ...]:
    """Return the columns by importance. ``unit`` is of places: m, or ‰ of the lap."""
    return (
        LossColumn("", 5, lambda row: row.part.name.ljust(5)),
        LossColumn("loss s", 7, lambda row: seconds(row.loss_ms)),
        LossColumn(f"brk {unit}", 6, lambda row: signed(row.brake_change)),
        LossColumn(
            measures.label("km/h"),
            5,
            lambda row: speed(row.min_speed_change_kmh, is_change=True),
        ),
        LossColumn(f"thr {unit}", 6, lambda row: signed(row.throttle_change)),
        LossColumn("brake at", 9, lambda row: plain(row.lap.brake_place)),
        LossColumn("slowest", 8, lambda row: speed(row.lap.min_speed_kmh)),
        LossColumn("thr at", 7, lambda row: plain(row.lap.throttle_place)),
        LossColumn("coast s", 8, lambda row: plain(row.lap.coasting_ms, 2, 1e-3)),
        LossColumn("both s", 7, lambda row: plain(row.lap.overlap_ms, 2, 1e-3)),
    )


class LossTable(Rows):
    """The cursor row is told in words at the bottom; keys belong to the screen."""

    def __init__(self) -> None:
        super().__init__("loss-table")
        self._rows: Sequence[LossRow] = ()
        self._title = ""
        self._letter = "B"
        self._unit = "m"
        self.cursor = 0

    @property
    def rows(self) -> Sequence[LossRow]:
        """All rows, the worst loss first."""
        return self._rows

    @property
    def current(self) -> LossRow | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    def set_rows(
        self, rows: Sequence[LossRow], title: str, letter: str, unit: str
    ) -> None:
        """Show these rows; the cursor stays on its part."""
        part = self.current.part.name if self.current else ""
        self._rows, self._title = rows, title
        self._letter, self._unit = letter, unit
        names = [row.part.name for row in rows]
        self.cursor = names.index(part) if part in names else 0
        self.redraw()

    def move(self, by: int) -> None:
        """Move the cursor some rows."""
        self.cursor = min(max(self.cursor + by, 0), max(len(self._rows) - 1, 0))
        self.redraw()

    def draw(self) -> None:
        """Paint the heading, the rows round the cursor, and the words."""
        width, height = self.extent
        shown = self._columns(width)
        words = self._words(width, min(MOST_WORD_ROWS, max(height - 5, 0)))
        room = max(height - 1 - len(words), 0)
        first = min(max(self.cursor - room + 1, 0), max(len(self._rows) - room, 0))
        first = min(first, self.cursor)
        head = self._title.ljust(6)[:6]
        head += "".join(f"{column.label:>{w}}" for column, w in shown[1:])
        self.paint(0, head, (head, self.ink("muted", is_bold=True)))
        for y in range(room):
            index = first + y
            row = self._rows[index] if index < len(self._rows) else None
            self._draw_row(1 + y, row, shown, is_current=index == self.cursor)
        for y, line in enumerate(words, start=1 + room):
            is_first = y == 1 + room
            self.paint(y, ("words", line), (line, self.ink("", is_bold=is_first)))

    def _columns(self, width: int) -> list[tuple[LossColumn, int]]:
        shown: list[tuple[LossColumn, int]] = []
        used = 1
        for column in columns(self._unit):
            if used + column.width > width:
                break
            shown.append((column, column.width))
            used += column.width
        return shown

    def _draw_row(
        self,
        y: int,
        row: LossRow | None,
        shown: list[tuple[LossColumn, int]],
        *,
        is_current: bool,
    ) -> None:
        if row is None:
            self.paint(y, "", ("", self.ink()))
            return
        mark = (">" if self.is_ascii else "▸") if is_current else " "
        pieces: list[Piece] = [(mark, self.ink(is_bold=True))]
        on = "track" if is_current else ""
        for order, (column, width) in enumerate(shown):
            color = tone_of(row.loss_ms) if order == 1 else ""
            text = column.text(row)
            ink = self.ink(color, on=on, is_bold=is_current and order < 2)
            pieces.append((f"{text:>{width}}", ink))
        self.paint(y, tuple(pieces), *pieces)

    def _words(self, width: int, most: int) -> list[str]:
        row = self.current
        if row is None or most <= 0:
            return []
        lines = [f" {verdict(row, self._letter)}"]
        line = ""
        for text in reasons(row, self._unit):
            joined = f"{line} · {text}" if line else f" {text}"
            if len(joined) > width and line:
                lines.append(line)
                line = f" {text}"
            else:
                line = joined
        lines.append(line)
        kept = lines[:most]
        return kept + [""] * (most - len(kept))
