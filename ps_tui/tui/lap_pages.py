"""The laps of one session as rows of the lap table, fetched a page at a time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from ps_tui.domain.lap_figures import BestsByLines, LapRow
from ps_tui.domain.models import Lap
from ps_tui.domain.ports import Library
from ps_tui.tui.glyphs import Glyphs
from ps_tui.tui.lap_rows import columns_for, lap_record, rate_page
from ps_tui.tui.widgets.record_table import Column, Record


class LapPages:
    """Fetches laps as records and remembers the laps behind them."""

    def __init__(self, library: Library, session_id: str, glyphs: Glyphs) -> None:
        self._library = library
        self._session_id = session_id
        self._glyphs = glyphs
        self._rows: dict[str, LapRow] = {}
        self._best: Lap | None = None
        self._marked: Counter[str | None] = Counter()
        self.is_rated = False
        """Whether sectors get letters; they take a look at every lap before."""

    async def prepare(self, best: Lap | None) -> None:
        """Take the best lap and the markers, which the rows tell of."""
        markers = await self._library.markers(self._session_id)
        self._marked = Counter(marker.lap_id for marker in markers)
        self._best = best

    @property
    def columns(self) -> list[Column]:
        """The columns that the laps fetched so far have something for."""
        return columns_for(list(self._rows.values()))

    def row(self, lap_id: str | None) -> LapRow | None:
        """Return a lap that was fetched."""
        return None if lap_id is None else self._rows.get(lap_id)

    async def fetch(self, offset: int, limit: int) -> Sequence[Record]:
        """Return some laps in driving order."""
        page = await self._library.lap_page(
            self._session_id, offset, limit, rated=self.is_rated
        )
        return self._records(page.rows, page.before)

    async def every(self) -> Sequence[Record]:
        """Return all laps, for a filter that looks at each."""
        rows = await self._library.lap_rows(self._session_id)
        bests = await self._library.sector_bests(self._session_id)
        before = BestsByLines({}, bests.overall)
        return await asyncio.to_thread(self._records, rows, before)

    def _records(
        self, rows: Sequence[LapRow], before: BestsByLines | None
    ) -> list[Record]:
        self._rows.update((row.lap.id, row) for row in rows)
        return [
            lap_record(row, ratings, self._best, self._glyphs, self._marked[row.lap.id])
            for row, ratings in zip(rows, rate_page(rows, before), strict=True)
        ]
