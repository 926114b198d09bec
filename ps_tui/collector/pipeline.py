"""From datagram to frame and lap events, with every datagram accounted for.

Each datagram is in ``packets`` and in exactly one of ``frames``, ``repeated``,
``rejected`` and ``skipped``, at the latest when :meth:`Stream.close` has decided on
those whose sender was in doubt. Nothing that arrives can make a stream raise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ps_tui.collector.admission import Admission
from ps_tui.collector.binding import Address
from ps_tui.collector.challenge import Challenge
from ps_tui.collector.lap_cutter import LapCutter, LapDetection
from ps_tui.collector.live import LiveState
from ps_tui.collector.order import Order, Place
from ps_tui.collector.rejects import Failures, Rejects
from ps_tui.collector.senders import RefusedSender, Senders
from ps_tui.collector.succession import Succession
from ps_tui.domain.frame import CarLap, Decoded, Frame, Identity, Rejected
from ps_tui.domain.laps import LapEvent
from ps_tui.domain.ports import Decoder
from ps_tui.domain.recording import FeedCounters

Sink = Callable[[Frame, Sequence[LapEvent], bool], None]
"""Takes a frame, the lap events that it caused, and whether it came late."""


def _nowhere(frame: Frame, events: Sequence[LapEvent], is_late: bool) -> None:
    """Take frames of a stream that nobody records."""


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
        *,
        probe: Callable[[bytes], bool] | None = None,
        make_decoder: Callable[[], Decoder] | None = None,
    ) -> None:
        self._failures = Failures()
        self._laps = LapCutter(make_detector, live, self._failures)
        self._live = live
        self._show = live.append
        self._order = Order()
        self._place = self._order.place
        self._previous: bytes | None = None
        self._senders = Senders()
        challenge = Challenge(live)
        self._admission = Admission(
            self._senders, challenge, live, self._is_ours, self._reject
        )
        self._succession = Succession(
            self, self._senders, challenge, self._admission, live
        )
        self.use(decoder, probe, make_decoder)
        self._rejects = Rejects(live, describe, self._failures)
        self.counters: FeedCounters = live.counters
        self.identity = Identity()
        self.sink: Sink = _nowhere
        self.on_identity: Callable[[Identity], None] | None = None
        self.on_cut: Callable[[Sequence[LapEvent]], None] | None = None
        """Takes the events of no frame: a change of sender, a time told later."""
        self.on_takeover: Callable[[], None] | None = None
        """Called where all so far was no drive, and that of another sender begins."""
        self.tap: Callable[[Frame], None] | None = None
        """Takes every frame that comes in its turn."""
        self.on_reject: Callable[[bytes, Address | None, int], None] | None = None
        """Takes what the decoder refused, its sender, and how many in a row."""

    def use(
        self,
        decoder: Decoder,
        probe: Callable[[bytes], bool] | None,
        make_decoder: Callable[[], Decoder] | None = None,
    ) -> None:
        """Read with another decoder from now on.

        ``make_decoder`` makes one like it that knows nothing yet; without it no
        sender is looked at beside the first.
        ``probe`` says without a trace whether a datagram is of its game; that is
        asked of unknown senders, whose packets must not touch what the decoder
        remembers. Without one the decoder itself is asked.
        """
        self._source = decoder.source
        self._decoder = decoder
        self._decode = decoder.decode
        self._succession.make_decoder = make_decoder
        self._probe = probe
        self._known_identity: Identity | None = None

    @property
    def sender(self) -> Address | None:
        """Return who feeds the stream."""
        return self._senders.current

    @property
    def refused_senders(self) -> list[RefusedSender]:
        """Return whose datagrams were refused because this sender is read."""
        return list(self._senders.refused.values())

    def restart(self) -> None:
        """Expect nothing: what comes next is from elsewhere in the drive."""
        self._order.restart()
        self._previous = None

    def receive(
        self, datagram: bytes, address: Address | None, received_us: int
    ) -> None:
        """Account for one datagram and pass on what it carries. Never raises."""
        counters = self.counters
        counters.packets += 1
        senders = self._senders
        if (address != senders.current or senders.held) and not self._admission.admits(
            datagram, address, received_us
        ):
            return
        self._live.last_packet_us = received_us
        if datagram == self._previous:
            counters.repeated += 1
            return
        try:
            decoded = self._decode(datagram, received_us)
        except Exception:
            counters.rejected += 1
            self._failures.note("decoder")
            return
        if type(decoded) is not Frame:
            self._note_other(decoded, datagram, address, received_us)
            return
        self._previous = datagram
        if self._decoder.identity is not self._known_identity:
            self._learn(self._decoder.identity)
        place = self._place(decoded)
        if place is None:
            counters.frames += 1
            try:
                events = self._laps.feed(decoded)
            except Exception:
                events = ()
                self._failures.note("lap detector")
            self._show(decoded)
            if self.tap is not None:
                self.tap(decoded)
            if events:
                self._laps.note(events)
            self.sink(decoded, events, False)
            return
        self._take_out_of_order(decoded, place)

    def cut(self, reason: str, *, is_new_session: bool) -> Sequence[LapEvent]:
        """End the running lap; in a new session laps count from 1 again.

        Returns the events of that end; they belong to the recording so far.
        """
        return self._laps.end(reason, is_new_session=is_new_session)

    def close(self) -> None:
        """Decide on every datagram that is still held."""
        self._succession.close()

    def silence_us(self, now_us: int) -> int:
        """Return how long ago the last packet came."""
        return now_us - self._live.last_packet_us

    def update_lost(self, kernel_drops: int | None) -> None:
        """Count as lost what the sender's numbers or the system say, whichever more."""
        self.counters.lost = max(self._order.gap_count, kernel_drops or 0)

    def _take_out_of_order(self, frame: Frame, place: Place) -> None:
        if place is Place.DUPLICATE:
            self.counters.repeated += 1
            return
        self.counters.frames += 1
        self.counters.late += 1
        self.sink(frame, (), True)

    def _note_other(
        self,
        decoded: Decoded,
        datagram: bytes,
        address: Address | None,
        received_us: int,
    ) -> None:
        if isinstance(decoded, Rejected):
            self._reject(datagram, address, received_us)
            return
        self.counters.skipped += 1
        is_greeting = isinstance(decoded, Identity)
        self._live.note_answer(received_us, is_greeting=is_greeting)
        if isinstance(decoded, Identity):
            self._learn(decoded)
        elif isinstance(decoded, CarLap):
            events = self._laps.publish(decoded, received_us)
            if events and self.on_cut is not None:
                self.on_cut(events)

    def begin_anew(self, decoder: Decoder) -> None:
        """Take all so far for no drive: what comes next is of another sender."""
        self.use(decoder, self._probe, self._succession.make_decoder)
        self.identity = self._live.identity = Identity()
        if self.on_takeover is not None:
            self.on_takeover()
        self.restart()

    def change_sender(self, *, is_elsewhere: bool) -> None:
        """Go on with another sender; one that is elsewhere begins another lap."""
        if is_elsewhere:
            events = self.cut("another sender", is_new_session=False)
            if self.on_cut is not None:
                self.on_cut(events)
            self._order.restart()
        self._previous = None

    def _learn(self, identity: Identity | None) -> None:
        self._known_identity = self._decoder.identity
        if identity is None or identity == self.identity:
            return
        self.identity = identity
        self._live.identity = identity
        if self.on_identity is not None:
            self.on_identity(identity)

    def release_held(self, now_us: int) -> None:
        """Let a newcomer succeed a sender that fell silent or was no drive; call it
        now and then."""
        self._succession.look(now_us)

    def _is_ours(self, datagram: bytes, received_us: int) -> bool:
        try:
            if self._probe is not None:
                return self._probe(datagram)
            return not isinstance(self._decode(datagram, received_us), Rejected)
        except Exception:
            self._failures.note("decoder")
            return False

    def _reject(
        self, datagram: bytes, address: Address | None, received_us: int
    ) -> None:
        in_row = self._rejects.note(datagram, received_us, self._source)
        if self.on_reject is not None:
            self.on_reject(datagram, address, in_row)
