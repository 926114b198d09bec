"""The charts of ``ps-tui plot``: panels below each other, drawn with plotext."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ps_tui.domain.models import Lap
from ps_tui.domain.units import format_lap_time

if TYPE_CHECKING:
    from ps_tui.cli.plot_data import Panel

COLORS = ("magenta+", "cyan+", "orange+", "green+")
MARKERS = ("braille", "*", "o", "x")
ASCII_MARKERS = ("*", "o", "x", "+")
SHOWN_BRAILLE = "⢕"
FRAME_ROWS = 4
"""Title, frame above and below, scale."""
MOST_Y_TICKS, X_TICKS = 8, 5


class Scale(NamedTuple):
    """The values at the ends of an axis, and where it is labelled."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]


def draw(
    laps: Sequence[Lap],
    panels: Sequence[Panel],
    width: int,
    rows: int,
    *,
    is_ascii: bool = False,
) -> str:
    """Return the panels of ``rows`` rows each, laps told apart by colour and sign."""
    import plotext

    markers = ASCII_MARKERS if is_ascii else MARKERS
    scales = [y_scale(panel, max(rows - FRAME_ROWS, 1)) for panel in panels]
    most = max(len(label) for scale in scales for label in scale.labels)
    charts = [_legend(laps, markers, width)] if len(laps) > 1 else []
    for panel, scale in zip(panels, scales, strict=True):
        plotext.clear_figure()
        plotext.plotsize(width, rows)
        plotext.theme("clear")
        plotext.title(panel.title)
        for index, line in enumerate(panel.lines):
            if line is None:
                continue
            x, y = line.thinned(width * 2)
            plotext.plot(x, y, marker=markers[index], color=COLORS[index])
        across = x_scale(*panel.x_range, panel.x_unit)
        plotext.xlim(across.low, across.high)
        plotext.xticks(across.ticks, across.labels)
        plotext.ylim(scale.low, scale.high)
        plotext.yticks(scale.ticks, [label.rjust(most) for label in scale.labels])
        charts.append(plotext.build().rstrip("\n"))
    return "\n".join(charts)


def _legend(laps: Sequence[Lap], markers: Sequence[str], width: int) -> str:
    """Return which sign is which lap, above the charts: within them it hides lines."""
    import plotext

    rows, used = [""], 0
    for lap, marker, color in zip(laps, markers, COLORS, strict=False):
        sign = (SHOWN_BRAILLE if marker == "braille" else marker) * 2
        text = f"{sign} lap {lap.lap_number} {format_lap_time(lap.lap_time_ms)}"
        if used and used + len(text) + 3 > width:
            rows, used = [*rows, ""], 0
        rows[-1] += ("   " if used else "") + plotext.colorize(text, color)
        used += len(text) + 3
    return "\n".join(rows)


def x_scale(low: float, high: float, unit: str) -> Scale:
    """Return the scale along the lap; the last label carries the unit."""
    ticks = np.linspace(low, high, X_TICKS).tolist()
    labels = list(labels_of(ticks))
    labels[-1] = f"{labels[-1]} {unit}".rstrip()
    return Scale(low, high, tuple(ticks), tuple(labels))


def y_scale(panel: Panel, rows: int) -> Scale:
    """Return the scale of a panel: ticks lie on rows, a constant in the middle."""
    values = [line.y[np.isfinite(line.y)] for line in panel.lines if line is not None]
    known = np.concatenate(values) if values else np.empty(0)
    if not known.size:
        return Scale(0.0, 1.0, (0.5,), ("",))
    low, high = float(known.min()), float(known.max())
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        reach = abs(low) or 1.0
        return Scale(low - reach, low + reach, (low,), labels_of((low,)))
    count = min(rows, MOST_Y_TICKS)
    on_rows = np.rint(np.linspace(0, rows - 1, max(count, 2))) / max(rows - 1, 1)
    ticks = (low + on_rows * (high - low)).tolist()
    return Scale(low, high, tuple(ticks), labels_of(ticks))


def labels_of(ticks: Sequence[float]) -> tuple[str, ...]:
    """Write ticks with as many decimals as tell neighbours apart."""
    span = max(ticks) - min(ticks)
    if max(map(abs, ticks)) >= 1e6 or 0.0 < span < 1e-4:
        return tuple(f"{tick:z.3g}" for tick in ticks)
    if len(ticks) < 2 or not span:
        return tuple(f"{tick:z.6g}" for tick in ticks)
    step = span / (len(ticks) - 1)
    decimals = max(0, (1 if step < 10.0 else 0) - floor(log10(step)))
    labels = [f"{tick:z.{decimals}f}" for tick in ticks]
    if decimals and all(set(label.partition(".")[2]) <= {"0"} for label in labels):
        labels = [label.partition(".")[0] for label in labels]
    return tuple(labels)
