"""Corners of a lap, found in its speed, frozen so that rows of laps compare.

A corner is a minimum of the smoothed speed that stands out by enough. Its window
runs from the exit of the corner before to the next full throttle; the windows of
the reference are used for every lap laid beside it.
"""

from __future__ import annotations

import msgspec
import numpy as np

from ps_tui.analysis.arrays import Floats, Indices, centred_mean, without_gaps
from ps_tui.analysis.driven_lap import DrivenLap
from ps_tui.analysis.grid import make_grid, resample
from ps_tui.analysis.pedals import FULL

LEAST_PROMINENCE_KMH = 8.0
PROMINENCE_SHARE = 0.06
"""Of the span between least and greatest speed of the lap."""

SMOOTHING_M = 30.0
_SMOOTHING_SHARE = 0.006
_FULL_BINS = 3
"""Bins in a row at full throttle that end a corner."""


class Corner(msgspec.Struct, frozen=True):
    """A corner as the reference drove it; places are shares of the lap."""

    number: int
    start: float
    """Exit of the corner before, 0 for the first."""
    crest: float
    """Where the reference was quickest between start and apex."""
    apex: float
    end: float
    """Next full throttle, at the latest where the speed is greatest."""

    @property
    def name(self) -> str:
        return f"T{self.number}"


def find_corners(driven: DrivenLap) -> list[Corner]:
    """Return the corners of a lap in driving order, none where it sent no speed."""
    length_m = driven.length_m
    grid = make_grid(length_m)
    lap = resample(driven, grid, ("speed", "throttle"))
    speed = lap.channels.get("speed")
    if speed is None:
        return []
    bins = grid.places.size - 1
    share = SMOOTHING_M / length_m if length_m else _SMOOTHING_SHARE
    smooth = centred_mean(without_gaps(speed), max(3, round(share * bins)))
    apexes = prominent_minima(smooth)
    throttle = lap.channels.get("throttle")
    corners: list[Corner] = []
    start = 0
    for order, apex in enumerate(apexes.tolist()):
        after = int(apexes[order + 1]) if order + 1 < apexes.size else bins
        end = _exit(smooth, throttle, apex, after)
        crest = start + int(np.argmax(smooth[start : apex + 1]))
        marks = (start, crest, apex, end)
        places = (float(grid.places[index]) for index in marks)
        corners.append(Corner(order + 1, *places))
        start = end
    return corners


def prominent_minima(speed: Floats) -> Indices:
    """Return minima that lie deep enough below the lower of the crests beside them."""
    fall = np.flatnonzero(np.diff(speed) != 0.0)
    steps = np.sign(np.diff(speed)[fall])
    turns = np.flatnonzero((steps[:-1] < 0) & (steps[1:] > 0))
    # The middle of a flat bottom.
    minima = (fall[turns] + 1 + fall[turns + 1]) // 2
    needed = max(LEAST_PROMINENCE_KMH, PROMINENCE_SHARE * float(np.ptp(speed)))
    keep = [index for index in minima.tolist() if _prominence(speed, index) >= needed]
    return np.array(keep, dtype=np.intp)


def _prominence(speed: Floats, index: int) -> float:
    """Return how far one must climb from a minimum before it goes deeper elsewhere."""
    level = speed[index]
    lower = np.flatnonzero(speed < level)
    left = lower[lower < index]
    right = lower[lower > index]
    low = int(left[-1]) if left.size else 0
    high = int(right[0]) + 1 if right.size else speed.size
    crests = speed[low : index + 1].max(), speed[index:high].max()
    return float(min(crests) - level)


def _exit(speed: Floats, throttle: Floats | None, apex: int, after: int) -> int:
    """Return where a corner ends, between its apex and the next one."""
    crest = apex + int(np.argmax(speed[apex : after + 1]))
    if throttle is None:
        return crest
    is_full = np.concatenate((throttle[apex : crest + 1] >= FULL, [False]))
    run = 0
    for offset, full in enumerate(is_full.tolist()):
        run = run + 1 if full else 0
        if run == _FULL_BINS:
            return apex + offset - _FULL_BINS + 1
    return crest
