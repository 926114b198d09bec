"""The lap before as the database has it: its sectors with the letters it earned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ps_tui.analysis.rating import Rating
from ps_tui.domain.lap_figures import SectorTimes
from ps_tui.domain.models import Lap
from ps_tui.domain.ports import Library
from ps_tui.tui.lap_rows import rate_page, rated
from ps_tui.tui.widgets.sector_strip import Cut, Strip


class StoredLap(NamedTuple):
    """A finished lap in sectors and mini-sectors, and the time it is known by."""

    lap_time_ms: int
    strip: Strip


async def stored_lap(library: Library, laps: Sequence[Lap]) -> StoredLap | None:
    """Return the newest of ``laps``, rated by the bests before it.

    ``None`` where it has no time or was not measured. Raises DatabaseError.
    """
    lap = laps[-1] if laps else None
    if lap is None or lap.lap_time_ms is None:
        return None
    span = await library.lap_span(lap.session_id, lap.lap_number)
    page = await library.lap_page(lap.session_id, span.near_index or 0, 1)
    row = page.rows[0] if page.rows else None
    if row is None or row.lap.id != lap.id or row.figures is None:
        return None
    made = row.figures
    if not made.minis_ms:
        return None
    minis: Sequence[Rating | None] = ()
    if row.lap.counts_as_best:
        bests = await library.mini_bests(lap.session_id, lap.lap_number)
        minis = rated(made.minis_ms, bests.session, bests.overall)
    (sectors,) = rate_page(page.rows, page.before)
    strip = Strip(_cuts(made.sectors_ms, sectors), _cuts(made.minis_ms, minis))
    return StoredLap(lap.lap_time_ms, strip)


def _cuts(times_ms: SectorTimes, ratings: Sequence[Rating | None]) -> tuple[Cut, ...]:
    padded = (*ratings, *(None,) * len(times_ms))
    return tuple(
        Cut(time_ms, "" if rating is None else rating.value)
        for time_ms, rating in zip(times_ms, padded, strict=False)
    )
