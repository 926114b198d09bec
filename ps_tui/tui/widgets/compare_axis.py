"""The row below the panels: where the window and the cursor are, and the markers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

TICK, ASCII_TICK = "▴", "^"


class Tick(NamedTuple):
    """A marker: its place on the X axis, the lap that it is of, its words."""

    x: float
    lap: int
    note: str


class Stretch(NamedTuple):
    """Some cells: of lap ``lap``, of the cursor (-1) or of the axis (-2)."""

    text: str
    lap: int


CURSOR, AXIS = -1, -2


def axis_row(
    window: tuple[float, float],
    cursor: tuple[float, int],
    ticks: Sequence[tuple[int, Tick]],
    width: int,
    label: Callable[[float], str],
    *,
    is_ascii: bool = False,
) -> list[Stretch]:
    """Return the row, ``width`` cells; ``cursor`` and ``ticks`` come with columns.

    A marker under the cursor is told in its words.
    """
    x, column = cursor
    notes = [tick.note for at, tick in ticks if at == column and tick.note]
    where = " ".join([label(x), *notes])[:width]
    left = min(max(column - len(label(x)) // 2, 0), width - len(where))
    cells: list[tuple[str, int]] = [(" ", AXIS)] * width
    for text, at in (
        (label(window[0]), 0),
        (label(window[1]), width - len(label(window[1]))),
    ):
        if at >= 0 and (at + len(text) < left or at > left + len(where)):
            cells[at : at + len(text)] = [(sign, AXIS) for sign in text]
    for at, tick in ticks:
        cells[at] = (ASCII_TICK if is_ascii else TICK, tick.lap)
    cells[left : left + len(where)] = [(sign, CURSOR) for sign in where]
    return [
        Stretch("".join(sign for sign, _ in run), owner)
        for owner, run in groupby(cells, itemgetter(1))
    ]
