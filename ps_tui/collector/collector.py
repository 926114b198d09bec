"""Every source from its socket to the database: what the composition root starts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec

from ps_tui.collector.backing import Backing
from ps_tui.collector.captures import Captures
from ps_tui.collector.feed import Feed, FeedPace, new_detector
from ps_tui.collector.forward import Forwards, Target
from ps_tui.collector.lines import Lines
from ps_tui.collector.neighbour import Neighbour
from ps_tui.collector.notices import Notices
from ps_tui.collector.open_session import OpeningPace
from ps_tui.collector.recorder import QUEUE_FRAMES, Pace
from ps_tui.collector.routing import Router
from ps_tui.collector.selection import RecordingSelection, Selection
from ps_tui.collector.waiting import wait_until
from ps_tui.collector.watch import Watcher
from ps_tui.decoders.registry import SourceSpec
from ps_tui.domain.errors import NetworkError
from ps_tui.domain.recording import Alert, FeedCounters, sum_of

__all__ = ["Collector", "Intervals", "Outputs", "new_detector"]

_log = logging.getLogger(__name__)

FEED_LIMIT = 8


class Intervals(msgspec.Struct, frozen=True):
    """Every interval of the collector, so that tests need not wait. Seconds."""

    tick_s: float = 0.25
    other_s: float = 1.0
    reopen_s: float = 3.0
    watch_s: float = 0.25
    handshake_retry_s: float | None = None
    """None leaves it to each game's own conversation."""
    handshake_silence_s: float | None = None
    opening: OpeningPace = OpeningPace()
    recorder: Pace = Pace()


class Outputs(msgspec.Struct, frozen=True):
    """Where packets go besides the database."""

    forwards: tuple[Target, ...] = ()
    capture: Path | None = None
    is_recorded: bool = True
    """False where nothing goes into the database."""


