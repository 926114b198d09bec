"""Whose turn it is: a silent sender is succeeded, one that is no drive is replaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ps_tui.collector.admission import Admission
from ps_tui.collector.challenge import Challenge
from ps_tui.collector.live import LiveState
from ps_tui.collector.senders import HANDOVER_US, Held, Senders
from ps_tui.domain.ports import Decoder

if TYPE_CHECKING:
    from ps_tui.collector.pipeline import Stream


class Succession:
    """Changes the sender of ``stream`` and gives it what the new one sent so far."""

    def __init__(
        self,
        stream: Stream,
        senders: Senders,
        challenge: Challenge,
        admission: Admission,
        live: LiveState,
    ) -> None:
        self._stream = stream
        self._senders = senders
        self._challenge = challenge
        self._admission = admission
        self._live = live

    @property
    def make_decoder(self) -> Callable[[], Decoder] | None:
        """Makes a decoder for a challenger; without it there is none."""
        return self._challenge.make_decoder

    @make_decoder.setter
    def make_decoder(self, make_decoder: Callable[[], Decoder] | None) -> None:
        self._challenge.make_decoder = make_decoder

    def look(self, now_us: int) -> None:
        """Change the sender where that is due; call it now and then."""
        self._hear_challenger(now_us)
        senders = self._senders
        while senders.held:
            heard_us = self._live.last_packet_us
            admitted, refused_count, is_elsewhere = senders.succeed(now_us, heard_us)
            if not admitted:
                return
            self._stream.change_sender(is_elsewhere=is_elsewhere)
            self._admission.refuse(refused_count, now_us)
            self._admission.refuse_all(self._challenge.begin(), now_us)
            self._receive_all(admitted)

    def close(self) -> None:
        """Decide on every datagram that is still held."""
        while self._senders.held:
            self.look(self._live.last_packet_us + HANDOVER_US)
        self._admission.refuse_all(self._challenge.begin(), self._live.last_packet_us)

    def _hear_challenger(self, now_us: int) -> None:
        """Look whether what is read is a drive, and if not, whether another one is."""
        challenge = self._challenge
        challenge.look()
        held, has_won = challenge.decide(now_us)
        if not has_won or challenge.make_decoder is None:
            self._admission.refuse_all(held, now_us)
            return
        challenge.begin()
        self._admission.refuse(self._senders.refuse_held(), now_us)
        self._senders.install(held[0].address)
        self._stream.begin_anew(challenge.make_decoder())
        self._receive_all(held)

    def _receive_all(self, admitted: Sequence[Held]) -> None:
        self._stream.counters.packets -= len(admitted)  # receive() counts them again
        for held in admitted:
            waiting, self._senders.held = self._senders.held, []
            self._stream.receive(held.datagram, held.address, held.received_us)
            self._senders.held = waiting
