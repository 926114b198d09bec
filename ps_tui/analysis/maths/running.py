"""Math channels on the lap that is being driven, worked out as its frames arrive.

A formula sees the lap so far, from its first frame on, exactly as it will see the
finished lap: ``integral`` begins at the line, ``max(x)`` is of the lap up to now.
Frames are kept as columns of numbers; nothing is asked of the event loop, so all of
this can run in a thread, one call at a time.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ps_tui.analysis.arrays import Floats
from ps_tui.analysis.lap_clock import running_clock, steady
from ps_tui.analysis.maths.channels import Formula, MathChannels, usable
from ps_tui.analysis.maths.errors import FormulaError
from ps_tui.domain.channel import FIELD_OF
from ps_tui.domain.frame import Frame

KEPT_US = 60_000_000
"""How long a finished lap is kept, for the traces that still show its end."""
MOST_FRAMES = 200_000
"""Ten minutes at 330 Hz; of a longer lap the newest three quarters of these stay."""
LAP_CLOCK = "lap_time"

Micros = NDArray[np.int64]
Read = Callable[[Frame], float | None]


class Reading(NamedTuple):
    """The newest value of a math channel; ``None`` where it has none just now."""

    value: float | None
    missing: str = ""
    """The key of a channel that the formula reads and the game has not sent."""
    is_wrong: bool = False
    """The formula cannot be worked out whatever the game sends."""


class Series(NamedTuple):
    """A math channel over a stretch of time, no finer than it can be drawn."""

    at_us: list[int]
    values: list[float | None]
    """``None`` where the channel has no value."""
    lines_us: list[int]
    """When laps began."""


class _Lap:
    """The frames of one lap as columns."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.at_us = array("q")
        self.columns = {key: array("d") for key in keys}
        self.lap_number: int | None = None
        self.found: dict[str, Floats] = {}
        """Math channels that were worked out over all these frames."""

    def thin(self) -> None:
        """Let go of the oldest quarter."""
        surplus = MOST_FRAMES // 4
        del self.at_us[:surplus]
        for column in self.columns.values():
            del column[:surplus]

    def values(self, maths: MathChannels, name: str, sent: set[str]) -> Floats:
        """Return a math channel at each frame. Raises FormulaError."""
        if name not in self.found:
            inputs = {
                key: np.array(self.columns[key])
                for key in maths.needed([name])
                if key in sent
            }
            self.found[name] = maths.values([name], inputs, self._time_s())[name]
        return self.found[name]

    def _time_s(self) -> Floats:
        at_us = np.array(self.at_us)
        received_ms: Floats = (at_us - at_us[0]) / 1000.0
        shown = np.array(self.columns[LAP_CLOCK])
        is_shown = bool(np.isfinite(shown).any())
        clock_ms, is_lap_clock = running_clock(shown if is_shown else None, received_ms)
        if is_lap_clock:
            clock_ms = steady(clock_ms, received_ms)
        return clock_ms / 1000.0


