"""Which laps go into a file, with what they are part of; frames come on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ps_tui.domain.channel import CHANNELS, FRAME_CHANNELS, Channel
from ps_tui.domain.errors import NotFoundError
from ps_tui.domain.markers import Marker
from ps_tui.domain.models import Event, Lap, LapTrace, Session
from ps_tui.domain.ports import Library
from ps_tui.export.own_channels import OwnChannels

RECEIVED = Channel("received_us", "Received", "µs", 0, 0.0, 0.0)


def channel_of(key: str) -> Channel:
    """Return how a column of a game is called and measured."""
    return RECEIVED if key == RECEIVED.key else CHANNELS.get(key, Channel(key, key))


class Outing(NamedTuple):
    """A session and those of its laps that are wanted, in driving order."""

    session: Session | None
    laps: Sequence[Lap]
    markers: Sequence[Marker] = ()


class LapSelection:
    """Laps of one file. ``load`` is called once for each pass over the frames.

    Held in memory is one lap at a time, so that an event of a day can be written.
    """

    def __init__(
        self,
        outings: Sequence[Outing],
        load: Callable[[Lap], LapTrace],
        *,
        event: Event | None = None,
        on_lap: Callable[[int, int], None] | None = None,
        own: OwnChannels | None = None,
    ) -> None:
        """``own`` are math channels, which become columns like any other."""
        self.outings = outings
        self.event = event
        self._own = own
        self._load = load if own is None else lambda lap: own.added(load(lap))
        self._on_lap = on_lap

    @property
    def laps(self) -> list[Lap]:
        """All laps, session by session."""
        return [lap for outing in self.outings for lap in outing.laps]

    @property
    def session(self) -> Session | None:
        """The first session: what a header with room for one says."""
        return self.outings[0].session if self.outings else None

    def channel(self, key: str) -> Channel:
        """Return how a column is called and measured; its key if nothing is known."""
        own = {} if self._own is None else self._own.channels
        return own.get(key) or channel_of(key)

    def keys(self) -> list[str]:
        """Return the channels of all laps: the frame's first, the table's order next.

        Every file that lays out columns ahead needs them; this is a pass of its own.
        """
        found: dict[str, None] = {}
        for lap in self.laps:
            found.update(dict.fromkeys(self._load(lap).columns))
        return ordered_keys(found)

    def traces(self) -> Iterator[LapTrace]:
        """Yield the frames lap by lap, telling ``on_lap`` how many are done."""
        laps = self.laps
        for done, lap in enumerate(laps):
            if self._on_lap is not None:
                self._on_lap(done, len(laps))
            yield self._load(lap)
        if self._on_lap is not None:
            self._on_lap(len(laps), len(laps))


def ordered_keys(found: dict[str, None]) -> list[str]:
    """Return frame channels first, then reception, then the table's order."""
    leading = [*(channel.key for channel in FRAME_CHANNELS), "received_us"]
    listed = [key for key in CHANNELS if key in found and key not in leading]
    others = [key for key in found if key not in leading and key not in CHANNELS]
    return leading + listed + others


async def find_lap(library: Library, lap_id: str) -> tuple[Event | None, list[Outing]]:
    """Return one lap with its session and event. Raises NotFoundError."""
    lap = await library.lap(lap_id)
    session = await library.session(lap.session_id)
    markers = [
        marker
        for marker in await library.markers(session.id)
        if marker.lap_id == lap.id
    ]
    return await _event_of(library, session), [Outing(session, [lap], markers)]


async def find_session(
    library: Library, session_id: str, *, with_excluded: bool = False
) -> tuple[Event | None, list[Outing]]:
    """Return the laps of a session. Raises NotFoundError where there are none."""
    session = await library.session(session_id)
    outing = await _outing(library, session, with_excluded=with_excluded)
    if not outing.laps:
        raise _no_laps(f"The session “{session.name}”")
    return await _event_of(library, session), [outing]


async def find_event(
    library: Library, event_id: str, *, with_excluded: bool = False
) -> tuple[Event, list[Outing]]:
    """Return the laps of an event, oldest session first. Raises NotFoundError."""
    event = await library.event(event_id)
    sessions = await library.sessions(event.id)
    sessions.sort(key=lambda session: session.started_us or session.created_us)
    outings = [
        await _outing(library, session, with_excluded=with_excluded)
        for session in sessions
    ]
    outings = [outing for outing in outings if outing.laps]
    if not outings:
        raise _no_laps(f"The event “{event.name}”")
    return event, outings


async def _outing(library: Library, session: Session, *, with_excluded: bool) -> Outing:
    laps = [
        lap
        for lap in await library.laps(session.id)
        if with_excluded or lap.excluded_us is None
    ]
    wanted = {None, *(lap.id for lap in laps)}
    markers = await library.markers(session.id)
    return Outing(session, laps, [one for one in markers if one.lap_id in wanted])


async def _event_of(library: Library, session: Session) -> Event | None:
    if session.event_id is None:
        return None
    return await library.event(session.event_id)


def _no_laps(what: str) -> NotFoundError:
    return NotFoundError(
        f"{what} has no lap to write.", "Add --all where every lap is excluded."
    )
