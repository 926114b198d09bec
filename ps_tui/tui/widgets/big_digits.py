"""Figures that a driver can read from the seat.

Signs are drawn from a font of 3 by 5 points, in half blocks (three rows) where
there is little room and with two cells to a point (five rows) where there is more.
"""

from __future__ import annotations

from ps_tui.tui import measures
from ps_tui.tui.widgets.rows import Rows

_POINTS: dict[str, tuple[str, str, str, str, str]] = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    "R": ("## ", "# #", "## ", "# #", "# #"),
    "N": ("# #", "###", "###", "###", "# #"),
    "-": ("   ", "   ", "###", "   ", "   "),
    "+": ("   ", " # ", "###", " # ", "   "),
    " ": ("   ", "   ", "   ", "   ", "   "),
    ":": (" ", "#", " ", "#", " "),
    ".": (" ", " ", " ", " ", "#"),
}
_HALF_BLOCKS = {"  ": " ", "# ": "▀", " #": "▄", "##": "█"}

NOT_SENT = "not sent"
BIG_ROWS = 5


def big_rows(text: str, *, is_ascii: bool = False) -> list[str]:
    """Return ``text`` in five rows, six cells to a digit and two between."""
    block = "#" if is_ascii else "█"
    return [
        "  ".join(
            "".join(block * 2 if point == "#" else "  " for point in _points(sign)[y])
            for sign in text
        )
        for y in range(BIG_ROWS)
    ]


def small_rows(text: str, *, is_ascii: bool = False) -> list[str]:
    """Return ``text`` in three rows, three cells to a digit and one between."""
    if is_ascii:
        return [" ".join(_segments(sign)[y] for sign in text) for y in range(3)]
    rows = []
    for y in (0, 2, 4):
        signs = []
        for sign in text:
            points = _points(sign)
            below = points[y + 1] if y + 1 < BIG_ROWS else " " * len(points[0])
            pairs = zip(points[y], below, strict=True)
            signs.append("".join(_HALF_BLOCKS[up + down] for up, down in pairs))
        rows.append(" ".join(signs))
    return rows


def _points(sign: str) -> tuple[str, ...]:
    return _POINTS.get(sign, _POINTS[" "])


_SEVEN = {
    "0": (" _ ", "| |", "|_|"),
    "1": ("   ", "  |", "  |"),
    "2": (" _ ", " _|", "|_ "),
    "3": (" _ ", " _|", " _|"),
    "4": ("   ", "|_|", "  |"),
    "5": (" _ ", "|_ ", " _|"),
    "6": (" _ ", "|_ ", "|_|"),
    "7": (" _ ", "  |", "  |"),
    "8": (" _ ", "|_|", "|_|"),
    "9": (" _ ", "|_|", " _|"),
    "R": ("   ", " _ ", "|  "),
    "N": ("   ", " _ ", "| |"),
    "-": ("   ", " _ ", "   "),
    "+": ("   ", "_|_", " | "),
    " ": ("   ", "   ", "   "),
    ":": (" ", ".", "."),
    ".": (" ", " ", "."),
}


def _segments(sign: str) -> tuple[str, str, str]:
    return _SEVEN.get(sign, _SEVEN[" "])


class BigDigits(Rows):
    """A label with its unit, and below it a figure in block digits.

    With a height of six rows or more the digits are five rows high, else three.
    """

    def __init__(
        self, label: str, color: str, *, columns: int, unit: str = "", dom_id: str
    ) -> None:
        super().__init__(dom_id)
        self._label = label
        self._unit = unit
        self._color = color
        self._columns = columns
        self._text: str | None = None
        self._absent = NOT_SENT

    def set_text(self, text: str | None, absent: str = NOT_SENT) -> None:
        """Show a figure; for ``None`` the word ``absent`` says why there is none."""
        if (text, absent) != (self._text, self._absent):
            self._text, self._absent = text, absent
            self.redraw()

    def draw(self) -> None:
        """Paint the label and the figure."""
        is_absent = self._text is None
        unit = measures.label(self._unit)
        note = f" {self._absent if is_absent else unit}"
        has_room = len(self._label) + len(note) <= self.extent.width
        self.paint(
            0,
            (is_absent and self._absent, unit),
            (self._label if has_room else "", self.ink("muted", is_bold=True)),
            (note if has_room else note.strip(), self.ink("muted")),
        )
        shown = "-" if self._text is None else self._text
        self._columns = max(self._columns, len(shown))
        make = big_rows if self.extent.height > BIG_ROWS else small_rows
        style = self.ink("faint" if is_absent else self._color)
        rows = make(shown.rjust(self._columns), is_ascii=self.is_ascii)
        for y, row in enumerate(rows, start=1):
            self.paint(y, (row, is_absent), (row, style))
