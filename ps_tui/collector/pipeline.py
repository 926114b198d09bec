"""From datagram to frame and lap events, with every datagram accounted for.

Each datagram is in ``packets`` and in exactly one of ``frames``, ``repeated``,
``rejected`` and ``skipped``. Nothing that arrives can make a stream raise.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from ps_tui.collector.live import LiveState
from ps_tui.collector.order import Order, Place
from ps_tui.collector.udp import Address
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected
from ps_tui.domain.laps import LapEvent, LapStarted
from ps_tui.domain.ports import Decoder
from ps_tui.domain.recording import FeedCounters

_log = logging.getLogger(__name__)

Sink = Callable[[Frame, Sequence[LapEvent], bool], None]
"""Takes a frame, the lap events that it caused, and whether it came late."""

SENDER_SILENCE_US = 5_000_000
RESTART_SILENCE_US = 1_000_000
"""A new port of the same computer is most likely the same program, restarted."""

_REJECTS_BEFORE_MESSAGE = 10
_DESCRIBE_EVERY = 256
_LOGGED_FAILURES = 20


@runtime_checkable
class Named(Protocol):
    """A decoder that remembers who drives what, as frames may tell it too."""

    identity: Identity | None


class _Nameless:
    identity: Identity | None = None


class LapDetection(Protocol):
    """What a stream needs of the lap detector."""

    def feed(self, frame: Frame) -> Sequence[LapEvent]: ...
    def finish(self, reason: str) -> Sequence[LapEvent]: ...


class Stream:
    """One source: counts, decodes, orders and cuts into laps what one game sends.

    ``make_detector`` takes the number of the first lap. ``describe`` says of a packet
    that the decoder refused what it is, in words that follow "what arrives". ``sink``
    and ``on_identity`` may be replaced at any time; they are called in the datagram
    path and must not block.
    """

    def __init__(
        self,
        decoder: Decoder,
        live: LiveState,
        make_detector: Callable[[int], LapDetection],
        describe: Callable[[bytes], str] = lambda _: "is unknown",
    ) -> None:
        self._source = decoder.source
        self._decode = decoder.decode
        self._describe = describe
        self._make_detector = make_detector
        self._detector = make_detector(1)
        self._feed_detector = self._detector.feed
        self._next_lap_number = 1
        self._named: Named = decoder if isinstance(decoder, Named) else _Nameless()
        self._known_identity: Identity | None = None
        self._live = live
        self._order = Order()
        self._previous: bytes | None = None
        self._sender: Address | None = None
        self._has_sender = False
        self._rejects_in_row = 0
        self._reject_message = ""
        self._failure_count = 0
        self.counters: FeedCounters = live.counters
        self.identity = Identity()
        self.sink: Sink | None = None
        self.on_identity: Callable[[Identity], None] | None = None
        self.on_cut: Callable[[Sequence[LapEvent]], None] | None = None
        """Takes the events that end the running lap at a change of sender."""

    def receive(
        self, datagram: bytes, address: Address | None, received_us: int
    ) -> None:
        """Account for one datagram and pass on what it carries. Never raises."""
        counters = self.counters
        counters.packets += 1
        if address != self._sender and not self._admit(datagram, address, received_us):
            counters.rejected += 1
            return
        self._live.last_packet_us = received_us
        if datagram == self._previous:
            counters.repeated += 1
            return
        self._previous = datagram
        try:
            decoded = self._decode(datagram, received_us)
        except Exception:
            counters.rejected += 1
            self._note_failure("decoder")
            return
        if type(decoded) is not Frame:
            self._note_other(decoded, datagram, received_us)
            return
        self._rejects_in_row = 0
        if self._named.identity is not self._known_identity:
            self._learn(self._named.identity)
        place = self._order.place(decoded)
        if place is Place.NEXT:
            counters.frames += 1
            try:
                events = self._feed_detector(decoded)
            except Exception:
                events = ()
                self._note_failure("lap detector")
            self._live.append(decoded)
            if events:
                self._note_events(events)
            if self.sink is not None:
                self.sink(decoded, events, False)
            return
        self._take_out_of_order(decoded, place)

    def cut(self, reason: str, *, is_new_session: bool) -> Sequence[LapEvent]:
        """End the running lap; in a new session laps count from 1 again.

        Returns the events of that end; they belong to the recording so far.
        """
        try:
            events = self._detector.finish(reason)
        except Exception:
            events = ()
            self._note_failure("lap detector")
        self._live.note(events)
        if is_new_session:
            self._next_lap_number = 1
            self._live.start_laps()
        self._detector = self._make_detector(self._next_lap_number)
        self._feed_detector = self._detector.feed
        return events

    def silence_us(self, now_us: int) -> int:
        """Return how long ago the last packet came."""
        return now_us - self._live.last_packet_us

    def update_lost(self, kernel_drops: int | None) -> None:
        """Count as lost what the sender's numbers or the system say, whichever more."""
        self.counters.lost = max(self._order.gap_count, kernel_drops or 0)

    def _note_events(self, events: Sequence[LapEvent]) -> None:
        self._live.note(events)
        for event in events:
            if type(event) is LapStarted:
                self._next_lap_number = event.lap_number + 1

    def _take_out_of_order(self, frame: Frame, place: Place) -> None:
        if place is Place.DUPLICATE:
            self.counters.repeated += 1
            return
        self.counters.frames += 1
        self.counters.late += 1
        if self.sink is not None:
            self.sink(frame, (), True)

    def _note_other(self, decoded: Decoded, datagram: bytes, received_us: int) -> None:
        counters = self.counters
        if isinstance(decoded, Rejected):
            counters.rejected += 1
            self._note_reject(datagram, received_us)
            return
        counters.skipped += 1
        self._live.note_answer(received_us)
        if isinstance(decoded, Identity):
            self._learn(decoded)

    def _learn(self, identity: Identity | None) -> None:
        self._known_identity = self._named.identity
        if identity is None or identity == self.identity:
            return
        self.identity = identity
        self._live.identity = identity
        if self.on_identity is not None:
            self.on_identity(identity)

    def _admit(
        self, datagram: bytes, address: Address | None, received_us: int
    ) -> bool:
        """Say whether a new sender may feed this stream, and switch to it."""
        if self._has_sender:
            silence_us = received_us - self._live.last_packet_us
            same_host = (
                address is not None
                and self._sender is not None
                and address[0] == self._sender[0]
            )
            limit_us = RESTART_SILENCE_US if same_host else SENDER_SILENCE_US
            if silence_us < limit_us:
                self._live.warn(
                    f"A second sender, {_host_port(address)}, is ignored.", received_us
                )
                return False
        try:
            probe = self._decode(datagram, received_us)
        except Exception:
            self._note_failure("decoder")
            return False
        if isinstance(probe, Rejected):
            self._note_reject(datagram, received_us)
            return False
        if self._has_sender:
            events = self.cut("another sender", is_new_session=False)
            if self.on_cut is not None:
                self.on_cut(events)
        self._sender = address
        self._has_sender = True
        self._previous = None
        self._order.restart()
        return True

    def _note_reject(self, datagram: bytes, received_us: int) -> None:
        self._rejects_in_row += 1
        after_many = self._rejects_in_row - _REJECTS_BEFORE_MESSAGE
        if after_many < 0:
            return
        if after_many % _DESCRIBE_EVERY == 0:
            try:
                text = self._describe(datagram)
            except Exception:
                text = None
                self._note_failure("describe")
            looks = f"looks like {text}" if text else "is no telemetry known to ps-tui"
            self._reject_message = f"What arrives {looks}; expected {self._source}."
        self._live.warn(self._reject_message, received_us)

    def _note_failure(self, what: str) -> None:
        self._failure_count += 1
        if self._failure_count <= _LOGGED_FAILURES:
            _log.exception("the %s failed on a packet", what)


def _host_port(address: Address | None) -> str:
    return f"{address[0]} port {address[1]}" if address else "unknown"
