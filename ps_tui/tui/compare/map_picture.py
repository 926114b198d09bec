"""Draws the track in braille, by gain and loss or by pedals. Loads numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ps_tui.analysis.arrays import Floats
from ps_tui.analysis.losses import LossRow
from ps_tui.analysis.trackmap import Fit, TrackMap, fit
from ps_tui.tui.compare.colors import EQUAL, GAIN, LOSS, tone_of
from ps_tui.tui.widgets import palette
from ps_tui.tui.widgets.canvas import Canvas, Run

POINTS = 1600
TONES = (EQUAL, GAIN, LOSS)
PEDAL_TONES = {"C": EQUAL, "T": palette.THROTTLE, "B": palette.BRAKE}
LEAST_PEDAL_SHARE = 0.02
"""A phase shorter than this share of the lap gets no letter."""


class Mark(NamedTuple):
    """A letter on the map."""

    column: int
    row: int
    text: str
    tone: str


class MapPicture(NamedTuple):
    """The track in cells; runs are owned by the tones in their order."""

    rows: tuple[tuple[Run, ...], ...]
    tones: tuple[str, ...]
    marks: tuple[Mark, ...]
    track: TrackMap
    fit: Fit

    def cell(self, place: float) -> tuple[int, int]:
        """Return column and row of a place of the lap."""
        return _cell(self.track, self.fit, place)


def draw_losses(
    track: TrackMap,
    rows: Sequence[LossRow],
    size: tuple[int, int],
    *,
    is_ascii: bool = False,
) -> MapPicture:
    """Colour each part by what was lost in it, with its name and sign beside it."""
    places = _spread(track)
    layer = np.zeros(places.size, np.intp)
    placed = fit(track, *size)
    marks = []
    for row in rows:
        tone = tone_of(row.loss_ms)
        inside = (places >= row.part.start) & (places < row.part.end)
        layer[inside] = TONES.index(tone)
        sign = "?" if row.loss_ms is None else {GAIN: "-", LOSS: "+"}.get(tone, "=")
        name = row.part.name.removeprefix("T") if row.part.slowing_from else ""
        middle = (row.part.start + row.part.end) / 2.0
        marks.append(_mark(track, placed, size, (middle, f"{name}{sign}", tone)))
    return _picture(track, placed, (places, layer), size, TONES, marks, is_ascii)


def draw_pedals(
    track: TrackMap, letters: str, size: tuple[int, int], *, is_ascii: bool = False
) -> MapPicture:
    """Colour each point by what the feet do, with T, B or C at longer phases."""
    places = _spread(track)
    tones = tuple(PEDAL_TONES.values())
    order = {letter: index for index, letter in enumerate(PEDAL_TONES)}
    at = np.clip(np.searchsorted(track.places, places), 0, len(letters) - 1)
    codes = np.array([order[letter] for letter in letters], np.intp)
    placed = fit(track, *size)
    marks = []
    start = 0
    for index in range(1, len(letters) + 1):
        if index < len(letters) and letters[index] == letters[start]:
            continue
        low, high = track.places[start], track.places[min(index, len(letters)) - 1]
        if high - low >= LEAST_PEDAL_SHARE:
            letter = letters[start]
            middle = float(low + high) / 2.0
            marks.append(
                _mark(track, placed, size, (middle, letter, PEDAL_TONES[letter]))
            )
        start = index
    return _picture(track, placed, (places, codes[at]), size, tones, marks, is_ascii)


def _spread(track: TrackMap) -> Floats:
    return np.linspace(track.places[0], track.places[-1], POINTS)


def _picture(
    track: TrackMap,
    placed: Fit,
    line: tuple[Floats, np.ndarray[tuple[int, ...], np.dtype[np.intp]]],
    size: tuple[int, int],
    tones: tuple[str, ...],
    marks: list[Mark],
    is_ascii: bool,
) -> MapPicture:
    places, layer = line
    width, height = size
    canvas = Canvas(width, height, len(tones), is_ascii=is_ascii)
    x = np.interp(places, track.places, track.x)
    z = np.interp(places, track.places, track.z)
    across, down = placed.dots(x, z)
    columns = np.clip(np.rint(across), 0, canvas.dot_columns - 1).astype(int)
    levels = np.clip(canvas.levels - 1 - np.rint(down), 0, canvas.levels - 1)
    masks: dict[tuple[int, int], int] = {}
    for owner, column, level in zip(
        layer.tolist(), columns.tolist(), levels.astype(int).tolist(), strict=True
    ):
        key = owner, column
        masks[key] = masks.get(key, 0) | 1 << level
    for (owner, column), mask in masks.items():
        canvas.set_column(owner, column, mask)
    rows = tuple(tuple(canvas.runs(y)) for y in range(height))
    return MapPicture(rows, tones, _apart(marks), track, placed)


def _cell(track: TrackMap, placed: Fit, place: float) -> tuple[int, int]:
    x, z = track.at(place)
    across, down = placed.dots(np.array([x]), np.array([z]))
    return int(across[0]) // 2, int(down[0]) // 4


def _mark(
    track: TrackMap,
    placed: Fit,
    size: tuple[int, int],
    mark: tuple[float, str, str],
) -> Mark:
    """Put a text beside the line, on the side away from the middle of the map."""
    place, text, tone = mark
    width, height = size
    column, row = _cell(track, placed, place)
    column += 1 if column >= width / 2 else -len(text)
    column = min(max(column, 0), width - len(text))
    return Mark(column, min(max(row, 0), height - 1), text, tone)


def _apart(marks: list[Mark]) -> tuple[Mark, ...]:
    """Leave out what would stand on another mark."""
    taken: set[tuple[int, int]] = set()
    kept = []
    for mark in marks:
        cells = {(mark.column + at, mark.row) for at in range(len(mark.text))}
        if not cells & taken:
            taken |= cells
            kept.append(mark)
    return tuple(kept)
