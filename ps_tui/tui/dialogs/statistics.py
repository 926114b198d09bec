"""The statistics of one session: pace, steadiness, where it varies, what it burns.

Loads numpy: to be imported in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from ps_tui.analysis.statistics import pace_of
from ps_tui.domain.errors import PsError
from ps_tui.domain.lap_figures import THIRDS, LapRow, SectorLines
from ps_tui.domain.models import Lap, Session
from ps_tui.domain.ports import Library
from ps_tui.tui.compare import figures
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.base import Dialog
from ps_tui.tui.measuring import measure_laps
from ps_tui.tui.words import counted

if TYPE_CHECKING:
    from ps_tui.analysis.consumption import LapFuel, LapTyres

LABEL_WIDTH = 14


class StatisticsDialog(Dialog[None]):
    """Shows at once what is known of the laps; the rest comes as it is read."""

    def __init__(
        self, session: Session, rows: Sequence[LapRow], library: Library
    ) -> None:
        super().__init__(f"Statistics: {session.name}")
        self._session = session
        self._library = library
        self._rows = rows
        self._laps = laps = [row.lap for row in rows]
        self._fuel: LapFuel | None = None
        self._stint = 0
        self._tyres: list[LapTyres] = []
        self._unread = 0
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
        """Show what is stored, then the tyres, then what had to be measured."""
        await self._show()
        self._stint, wanted = figures.tyre_laps(self._laps)
        newest = next((lap for lap in reversed(self._laps) if lap.frame_count), None)
        for lap in wanted:
            _fuel, tyres = await self._read_lap(lap)
            if tyres is None:
                continue
            if not tyres.values:
                break  # A game sends them for every lap, or for none.
            self._tyres.append(tyres)
        if newest is not None:
            self._fuel, _tyres = await self._read_lap(newest)
        await self._show()
        await measure_laps(self._library, self._session, self._measured)

    async def _read_lap(self, lap: Lap) -> tuple[LapFuel | None, LapTyres | None]:
        try:
            trace = await self._library.load_trace(lap.id)
        except PsError:
            self._unread += 1
            return None, None
        return await asyncio.to_thread(figures.read_lap, trace)

    async def _measured(self) -> None:
        self._rows = await self._library.lap_rows(self._session.id)
        await self._show()

    async def _show(self) -> None:
        session, library = self._session, self._library
        lines = await library.sector_lines(session.track, session.layout)
        parts = await asyncio.to_thread(self._from_frames, lines)
        self.query_one("#from-frames", Static).update(Content.assemble(*parts).rstrip())

    def _from_frames(self, lines: SectorLines) -> list[tuple[str, str]]:
        from ps_tui.analysis.consumption import fuel_use
        from ps_tui.analysis.statistics import sector_spreads

        sectors = figures.sectors_of(self._rows, lines)
        parts: list[tuple[str, str]] = []
        if spreads := sector_spreads(sectors):
            is_from_game = all(one.is_from_game for one in sectors)
            is_third = lines == THIRDS and not is_from_game
            parts += _table(figures.sector_table(spreads, is_third=is_third))
        for title, found in self._runs:
            if rows := figures.sector_group_table(title, found, sectors):
                parts += _table(rows)
        if sectors:
            parts.append(("\n", ""))
            parts += _facts(figures.fuel_lines(fuel_use(self._rows, self._fuel)))
        if rows := figures.tyre_table(self._stint, self._tyres):
            parts += _table(rows)
        if self._unread:
            words = f"{counted(self._unread, 'lap')} could not be read.\n"
            parts.append((words, "$warning"))
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
