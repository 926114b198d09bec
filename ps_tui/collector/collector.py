"""One source from its socket to the database: what the composition root starts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import msgspec

from ps_tui.collector.backing import Backing
from ps_tui.collector.binding import Address
from ps_tui.collector.handshake import AssettoCorsaHandshake
from ps_tui.collector.live import LiveState
from ps_tui.collector.notices import Notices
from ps_tui.collector.pipeline import LapDetection, Stream
from ps_tui.collector.recorder import QUEUE_FRAMES, Pace, Recorder
from ps_tui.collector.recording import OpeningPace, Recording
from ps_tui.collector.udp import UdpSocket
from ps_tui.collector.waiting import wait_until
from ps_tui.collector.watch import Watcher
from ps_tui.decoders.registry import SourceSpec, describe
from ps_tui.domain.errors import NetworkError, PsError
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.models import ActiveRecorder
from ps_tui.domain.ports import Decoder
from ps_tui.domain.recording import Alert, FeedCounters

_log = logging.getLogger(__name__)


class Intervals(msgspec.Struct, frozen=True):
    """Every interval of the collector, so that tests need not wait. Seconds."""

    tick_s: float = 0.25
    other_s: float = 1.0
    reopen_s: float = 3.0
    watch_s: float = 0.25
    handshake_retry_s: float = 2.0
    handshake_silence_s: float = 4.0
    opening: OpeningPace = OpeningPace()
    recorder: Pace = Pace()


class Collector:
    """Receives, shows and records one source.

    For a game that has to be asked (Assetto Corsa) ``host`` and ``port`` are the
    game's; else they are where to listen, none meaning every address.
    """

    def __init__(
        self,
        spec: SourceSpec,
        backing: Backing,
        *,
        host: str | None = None,
        port: int | None = None,
        capacity: int = QUEUE_FRAMES,
        intervals: Intervals = Intervals(),  # noqa: B008  frozen
        make_decoder: Callable[[], Decoder] | None = None,
    ) -> None:
        decoder: Decoder = (make_decoder or spec.make_decoder)()
        self._spec = spec
        self._store = backing.store
        self._library = backing.library
        self._host = host
        self._port = spec.port if port is None else port
        self._intervals = intervals
        clock = self._clock = backing.clock
        self._channels = decoder.channels
        self._listens = spec.listens
        self._closing = asyncio.Event()
        self._ticker: asyncio.Task[None] | None = None
        self.notices = Notices()
        self.live = LiveState(clock.now_us, source=spec.name, channels=self._channels)
        self.counters: FeedCounters = self.live.counters
        self.stream = Stream(decoder, self.live, new_detector, describe)
        self.recording = Recording(
            self.stream,
            backing,
            self.notices,
            make_recorder=lambda: Recorder(
                backing.store,
                clock,
                self.counters,
                self.notices.publish,
                capacity=capacity,
                pace=intervals.recorder,
            ),
            channels=self._channels,
            source=spec.name,
            pace=intervals.opening,
        )
        self.live.queue = self._queue
        self._handshake: AssettoCorsaHandshake | None = None
        self._socket = UdpSocket(self.stream.receive, clock.now_us)
        if not self._listens:
            self._socket = UdpSocket(self._receive_answer, clock.now_us)

    @property
    def port(self) -> int:
        """Return the own port: where to send, or the one that asks the game."""
        return self._socket.port

    @property
    def receive_buffer_bytes(self) -> int:
        """Return how much the system keeps while the program is busy."""
        return self._socket.buffer_bytes

    async def start(self, *, keep_trying: bool = False) -> None:
        """Open the socket, or watch where another process already records.

        Raises NetworkError where there can be no socket; with ``keep_trying`` the
        live view says so instead, and it is tried again every few seconds.
        """
        await self.recording.refresh_other()
        if self.recording.other is None:
            await self._open(keep_trying=keep_trying)
        self._ticker = asyncio.create_task(self._run(), name="collector")

    async def stop(self) -> None:
        """Take leave of the game, read what still waits, commit and close.

        Safe to call twice. Raises DatabaseError where the rest cannot be saved.
        """
        self._closing.set()
        if self._ticker is not None:
            await asyncio.shield(self._ticker)
        if self._handshake is not None and self._socket.is_open:
            self._handshake.close()
        self._socket.drain()
        self.stream.close()
        self._count_lost()
        self._socket.close()
        try:
            await self.recording.stop()
        finally:
            await self.recording.settle()

    async def _open(self, *, keep_trying: bool) -> None:
        try:
            if self._listens:
                await self._socket.listen(self._host, self._port)
                self.live.endpoint = _endpoint(self._host or "*", self._socket.port)
                self.live.hint = ("", self._spec.settings_hint)
            else:
                await self._open_conversation()
        except NetworkError as error:
            self.live.fail(error.cause, error.remedy)
            if not keep_trying:
                raise
            return
        self.live.start()

    async def _open_conversation(self) -> None:
        host = self._host or "127.0.0.1"
        self.live.endpoint = _endpoint(host, self._port)
        silence = f"No answer from {self.live.endpoint}."
        self.live.hint = (silence, self._spec.settings_hint)
        self._handshake = AssettoCorsaHandshake(
            self._socket.send,
            retry_us=int(self._intervals.handshake_retry_s * 1e6),
            silence_us=int(self._intervals.handshake_silence_s * 1e6),
        )
        await self._socket.connect(host, self._port)
        self._handshake.tick(self._clock.now_us())

    def _receive_answer(
        self, datagram: bytes, address: Address | None, received_us: int
    ) -> None:
        if self._handshake is not None:
            self._handshake.received(len(datagram), received_us)
        self.stream.receive(datagram, address, received_us)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        look_at = loop.time() + self._intervals.other_s
        reopen_at = loop.time() + self._intervals.reopen_s
        while not self._closing.is_set():
            try:
                self._tick()
                if loop.time() >= look_at:
                    look_at = loop.time() + self._intervals.other_s
                    await self._look_around()
                if not self._socket.is_open and self.recording.other is not None:
                    await self._watch(self.recording.other)
                    reopen_at = loop.time()
                if not self._socket.is_open and loop.time() >= reopen_at:
                    reopen_at = loop.time() + self._intervals.reopen_s
                    await self._open(keep_trying=True)
            except Exception:
                _log.exception("the collector's tick failed")
            await wait_until(self._closing, self._intervals.tick_s)

    def _tick(self) -> None:
        if self._handshake is not None and self._socket.is_open:
            self._handshake.tick(self._clock.now_us())
        self._count_lost()
        self.stream.release_held(self._clock.now_us())
        self.live.tick()
        self.recording.tick()

    def _count_lost(self) -> None:
        self.stream.update_lost(self._socket.kernel_drops())

    async def _look_around(self) -> None:
        before = self.recording.other
        try:
            other = await self.recording.refresh_other()
        except PsError as error:
            _log.warning("who else records is unknown: %s", error)
            return
        if before is not None and other is None:
            self.notices.publish(
                Alert(
                    f"{before.recorder.label} has ended its recording.", "information"
                )
            )

    async def _watch(self, other: ActiveRecorder) -> None:
        """Read along until ``other`` has ended, then listen again."""
        channels: tuple[str, ...] = ()
        try:
            session = await self._library.session(other.session_id)
            channels = self._channels if session.source == self._spec.name else ()
        except PsError as error:
            _log.warning("watching: %s", error)
        who = f"{other.recorder.label} (pid {other.recorder.pid})"
        self.live.watch(who, channels)
        watcher = Watcher(
            self._store, self.live, new_detector, poll_s=self._intervals.watch_s
        )
        await watcher.watch(other, self._closing)
        self.live.expect(self._channels)
        if not self._closing.is_set():
            await self._look_around()

    def _queue(self) -> tuple[int, int]:
        recorder = self.recording.recorder
        return (recorder.depth, recorder.capacity) if recorder else (0, 0)


def new_detector(next_lap_number: int) -> LapDetection:
    """Return the product's lap rule, counting from ``next_lap_number``."""
    return LapDetector(next_lap_number=next_lap_number)


def _endpoint(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
