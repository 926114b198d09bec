"""The stack of panels of a comparison, with one cursor through all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.style import Style
from textual import events
from textual.message import Message

from ps_tui.tui.compare.colors import GAIN, LAP_COLORS, LOSS, tone_of
from ps_tui.tui.compare.view import View
from ps_tui.tui.widgets.compare_axis import AXIS, CURSOR, Tick, axis_row
from ps_tui.tui.widgets.rows import Piece, Rows

if TYPE_CHECKING:
    from ps_tui.tui.compare.picture import Owner, PanelPicture, Picture

AXIS_WIDTH = 6
LETTERS = "ABCD"
Reader = Callable[[str], list[str]]
"""Writes the values of a channel at the cursor, one for each lap."""


class CompareChart(Rows):
    """Shows a picture that was drawn elsewhere; a cursor move paints no panel anew.

    ``Resized`` asks its owner for a picture of the new size.
    """

    class Resized(Message):
        """The chart has another size now."""

    def __init__(self) -> None:
        super().__init__("compare-chart")
        self._picture: Picture | None = None
        self._view = View()
        self._marks: Sequence[tuple[str, float]] = ()
        self._ticks: Sequence[Tick] = ()
        self._label: Callable[[float], str] = str
        self._read: Reader | None = None
        self._deltas: Sequence[float | None] = ()
        self._message = ""

    @property
    def picture(self) -> Picture | None:
        """What is shown."""
        return self._picture

    @property
    def picture_size(self) -> tuple[int, int]:
        """Columns and rows for the panels; a row above and one below are taken."""
        return self.extent.width, max(self.extent.height - 2, 0)

    @property
    def step(self) -> float:
        """The share of what is shown that one column is."""
        width = self._picture.width if self._picture else self.extent.width
        return 1.0 / max(width, 1)

    def on_resize(self, event: events.Resize) -> None:
        """Wait for a picture of the new size."""
        self._picture = None
        super().on_resize(event)
        self.post_message(self.Resized())

    def set_axis(
        self, marks: Sequence[tuple[str, float]], label: Callable[[float], str]
    ) -> None:
        """Name the corners where they are on the X axis, and write its places."""
        self._marks, self._label = marks, label

    def set_ticks(self, ticks: Sequence[Tick]) -> None:
        """Show markers below the panels; painted with the next move of the cursor."""
        self._ticks = ticks

    def set_picture(self, picture: Picture) -> None:
        """Show these panels."""
        self._picture = picture
        self._message = ""
        self._keys.clear()

    def say(self, message: str) -> None:
        """Show words in place of the panels."""
        self._picture, self._message = None, message
        self._keys.clear()
        self.redraw()

    def set_cursor(
        self, view: View, read: Reader, deltas: Sequence[float | None]
    ) -> None:
        """Move the cursor; ``deltas`` are those there, ms, of each lap."""
        self._view, self._read, self._deltas = view, read, deltas
        self.redraw()

    # Painting

    def draw(self) -> None:
        """Paint corners, panels and axis."""
        picture = self._picture
        if picture is None:
            self._draw_message()
            return
        cursor = self._column(self._view.cursor)
        self._draw_corners()
        y = 1
        for panel in picture.panels:
            self._draw_title(y, panel)
            inks = [self._owner_ink(owner) for owner in panel.owners]
            for index in range(len(panel.rows)):
                self._draw_row(y + 1 + index, panel, index, cursor, inks)
            y += 1 + len(panel.rows)
        self._draw_axis(y, cursor)

    def _draw_message(self) -> None:
        lines = self._message.splitlines()
        top = max(0, (self.extent.height - len(lines)) // 2)
        for y in range(self.extent.height):
            text = lines[y - top] if 0 <= y - top < len(lines) else ""
            ink = self.ink("" if y == top else "muted")
            self.paint(y, text, (text.center(self.extent.width), ink))

    def _column(self, place: float) -> int:
        assert self._picture is not None
        start, end = self._picture.window
        width = self._picture.width
        return min(max(int((place - start) / (end - start) * width), 0), width - 1)

    def _draw_corners(self) -> None:
        assert self._picture is not None
        start, end = self._picture.window
        line = [" "] * self._picture.width
        free = 0
        for name, place in self._marks:
            column = self._column(place) - len(name) // 2
            if start <= place <= end and free <= column <= len(line) - len(name):
                line[column : column + len(name)] = name
                free = column + len(name) + 1
        text = "".join(line)
        self.paint(0, text, (" " * AXIS_WIDTH + text, self.ink("muted")))

    def _draw_title(self, y: int, panel: PanelPicture) -> None:
        if panel.panel is None:
            self._draw_delta_title(y, panel)
            return
        pieces: list[Piece] = [(" " * AXIS_WIDTH, self.ink())]
        for order, (title, key) in enumerate(
            zip(panel.titles, panel.panel.channels, strict=True)
        ):
            if panel.panel.is_pedals:
                title += " ↑" if key == "throttle" else " ↓"
            if order:
                pieces.append(("  ", self.ink()))
            pieces.append((f"{title}  ", self.ink("muted", is_bold=True)))
            if panel.note or self._read is None:
                continue
            for lap, value in enumerate(self._read(key)):
                color = LAP_COLORS[lap]
                pieces.append((LETTERS[lap], self.ink(color, is_bold=True)))
                pieces.append((f" {value:<4} ", self.ink()))
        if panel.note:
            pieces.append((f"— {panel.note}", self.ink("muted")))
        self.paint(y, tuple(text for text, _ in pieces), *pieces)

    def _draw_delta_title(self, y: int, panel: PanelPicture) -> None:
        pieces: list[Piece] = [
            (" " * AXIS_WIDTH, self.ink()),
            ("Delta s  ", self.ink("muted", is_bold=True)),
        ]
        for lap, delta in enumerate(self._deltas):
            if lap:
                text = "–" if delta is None else f"{delta / 1000:+z.3f}"
                pieces.append((LETTERS[lap], self.ink(LAP_COLORS[lap], is_bold=True)))
                pieces.append((f" {text} ", self.ink(tone_of(delta))))
        end = "+ slower than A"
        if self._picture is not None and self._picture.left_out:
            end = f"{self._picture.left_out} more need a taller window  {end}"
        used = sum(len(text) for text, _ in pieces)
        room = self.extent.width - used
        if room > len(end) + 1:
            pieces.append((end.rjust(room), self.ink("muted")))
        self.paint(y, tuple(text for text, _ in pieces), *pieces)

    def _draw_row(
        self, y: int, panel: PanelPicture, index: int, cursor: int, inks: list[Style]
    ) -> None:
        key = (cursor, id(panel))
        if self.is_painted(y, key):
            return
        wall = "|" if self.is_ascii else "│"
        axis = self.ink("muted")
        pieces: list[Piece] = [(f"{panel.left[index]:>{AXIS_WIDTH - 1}}{wall}", axis)]
        column = 0
        for owner, text in panel.rows[index]:
            ink = inks[owner] if owner >= 0 else self.ink()
            end = column + len(text)
            if column <= cursor < end:
                at = cursor - column
                pieces.append((text[:at], ink))
                pieces.append((wall, self.ink(is_bold=True)))
                pieces.append((text[at + 1 :], ink))
            else:
                pieces.append((text, ink))
            column = end
        if panel.right[index]:
            pieces.append((f"{wall}{panel.right[index]}", axis))
        self.paint(y, key, *pieces)

    def _draw_axis(self, y: int, cursor: int) -> None:
        picture = self._picture
        assert picture is not None
        start, end = picture.window
        ticks = [
            (self._column(tick.x), tick)
            for tick in self._ticks
            if start <= tick.x <= end
        ]
        row = axis_row(
            picture.window,
            (self._view.cursor, cursor),
            ticks,
            picture.width,
            self._label,
            is_ascii=self.is_ascii,
        )
        inks = {CURSOR: self.ink(is_bold=True), AXIS: self.ink("muted")}
        pieces: list[Piece] = [(" " * AXIS_WIDTH, inks[AXIS])]
        for text, lap in row:
            ink = inks.get(lap) or self.ink(LAP_COLORS[lap], is_bold=True)
            pieces.append((text, ink))
        self.paint(y, tuple(row), *pieces)

    def _owner_ink(self, owner: Owner) -> Style:
        if owner == "guide":
            return self.ink("faint")
        if isinstance(owner, str):
            return self.ink(GAIN if owner == "gain" else LOSS)
        lap, order = owner
        return self.ink(LAP_COLORS[lap], is_bold=order == 0)
