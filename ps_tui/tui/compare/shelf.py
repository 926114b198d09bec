"""The laps of a comparison, read once; their facts are read anew each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ps_tui.domain.errors import NotFoundError
from ps_tui.domain.lap_figures import SectorLines
from ps_tui.domain.models import Lap, LapTrace, Session, best_lap
from ps_tui.domain.ports import Library
from ps_tui.domain.units import format_lap_time
from ps_tui.tui.widgets.compare_legend import Entry

MOST_KEPT = 8


class ShelvedLap(NamedTuple):
    """A lap with its frames and the session that it was driven in."""

    trace: LapTrace
    session: Session
    lines: SectorLines
    """Where the sectors of the track end."""

    @property
    def lap(self) -> Lap:
        return self.trace.lap

    def entry(self, gap_ms: float | None) -> Entry:
        """Return what the legend says about this lap."""
        lap, session = self.lap, self.session
        note = [session.name, lap.driver or session.driver, session.car, session.track]
        if not lap.counts_as_best:
            word = "invalid" if not lap.valid else lap.kind.value
            note.insert(0, "excluded" if lap.excluded_us else word)
        return Entry(
            f"Lap {lap.lap_number}",
            format_lap_time(lap.lap_time_ms),
            gap_ms,
            " · ".join(filter(None, note)),
        )


class LapShelf:
    """Keeps the traces of the last laps: the slow part of a comparison."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._kept: dict[tuple[str, int], LapTrace] = {}

    async def load(self, ids: Sequence[str]) -> list[ShelvedLap]:
        """Return the laps that are still there, in this order."""
        found = []
        for lap_id in ids:
            try:
                lap = await self._library.lap(lap_id)
            except NotFoundError:
                continue
            if lap.deleted_us is not None:
                continue
            session = await self._library.session(lap.session_id)
            track, layout = session.track, session.layout
            lines = await self._library.sector_lines(track, layout)
            found.append(ShelvedLap(await self.trace(lap), session, lines))
        return found

    async def trace(self, lap: Lap) -> LapTrace:
        """Return the frames of a lap, from memory where they were read before."""
        key = lap.id, lap.frame_count
        kept = self._kept.pop(key, None) or await self._library.load_trace(lap.id)
        self._kept[key] = kept
        while len(self._kept) > MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        return kept if kept.lap == lap else LapTrace(lap, kept.columns)


async def quickest_laps(
    library: Library,
    session_ids: Sequence[str | None],
    but: Sequence[str],
    count: int,
    beside: Session | None = None,
) -> list[Lap]:
    """Return the quickest laps of the first of these sessions that has any.

    Sessions after them, the newest first, are looked at where those have none; with
    ``beside`` only those on its track.
    """
    sessions = await library.sessions()
    if beside is not None:
        here = beside.track, beside.layout
        sessions = [one for one in sessions if (one.track, one.layout) == here]
    known = {session.id for session in sessions}
    wanted = [one for one in session_ids if one in known]
    wanted += [session.id for session in sessions if session.lap_count]
    for session_id in dict.fromkeys(wanted):
        laps = [
            lap for lap in await library.laps(session_id or "") if lap.id not in but
        ]
        found: list[Lap] = []
        while len(found) < count and (best := best_lap(laps)) is not None:
            found.append(best)
            laps.remove(best)
        if found:
            return found
    return []
