"""One sender at a time: who feeds a stream, and who only looks like it.

Two programs that send to one port at once would weave two drives into one. A sender
that was started again, or that uses a fresh port for each datagram, must lose
nothing. The difference shows only afterwards: a newcomer's datagrams are held for a
moment, refused when the first sender goes on, and admitted when it does not.
"""

from __future__ import annotations

from enum import Enum, auto

import msgspec

from ps_tui.collector.binding import Address

HANDOVER_US = 500_000
"""So long must the first sender be silent before a newcomer is admitted."""
RIVAL_SILENCE_US = 5_000_000
"""The same for one that was refused already."""
_HELD_LIMIT = 20_000
_RIVAL_LIMIT = 64


class Judgement(Enum):
    ADMIT = auto()
    HOLD = auto()
    REFUSE = auto()


class Held(msgspec.Struct, frozen=True, gc=False):
    """A datagram whose sender is not decided on yet."""

    datagram: bytes
    address: Address | None
    received_us: int


class RefusedSender(msgspec.Struct):
    """Datagrams of one sender that were refused, for another one is read."""

    name: str
    """Address and port, empty for all that are too many to tell apart."""
    size: int
    """Bytes of the first datagram."""
    count: int = 0


class Senders:
    """Decides on senders; ``heard_us`` is always when the current one last sent."""

    def __init__(self) -> None:
        self.current: Address | None = None
        self.held: list[Held] = []
        self._has_current = False
        self._rivals: set[Address | None] = set()
        self.refused: dict[Address | None, RefusedSender] = {}
        self.newest_refused = ""
        """The name of the one that was refused last."""

    def judge(
        self, address: Address | None, received_us: int, heard_us: int
    ) -> Judgement:
        """Decide on a good datagram of another address than ``current``."""
        if not self._has_current:
            self._has_current = True
            self.current = address
            return Judgement.ADMIT
        if self.is_refused(address, received_us, heard_us):
            return Judgement.REFUSE
        return Judgement.REFUSE if len(self.held) >= _HELD_LIMIT else Judgement.HOLD

    def is_refused(
        self, address: Address | None, received_us: int, heard_us: int
    ) -> bool:
        """Say whether a sender was refused and still is, whatever it sends."""
        return address in self._rivals and received_us - heard_us < RIVAL_SILENCE_US

    def count_refused(self, address: Address | None, datagram: bytes) -> None:
        """Count a datagram of a sender that is refused."""
        refused = self.refused.get(address)
        if refused is None:
            if len(self.refused) >= _RIVAL_LIMIT:
                address = None
            name = name_of(address)
            refused = self.refused.setdefault(
                address, RefusedSender(name, len(datagram))
            )
        refused.count += 1
        self.newest_refused = refused.name

    def refuse_held(self) -> int:
        """Refuse who was held, for the current sender goes on; return how many."""
        return self._refuse(self.held)

    def succeed(self, now_us: int, heard_us: int) -> tuple[list[Held], int, bool]:
        """Let the first of the held succeed a silent sender.

        Returns its datagrams, how many of others were refused since they came
        between these, and whether it is on another computer. The list is empty
        while nobody is held or the current sender may still go on.
        """
        if not self.held or now_us - heard_us < HANDOVER_US:
            return [], 0, False
        heir = self.held[0].address
        is_elsewhere = host_of(heir) != host_of(self.current)
        self.current = heir
        self._rivals.clear()
        admitted: list[Held] = []
        others: list[Held] = []
        refused_count = 0
        for held in self.held:
            if held.address == heir:
                refused_count += self._refuse(others)
                admitted.append(held)
            else:
                others.append(held)
        self.held = others
        return admitted, refused_count, is_elsewhere

    def install(self, address: Address | None) -> None:
        """Let another sender take the place of the current one at once."""
        self.current = address
        self._rivals.clear()

    def _refuse(self, held: list[Held]) -> int:
        count = len(held)
        for item in held:
            self.count_refused(item.address, item.datagram)
        if len(self._rivals) < _RIVAL_LIMIT:
            self._rivals.update(item.address for item in held)
        held.clear()
        return count


def name_of(address: Address | None) -> str:
    """Write an address as ``host:port``, an IPv6 host in brackets."""
    if not address:
        return ""
    host = str(address[0]).removeprefix("::ffff:")
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{address[1]}" if len(address) > 1 else host


def host_of(address: Address | None) -> str:
    """Return the computer of an address; loopback is one by either family."""
    host = str(address[0]) if address else ""
    host = host.removeprefix("::ffff:")
    return "localhost" if host == "::1" or host.startswith("127.") else host
