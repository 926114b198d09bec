"""Draws the panels of a comparison in braille. Loads numpy: use in a thread.

A line never loses a spike: each column of dots covers every value between its edges.
Lap A is drawn whole, the others with dashes of their own, so that they are told
apart without colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ps_tui.analysis.arrays import Floats
from ps_tui.domain.channel import CHANNELS
from ps_tui.tui.compare.panels import (
    IN_PERCENT,
    LEAST_PANEL_ROWS,
    Panel,
    channel_of,
    title,
    written,
)
from ps_tui.tui.compare.study import Study
from ps_tui.tui.compare.view import View
from ps_tui.tui.widgets.canvas import Canvas, Run

AXIS_WIDTH = 6
GUIDE, GAIN, LOSS = "guide", "gain", "loss"
Owner = tuple[int, int] | str
"""Lap and channel within its panel, or a name."""

_DOTS = (0xFFFF, 0b1111_0000_1111_0000, 0b1010_1010_1010_1010, 0b1111_1100_0011_0000)
DASHES = tuple(sum(dots << offset for offset in range(0, 1024, 16)) for dots in _DOTS)
"""On and off along the line of laps A to D: sixteen dots, over and over."""


class Scale(NamedTuple):
    """The values at the bottom and the top, and what is written at the axis."""

    low: float
    high: float
    top: str
    middle: str
    bottom: str


class PanelPicture(NamedTuple):
    """A panel drawn: its rows of dots as runs of one owner each."""

    panel: Panel | None
    """``None`` for the delta."""
    titles: tuple[str, ...]
    rows: tuple[tuple[Run, ...], ...]
    owners: tuple[Owner, ...]
    left: tuple[str, ...]
    right: tuple[str, ...]
    note: str = ""
    """Why there is nothing to see."""


class Picture(NamedTuple):
    """All panels for one window of the lap and one size."""

    panels: tuple[PanelPicture, ...]
    window: tuple[float, float]
    width: int
    """Cells between the axes."""
    has_right_axis: bool
    left_out: int
    """Panels that had no room."""


def draw(
    study: Study,
    view: View,
    panels: Sequence[Panel],
    size: tuple[int, int],
    units: Mapping[str, str],
    *,
    versus: int = 1,
    is_ascii: bool = False,
) -> Picture:
    """Draw the panels and below them the delta, ``size`` in cells with axes.

    Lap ``versus`` lies on top, the reference right below it.
    """
    columns, rows = size
    most = max(rows // LEAST_PANEL_ROWS - 1, 0)
    shown = list(panels[:most])
    has_right = any(len(one.channels) > 1 and not one.is_pedals for one in shown)
    width = max(columns - AXIS_WIDTH * (1 + has_right), 1)
    pen = _Pen(study, view, width, versus, is_ascii)
    heights = share(rows, len(shown) + 1)
    drawn = [
        pen.panel(panel, height - 1, units)
        for panel, height in zip(shown, heights, strict=False)
    ]
    drawn.append(pen.delta(heights[-1] - 1))
    return Picture(
        tuple(drawn), view.window, width, has_right, len(panels) - len(shown)
    )


def share(rows: int, count: int) -> list[int]:
    """Share rows out; the first panels and the delta get what does not divide."""
    each, spare = divmod(rows, count)
    return [each + (index < spare) for index in range(count)]


class _Pen:
    """Draws into canvases of one width for one window."""

    def __init__(
        self, study: Study, view: View, width: int, versus: int, is_ascii: bool
    ) -> None:
        self._study = study
        self._width = width
        self._is_ascii = is_ascii
        others = [lap for lap in range(study.lap_count) if lap not in {0, versus}]
        self._order = [*others, 0, versus]
        last = study.comparison.grid.places.size - 1
        self._edges = np.linspace(view.start, view.end, width * 2 + 1) * last

    def panel(
        self, panel: Panel, height: int, units: Mapping[str, str]
    ) -> PanelPicture:
        """Draw the channels of all laps."""
        study, channels = self._study, [channel_of(k, units) for k in panel.channels]
        titles = tuple(map(title, channels))
        sent = [key for key in panel.channels if study.has(key)]
        refused = [study.refused[key] for key in panel.channels if key in study.refused]
        if not sent:
            note = refused[0] if refused else "not sent by these laps"
            return self._picture(panel, titles, Canvas(self._width, height), (), note)
        canvas = self._canvas(height, 1 + len(panel.channels) * study.lap_count)
        owners: list[Owner] = [GUIDE]
        scales = []
        for order, key in enumerate(panel.channels):
            sign = -1.0 if panel.is_pedals and key == "brake" else 1.0
            lines = [
                sign * values[key] if key in values else None for values in study.values
            ]
            scale = _PEDAL_SCALE if panel.is_pedals else scale_of(key, lines)
            scales.append(scale)
            for lap in self._order:
                if (line := lines[lap]) is not None:
                    self._line(canvas, len(owners), line, scale, DASHES[lap])
                owners.append((lap, order))
        if panel.is_pedals or scales[0].low < 0.0 < scales[0].high:
            self._guide(canvas, scales[0])
        right = None if panel.is_pedals or len(scales) < 2 else scales[1]
        return self._picture(panel, titles, canvas, tuple(owners), "", scales[0], right)

    def delta(self, height: int) -> PanelPicture:
        """Draw the deltas: of two laps as an area, of more as lines."""
        deltas = self._study.comparison.deltas_ms[1:]
        scale = delta_scale(deltas)
        if len(deltas) == 1:
            canvas = self._canvas(height, 3)
            self._area(canvas, deltas[0], scale)
            owners: tuple[Owner, ...] = (GUIDE, LOSS, GAIN)
        else:
            canvas = self._canvas(height, 1 + len(deltas))
            laps = [lap for lap in self._order if lap]
            for layer, lap in enumerate(laps, start=1):
                self._line(canvas, layer, deltas[lap - 1], scale, DASHES[lap])
            owners = (GUIDE, *((lap, 0) for lap in laps))
        self._guide(canvas, scale)
        return self._picture(None, ("Delta s",), canvas, owners, "", scale)

    def _canvas(self, height: int, layers: int) -> Canvas:
        return Canvas(self._width, height, layers, is_ascii=self._is_ascii)

    def _picture(
        self,
        panel: Panel | None,
        titles: tuple[str, ...],
        canvas: Canvas,
        owners: tuple[Owner, ...],
        note: str,
        left: Scale | None = None,
        right: Scale | None = None,
    ) -> PanelPicture:
        height = canvas.height
        return PanelPicture(
            panel,
            titles,
            tuple(tuple(canvas.runs(y)) for y in range(height)),
            owners,
            axis_labels(left, height),
            axis_labels(right, height),
            note,
        )

    def _levels(self, values: Floats, scale: Scale, canvas: Canvas) -> Floats:
        span = scale.high - scale.low
        levels: Floats = np.rint((values - scale.low) / span * (canvas.levels - 1))
        return np.clip(levels, 0, canvas.levels - 1)

    def _covered(
        self, values: Floats, scale: Scale, canvas: Canvas
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return least and greatest level of each column of dots; NaN for none."""
        index = np.arange(values.size)
        edges = self._levels(np.interp(self._edges, index, values), scale, canvas)
        left, right = edges[:-1], edges[1:]
        # The level at a shared edge belongs to the column on its right.
        low = np.fmin(left, np.where(right < left, right + 1, right))
        high = np.fmax(left, np.where(right > left, right - 1, right))
        low, high = np.fmin(low, left), np.fmax(high, left)
        first = int(np.ceil(self._edges[0]))
        inside = np.arange(first, int(self._edges[-1]) + 1)
        step = self._edges[1] - self._edges[0]
        at = np.minimum(
            ((inside - self._edges[0]) / step).astype(np.intp), low.size - 1
        )
        levels = self._levels(values[inside], scale, canvas)
        np.fmin.at(low, at, levels)
        np.fmax.at(high, at, levels)
        return low, high

    def _line(
        self, canvas: Canvas, layer: int, values: Floats, scale: Scale, pattern: int
    ) -> None:
        low, high = self._covered(values, scale, canvas)
        length = 0
        for column, (least, most) in enumerate(
            zip(low.tolist(), high.tolist(), strict=True)
        ):
            if least != least:
                continue
            extent = int(most - least) + 1
            mask = (pattern >> (length % 16)) & ((1 << extent) - 1)
            length += extent
            if mask:
                canvas.set_column(layer, column, mask << int(least))

    def _area(self, canvas: Canvas, values: Floats, scale: Scale) -> None:
        """Fill between zero and a delta: losses in one layer, gains in another."""
        low, high = self._covered(values, scale, canvas)
        zero = int(self._levels(np.zeros(1), scale, canvas)[0])
        for column, (least, most) in enumerate(
            zip(low.tolist(), high.tolist(), strict=True)
        ):
            if least != least:
                continue
            if most > zero:
                canvas.set_column(1, column, (1 << int(most) + 1) - (1 << zero))
            if least < zero:
                canvas.set_column(2, column, (1 << zero + 1) - (1 << int(least)))

    def _guide(self, canvas: Canvas, scale: Scale) -> None:
        level = int(self._levels(np.zeros(1), scale, canvas)[0])
        for column in range(0, canvas.dot_columns, 4):
            canvas.set_column(0, column, 1 << level)


