"""Draws the panels of a comparison in braille. Loads numpy: use in a thread.

A line never loses a spike: each column of dots covers every value between its edges.
Lap A is drawn whole, the others with dashes of their own, so that they are told
apart without colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ps_tui.analysis.arrays import Floats
from ps_tui.tui.compare.axis import Shown
from ps_tui.tui.compare.panels import (
    LEAST_PANEL_ROWS,
    Panel,
    channel_of,
    title,
    written,
)
from ps_tui.tui.compare.scales import (
    PEDAL_SCALE,
    Scale,
    axis_labels,
    delta_scale,
    scale_of,
)
from ps_tui.tui.compare.study import Study
from ps_tui.tui.widgets.canvas import Canvas, Run

AXIS_WIDTH = 6
GUIDE, GAIN, LOSS = "guide", "gain", "loss"
Owner = tuple[int, int] | str
"""Lap and channel within its panel, or a name."""

_DOTS = (0xFFFF, 0b1111_0000_1111_0000, 0b1010_1010_1010_1010, 0b1111_1100_0011_0000)
DASHES = tuple(sum(dots << offset for offset in range(0, 1024, 16)) for dots in _DOTS)
"""On and off along the line of laps A to D: sixteen dots, over and over."""


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
    """All panels for one window of the X axis and one size."""

    panels: tuple[PanelPicture, ...]
    window: tuple[float, float]
    width: int
    """Cells between the axes."""
    left_out: int
    """Panels that had no room."""


def draw(
    study: Study,
    shown: Shown,
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
    fitting = list(panels[:most])
    has_right = any(len(one.channels) > 1 and not one.is_pedals for one in fitting)
    width = max(columns - AXIS_WIDTH * (1 + has_right), 1)
    edges = shown.axis.edges(shown.window, width * 2)
    pen = _Pen(study, edges, width, versus, is_ascii)
    heights = share(rows, len(fitting) + 1)
    drawn = [
        pen.panel(panel, height - 1, units)
        for panel, height in zip(fitting, heights, strict=False)
    ]
    drawn.append(pen.delta(heights[-1] - 1))
    left_out = len(panels) - len(fitting)
    return Picture(tuple(drawn), shown.window, width, left_out)


def share(rows: int, count: int) -> list[int]:
    """Share rows out; the first panels and the delta get what does not divide."""
    each, spare = divmod(rows, count)
    return [each + (index < spare) for index in range(count)]


class _Pen:
    """Draws into canvases of one width; ``edges`` say which places of the grid, for
    each lap, lie between the columns of dots."""

    def __init__(
        self,
        study: Study,
        edges: Sequence[Floats],
        width: int,
        versus: int,
        is_ascii: bool,
    ) -> None:
        self._study = study
        self._edges = edges
        self._width = width
        self._is_ascii = is_ascii
        others = [lap for lap in range(study.lap_count) if lap not in {0, versus}]
        self._order = [*others, 0, versus]

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
            scale = PEDAL_SCALE if panel.is_pedals else scale_of(key, lines)
            scales.append(scale)
            for lap in self._order:
                if (line := lines[lap]) is not None:
                    self._line(canvas, len(owners), line, scale, lap)
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
                self._line(canvas, layer, deltas[lap - 1], scale, lap, edges_of=0)
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
        self, values: Floats, scale: Scale, canvas: Canvas, edges: Floats
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return least and greatest level of each column of dots; NaN for none."""
        index = np.arange(values.size)
        at_edges = self._levels(np.interp(edges, index, values), scale, canvas)
        left, right = at_edges[:-1], at_edges[1:]
        # The level at a shared edge belongs to the column on its right.
        low = np.fmin(left, np.where(right < left, right + 1, right))
        high = np.fmax(left, np.where(right > left, right - 1, right))
        low, high = np.fmin(low, left), np.fmax(high, left)
        known = np.flatnonzero(np.isfinite(edges))
        if not known.size:
            return low, high
        shown = edges[known]
        inside = np.arange(int(np.ceil(shown[0])), int(shown[-1]) + 1)
        at = known[0] + np.searchsorted(shown, inside, side="right") - 1
        np.minimum(at, low.size - 1, out=at)
        levels = self._levels(values[inside], scale, canvas)
        np.fmin.at(low, at, levels)
        np.fmax.at(high, at, levels)
        return low, high

    def _line(
        self,
        canvas: Canvas,
        layer: int,
        values: Floats,
        scale: Scale,
        lap: int,
        *,
        edges_of: int | None = None,
    ) -> None:
        edges = self._edges[lap if edges_of is None else edges_of]
        low, high = self._covered(values, scale, canvas, edges)
        pattern, length = DASHES[lap], 0
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
        low, high = self._covered(values, scale, canvas, self._edges[0])
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


def read_out(
    study: Study, key: str, places: Sequence[float], units: Mapping[str, str]
) -> list[str]:
    """Write the value of each lap at its place under the cursor."""
    channel = channel_of(key, units)
    return [written(channel, value) for value in study.read(key, places)]