class Collector:
    """Receives, shows and records one source, or any of several that sends.

    For one game that has to be asked, ``host`` and ``port`` are the game's; for one
    that sends by itself they are where to listen, no host meaning every address. For
    any game ``host`` is where those that have to be asked are, and ``port`` the only
    one to listen on; then none is asked.
    """

    def __init__(
        self,
        source: SourceSpec | Mapping[str, SourceSpec],
        backing: Backing,
        *,
        host: str | None = None,
        port: int | None = None,
        capacity: int = QUEUE_FRAMES,
        intervals: Intervals = Intervals(),  # noqa: B008  frozen
        outputs: Outputs = Outputs(),  # noqa: B008  frozen
    ) -> None:
        spec = source if isinstance(source, SourceSpec) else None
        self._specs = (
            source if not isinstance(source, SourceSpec) else {source.name: source}
        )
        self._backing = backing
        self._clock = backing.clock
        self._intervals = intervals
        self._pace = FeedPace(
            intervals.opening, intervals.recorder, capacity, outputs.is_recorded
        )
        self._closing = asyncio.Event()
        self._ticker: asyncio.Task[None] | None = None
        self._capture_path = outputs.capture
        self.origin = ""
        """Where packets come from, if from no socket."""
        self.notices = Notices()
        first = self._first = Feed(spec, backing, self.notices, pace=self._pace)
        self._is_single = spec is not None
        self.selection = Selection(first)
        self.live = self.selection
        self.recording = RecordingSelection(self.selection)
        self.forwards = Forwards(outputs.forwards)
        self.selection.forwards = self.forwards.status
        self.lines = Lines(
            self._specs,
            host=host,
            port=port,
            is_auto=spec is None,
            now_us=self._clock.now_us,
            retry_s=intervals.handshake_retry_s,
            silence_s=intervals.handshake_silence_s,
        )
        self.captures = Captures(self.lines)
        self.selection.capture = self.captures.capture_status
        self._neighbour = self._beside(first, intervals.watch_s)
        self.router = Router(
            self._specs,
            self._find,
            self._clock.now_us,
            fixed=first if spec is not None else None,
            passes_of=lambda source: tuple(
                forward.pass_on for forward in self.forwards.passes_of(source)
            ),
            intercept=self.lines.intercept,
        )
        self.lines.meet = self.router.meet
        if spec is not None:
            self.forwards.attach(first)
            self.router.watch_for_change(first, ())

    def _beside(self, first: Feed, poll_s: float) -> Neighbour:
        watcher = Watcher(
            self._backing, self._specs, first.live, new_detector, poll_s=poll_s
        )
        return Neighbour(
            self.recording,
            watcher,
            first,
            lines=self.lines,
            count_packets=lambda: self.counters.packets,
            notices=self.notices,
        )

    @property
    def port(self) -> int:
        """Return the own port: where to send, or the one that asks the game."""
        return self.lines.port

    @property
    def receive_buffer_bytes(self) -> int:
        """Return how much the system keeps while the program is busy."""
        return self.lines.buffer_bytes

    @property
    def counters(self) -> FeedCounters:
        """Return the counters of everything that arrived, whoever sent it."""
        if self._is_single:
            return self._first.counters
        feeds = self.selection.feeds
        return sum_of([*(feed.counters for feed in feeds), self.router.unclaimed])

    async def check(self) -> None:
        """Raise UsageError for a forward to ourselves, before anything is opened."""
        await self.forwards.check(self.lines.wanted_ports)

    async def start(self, *, keep_trying: bool = False) -> None:
        """Open the sockets, or watch where another process already records.

        Raises NetworkError where there can be no socket; with ``keep_trying`` the
        live view says so instead, and it is tried again every few seconds. Raises
        UsageError for a forward to ourselves, PsError for a capture without a file.
        """
        await self.check()
        if self._capture_path is not None:
            self.captures.start_capture(self._capture_path)
        await self.recording.refresh_other()
        if self.recording.other is None:
            await self._open(keep_trying=keep_trying)
        await self.forwards.open(self.lines.own_ports)
        self._ticker = asyncio.create_task(self._run(), name="collector")

    async def stop(self) -> None:
        """Take leave of the games, read what still waits, commit and close.

        Safe to call twice. Raises DatabaseError where the rest cannot be saved.
        """
        self._closing.set()
        if self._ticker is not None:
            await asyncio.shield(self._ticker)
        await self._neighbour.hide()
        self.lines.drain()
        self.router.close()
        for feed in self.selection.feeds:
            feed.stream.close()
        self._count_lost()
        self.lines.close()
        self.forwards.close()
        try:
            await self.captures.stop_capture()
            await self.recording.stop()
        finally:
            await self.recording.settle()

    async def _open(self, *, keep_trying: bool) -> None:
        live = self._first.live
        before = dict(self.lines.troubles)
        try:
            await self.lines.open()
        except NetworkError as error:
            live.fail(error.cause, error.remedy)
            if not keep_trying:
                raise
            return
        for port, trouble in self.lines.troubles.items():
            if port not in before:
                who = ", ".join(self.lines.labels_on(port))
                self.notices.publish(Alert(f"{trouble.cause} {who} cannot be heard."))
        for port in before.keys() - self.lines.troubles.keys():
            self.notices.publish(
                Alert(f"Listening on UDP port {port} now.", "information")
            )
        for feed in self.selection.feeds:
            feed.live.endpoint = self.lines.endpoint
            feed.live.start()
        live.hint = self.lines.hint

    def _find(self, spec: SourceSpec, host: str) -> Feed | None:
        """Return the feed of a game on a host, made where there is none."""
        feeds = self.selection.feeds
        for feed in feeds:
            if feed.spec is not None and (feed.source, feed.host) == (spec.name, host):
                return feed
        if self._first.spec is None:
            feed = self._first
        elif len(feeds) >= FEED_LIMIT:
            _log.warning("no room for %s from %s", spec.name, host)
            return None
        else:
            feed = Feed(None, self._backing, self.notices, pace=self._pace)
            feed.recording.select_event(self.recording.event_id)
            feed.live.start()
            feeds.append(feed)
        endpoint = self.origin or self.lines.endpoint_of(spec)
        feed.live.endpoint = endpoint
        feed.live.hint = ("", spec.settings_hint)
        feed.use(spec, host)
        self.forwards.attach(feed)
        self.router.watch_for_change(feed, self.lines.gates)
        where = "" if host == "localhost" else f" from {host}"
        self.notices.publish(
            Alert(
                f"{spec.label} found on {endpoint}{where}.",
                "information",
            )
        )
        return feed

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        look_at = loop.time() + self._intervals.other_s
        reopen_at = loop.time() + self._intervals.reopen_s
        while not self._closing.is_set():
            try:
                self.tick()
                if loop.time() >= look_at:
                    look_at = loop.time() + self._intervals.other_s
                    await self._neighbour.look()
                if await self._neighbour.show():
                    reopen_at = loop.time()
                is_due = not self.lines.is_complete and loop.time() >= reopen_at
                if is_due and not self._neighbour.is_shown:
                    reopen_at = loop.time() + self._intervals.reopen_s
                    await self._open(keep_trying=True)
                    await self.forwards.open(self.lines.own_ports)
            except Exception:
                _log.exception("the collector's tick failed")
            await wait_until(self._closing, self._intervals.tick_s)

    def tick(self) -> None:
        """Do what is due; a started collector calls it by itself."""
        now_us = self._clock.now_us()
        self.lines.tick(now_us)
        self._count_lost()
        for feed in self.selection.feeds:
            feed.tick(now_us)
        self._tell_strangers(now_us)
        self.selection.tick()
        self.selection.release_followed(now_us)

    def _tell_strangers(self, now_us: int) -> None:
        if self._first.spec is None and (what := self.router.stranger(now_us)):
            self._first.live.warn(f"What arrives {what}.", now_us)

    def _count_lost(self) -> None:
        for feed in self.selection.feeds:
            feed.stream.update_lost(self.lines.drops_of(feed))