_PEDAL_SCALE = Scale(-1.0, 1.0, "thr", "0", "brk")


def scale_of(key: str, lines: Sequence[Floats | None]) -> Scale:
    """Return a scale with round ends that holds all laps, whatever is zoomed to."""
    channel = CHANNELS.get(key)
    if key in IN_PERCENT and channel is not None and channel.minimum >= 0.0:
        return Scale(-0.02, 1.02, "100", "50", "0")
    least = min(float(np.nanmin(line)) for line in lines if line is not None)
    most = max(float(np.nanmax(line)) for line in lines if line is not None)
    if key == "gear":
        low, high = min(least, 0.0) - 0.2, max(most, 1.0) + 0.2
        return Scale(low, high, f"{most:.0f}", "", "N" if least >= 0.0 else "R")
    if least < 0.0 < most and key in CHANNELS:
        reach = max(-least, most)
        least, most = -reach, reach
    step = round_step((most - least) or abs(most) or 1.0)
    low, high = floor(least / step + 1e-9) * step, ceil(most / step - 1e-9) * step
    if high <= low:
        high = low + step
    unit = 100.0 if key in IN_PERCENT else 1.0
    labels = [short(value * unit) for value in (high, (low + high) / 2, low)]
    return Scale(low, high, *labels)


def delta_scale(deltas: Sequence[Floats]) -> Scale:
    """Return the scale of the deltas, with zero in it; labels are seconds."""
    known = [delta for delta in deltas if np.isfinite(delta).any()]
    least = min((float(np.nanmin(delta)) for delta in known), default=0.0)
    most = max((float(np.nanmax(delta)) for delta in known), default=0.0)
    least, most = min(least, 0.0), max(most, 0.0)
    step = round_step(max(most - least, 20.0))
    low, high = floor(least / step) * step, ceil(most / step) * step
    labels = [f"{value / 1000:+.2f}" if value else "0" for value in (high, low)]
    return Scale(low, high, labels[0], "", labels[1])


def round_step(span: float) -> float:
    """Return 1, 2 or 5 times a power of ten, about a quarter of ``span``."""
    rough = span / 4.0
    power = 10.0 ** floor(np.log10(rough))
    return float(next(p * power for p in (1.0, 2.0, 5.0, 10.0) if rough <= p * power))


def short(value: float) -> str:
    """Write the end of a scale within five characters."""
    if abs(value) >= 10_000:
        return f"{value / 1000:.0f}k"
    if abs(value) >= 20 or value == round(value):
        return f"{value:.0f}"
    return f"{value:.3g}"


def axis_labels(scale: Scale | None, height: int) -> tuple[str, ...]:
    """Return what stands beside each row."""
    labels = [""] * height
    if scale is not None and height:
        if height >= 5:
            labels[(height - 1) // 2] = scale.middle
        labels[-1] = scale.bottom
        labels[0] = scale.top
    return tuple(labels)


def read_out(
    study: Study, key: str, place: float, units: Mapping[str, str]
) -> list[str]:
    """Write the value of each lap at the cursor."""
    channel = channel_of(key, units)
    return [written(channel, value) for value in study.read(key, place)]
