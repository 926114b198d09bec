"""What the running lap is measured against, made ready beside the event loop.

Nothing here loads numpy before a lap is there to compare with.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ps_tui.analysis.rating import SectorBests
from ps_tui.domain.errors import NotFoundError, PsError
from ps_tui.domain.frame import Identity
from ps_tui.domain.lap_figures import (
    GAME_LINES,
    THIRDS,
    BestsByLines,
    MiniBests,
    SectorLines,
    SectorTimes,
    least,
    lines_text,
    total_ms,
)
from ps_tui.domain.models import Lap, LapTrace, Session
from ps_tui.domain.ports import Library

if TYPE_CHECKING:
    from ps_tui.analysis.driven_lap import DrivenLap
    from ps_tui.analysis.live_delta import LiveDelta
    from ps_tui.analysis.profile import TimeProfile

MOST_LAPS = 24
"""So many laps are kept ready; each cost a trace to read."""


class ReferenceKind(Enum):
    """What a person chooses to drive against; the value is its name on the screen."""

    SESSION_BEST = "session best"
    ALL_TIME_BEST = "all-time best"
    PREVIOUS = "previous lap"
    THEORETICAL = "theoretical best"
    CHOSEN = "chosen lap"
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
    ReferenceKind.PREVIOUS: "no lap before this one counts",
    ReferenceKind.THEORETICAL: "a sector lacks a clean lap",
    ReferenceKind.CHOSEN: "r on a lap on 4 chooses one",
    ReferenceKind.TYPED: "F types a time to drive against",
}
NO_TRACK = "the game tells no track"
OTHER_TRACK = "that lap is of another track"
NOT_WHOLE = "that lap was not seen whole"
NO_PACE = "no lap yet to take the pace from"


class Wanted(NamedTuple):
    """What a reference is asked for."""

    kind: ReferenceKind
    session_id: str | None
    laps: Sequence[Lap]
    """The newest of the session, in driving order."""
    identity: Identity
    best: Lap | None = None
    """Of all laps of the session."""
    typed_ms: int | None = None
    chosen_id: str | None = None


class Reference(NamedTuple):
    """What the Live screen compares with from now on."""

    kind: ReferenceKind
    delta: LiveDelta
    lines: SectorLines = THIRDS
    bests: BestsByLines = BestsByLines()
    mini_bests: MiniBests = MiniBests()

    @property
    def minis(self) -> SectorBests:
        """Bests that mini-sectors are rated against."""
        own = self.mini_bests.session
        return SectorBests(own, least(own, self.mini_bests.overall))

    def sectors(self, *, is_from_game: bool) -> SectorBests:
        """Return the bests that sectors between the same lines are rated against."""
        lines = GAME_LINES if is_from_game else lines_text(self.lines)
        own = self.bests.session.get(lines, ())
        return SectorBests(own, least(own, self.bests.overall.get(lines, ())))


class _Facts(NamedTuple):
    """What is kept of a lap: its times by place, without the channels."""

    driven: DrivenLap
    profile: TimeProfile | None
    game_lines: tuple[float, ...] | None


class _Chosen(NamedTuple):
    """The laps that a reference is made of, or why there is none."""

    laps: Sequence[Lap] = ()
    missing: str = ""


class ReferenceShelf:
    """Loads laps for references and keeps what was made of them."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._facts: OrderedDict[tuple[str, int | None], _Facts | None] = OrderedDict()

    async def prepare(self, wanted: Wanted) -> Reference:
        """Return the reference; one without a lap says why. Raises DatabaseError."""
        library, identity = self._library, wanted.identity
        lines = await library.sector_lines(identity.track, identity.layout)
        bests, mini_bests = BestsByLines(), MiniBests()
        if wanted.session_id is not None:
            bests = await library.sector_bests(wanted.session_id)
            mini_bests = await library.mini_bests(wanted.session_id)
        chosen = await self._chosen(wanted, bests.session, lines)
        for lap in chosen.laps:
            await self._take(lap, identity.track_length_m)
        delta = await asyncio.to_thread(self._delta, wanted, chosen, lines)
        return Reference(wanted.kind, delta, lines, bests, mini_bests)

    async def _chosen(
        self, wanted: Wanted, bests: Mapping[str, SectorTimes], lines: SectorLines
    ) -> _Chosen:
        kind = wanted.kind
        if kind is ReferenceKind.CHOSEN:
            return await self._by_hand(wanted)
        if kind is ReferenceKind.THEORETICAL:
            return _Chosen(await self._sector_holders(wanted, bests, lines))
        if kind is ReferenceKind.PREVIOUS:
            return _some(_previous(wanted.laps))
        if kind is ReferenceKind.SESSION_BEST:
            return _some(wanted.best)
        if kind is ReferenceKind.TYPED and wanted.typed_ms is None:
            return _Chosen()
        best = wanted.best if kind is ReferenceKind.TYPED else None
        record = best or await self._record(wanted.identity)
        if kind is ReferenceKind.TYPED:
            return _some(record, NO_PACE)
        return _some(record, NO_TRACK if wanted.identity.track is None else "")

    async def _sector_holders(
        self, wanted: Wanted, bests: Mapping[str, SectorTimes], lines: SectorLines
    ) -> Sequence[Lap]:
        if wanted.session_id is None:
            return ()
        of_game = GAME_LINES in bests and None not in bests[GAME_LINES]
        drawn = GAME_LINES if of_game else lines_text(lines)
        sum_ms, best = total_ms(bests.get(drawn, ())), wanted.best
        if best is not None and (sum_ms or 0) > (best.lap_time_ms or 0):
            return ()  # The sectors of the best lap are not known.
        return await self._library.best_sector_laps(wanted.session_id, drawn)

    async def _by_hand(self, wanted: Wanted) -> _Chosen:
        """Return the lap that somebody chose, if it is of this track."""
        if wanted.chosen_id is None:
            return _Chosen()
        try:
            lap = await self._library.lap(wanted.chosen_id)
            session = await self._library.session(lap.session_id, counted=False)
        except NotFoundError:
            return _Chosen()
        here = wanted.identity
        is_same = (session.track, session.layout) == (here.track, here.layout)
        if not is_same and session.track is not None and here.track is not None:
            return _Chosen(missing=OTHER_TRACK)
        return _some(lap)

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
        return (await self._library.lap_span(first.id)).best

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
        while len(self._facts) > MOST_LAPS:
            self._facts.popitem(last=False)

    def _delta(self, wanted: Wanted, chosen: _Chosen, lines: SectorLines) -> LiveDelta:
        from ps_tui.analysis.live_delta import LiveDelta

        missing = chosen.missing or wanted.kind.missing
        if not chosen.laps:
            return LiveDelta(None, missing)
        known = [
            facts
            for lap in chosen.laps
            if (facts := self._facts.get((lap.id, lap.lap_time_ms))) is not None
        ]
        profile = _profile(wanted, known, lines) if known else None
        return LiveDelta(profile, NOT_WHOLE if profile is None else missing)


