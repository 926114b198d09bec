"""The door of a stream: one sender comes in, and who else comes is accounted for."""

from __future__ import annotations

from collections.abc import Callable

from ps_tui.collector.binding import Address
from ps_tui.collector.challenge import Challenge
from ps_tui.collector.live import LiveState
from ps_tui.collector.senders import Held, Judgement, Senders

Reject = Callable[[bytes, Address | None, int], None]


class Admission:
    """Admits datagrams of one sender at a time.

    ``is_ours`` says whether a datagram is of the game that is read, and ``reject``
    takes one that is not.
    """

    def __init__(
        self,
        senders: Senders,
        challenge: Challenge,
        live: LiveState,
        is_ours: Callable[[bytes, int], bool],
        reject: Reject,
    ) -> None:
        self._senders = senders
        self._challenge = challenge
        self._live = live
        self._is_ours = is_ours
        self._reject = reject

    def admits(
        self, datagram: bytes, address: Address | None, received_us: int
    ) -> bool:
        """Say whether a datagram may feed the stream; account for it if not."""
        senders = self._senders
        if address == senders.current:
            self.refuse(senders.refuse_held(), received_us)
            return True
        heard_us = self._live.last_packet_us
        if senders.is_refused(address, received_us, heard_us):
            held = Held(datagram, address, received_us)
            if not self._challenge.takes(held):
                self.refuse_all([held], received_us)
            return False
        if not self._is_ours(datagram, received_us):
            self._reject(datagram, address, received_us)
            return False
        judgement = senders.judge(address, received_us, heard_us)
        if judgement is Judgement.HOLD:
            senders.held.append(Held(datagram, address, received_us))
        elif judgement is Judgement.REFUSE:
            self.refuse_all([Held(datagram, address, received_us)], received_us)
        return judgement is Judgement.ADMIT

    def refuse_all(self, held: list[Held], now_us: int) -> None:
        """Account for datagrams of a second sender that are not read."""
        for one in held:
            self._senders.count_refused(one.address, one.datagram)
        self.refuse(len(held), now_us)

    def refuse(self, count: int, received_us: int) -> None:
        """Count datagrams of a second sender, and say that it is ignored."""
        if count:
            self._live.counters.rejected += count
            name = self._senders.newest_refused or "one of many"
            self._live.warn(f"A second sender, {name}, is ignored.", received_us)
