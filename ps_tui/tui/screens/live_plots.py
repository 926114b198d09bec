"""The rolling plots of the Live screen and the minute of frames that they draw."""

from __future__ import annotations

from collections import deque

from ps_tui.domain.frame import Frame
from ps_tui.tui.widgets import trace_plot
from ps_tui.tui.widgets.panes import Panes
from ps_tui.tui.widgets.trace_plot import TracePlot

WINDOWS_S = (5, 10, 15, 20, 30, 45, 60)
DEFAULT_WINDOW_S = 15
_KEPT_US = WINDOWS_S[-1] * 1_000_000


class RollingPlots:
    """Feeds the plots that are in sight; the others are refilled when they come."""

    def __init__(self) -> None:
        self.window_s = DEFAULT_WINDOW_S
        self.history: deque[Frame] = deque()
        """The last minute, oldest first."""
        self.widgets = (
            TracePlot(trace_plot.THROTTLE, dom_id="throttle"),
            TracePlot(trace_plot.BRAKE, dom_id="brake"),
            TracePlot(trace_plot.STEERING, dom_id="steering-trace"),
            TracePlot(trace_plot.SPEED, dom_id="speed-trace"),
            TracePlot(trace_plot.PEDALS, dom_id="pedals"),
        )

    def feed(self, frames: list[Frame], panes: Panes) -> None:
        """Draw new frames, oldest first."""
        before = self.history[-1] if self.history else None
        if before is not None and frames[0].received_us < before.received_us:
            self.forget()  # A capture went back: what was drawn is ahead of it.
            before = None
        history = self.history
        history.extend(frames)
        oldest_us = history[-1].received_us - _KEPT_US
        while history[0].received_us < oldest_us:
            history.popleft()
        for plot in self.widgets:
            if panes.has_place(plot):
                plot.feed(frames, before)
            else:
                plot.needs_refill = True

    def refill(self, panes: Panes) -> None:
        """Draw plots anew whose size, window or scale changed."""
        for plot in self.widgets:
            if plot.needs_refill and self.history and panes.has_place(plot):
                start_us = self.history[-1].received_us - self.window_s * 1_000_000
                plot.refill(
                    frame for frame in self.history if frame.received_us >= start_us
                )

    def change_window(self, step: int) -> None:
        """Show a longer or shorter stretch of time."""
        index = WINDOWS_S.index(self.window_s) + step
        self.window_s = WINDOWS_S[max(0, min(index, len(WINDOWS_S) - 1))]
        for plot in self.widgets:
            plot.set_window(self.window_s)

    def forget(self) -> None:
        """Begin anew: what was drawn is of another game."""
        self.history.clear()
        for plot in self.widgets:
            plot.needs_refill = True
