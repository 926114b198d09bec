"""The lines above the lap table: bests, what is possible, spread and trend."""

from __future__ import annotations

import msgspec

from ps_tui.domain.lap_figures import BestsByLines, SessionPace
from ps_tui.domain.models import Lap, Session
from ps_tui.domain.units import format_lap_time
from ps_tui.tui.lap_rows import theoretical_ms
from ps_tui.tui.widgets.details import Line


class LapSummary(msgspec.Struct, frozen=True):
    """What is known of all laps of a session."""

    session: Session
    count: int
    best: Lap | None
    pace: SessionPace = SessionPace()
    bests: BestsByLines = BestsByLines()
    possible_ms: float | None = None
    """Of the lap that is being driven."""

    def lines(self) -> list[Line]:
        """Write it on two lines; the second goes first where there is no room."""
        if not self.count:
            return [[(self.session.name, "bold $foreground")]]
        return [self._bests(), self._spread()]

    def _bests(self) -> Line:
        best, theoretical = self.best, theoretical_ms(self.bests.session, self.best)
        text = format_lap_time(best.lap_time_ms if best else None)
        line = [("Best ", "$muted"), (text, "bold $accent")]
        if best is not None:
            line.append((f" in lap {best.lap_number}", "$muted"))
        line += _fact("Theoretical", format_lap_time(theoretical))
        if self.possible_ms is not None:
            line += _fact("Possible", format_lap_time(round(self.possible_ms)))
        line.append((f"  {self.pace.counted} of {self.count} count", "$muted"))
        return line

    def _spread(self) -> Line:
        pace = self.pace
        middle = None if pace.median_ms is None else round(pace.median_ms)
        line = [("Median ", "$muted"), (format_lap_time(middle), "$foreground")]
        line += _fact("IQR", _seconds(pace.iqr_ms)) + _fact("SD", _seconds(pace.sd_ms))
        trend = "–"
        if pace.slope_ms is not None and pace.r_squared is not None:
            trend = f"{pace.slope_ms / 1000:+z.3f} s/lap"
            basis = f", n {pace.counted}, R² {pace.r_squared:.2f}"
            line += [*_fact("Trend", trend), (basis, "$muted")]
        else:
            line += _fact("Trend", trend)
        where = " · ".join(filter(None, (self.session.car, self.session.track)))
        return [*line, (f"   {where}" if where else "", "$muted")]


def _fact(label: str, value: str) -> list[tuple[str, str]]:
    return [(f"  {label} ", "$muted"), (value, "$foreground")]


def _seconds(value_ms: float | None) -> str:
    return "–" if value_ms is None else f"{value_ms / 1000:.3f}"
