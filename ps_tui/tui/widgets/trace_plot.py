"""A rolling plot of one or two channels over the last seconds."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import msgspec
from rich.style import Style
from textual.geometry import Size

from ps_tui.domain.frame import Frame
from ps_tui.tui import measures
from ps_tui.tui.widgets.canvas import Canvas
from ps_tui.tui.widgets.palette import CHANNEL_COLORS
from ps_tui.tui.widgets.rolling_trace import (
    FIRST_TRACE_LAYER,
    GAP_LAYER,
    GUIDE_LAYER,
    MARK_LAYER,
    RollingTrace,
)
from ps_tui.tui.widgets.rows import Piece, Rows

_AXIS_WIDTH = 5
_LEAST_SPEED_KMH = 200
_SPEED_STEP_KMH = 50


class TraceSpec(msgspec.Struct, frozen=True):
    """What a plot shows: channel keys with the Frame attributes they are read from.

    ``labels`` stand at the top, the middle and the bottom of the axis. Of two
    channels the last is drawn as a line over the filled area of the first.
    """

    title: str
    channels: tuple[str, ...]
    fields: tuple[str, ...]
    bounds: tuple[float, float]
    labels: tuple[str, str, str]
    is_elastic: bool = False
    """Whether the upper bound grows with what is seen."""
    has_window: bool = False
    """Whether the title says how much time is shown; one plot of a stack does."""
    unit: str = ""
    """Of the values, as they are stored; the axis has the unit that is shown."""


THROTTLE = TraceSpec(
    "THROTTLE %",
    ("throttle",),
    ("throttle",),
    (0.0, 1.0),
    ("100", "50", "0"),
    has_window=True,
)
BRAKE = TraceSpec("BRAKE %", ("brake",), ("brake",), (0.0, 1.0), ("100", "50", "0"))
PEDALS = TraceSpec(
    "THROTTLE and BRAKE %",
    ("brake", "throttle"),
    ("brake", "throttle"),
    (0.0, 1.0),
    ("100", "50", "0"),
    has_window=True,
)
STEERING = TraceSpec(
    "STEERING", ("steering",), ("steering",), (-1.0, 1.0), ("R", "0", "L")
)
SPEED = TraceSpec(
    "SPEED",
    ("speed",),
    ("speed_kmh",),
    (0.0, float(_LEAST_SPEED_KMH)),
    ("", "", "0"),
    is_elastic=True,
    unit="km/h",
)


class TracePlot(Rows):
    """A title row and a canvas with its axis; ``feed`` costs what is new.

    The plot does not keep samples: after a change of size, window or bounds
    ``needs_refill`` is true and its owner gives it all frames of the window again.
    """

    def __init__(self, spec: TraceSpec, *, dom_id: str) -> None:
        super().__init__(dom_id)
        self.spec = spec
        self.needs_refill = True
        self._window_s = 15
        self._bounds = spec.bounds
        self._canvas = Canvas(1, 1)
        self._trace: RollingTrace | None = None
        self._axis: list[str] = []
        self._sent: set[str] = set()
        """Channels that had a value within the window."""

    @property
    def canvas_rows(self) -> list[str]:
        """The drawn characters, for whoever wants to read them."""
        return [self._canvas.row(y) for y in range(self._canvas.height)]

    def set_window(self, window_s: int) -> None:
        """Show so many seconds; the plot wants a refill."""
        self._window_s = window_s
        self.needs_refill = True

    def refill(self, frames: Iterable[Frame]) -> None:
        """Draw anew from all frames of the window, oldest first."""
        if not self.room:
            return
        kept = list(frames)
        self._bounds = self._bounds_for(kept)
        self.begin(self._bounds, self._labels())
        self._sent.clear()
        self._add(kept, None)
        self.redraw()

    @property
    def room(self) -> Size:
        """The cells that are left for the canvas."""
        width, height = self.extent
        return Size(max(0, width - _AXIS_WIDTH), max(0, height - 1))

    def begin(
        self, bounds: tuple[float, float], labels: tuple[str, str, str]
    ) -> RollingTrace:
        """Return an empty trace over all the room, to be drawn on."""
        width, height = self.room
        count = len(self.spec.channels)
        self._canvas = Canvas(
            width, height, FIRST_TRACE_LAYER + count, is_ascii=self.is_ascii
        )
        self._trace = RollingTrace(
            self._canvas,
            window_us=self._window_s * 1_000_000,
            bounds=bounds,
            filled=(True, False) if count > 1 else (False,),
        )
        self._trace.guide(sum(bounds) / 2)
        self._axis = self._axis_rows(height, labels)
        self.needs_refill = False
        return self._trace

    def feed(self, frames: list[Frame], before: Frame | None) -> None:
        """Draw new frames. ``before`` is the one that came before them."""
        if self.needs_refill or not frames:
            return
        if self.spec.is_elastic and self._bounds_for(frames) > self._bounds:
            self.needs_refill = True
            return
        self._add(frames, before)
        self.redraw()

    def draw(self) -> None:
        """Paint the title and the rows of the canvas that changed."""
        self._draw_title()
        if self._trace is None:
            return
        rows = range(self._canvas.height)
        dirty = [
            y for y in rows if y in self._canvas.dirty_rows or y + 1 not in self._keys
        ]
        self._canvas.dirty_rows.clear()
        inks = self._inks()
        axis_ink = self.ink("muted")
        for y in dirty:
            runs = tuple(self._canvas.runs(y))
            pieces: list[Piece] = [(self._axis[y], axis_ink)]
            pieces += [(text, inks[owner]) for owner, text in runs]
            self.paint(y + 1, runs, *pieces)

    def _draw_title(self) -> None:
        title = f"{self.spec.title} {measures.label(self.spec.unit)}".strip()
        window = f"last {self._window_s} s" if self.spec.has_window else ""
        key = (title, window, frozenset(self._sent))
        if self.is_painted(0, key):
            return
        line, area = ("|", "#") if self.is_ascii else ("─", "█")
        channels = self.spec.channels
        pieces: list[Piece] = []
        if len(channels) > 1:
            pieces += self._legend(line, channels[1], "THROTTLE %")
            pieces.append(("   ", self.ink()))
            pieces += self._legend(area, channels[0], "BRAKE %")
        else:
            pieces += self._legend(line, channels[0], title)
        used = sum(len(text) for text, _ in pieces)
        room = max(0, self.extent.width - used)
        pieces.append((window.rjust(room)[-room:] if room else "", self.ink("muted")))
        self.paint(0, key, *pieces)

    def _legend(self, mark: str, channel: str, name: str) -> list[Piece]:
        """Return a mark in the colour of a channel, and what it stands for."""
        pieces = [
            (f"{mark} ", self.ink(CHANNEL_COLORS[channel])),
            (name, self.ink("muted", is_bold=True)),
        ]
        if channel not in self._sent:
            pieces.append(("  —  not sent", self.ink("muted")))
        return pieces

    def _add(self, frames: list[Frame], before: Frame | None) -> None:
        trace = self._trace
        if trace is None:
            return
        channels = self.spec.channels
        for index, field in enumerate(self.spec.fields):
            for frame in frames:
                value = getattr(frame, field)
                trace.add(index, frame.received_us, value)
                if value is not None:
                    self._sent.add(channels[index])
        chain = frames if before is None else [before, *frames]
        for older, newer in pairwise(chain):
            if older.lap_number != newer.lap_number:
                trace.mark(newer.received_us)

    def _bounds_for(self, frames: Iterable[Frame]) -> tuple[float, float]:
        """Widen an elastic scale in steps; it never shrinks."""
        low, high = self._bounds
        if self.spec.is_elastic:
            field = self.spec.fields[0]
            top = max((getattr(frame, field) or 0.0 for frame in frames), default=0.0)
            while top > high and high < 1000:
                high += _SPEED_STEP_KMH
        return low, high

    def _labels(self) -> tuple[str, str, str]:
        top, middle, bottom = self.spec.labels
        if self.spec.is_elastic:
            most = measures.amount(self._bounds[1], self.spec.unit)
            top, middle = f"{most:.0f}", f"{most / 2:.0f}"
        return top, middle, bottom

    def _axis_rows(self, height: int, labels: tuple[str, str, str]) -> list[str]:
        rows = [""] * height
        if height >= 5:
            rows[(height - 1) // 2 if height % 2 else height // 2 - 1] = labels[1]
        rows[0], rows[-1] = labels[0], labels[2]
        wall = "|" if self.is_ascii else "│"
        # A label that is one sign too long stands in place of the wall.
        return [f"{row:>{_AXIS_WIDTH - 1}}{wall}"[:_AXIS_WIDTH] for row in rows]

    def _inks(self) -> dict[int, Style]:
        inks = {
            -1: self.ink(),
            GUIDE_LAYER: self.ink("faint"),
            MARK_LAYER: self.ink(""),
            GAP_LAYER: self.ink("faint"),
        }
        for index, channel in enumerate(self.spec.channels):
            inks[FIRST_TRACE_LAYER + index] = self.ink(CHANNEL_COLORS[channel])
        return inks

    def _forget(self) -> None:
        super()._forget()
        if (self._canvas.width, self._canvas.height) != self.room:
            self._trace = None
            self.needs_refill = True
