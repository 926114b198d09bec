"""The rolling plot of a math channel, drawn anew whenever it was worked out."""

from __future__ import annotations

from ps_tui.tui.live_maths import Picture
from ps_tui.tui.widgets.palette import CHANNEL_COLORS
from ps_tui.tui.widgets.rows import Piece
from ps_tui.tui.widgets.trace_plot import TracePlot, TraceSpec

_SPEC = TraceSpec("", ("math",), (), (0.0, 1.0), ("", "", ""))


class MathPlot(TracePlot):
    """Looks like the plots around it; its scale follows what is in sight."""

    def __init__(self, *, dom_id: str) -> None:
        super().__init__(_SPEC, dom_id=dom_id)
        self._picture: Picture | None = None

    @property
    def columns(self) -> int:
        """How many dot columns there are to draw in."""
        return self.room.width * 2

    def show(self, picture: Picture | None) -> None:
        """Draw this; ``None`` while nothing is worked out yet."""
        if picture != self._picture:
            self._picture = picture
            self.needs_refill = True
            self.redraw()

    def draw(self) -> None:
        picture = self._picture
        if self.needs_refill and picture is not None and self.room:
            self.set_window(picture.window_s)
            trace = self.begin(picture.bounds, picture.labels)
            for at_us, value in picture.points:
                trace.add(0, at_us, value)
            for at_us in picture.lines_us:
                trace.mark(at_us)
        super().draw()

    def _draw_title(self) -> None:
        picture = self._picture
        if self.is_painted(0, picture and picture.line):
            return
        line = "|" if self.is_ascii else "─"
        pieces: list[Piece] = [(f"{line} ", self.ink(CHANNEL_COLORS["math"]))]
        if picture is not None:
            name, value, unit, note = picture.line
            pieces.append((f"{name} {unit}".strip(), self.ink("muted", is_bold=True)))
            if note:
                pieces.append(
                    (f"  {'-' if self.is_ascii else '—'}  {note}", self.ink("muted"))
                )
            else:
                pieces.append((f"  {value}", self.ink(is_bold=True)))
        self.paint(0, picture and picture.line, *pieces)
