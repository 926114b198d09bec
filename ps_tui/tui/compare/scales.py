"""Scales of panels: where values stand, and what is written at the axes.

Loads numpy: use in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor
from typing import NamedTuple

import numpy as np

from ps_tui.analysis.arrays import Floats
from ps_tui.domain.channel import CHANNELS
from ps_tui.tui import measures
from ps_tui.tui.compare.panels import IN_PERCENT, table_unit


class Scale(NamedTuple):
    """The values at the bottom and the top, and what is written at the axis."""

    low: float
    high: float
    top: str
    middle: str
    bottom: str


PEDAL_SCALE = Scale(-1.0, 1.0, "thr", "0", "brk")


def scale_of(key: str, lines: Sequence[Floats | None]) -> Scale:
    """Return a scale with round ends that holds all laps, whatever is zoomed to."""
    channel = CHANNELS.get(key)
    if key in IN_PERCENT and channel is not None and channel.minimum >= 0.0:
        return Scale(-0.02, 1.02, "100", "50", "0")
    known = [line[np.isfinite(line)] for line in lines if line is not None]
    least = min((float(line.min()) for line in known if line.size), default=0.0)
    most = max((float(line.max()) for line in known if line.size), default=0.0)
    if key == "gear":
        low, high = min(least, 0.0) - 0.2, max(most, 1.0) + 0.2
        return Scale(low, high, f"{most:.0f}", "", "N" if least >= 0.0 else "R")
    if least < 0.0 < most and key in CHANNELS:
        reach = max(-least, most)
        least, most = -reach, reach
    unit = table_unit(key)
    least, most = measures.amount(least, unit), measures.amount(most, unit)
    step = round_step((most - least) or abs(most) or 1.0)
    low, high = floor(least / step + 1e-9) * step, ceil(most / step - 1e-9) * step
    if high <= low:
        high = low + step
    hundred = 100.0 if key in IN_PERCENT else 1.0
    labels = [short(value * hundred) for value in (high, (low + high) / 2, low)]
    return Scale(measures.stored(low, unit), measures.stored(high, unit), *labels)


def delta_scale(deltas: Sequence[Floats]) -> Scale:
    """Return the scale of the deltas, with zero in it; labels are seconds."""
    known = [delta for delta in deltas if np.isfinite(delta).any()]
    least = min((float(np.nanmin(delta)) for delta in known), default=0.0)
    most = max((float(np.nanmax(delta)) for delta in known), default=0.0)
    least, most = min(least, 0.0), max(most, 0.0)
    step = round_step(max(most - least, 20.0))
    low, high = floor(least / step) * step, ceil(most / step) * step
    if low == high:  # the same lap twice
        low, high = -step, step
    labels = [f"{value / 1000:+z.2f}" if value else "0" for value in (high, low)]
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
        return f"{value:z.0f}"
    return f"{value:z.3g}"


def axis_labels(scale: Scale | None, height: int) -> tuple[str, ...]:
    """Return what stands beside each row."""
    labels = [""] * height
    if scale is not None and height:
        if height >= 5:
            labels[(height - 1) // 2] = scale.middle
        labels[-1] = scale.bottom
        labels[0] = scale.top
    return tuple(labels)
