"""Brake and throttle over the frames of a lap: onsets, releases, dabs, coasting.

Thresholds have hysteresis: a pedal is on above ``ON`` and stays so until it falls
below ``OFF``. Places are shares of the lap.
"""

from __future__ import annotations

from math import isnan

import msgspec
import numpy as np

from ps_tui.analysis.arrays import Flags, Floats, runs

ON, OFF = 0.10, 0.05
_AT_REST = 0.01
FULL = 0.95
"""Full throttle."""

BRIDGE_MS = 250.0
"""A release shorter than this is part of one braking."""

DAB_MS = 150.0
DAB_PEAK = 0.3
"""A touch both shorter and lighter than these is no braking."""


class Braking(msgspec.Struct, frozen=True):
    """One braking: frames ``first`` to before ``end``, and where it began."""

    first: int
    end: int
    onset: float
    """Interpolated between frames."""
    release: float
    peak: float
    duration_ms: float

    @property
    def is_dab(self) -> bool:
        return self.duration_ms < DAB_MS and self.peak < DAB_PEAK


def brakings(brake: Floats, progress: Floats, time_ms: Floats) -> list[Braking]:
    """Return the brakings of a lap in driving order, short releases bridged."""
    merged: list[tuple[int, int]] = []
    for first, end in runs(pressed(brake)):
        # A dab before the braking is not its beginning.
        if (
            merged
            and time_ms[first] - time_ms[merged[-1][1] - 1] < BRIDGE_MS
            and not _is_dab(brake, time_ms, *merged[-1])
        ):
            merged[-1] = (merged[-1][0], end)
            continue
        merged.append((first, end))
    return [
        Braking(
            first=first,
            end=end,
            onset=onset(brake, progress, first),
            release=float(progress[min(end, progress.size - 1)]),
            peak=float(np.nanmax(brake[first:end])),
            duration_ms=float(time_ms[end - 1] - time_ms[first]),
        )
        for first, end in merged
    ]


def _is_dab(brake: Floats, time_ms: Floats, first: int, end: int) -> bool:
    duration_ms = time_ms[end - 1] - time_ms[first]
    return bool(duration_ms < DAB_MS and np.nanmax(brake[first:end]) < DAB_PEAK)


def pressed(pedal: Floats) -> Flags:
    """Return where a pedal is on, with hysteresis; NaN counts as released."""
    values = np.nan_to_num(pedal)
    on, off = values > ON, values < OFF
    # Between the thresholds a pedal keeps the state it had.
    decided = np.where(on | off, np.arange(values.size), 0)
    newest = np.maximum.accumulate(decided)
    state: Flags = on[newest]
    return state


def onset(pedal: Floats, progress: Floats, first: int) -> float:
    """Return where the foot began to press, given the first frame above ``ON``.

    The rise is carried back to zero along its first two frames. A pedal that is
    down within one frame began somewhere since the frame before: its middle.
    """
    while first > 0 and _AT_REST < pedal[first - 1] < pedal[first]:
        first -= 1
    here = float(progress[first])
    if first == 0:
        return here
    before = float(progress[first - 1])
    level = float(pedal[first])
    following = min(first + 1, pedal.size - 1)
    rise = float(pedal[following]) - level
    if isnan(rise) or rise <= 0.0 or isnan(before):
        return (before + here) / 2.0
    back = level * (float(progress[following]) - here) / rise
    return max(before, here - back)


def coasting(throttle: Floats, brake: Floats) -> Flags:
    """Return where neither pedal is pressed."""
    return (throttle < OFF) & (brake < OFF)


def overlapping(throttle: Floats, brake: Floats) -> Flags:
    """Return where both pedals are pressed."""
    return (throttle > ON) & (brake > ON)
