"""Builds the chart of a lap with plotext: speed, pedals and steering by position.

Throttle stands above the zero line and brake below it, so that the two are told
apart without colour. Import this only where a chart is built: it loads numpy and
plotext.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.text import Text
from textual_plotext import Plot

from ps_tui.domain.models import LapTrace
from ps_tui.tui import measures
from ps_tui.tui.compat import size_plot
from ps_tui.tui.widgets.palette import CHANNEL_COLORS

Numbers = NDArray[np.float64]
GREY = (128, 122, 140)
LABEL_WIDTH = 5


class Panel(NamedTuple):
    """One plot of the stack: its lines, its range and the labels at its left."""

    title: str
    lines: tuple[tuple[str, float], ...]
    """Channel keys and the sign that they are drawn with."""
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


PEDALS = Panel(
    "throttle ↑  brake ↓",
    (("throttle", 1.0), ("brake", -1.0)),
    -1.05,
    1.05,
    ((-1.0, "brk"), (0.0, "0"), (1.0, "thr")),
)


def plot_lap(trace: LapTrace, width: int, height: int, *, is_ascii: bool) -> Text:
    """Return the chart of a lap, ``width`` by ``height`` cells."""
    columns = {key: np.asarray(column) for key, column in trace.columns.items()}
    position, axis = _axis(columns)
    if position.size < 2:
        return Text("No frames to draw.")
    panels = _panels(columns, height)
    if not panels:
        return Text("None of the channels of the chart were sent.")
    heights = _heights(height - 1, len(panels))
    text = Text(no_wrap=True)
    for panel, rows in zip(panels, heights, strict=True):
        _title(text, panel)
        text.append_text(_draw(panel, columns, position, (width, rows - 1), is_ascii))
        text.append("\n")
    text.append(_scale(width, axis), "dim")
    return text


def _axis(columns: dict[str, Numbers]) -> tuple[Numbers, tuple[str, str]]:
    position = columns.get("normalized_position")
    if position is not None and np.isfinite(position).sum() > 1:
        return position.astype(float) * 100.0, ("0 %", "100 % of the lap")
    received = columns["received_us"].astype(float)
    seconds = (received - received[0]) / 1e6 if received.size else received
    end = f"{seconds[-1]:.0f} s" if seconds.size else ""
    return seconds, ("0 s", end)


def _panels(columns: dict[str, Numbers], height: int) -> list[Panel]:
    panels = []
    speed = columns.get("speed")
    if speed is not None and _is_sent(columns, "speed"):
        unit, one = measures.label("km/h"), measures.amount(1.0, "km/h")
        most = max(100.0, float(np.ceil(np.nanmax(speed) * one / 50.0) * 50.0))
        top = most / one
        ticks = ((0.0, "0"), (top / 2, f"{most / 2:.0f}"), (top, f"{most:.0f}"))
        panels.append(Panel(f"speed {unit}", (("speed", 1.0),), 0.0, top, ticks))
    sent = [i for i, (key, _sign) in enumerate(PEDALS.lines) if _is_sent(columns, key)]
    if sent:
        words = PEDALS.title.split("  ")
        title = "  ".join(words[index] for index in sent)
        lines = tuple(PEDALS.lines[index] for index in sent)
        panels.append(Panel(title, lines, PEDALS.low, PEDALS.high, PEDALS.ticks))
    steering = columns.get("steering")
    if steering is not None and _is_sent(columns, "steering"):
        most = max(0.1, float(np.nanmax(np.abs(steering))))
        ticks = ((-most, "left"), (0.0, "0"), (most, "right"))
        panels.append(Panel("steering", (("steering", 1.0),), -most, most, ticks))
    most_panels = 3 if height >= 16 else 2 if height >= 9 else 1
    return panels[:most_panels]


def _is_sent(columns: dict[str, Numbers], key: str) -> bool:
    return key in columns and bool(np.isfinite(columns[key]).any())


def _heights(rows: int, count: int) -> list[int]:
    each, spare = divmod(rows, count)
    return [each + (index < spare) for index in range(count)]


def _title(text: Text, panel: Panel) -> None:
    words = panel.title.split("  ")
    text.append(" " * (LABEL_WIDTH + 1))
    for word, (key, _sign) in zip(words, panel.lines, strict=True):
        text.append(f"{word}  ", CHANNEL_COLORS[key])
    text.append("\n")


def _draw(
    panel: Panel,
    columns: dict[str, Numbers],
    position: Numbers,
    size: tuple[int, int],
    is_ascii: bool,
) -> Text:
    width, height = size
    plot: Any = Plot()
    size_plot(plot, width, height)
    plot.canvas_color("default")
    plot.axes_color("default")
    plot.ticks_color(GREY)
    plot.xfrequency(0)
    plot.xaxes(False, False)
    plot.yaxes(True, False)
    plot.ylim(panel.low, panel.high)
    plot.xlim(float(np.nanmin(position)), float(np.nanmax(position)))
    places = [place for place, _label in panel.ticks]
    plot.yticks(places, [f"{label:>{LABEL_WIDTH}}" for _place, label in panel.ticks])
    for key, sign in panel.lines:
        values = columns.get(key)
        if values is None:
            continue
        x, y = decimate(position, values.astype(float) * sign, width * 2)
        marker = "*" if is_ascii else "braille"
        plot.plot(x.tolist(), y.tolist(), marker=marker, color=_rgb(key))
    return Text.from_ansi(str(plot.build()).rstrip("\n"), no_wrap=True)


def decimate(x: Numbers, y: Numbers, buckets: int) -> tuple[Numbers, Numbers]:
    """Return the least and greatest value of each bucket: spikes are kept."""
    good = np.isfinite(x) & np.isfinite(y)
    x, y = x[good], y[good]
    if x.size <= buckets * 2:
        return x, y
    edges = np.linspace(0, x.size, buckets + 1).astype(int)
    picks: set[int] = {0, x.size - 1}
    for start, end in pairwise(edges.tolist()):
        picks.add(start + int(np.argmin(y[start:end])))
        picks.add(start + int(np.argmax(y[start:end])))
    chosen = np.array(sorted(picks))
    return x[chosen], y[chosen]


def _rgb(key: str) -> tuple[int, int, int]:
    value = CHANNEL_COLORS[key].lstrip("#")
    return int(value[0:2], 16), int(value[2:4], 16), int(value[4:6], 16)


def _scale(width: int, axis: tuple[str, str]) -> str:
    left, right = axis
    room = width - LABEL_WIDTH - 1 - len(left)
    return " " * (LABEL_WIDTH + 1) + left + f"{right:>{room}}"
