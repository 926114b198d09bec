"""Dots in braille cells: a window of columns that scrolls to the left.

Levels count from the bottom, four to a row; a column is a bit mask of levels. Each
layer keeps one byte per row and dot column, so that whole rows are joined to cells
with a few operations on bytes and no loop over cells.
"""

from __future__ import annotations

import codecs
import re

_LEFT_DOTS = (0x40, 0x04, 0x02, 0x01)
_RIGHT_DOTS = (0x80, 0x20, 0x10, 0x08)


def _spread(dots: tuple[int, ...]) -> bytes:
    """Map a column of four levels (bit 0 lowest) to the dots of a braille cell."""
    table = bytes(
        sum(dot for bit, dot in enumerate(dots) if nibble & 1 << bit)
        for nibble in range(16)
    )
    return table + bytes(240)


def _ascii_sign(cell: int) -> str:
    """Choose the plain character that lies closest to the dots of a cell."""
    levels = [bit for bit in range(4) if cell & (_LEFT_DOTS[bit] | _RIGHT_DOTS[bit])]
    if not levels:
        return " "
    if levels[-1] - levels[0] >= 2:
        return "|"
    return "_.-'"[(levels[0] + levels[-1]) // 2]


_LEFT = _spread(_LEFT_DOTS)
_RIGHT = _spread(_RIGHT_DOTS)
_BRAILLE = " " + "".join(chr(0x2800 + cell) for cell in range(1, 256))
_ASCII = "".join(map(_ascii_sign, range(256)))
_OWNER_RUN = re.compile(rb"\x00*([\x01-\xff])(?:\x00|\1)*|\x00+")
_PRESENT = bytes([0]) + bytes([255]) * 255

Run = tuple[int, str]
"""The layer that colours a stretch of cells (-1 where none does), and the cells."""


class Canvas:
    """``width`` by ``height`` cells in up to fifteen layers; the last drawn wins.

    Every layer has its own dots; where two meet in a cell their dots are joined and
    the higher layer owns the cell, which gives it its colour.
    """

    def __init__(
        self, width: int, height: int, layers: int = 1, *, is_ascii: bool = False
    ) -> None:
        self.width = width
        self.height = height
        self.dot_columns = width * 2
        self.levels = height * 4
        self.dirty_rows: set[int] = set(range(height))
        self._table = _ASCII if is_ascii else _BRAILLE
        self._layers = [
            [bytearray(self.dot_columns) for _ in range(height)] for _ in range(layers)
        ]
        self._owner_rows = [
            int.from_bytes(bytes([owner]) * width, "big")
            for owner in range(1, layers + 1)
        ]

    def set_column(self, layer: int, column: int, mask: int) -> None:
        """Replace one dot column of a layer by the levels set in ``mask``."""
        rows = self._layers[layer]
        for y in range(self.height - 1, -1, -1):
            row = rows[y]
            dots = mask & 15
            if row[column] != dots:
                row[column] = dots
                self.dirty_rows.add(y)
            mask >>= 4

    def is_blank(self, layer: int, column: int) -> bool:
        """Say whether a dot column of a layer has no dots."""
        return not any(row[column] for row in self._layers[layer])

    def scroll(self, cells: int, *, fixed_layers: int = 0) -> None:
        """Move all but the first ``fixed_layers`` to the left by whole cells."""
        count = min(cells * 2, self.dot_columns)
        fresh = bytes(count)
        for rows in self._layers[fixed_layers:]:
            for row in rows:
                del row[:count]
                row += fresh
        self.dirty_rows.update(range(self.height))

    def runs(self, y: int) -> list[Run]:
        """Return one row as stretches of cells with one owner each."""
        joined = owners = 0
        size = self.width
        for rows, owner_row in zip(self._layers, self._owner_rows, strict=True):
            row = rows[y]
            dots = int.from_bytes(row[0::2].translate(_LEFT), "big")
            dots |= int.from_bytes(row[1::2].translate(_RIGHT), "big")
            if dots:
                joined |= dots
                present = int.from_bytes(
                    dots.to_bytes(size, "big").translate(_PRESENT), "big"
                )
                owners = (owners & ~present) | (owner_row & present)
        cells = joined.to_bytes(size, "big")
        text = codecs.charmap_decode(cells, "strict", self._table)[0]
        return [
            ((run[1] or b"\x00")[0] - 1, text[run.start() : run.end()])
            for run in _OWNER_RUN.finditer(owners.to_bytes(size, "big"))
        ]

    def row(self, y: int) -> str:
        """Return the characters of one row."""
        return "".join(text for _, text in self.runs(y))