def _some(lap: Lap | None, missing: str = "") -> _Chosen:
    return _Chosen((lap,) if lap is not None else (), missing)


def _profile(
    wanted: Wanted, known: Sequence[_Facts], lines: SectorLines
) -> TimeProfile | None:
    from ps_tui.analysis.profile import scaled, stitched

    first = known[0]
    if wanted.kind is ReferenceKind.THEORETICAL:
        cuts = next((one.game_lines for one in known if one.game_lines), lines)
        return stitched([facts.driven for facts in known], cuts)
    if wanted.kind is not ReferenceKind.TYPED or first.profile is None:
        return first.profile
    return scaled(first.profile, wanted.typed_ms) if wanted.typed_ms else None


def _facts_of(trace: LapTrace, length_m: float | None) -> _Facts:
    from ps_tui.analysis.driven_lap import drive
    from ps_tui.analysis.profile import profile_of
    from ps_tui.analysis.sectors import game_cuts

    driven = drive(trace, length_m)
    profile, lines = profile_of(driven), game_cuts(driven)
    # The channels are no longer needed, and are most of the memory of a lap.
    bare = msgspec.structs.replace(driven, trace=LapTrace(trace.lap, {}))
    return _Facts(bare, profile, lines)


def _previous(laps: Sequence[Lap]) -> Lap | None:
    return next((lap for lap in reversed(laps) if lap.counts_as_best), None)


def _is_same(session: Session, identity: Identity) -> bool:
    return (session.track, session.layout, session.car) == (
        identity.track,
        identity.layout,
        identity.car,
    )
