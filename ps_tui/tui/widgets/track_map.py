"""The track from above, with the cursor on it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

from ps_tui.tui.widgets.rows import Piece, Rows

if TYPE_CHECKING:
    from ps_tui.tui.compare.map_picture import MapPicture, Mark

LEAST_ROWS = 4


class TrackMapView(Rows):
    """Shows a picture that was drawn elsewhere, or words where there is none."""

    class Resized(Message):
        """The map has another size now."""

    def __init__(self) -> None:
        super().__init__("track-map")
        self._picture: MapPicture | None = None
        self._title = ""
        self._message = ""
        self._place = 0.0

    @property
    def picture_size(self) -> tuple[int, int]:
        """Columns and rows for the track; a row above is for the title."""
        return self.extent.width, max(self.extent.height - 1, 0)

    @property
    def marks(self) -> Sequence[Mark]:
        """The letters on the map."""
        return self._picture.marks if self._picture else ()

    @property
    def has_room(self) -> bool:
        return bool(self.display) and self.picture_size[1] >= LEAST_ROWS

    def on_resize(self, event: events.Resize) -> None:
        """Wait for a picture of the new size."""
        self._picture = None
        super().on_resize(event)
        self.post_message(self.Resized())

    def set_picture(self, picture: MapPicture | None, title: str, message: str) -> None:
        """Show this track, or say why there is none."""
        self._picture, self._title, self._message = picture, title, message
        self._keys.clear()
        self.redraw()

    def set_place(self, place: float) -> None:
        """Move the cursor."""
        self._place = place
        self.redraw()

    def draw(self) -> None:
        """Paint the title and the map."""
        height = self.extent.height
        self.paint(0, self._title, (self._title, self.ink("muted", is_bold=True)))
        picture = self._picture
        if picture is None:
            for y in range(1, height):
                text = self._message if y == 1 else ""
                self.paint(y, text, (text, self.ink("muted")))
            return
        at = picture.cell(self._place)
        for y in range(1, height):
            row = y - 1
            cursor = at[0] if at[1] == row else -1
            key = (cursor, id(picture))
            if row < len(picture.rows) and not self.is_painted(y, key):
                self.paint(y, key, *self._pieces(picture, row, cursor))

    def _pieces(self, picture: MapPicture, row: int, cursor: int) -> list[Piece]:
        inks = [self.ink(tone) for tone in picture.tones]
        cells: list[Piece] = []
        for owner, text in picture.rows[row]:
            ink = inks[owner] if owner >= 0 else self.ink()
            cells += [(sign, ink) for sign in text]
        for mark in picture.marks:
            if mark.row == row:
                ink = self.ink(mark.tone, is_bold=True)
                for offset, sign in enumerate(mark.text):
                    cells[mark.column + offset] = (sign, ink)
        if 0 <= cursor < len(cells):
            sign = "@" if self.is_ascii else "◉"
            cells[cursor] = (sign, self.ink(is_bold=True))
        return [
            ("".join(sign for sign, _ink in run), ink)
            for ink, run in groupby(cells, itemgetter(1))
        ]
