"""The lap being driven, the last and the best: rows of words and times."""

from __future__ import annotations

from ps_tui.domain.recording import LapProgress
from ps_tui.domain.units import format_gap, format_lap_time
from ps_tui.tui.car_state import RaceState
from ps_tui.tui.live_words import gap_text
from ps_tui.tui.widgets import palette
from ps_tui.tui.widgets.rows import Rows

_WIDE = 32


class LapTimes(Rows):
    """Lap number, last lap and best lap; in a fourth row the place and the gaps.

    Where there are only three rows, the place stands beside the lap number. Until
    there are laps of the session, last and best are the game's, and say so.
    """

    def __init__(self, *, dom_id: str) -> None:
        super().__init__(dom_id)
        self._progress = LapProgress()
        self._lap_number: int | None = None
        self._note = ""
        self._race = RaceState()
        self._possible = ""

    def set_possible(self, possible_ms: float | None) -> None:
        """Show what the running lap can still become, to the tenth."""
        text = ""
        if possible_ms is not None:
            text = format_lap_time(round(possible_ms))[:-2]
        if text != self._possible:
            self._possible = text
            self.redraw()

    def set_race(self, race: RaceState) -> None:
        """Show the place, the gaps and the game's times, as far as it sends them."""
        if race != self._race:
            self._race = race
            self.redraw()

    def set_progress(
        self, progress: LapProgress, lap_number: int | None, note: str
    ) -> None:
        """Show where the driver is. ``note`` is a word on the running lap."""
        state = (progress, lap_number, note)
        if state != (self._progress, self._lap_number, self._note):
            self._progress, self._lap_number, self._note = state
            self.redraw()

    def draw(self) -> None:
        """Paint the rows."""
        number = self._lap_number
        label = self.ink("muted", is_bold=True)
        lap = "—" if number is None else str(number)
        place = self._race.place
        if place is not None and self.extent.height < 4:
            lap += f"  P{place:.0f}"
        self.paint(
            0,
            (lap, self._note),
            ("LAP   ", label),
            (lap.ljust(10), self.ink(is_bold=True)),
            (self._note, self.ink(palette.CAUTION)),
        )
        progress = self._progress
        verdict, color = last_verdict(progress)
        last_ms, best_ms = progress.last_lap_time_ms, progress.best_lap_time_ms
        if last_ms is None and self._race.last_lap_ms is not None:
            last_ms, verdict = round(self._race.last_lap_ms), "game's"
        last = format_lap_time(last_ms)
        self.paint(
            1,
            (last, verdict),
            ("LAST  ", label),
            (last.ljust(10), self.ink(color if verdict == "PB" else "")),
            (verdict, self.ink(color, is_bold=verdict == "PB")),
        )
        has_best = best_ms is not None
        possible = self._possible and f"{self._word}{self._possible}"
        if best_ms is None and self._race.best_lap_ms is not None:
            best_ms, possible = round(self._race.best_lap_ms), "game's"
        best = format_lap_time(best_ms)
        self.paint(
            2,
            (best, possible),
            ("BEST  ", label),
            (best.ljust(10), self.ink(palette.BEST if has_best else "")),
            (possible, self.ink("muted")),
        )
        if self.extent.height > 3:
            self._draw_race()

    @property
    def _word(self) -> str:
        return "possible " if self.extent.width >= _WIDE else "can "

    def _draw_race(self) -> None:
        race = self._race
        place = "" if race.place is None else f"P{race.place:.0f}"
        pieces = [(f"{place:<6}", self.ink(is_bold=True))]
        for name, gap_ms in (("ahead", race.ahead_ms), ("leader", race.leader_ms)):
            if (text := gap_text(gap_ms)) is not None:
                pieces.append((f"{name} ", self.ink("muted")))
                pieces.append((f"{text} ", self.ink()))
        self.paint(3, race, *pieces)


def last_verdict(progress: LapProgress) -> tuple[str, str]:
    """Return a word on the last lap and its colour: PB, the gap, or uncounted."""
    last_ms, best_ms = progress.last_lap_time_ms, progress.best_lap_time_ms
    if last_ms is None:
        return "", "muted"
    if not progress.last_lap_counts:
        return "uncounted", "muted"
    if best_ms is None or last_ms <= best_ms:
        return "PB", palette.BEST
    return format_gap(last_ms - best_ms), palette.CAUTION
