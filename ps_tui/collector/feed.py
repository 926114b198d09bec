"""One game from one computer: its stream, its live view and its sessions."""

from __future__ import annotations

import msgspec

from ps_tui.collector.backing import Backing
from ps_tui.collector.lap_cutter import LapDetection
from ps_tui.collector.live import LiveState
from ps_tui.collector.notices import Notices
from ps_tui.collector.open_session import OpeningPace
from ps_tui.collector.pipeline import Stream
from ps_tui.collector.recorder import QUEUE_FRAMES, Pace, Recorder
from ps_tui.collector.recording import Recording
from ps_tui.decoders.registry import SourceSpec, describe
from ps_tui.domain.frame import Decoded, Identity, Rejected
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.ports import Decoder

AUTO = "auto"
"""The source of a feed whose game is not found yet."""


class FeedPace(msgspec.Struct, frozen=True):
    """What of a feed takes time."""

    opening: OpeningPace = OpeningPace()
    recorder: Pace = Pace()
    capacity: int = QUEUE_FRAMES
    is_recorded: bool = True


class NoDecoder:
    """Reads nothing: the game is not known yet."""

    source = AUTO
    channels: tuple[str, ...] = ()
    identity: Identity | None = None

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Refuse everything."""
        return Rejected("no game is found yet")


class Feed:
    """A stream and who shows and records it. Without ``spec`` its game comes later.

    ``host`` is the computer that sends, empty where it may be any.
    """

    def __init__(
        self,
        spec: SourceSpec | None,
        backing: Backing,
        notices: Notices,
        *,
        pace: FeedPace = FeedPace(),  # noqa: B008  frozen
    ) -> None:
        decoder: Decoder = NoDecoder() if spec is None else spec.make_decoder()
        clock = backing.clock
        self.spec = spec
        self.host = ""
        self.sockets: set[object] = set()
        """Those on which it is heard."""
        self.channels = decoder.channels
        self.live = LiveState(
            clock.now_us, source=decoder.source, channels=decoder.channels
        )
        self.counters = self.live.counters
        self.stream = Stream(
            decoder,
            self.live,
            new_detector,
            describe,
            probe=None if spec is None else spec.detect,
            make_decoder=None if spec is None else spec.make_decoder,
        )
        self.recording = Recording(
            self.stream,
            backing,
            notices,
            make_recorder=lambda: Recorder(
                backing.store,
                self.counters,
                notices.publish,
                capacity=pace.capacity,
                pace=pace.recorder,
                find_spill=backing.find_spill,
            ),
            channels=decoder.channels,
            source=decoder.source if spec is None else spec.name,
            pace=pace.opening,
        )
        self.recording.is_enabled = pace.is_recorded
        self.live.queue = self._queue
        self.live.outage = lambda: self.recording.outage
        if spec is not None:
            self.live.source = spec.name

    @property
    def source(self) -> str:
        """Return the name of the game, or "auto"."""
        return AUTO if self.spec is None else self.spec.name

    def use(self, spec: SourceSpec, host: str) -> None:
        """Take the game that was found; all that comes is of it."""
        decoder = spec.make_decoder()
        self.spec = spec
        self.host = host
        self.channels = decoder.channels
        self.live.source = spec.name
        self.live.expect(decoder.channels)
        self.stream.use(decoder, spec.detect, spec.make_decoder)
        self.recording.use(spec.name, decoder.channels)

    def tick(self, now_us: int) -> None:
        """Do what is due; call it a few times a second."""
        self.stream.release_held(now_us)
        self.live.tick()
        self.recording.tick()

    def _queue(self) -> tuple[int, int]:
        recorder = self.recording.recorder
        return (recorder.depth, recorder.capacity) if recorder else (0, 0)


def new_detector(next_lap_number: int) -> LapDetection:
    """Return the product's lap rule, counting from ``next_lap_number``."""
    return LapDetector(next_lap_number=next_lap_number)
