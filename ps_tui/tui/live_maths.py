"""Which math channels the Live screen shows, and what it shows of them.

The work is done in a thread: :class:`Workings` loads numpy, the rest are values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ps_tui.domain.channel import CHANNELS
from ps_tui.domain.frame import Frame
from ps_tui.domain.garage import MathChannel

if TYPE_CHECKING:
    from ps_tui.analysis.maths.running import Reading, RunningChannels

MOST_READ = 4
MOST_LABEL = 5
PLOTS = {
    "steering-trace": "steering",
    "speed-trace": "speed",
    "throttle": "throttle",
    "brake": "brake",
}
"""The plots that a math channel can take the place of, and what to call them."""


class LiveChoice(NamedTuple):
    """Ids of math channels: those that are read out, and the one that is drawn."""

    read: tuple[str, ...] = ()
    traced: str = ""
    instead_of: str = ""
    """The plot whose place the drawn one takes."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Every chosen channel once."""
        return tuple(
            dict.fromkeys((*self.read, self.traced) if self.traced else self.read)
        )

    def marked(self, key: str) -> LiveChoice:
        """Return the choice with a channel read out, or no more."""
        if key in self.read:
            return self._replace(read=tuple(one for one in self.read if one != key))
        return self._replace(read=(*self.read, key)[:MOST_READ])

    def drawn(self, key: str) -> LiveChoice:
        """Return the choice with a channel drawn in the next place, at last in none."""
        places = tuple(PLOTS)
        if key != self.traced:
            return self._replace(traced=key, instead_of=places[0])
        after = places.index(self.instead_of) + 1
        if after == len(places):
            return self._replace(traced="", instead_of="")
        return self._replace(instead_of=places[after])

    def among(self, maths: Sequence[MathChannel]) -> LiveChoice:
        """Return the choice without channels that are not there any more."""
        ids = {one.id for one in maths}
        read = tuple(one for one in self.read if one in ids)
        if self.traced in ids:
            return self._replace(read=read)
        return LiveChoice(read)


class Line(NamedTuple):
    """A math channel read out; ``note`` says why there is no value."""

    name: str
    value: str = ""
    unit: str = ""
    note: str = ""


class Picture(NamedTuple):
    """A math channel drawn over the last seconds."""

    line: Line
    window_s: int
    bounds: tuple[float, float] = (0.0, 1.0)
    labels: tuple[str, str, str] = ("", "", "")
    """At the top, the middle and the bottom of the axis."""
    points: tuple[tuple[int, float | None], ...] = ()
    """Time of reception, µs, and value."""
    lines_us: tuple[int, ...] = ()
    """When laps began."""


class Shown(NamedTuple):
    """What a turn of the work has found."""

    lines: tuple[Line, ...] = ()
    picture: Picture | None = None


class Wanted(NamedTuple):
    """Everything that the work depends on besides the frames."""

    maths: tuple[MathChannel, ...] = ()
    choice: LiveChoice = LiveChoice()
    extra_channels: tuple[str, ...] = ()


class Workings:
    """The chosen math channels on the running lap; for one thread at a time."""

    def __init__(self, wanted: Wanted) -> None:
        self._choice = wanted.choice
        self._extra_channels = wanted.extra_channels
        self._maths = {one.id: one for one in wanted.maths}
        self._running: RunningChannels | None = None
        self._bounds: tuple[float, float] | None = None

    def turn(self, frames: Sequence[Frame], window_s: int, columns: int) -> Shown:
        """Take new frames; return values, and a picture in so many dot columns."""
        from ps_tui.analysis.maths.running import RunningChannels
        from ps_tui.tui.dialogs.formula import formulas_of

        running = self._running
        if running is None:
            names = [self._maths[key].name for key in self._choice.ids]
            formulas = formulas_of(tuple(self._maths.values()))
            running = RunningChannels(formulas, names, self._extra_channels)
            self._running = running
        running.add(frames)
        readings = running.readings()
        lines = {
            key: _line(self._maths[key], readings[self._maths[key].name])
            for key in self._choice.ids
        }
        picture = None
        if traced := self._choice.traced:
            picture = self._picture(running, lines[traced], window_s, columns)
        return Shown(tuple(lines[key] for key in self._choice.read), picture)

    def _picture(
        self, running: RunningChannels, line: Line, window_s: int, columns: int
    ) -> Picture:
        import numpy as np

        from ps_tui.tui.compare.scales import scale_of

        series = running.series(line.name, window_s * 1_000_000, columns)
        known = [value for value in series.values if value is not None]
        if not known:
            return Picture(line, window_s)
        if self._bounds is not None and _is_near(self._bounds, min(known), max(known)):
            known += self._bounds
        scale = scale_of(line.name, [np.array(known)])
        self._bounds = scale.low, scale.high
        return Picture(
            line,
            window_s,
            self._bounds,
            (_label(scale.top), _label(scale.middle), _label(scale.bottom)),
            tuple(zip(series.at_us, series.values, strict=True)),
            tuple(series.lines_us),
        )


def _label(text: str) -> str:
    """Return a label of the axis, nothing where it has no room there."""
    return text if len(text) <= MOST_LABEL else ""


def _is_near(bounds: tuple[float, float], least: float, most: float) -> bool:
    """Say whether a scale may stay: it holds all, and they fill a good part of it."""
    low, high = bounds
    return low <= least and most <= high and most - least >= 0.3 * (high - low)


def _line(math: MathChannel, reading: Reading) -> Line:
    if reading.is_wrong:
        return Line(math.name, note="the formula has a mistake")
    if reading.missing:
        return Line(
            math.name, note=f"no {channel_name(reading.missing)} from this game"
        )
    return Line(math.name, figure(reading.value), math.unit or "")


def channel_name(key: str) -> str:
    """Return the name of a channel within a sentence."""
    label = CHANNELS[key].label if key in CHANNELS else key
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def figure(value: float | None) -> str:
    """Write a value with about four digits, nothing known as a dash."""
    if value is None:
        return "–"
    size = abs(value)
    if size >= 1e7 or 0.0 < size < 0.001:
        return f"{value:.3g}"
    return (
        f"{value:z.{3 if size < 10 else 2 if size < 100 else 1 if size < 1000 else 0}f}"
    )
