"""What the running lap is measured against, made ready beside the event loop.

Nothing here loads numpy before a lap is there to compare with.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ps_tui.domain.errors import PsError
from ps_tui.domain.frame import Identity
from ps_tui.domain.models import Lap, LapKind, LapTrace, Session, best_lap
from ps_tui.domain.ports import Library

if TYPE_CHECKING:
    from ps_tui.analysis.driven_lap import DrivenLap
    from ps_tui.analysis.live_delta import LiveDelta
    from ps_tui.analysis.profile import TimeProfile
    from ps_tui.analysis.rating import SectorBests
    from ps_tui.analysis.sectors import LapSectors

MOST_LAPS = 20
"""So many laps of the session make its bests; each costs a trace to read."""


class ReferenceKind(Enum):
    """What a person chooses to drive against; the value is its name on the screen."""

    SESSION_BEST = "session best"
    ALL_TIME_BEST = "all-time best"
    PREVIOUS = "previous lap"
    THEORETICAL = "theoretical best"
    TYPED = "typed time"

    @property
    def missing(self) -> str:
        """Why there is no such reference yet."""
        return _MISSING[self]

    @property
    def next(self) -> ReferenceKind:
        """Return the kind that one more press chooses."""
        kinds = list(ReferenceKind)
        return kinds[(kinds.index(self) + 1) % len(kinds)]


_MISSING = {
    ReferenceKind.SESSION_BEST: "no clean lap yet in this session",
    ReferenceKind.ALL_TIME_BEST: "no clean lap yet on this track",
    ReferenceKind.PREVIOUS: "no flying lap before this one",
    ReferenceKind.THEORETICAL: "no clean lap yet in this session",
    ReferenceKind.TYPED: "F types a time to drive against",
}


class Wanted(NamedTuple):
    """What a reference is asked for."""

    kind: ReferenceKind
    session_id: str | None
    laps: Sequence[Lap]
    """Of the session, in driving order."""
    identity: Identity
    typed_ms: int | None = None


class Reference(NamedTuple):
    """What the Live screen compares with from now on."""

    kind: ReferenceKind
    delta: LiveDelta
    minis: SectorBests
    sectors: SectorBests


class _Facts(NamedTuple):
    """What is kept of a lap: its times by place, without the channels."""

    driven: DrivenLap
    profile: TimeProfile | None
    minis: LapSectors
    sectors: LapSectors


class _Chosen(NamedTuple):
    """The laps that a reference may be made of."""

    record: Lap | None
    clean: Sequence[Lap]
    best: Lap | None
    previous: Lap | None


class ReferenceShelf:
    """Loads laps for references and keeps what was made of them."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._facts: OrderedDict[tuple[str, int | None], _Facts | None] = OrderedDict()

    async def prepare(self, wanted: Wanted) -> Reference | None:
        """Return the reference; ``None`` while there is no lap to compare with.

        Raises DatabaseError.
        """
        length_m = wanted.identity.track_length_m
        record = await self._record(wanted.identity)
        clean = [lap for lap in wanted.laps if lap.counts_as_best][-MOST_LAPS:]
        best = best_lap(list(wanted.laps))
        if best is not None and best not in clean:
            clean[0] = best
        previous = _previous(wanted.laps)
        chosen = {lap.id: lap for lap in (record, *clean, previous) if lap is not None}
        if not chosen:
            return None
        for lap in chosen.values():
            await self._take(lap, length_m)
        known = _Chosen(record, clean, best, previous)
        return await asyncio.to_thread(self._made, wanted, known)

    async def _record(self, identity: Identity) -> Lap | None:
        """Return the best clean lap of all sessions on this track in this car."""
        if identity.track is None:
            return None
        sessions = [
            session
            for session in await self._library.sessions()
            if session.best_lap_time_ms is not None and _is_same(session, identity)
        ]
        if not sessions:
            return None
        first = min(sessions, key=lambda session: session.best_lap_time_ms or 0)
        return best_lap(await self._library.laps(first.id))

    async def _take(self, lap: Lap, length_m: float | None) -> None:
        key = (lap.id, lap.lap_time_ms)
        if key in self._facts:
            self._facts.move_to_end(key)
            return
        try:
            trace = await self._library.load_trace(lap.id)
            self._facts[key] = await asyncio.to_thread(_facts_of, trace, length_m)
        except PsError:
            self._facts[key] = None  # A damaged or placeless lap is no reference.
        while len(self._facts) > 2 * MOST_LAPS:
            self._facts.popitem(last=False)

    def _of(self, lap: Lap | None) -> _Facts | None:
        return None if lap is None else self._facts.get((lap.id, lap.lap_time_ms))

    def _made(self, wanted: Wanted, chosen: _Chosen) -> Reference:
        from ps_tui.analysis.live_delta import LiveDelta
        from ps_tui.analysis.rating import SectorBests

        minis, sectors = SectorBests(), SectorBests()
        for lap in chosen.clean:
            if (facts := self._of(lap)) is not None:
                minis = minis.updated(facts.minis)
                sectors = sectors.updated(facts.sectors)
        if (facts := self._of(chosen.record)) is not None:
            minis = minis.updated(facts.minis, is_own=False)
            sectors = sectors.updated(facts.sectors, is_own=False)
        delta = LiveDelta(self._profile(wanted, chosen), wanted.kind.missing)
        return Reference(wanted.kind, delta, minis, sectors)

    def _profile(self, wanted: Wanted, chosen: _Chosen) -> TimeProfile | None:
        from ps_tui.analysis.profile import scaled, stitched
        from ps_tui.domain.lap_figures import THIRDS

        if wanted.kind is ReferenceKind.THEORETICAL:
            known = [facts.driven for lap in chosen.clean if (facts := self._of(lap))]
            return stitched(known, THIRDS) if known else None
        lap = {
            ReferenceKind.SESSION_BEST: chosen.best,
            ReferenceKind.ALL_TIME_BEST: chosen.record,
            ReferenceKind.PREVIOUS: chosen.previous,
            ReferenceKind.TYPED: chosen.best or chosen.record,
        }[wanted.kind]
        facts = self._of(lap)
        profile = facts.profile if facts is not None else None
        if wanted.kind is not ReferenceKind.TYPED or profile is None:
            return profile
        return scaled(profile, wanted.typed_ms) if wanted.typed_ms else None


def _facts_of(trace: LapTrace, length_m: float | None) -> _Facts:
    from ps_tui.analysis.driven_lap import drive
    from ps_tui.analysis.profile import profile_of
    from ps_tui.analysis.sectors import MINI_CUTS, LapSectors, sector_times, sectors_of

    driven = drive(trace, length_m)
    minis = LapSectors(trace.lap, sector_times(driven, MINI_CUTS))
    profile, sectors = profile_of(driven), sectors_of(driven)
    # The channels are no longer needed, and are most of the memory of a lap.
    bare = msgspec.structs.replace(driven, trace=LapTrace(trace.lap, {}))
    return _Facts(bare, profile, minis, sectors)


def _previous(laps: Sequence[Lap]) -> Lap | None:
    return next(
        (
            lap
            for lap in reversed(laps)
            if lap.kind is LapKind.FLYING and lap.lap_time_ms and not lap.is_open
        ),
        None,
    )


def _is_same(session: Session, identity: Identity) -> bool:
    return (session.track, session.layout, session.car) == (
        identity.track,
        identity.layout,
        identity.car,
    )
