"""The statistics of one session: pace, steadiness, where it varies, what it burns.

Loads numpy: to be imported in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from ps_tui.analysis.statistics import pace_of
from ps_tui.domain.errors import PsError
from ps_tui.domain.lap_figures import THIRDS, SectorLines
from ps_tui.domain.models import Lap, LapTrace, Session
from ps_tui.tui.compare import figures
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.base import Dialog
from ps_tui.tui.words import counted

LABEL_WIDTH = 14


class StatisticsDialog(Dialog[None]):
    """Shows pace at once; sectors and fuel come as the laps are read."""

    def __init__(
        self,
        session: Session,
        laps: Sequence[Lap],
        load_trace: Callable[[str], Awaitable[LapTrace]],
        lines: SectorLines = THIRDS,
    ) -> None:
        super().__init__(f"Statistics: {session.name}")
        self._session = session
        self._laps = laps
        self._load_trace = load_trace
        self._lines = lines
        stints, drivers = figures.runs(session, laps)
        self._runs = (("Stint", stints), ("Driver", drivers))

    def compose_body(self) -> ComposeResult:
        yield Static(id="pace", markup=False)
        yield Static(id="from-frames", markup=False)

    def hint(self) -> str:
        return "Only valid flying laps count · ↑ ↓ scroll · esc closes"

    def on_mount(self) -> None:
        super().on_mount()
        # Longer than a small terminal is high: the arrow keys scroll it.
        frame = self.query_one("#dialog")
        frame.can_focus = True
        frame.focus()
        laps = self._laps
        parts = _facts(figures.pace_lines(pace_of(laps), laps))
        for title, found in self._runs:
            if groups := figures.groups(found):
                parts += _table(figures.group_table(title, groups))
        self.query_one("#pace", Static).update(Content.assemble(*parts).rstrip())
        start(self, self._read, group="read")

    async def _read(self) -> None:
        counted_laps = [lap for lap in self._laps if lap.counts_as_best]
        place = self.query_one("#from-frames", Static)
        readings = []
        unread = 0
        for number, lap in enumerate(counted_laps, start=1):
            place.update(f"\nReading lap {number} of {len(counted_laps)} …")
            try:
                trace = await self._load_trace(lap.id)
            except PsError:
                unread += 1
                continue
            readings.append(
                await asyncio.to_thread(figures.read_lap, trace, self._lines)
            )
        parts = await asyncio.to_thread(self._from_frames, readings)
        if unread:
            parts.append((f"{counted(unread, 'lap')} could not be read.\n", "$warning"))
        place.update(Content.assemble(*parts).rstrip())

    def _from_frames(
        self, readings: Sequence[figures.LapReading]
    ) -> list[tuple[str, str]]:
        from ps_tui.analysis.consumption import fuel_use
        from ps_tui.analysis.statistics import sector_spreads

        sectors = [one.sectors for one in readings if one.sectors is not None]
        fuel = [one.fuel for one in readings if one.fuel is not None]
        parts: list[tuple[str, str]] = []
        if spreads := sector_spreads(sectors):
            is_from_game = all(one.is_from_game for one in sectors)
            is_third = self._lines == THIRDS and not is_from_game
            parts += _table(figures.sector_table(spreads, is_third=is_third))
        for title, found in self._runs:
            if rows := figures.sector_group_table(title, found, readings):
                parts += _table(rows)
        if readings:
            parts.append(("\n", ""))
            parts += _facts(figures.fuel_lines(fuel_use(fuel)))
        if rows := figures.tyre_table(self._laps, readings):
            parts += _table(rows)
        return parts


def _facts(lines: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [
        part
        for label, value in lines
        for part in (
            (f"{label:<{LABEL_WIDTH}}", "$muted"),
            (f"{value}\n", "$foreground"),
        )
    ]


def _table(rows: figures.Table) -> list[tuple[str, str]]:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    parts: list[tuple[str, str]] = [("\n", "")]
    for row in rows:
        style = "bold $accent" if row is rows[0] else "$foreground"
        first = f"{row[0]:<{max(widths[0], 8)}}"
        rest = "".join(
            f"  {text:>{width}}"
            for text, width in zip(row[1:], widths[1:], strict=True)
        )
        parts.append((f"{first}{rest}\n", style))
    return parts
