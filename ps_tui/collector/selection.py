"""Several feeds behind one face: what is shown, and what ``R`` starts and stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from ps_tui.collector.feed import Feed
from ps_tui.collector.live import LiveState
from ps_tui.collector.recording import Recording
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.lap_board import BoardRow
from ps_tui.domain.models import ActiveRecorder, Session
from ps_tui.domain.recording import (
    CaptureStatus,
    FeedState,
    FeedStatus,
    ForwardStatus,
    FoundSource,
    LapProgress,
)

RELEASE_AFTER_US = 120_000_000
"""A game that was followed by another is over after so much silence."""


class Selection:
    """The feeds of a collector and the one that is shown. Implements ``LiveView``
    and ``SourceSwitch``.

    It follows the game that sends: the last one to come to life, as long as nobody
    has chosen another that still sends.
    """

    def __init__(self, first: Feed) -> None:
        self.feeds: list[Feed] = [first]
        self.shown = first
        self.forwards: Callable[[], tuple[ForwardStatus, ...]] = tuple
        self.capture: Callable[[], CaptureStatus | None] = lambda: None
        self._chosen: Feed | None = None
        self._stream_number = 0
        self._alive: set[int] = set()
        self._cursor_base = 0
        self._cursor_seen = 0

    @property
    def latest(self) -> Frame | None:
        return self.shown.live.latest

    @property
    def identity(self) -> Identity:
        return self.shown.live.identity

    @property
    def progress(self) -> LapProgress:
        return self.shown.live.progress

    @property
    def lap_can_count(self) -> bool:
        return self.shown.live.lap_can_count

    def lap_board(self) -> Sequence[BoardRow]:
        """Return every car whose laps the shown game tells, the quickest first."""
        return self.shown.live.lap_board()

    def value(self, channel: str) -> float | None:
        """Return a further channel of the latest frame by its key."""
        return self.shown.live.value(channel)

    def frames_since(self, cursor: int) -> tuple[int, list[Frame]]:
        """Return the next cursor and the frames after ``cursor``; 0 asks for all.

        A cursor from before another stream was shown asks for all of this one.
        """
        inner = max(cursor - self._cursor_base, 0)
        after, frames = self.shown.live.frames_since(inner)
        self._cursor_seen = self._cursor_base + after
        return self._cursor_seen, frames

    def status(self) -> FeedStatus:
        """Return a snapshot for the status line."""
        return msgspec.structs.replace(
            self.shown.live.status(),
            stream=self._stream_number,
            forwards=self.forwards(),
            capture=self.capture(),
        )

    def found(self) -> list[FoundSource]:
        """Return the games whose packets arrived, in the order of their arrival."""
        return [
            FoundSource(
                key=_key(feed),
                source=feed.source,
                label=feed.spec.label,
                host=feed.host,
                state=feed.live.status().state,
                is_shown=feed is self.shown,
                counters=feed.live.status().counters,
            )
            for feed in self.feeds
            if feed.spec is not None
        ]

    def choose(self, key: str | None) -> None:
        """Show the feed with this key; ``None`` follows whichever sends."""
        self._chosen = next((feed for feed in self.feeds if _key(feed) == key), None)
        if self._chosen is not None:
            self._show(self._chosen)

    def cycle(self) -> str | None:
        """Show the next feed and return its key; ``None`` where there is no other."""
        if len(self.feeds) < 2:
            return None
        after = self.feeds.index(self.shown) + 1
        self.choose(_key(self.feeds[after % len(self.feeds)]))
        return _key(self.shown)

    def tick(self) -> None:
        """Follow the game that sends; call it a few times a second."""
        if len(self.feeds) < 2:
            return
        alive = {id(feed): feed for feed in self.feeds if _is_alive(feed.live)}
        newcomers = [feed for key, feed in alive.items() if key not in self._alive]
        self._alive = set(alive)
        if self._chosen is not None and id(self._chosen) in alive:
            return
        if newcomers:
            self._show(newcomers[-1])
        elif alive and id(self.shown) not in alive:
            self._show(next(iter(alive.values())))

    def release_followed(self, now_us: int) -> None:
        """Close the session of a game that is over once another one plays."""
        alive = [feed for feed in self.feeds if _is_alive(feed.live)]
        for feed in self.feeds:
            if (
                feed.recording.session is not None
                and any(each is not feed for each in alive)
                and feed.live.last_packet_us
                and feed.stream.silence_us(now_us) > RELEASE_AFTER_US
            ):
                feed.recording.release()

    def _show(self, feed: Feed) -> None:
        if feed is self.shown:
            return
        self.shown = feed
        self._stream_number += 1
        self._cursor_base = self._cursor_seen


class RecordingSelection:
    """Starts the feed that is shown, stops all. Implements ``RecordingControl``."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection

    @property
    def session(self) -> Session | None:
        """Return the session of the game that is shown, else of any."""
        sessions = [self._shown.session, *(each.session for each in self._all)]
        return next(filter(None, sessions), None)

    @property
    def selected(self) -> Session | None:
        return self._shown.selected

    @property
    def other(self) -> ActiveRecorder | None:
        return self._shown.other

    @property
    def event_id(self) -> str | None:
        """Return the event that new sessions belong to."""
        return self._shown.event_id

    async def select(self, session_id: str | None) -> None:
        """Choose where the shown game records into. Raises NotFoundError."""
        await self._shown.select(session_id)

    def select_event(self, event_id: str | None) -> None:
        """Choose the event that new sessions of every game belong to."""
        for recording in self._all:
            recording.select_event(event_id)

    def name_next(self, name: str | None) -> None:
        """Choose what the next session of the shown game is called."""
        self._shown.name_next(name)

    async def start(self) -> Session:
        """Record the shown game; see ``RecordingControl``."""
        return await self._shown.start()

    async def stop(self) -> Session | None:
        """Commit everything of every game and close the sessions.

        Raises DatabaseError, the first one, after all were tried. Returns the
        session of the game that is shown, where there was one.
        """
        stopped: list[Session] = []
        errors: list[Exception] = []
        others = [each for each in self._all if each is not self._shown]
        for recording in (self._shown, *others):
            try:
                if session := await recording.stop():
                    stopped.append(session)
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]
        return stopped[0] if stopped else None

    async def refresh_other(self) -> ActiveRecorder | None:
        """Look who else records."""
        other = None
        for recording in self._all:
            other = await recording.refresh_other() or other
        return other

    async def settle(self) -> None:
        """Wait for every opening and closing that is still under way."""
        for recording in self._all:
            await recording.settle()

    @property
    def _shown(self) -> Recording:
        return self._selection.shown.recording

    @property
    def _all(self) -> Sequence[Recording]:
        return [feed.recording for feed in self._selection.feeds]


def _key(feed: Feed) -> str:
    return f"{feed.source}@{feed.host}" if feed.host else feed.source


def _is_alive(live: LiveState) -> bool:
    return live.status().state is FeedState.LIVE
