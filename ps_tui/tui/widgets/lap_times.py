"""The lap being driven, the last and the best: three rows of words and times."""

from __future__ import annotations

from ps_tui.domain.recording import LapProgress
from ps_tui.domain.units import format_gap, format_lap_time
from ps_tui.tui.widgets import palette
from ps_tui.tui.widgets.rows import Rows


class LapTimes(Rows):
    """Lap number, last lap and best lap. Needs three rows."""

    def __init__(self, *, dom_id: str) -> None:
        super().__init__(dom_id)
        self._progress = LapProgress()
        self._lap_number: int | None = None
        self._note = ""

    def set_progress(
        self, progress: LapProgress, lap_number: int | None, note: str
    ) -> None:
        """Show where the driver is. ``note`` is a word on the running lap."""
        state = (progress, lap_number, note)
        if state != (self._progress, self._lap_number, self._note):
            self._progress, self._lap_number, self._note = state
            self.redraw()

    def draw(self) -> None:
        """Paint the three rows."""
        number = self._lap_number
        label = self.ink("muted", is_bold=True)
        lap = "—" if number is None else str(number)
        self.paint(
            0,
            (lap, self._note),
            ("LAP   ", label),
            (lap.ljust(10), self.ink(is_bold=True)),
            (self._note, self.ink(palette.CAUTION)),
        )
        progress = self._progress
        verdict, color = last_verdict(progress)
        last = format_lap_time(progress.last_lap_time_ms)
        self.paint(
            1,
            (last, verdict),
            ("LAST  ", label),
            (last.ljust(10), self.ink(color if verdict == "PB" else "")),
            (verdict, self.ink(color, is_bold=verdict == "PB")),
        )
        best = format_lap_time(progress.best_lap_time_ms)
        has_best = progress.best_lap_time_ms is not None
        self.paint(
            2,
            best,
            ("BEST  ", label),
            (best, self.ink(palette.BEST if has_best else "")),
        )


def last_verdict(progress: LapProgress) -> tuple[str, str]:
    """Return a word on the last lap and its colour: PB, the gap, or not counted."""
    last_ms, best_ms = progress.last_lap_time_ms, progress.best_lap_time_ms
    if last_ms is None:
        return "", "muted"
    if not progress.last_lap_counts:
        return "not counted", "muted"
    if best_ms is None or last_ms <= best_ms:
        return "PB", palette.BEST
    return format_gap(last_ms - best_ms), palette.CAUTION
