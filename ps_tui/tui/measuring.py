"""Makes the figures of laps that have none yet, a few at a time, beside the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ps_tui.domain.errors import PsError
from ps_tui.domain.lap_figures import LapFigures, SectorLines, lines_text
from ps_tui.domain.models import Lap, LapTrace, Session
from ps_tui.domain.ports import Library

BATCH = 12
"""Laps that are stored, and shown, together."""


async def measure_laps(
    library: Library,
    session: Session,
    measured: Callable[[], Awaitable[None]] | None = None,
) -> int:
    """Measure the laps of a session, then those that its bests are judged by.

    ``measured`` is awaited whenever some were stored. Returns how many there were.
    Raises DatabaseError where figures cannot be stored.
    """
    lines = await library.sector_lines(session.track, session.layout)
    done: set[str] = set()
    while True:
        laps = [
            lap
            for lap in await library.laps_to_measure(session.id, BATCH)
            if lap.id not in done
        ]
        if not laps:
            return len(done)
        made = {lap.id: (lap, await _measured(library, lap, lines)) for lap in laps}
        await library.keep_figures(made)
        done.update(made)
        if measured is not None:
            await measured()


async def _measured(library: Library, lap: Lap, lines: SectorLines) -> LapFigures:
    try:
        trace = await library.load_trace(lap.id)
    except PsError:
        # What cannot be read has no figures, and need not be read again.
        return LapFigures(lines_text(lines))
    return await asyncio.to_thread(_made, trace, lines)


def _made(trace: LapTrace, lines: SectorLines) -> LapFigures:
    from ps_tui.analysis.lap_figures import figures_of

    return figures_of(trace, lines)