class RunningChannels:
    """Some of a person's math channels, fed with the frames of one game.

    ``extra_channels`` are the keys of ``Frame.extra``. Formulas that cannot be
    worked out spoil no others.
    """

    def __init__(
        self,
        formulas: Iterable[Formula],
        names: Sequence[str],
        extra_channels: Sequence[str],
    ) -> None:
        self._maths = MathChannels(usable(formulas))
        self._names = tuple(dict.fromkeys(names))
        known = [name for name in self._names if name in self._maths]
        keys = sorted(self._maths.needed(known) | {LAP_CLOCK})
        self._reads = {key: _reader(key, extra_channels) for key in keys}
        self._laps: deque[_Lap] = deque()
        self._sent: set[str] = set()
        """Channels that had a value at least once."""
        self._newest: Frame | None = None

    def add(self, frames: Iterable[Frame]) -> None:
        """Take further frames, oldest first; one from the past begins anew."""
        for frame in frames:
            before = self._newest
            if before is not None and frame.received_us < before.received_us:
                self._laps.clear()
            if not self._laps or _is_first_of_lap(frame, before):
                self._laps.append(_Lap(self._reads))
            self._append(self._laps[-1], frame)
            self._newest = frame
        if self._newest is not None:
            oldest_us = self._newest.received_us - KEPT_US
            while len(self._laps) > 1 and self._laps[0].at_us[-1] < oldest_us:
                self._laps.popleft()

    def _append(self, lap: _Lap, frame: Frame) -> None:
        lap.found.clear()
        lap.at_us.append(frame.received_us)
        for key, read in self._reads.items():
            value = read(frame)
            if value is None:
                lap.columns[key].append(np.nan)
            else:
                self._sent.add(key)
                lap.columns[key].append(value)
        if len(lap.at_us) >= MOST_FRAMES:
            lap.thin()

    def readings(self) -> dict[str, Reading]:
        """Return the newest value of each channel, or why there is none."""
        return {name: self._reading(name) for name in self._names}

    def _reading(self, name: str) -> Reading:
        if name not in self._maths:
            return Reading(None, is_wrong=True)
        if not self._laps:
            return Reading(None)
        missing = sorted(self._maths.needed([name]) - self._sent)
        if missing:
            return Reading(None, missing[0])
        try:
            value = float(self._laps[-1].values(self._maths, name, self._sent)[-1])
        except FormulaError:
            return Reading(None, is_wrong=True)
        return Reading(value if np.isfinite(value) else None)

    def series(self, name: str, window_us: int, columns: int) -> Series:
        """Return a channel over the last ``window_us``, for so many dot columns."""
        if self._newest is None or self._reading(name)[1:] != ("", False):
            return Series([], [], [])
        since_us = self._newest.received_us - window_us
        times, values = [], []
        for lap in self._laps:
            at_us = np.array(lap.at_us)
            first = int(np.searchsorted(at_us, since_us))
            times.append(at_us[first:])
            values.append(lap.values(self._maths, name, self._sent)[first:])
        at_us, found = np.concatenate(times), np.concatenate(values)
        kept = _drawn(at_us, found, max(1, window_us // max(1, columns)))
        return Series(
            at_us[kept].tolist(),
            [None if np.isnan(one) else one for one in found[kept].tolist()],
            [lap.at_us[0] for lap in list(self._laps)[1:] if lap.at_us[0] >= since_us],
        )


def _reader(key: str, extra_channels: Sequence[str]) -> Read:
    if key in extra_channels:
        return partial(_extra, index=extra_channels.index(key))
    if key in FIELD_OF:
        return attrgetter(FIELD_OF[key])
    return _nothing


def _extra(frame: Frame, index: int) -> float | None:
    return frame.extra_value(index)


def _nothing(_frame: Frame) -> None:
    return None


def _is_first_of_lap(frame: Frame, before: Frame | None) -> bool:
    """Say whether the game counts another lap, or has begun the same one anew."""
    if before is None or frame.lap_number != before.lap_number:
        return True
    now_ms, then_ms = frame.lap_time_ms, before.lap_time_ms
    return now_ms is not None and then_ms is not None and now_ms < then_ms / 2


def _drawn(at_us: Micros, values: Floats, column_us: int) -> NDArray[np.intp]:
    """Return the samples that show in columns of so many microseconds.

    Of each column these are the first, the last, the least and the greatest value;
    of a column without any value one sample, for the gap.
    """
    column = at_us // column_us
    good = np.flatnonzero(np.isfinite(values))
    empty = np.flatnonzero(~np.isin(column, column[good]))
    gaps = empty[_changes(column[empty])]
    if not good.size:
        return gaps
    order = good[np.lexsort((values[good], column[good]))]
    edges = [
        indices[ends]
        for indices in (good, order)
        for starts in (_changes(column[indices]),)
        for ends in (starts, np.append(starts[1:], 0) - 1)
    ]
    return np.unique(np.concatenate((gaps, *edges)))


def _changes(column: Micros) -> NDArray[np.intp]:
    """Return where each run of equal numbers begins."""
    return np.flatnonzero(np.diff(column, prepend=-1))
