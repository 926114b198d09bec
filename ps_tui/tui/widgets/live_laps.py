"""The laps of the session, newest first: time, gap to the best, class, validity."""

from __future__ import annotations

from collections.abc import Sequence

from ps_tui.domain.models import Lap
from ps_tui.domain.units import format_gap, format_lap_time
from ps_tui.tui.widgets import palette
from ps_tui.tui.widgets.rows import Rows


class LiveLaps(Rows):
    """A list that is painted when a lap was stored, and only where it changed."""

    def __init__(self, *, dom_id: str) -> None:
        super().__init__(dom_id)
        self._laps: tuple[Lap, ...] = ()
        self._best: Lap | None = None

    def set_laps(self, laps: Sequence[Lap], best: Lap | None) -> None:
        """Show finished laps, given in driving order; ``best`` may not be of them."""
        finished = [lap for lap in laps if not lap.is_open]
        self._best = best
        self._laps = tuple(reversed(finished))
        self.redraw()

    def draw(self) -> None:
        """Paint the heading and as many laps as there is room for."""
        self.paint(
            0,
            "head",
            ("LAP TIME      GAP     CLASS", self.ink("muted", is_bold=True)),
        )
        if not self._laps:
            self.paint(1, "none", ("  — no lap finished yet", self.ink("muted")))
        first = 1 if self._laps else 2
        shown = self._laps[: self.extent.height - 1]
        for y, lap in enumerate(shown, start=1):
            self._draw_lap(y, lap)
        for y in range(first + len(shown), self.extent.height):
            self.paint(y, "blank")

    def _draw_lap(self, y: int, lap: Lap) -> None:
        is_best = self._best is not None and lap.id == self._best.id
        gap = "best" if is_best else self._gap(lap)
        text = self.ink(
            palette.BEST if is_best else "" if lap.counts_as_best else "muted",
            is_bold=is_best,
        )
        self.paint(
            y,
            (lap, gap),
            (f"{lap.lap_number:>3} ", self.ink("muted")),
            (f"{format_lap_time(lap.lap_time_ms):<9} ", text),
            (f"{gap:<7} ", text),
            (f"{lap.kind.value:<7} ", self.ink("muted")),
            ("" if lap.valid else "INV", self.ink(palette.ALARM)),
        )

    def _gap(self, lap: Lap) -> str:
        if not lap.counts_as_best or self._best is None:
            return ""
        return format_gap((lap.lap_time_ms or 0) - (self._best.lap_time_ms or 0))
