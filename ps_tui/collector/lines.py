"""The sockets of a collector: ports that listen, and talks with games that must be
asked. One port that cannot be had leaves the others open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from ps_tui.collector.binding import Address, resolve
from ps_tui.collector.places import Places
from ps_tui.collector.routing import Gate, Route, Take
from ps_tui.collector.senders import host_of
from ps_tui.collector.talk import Talk
from ps_tui.collector.udp import UdpSocket
from ps_tui.decoders.registry import Asking, SourceSpec
from ps_tui.domain.errors import NetworkError

if TYPE_CHECKING:
    from ps_tui.collector.feed import Feed

Copy = Callable[[bytes, Address | None, int, Gate], None]


class Line:
    """One socket with what is behind it."""

    def __init__(self, gate: Gate, udp: UdpSocket) -> None:
        self.gate = gate
        self.udp = udp


class Lines:
    """Opens what ``specs`` need: one socket for each port, and each talk's own.

    ``meet`` and ``copy`` are set by the collector: who is a new sender, and who
    wants to see every datagram.
    """

    def __init__(
        self,
        specs: Mapping[str, SourceSpec],
        *,
        host: str | None,
        port: int | None,
        is_auto: bool,
        now_us: Callable[[], int],
        retry_s: float | None = None,
        silence_s: float | None = None,
    ) -> None:
        self.specs = specs
        self._places = Places(specs, host=host, port=port, is_auto=is_auto)
        self._now_us = now_us
        self._retry_us = None if retry_s is None else int(retry_s * 1e6)
        self._silence_us = None if silence_s is None else int(silence_s * 1e6)
        self._listening: dict[int, Line] = {}
        self._asking: list[Line] = []
        self._copy: Copy | None = None
        self._is_call_due = False
        self.talks: dict[str, list[Talk]] = {}
        """The conversations by the name of the game."""
        self._intercepts: dict[tuple[str, str], Talk] = {}
        self.troubles: dict[int, NetworkError] = {}
        """Ports that could not be had, and why."""
        self.meet: Callable[[Gate, Address | None], Route] = _unset

    @property
    def copy(self) -> Copy | None:
        """Return who sees every datagram."""
        return self._copy

    @copy.setter
    def copy(self, copy: Copy | None) -> None:
        self._copy = copy
        for line in self._all:
            line.gate.copies = () if copy is None else (copy,)

    @property
    def gates(self) -> tuple[Gate, ...]:
        return tuple(line.gate for line in self._all)

    @property
    def is_open(self) -> bool:
        return any(line.udp.is_open for line in self._all)

    @property
    def is_complete(self) -> bool:
        """Say whether everything is open that should be."""
        return self.is_open and not self.troubles and not self._is_call_due

    @property
    def port(self) -> int:
        """Return the first own port."""
        return next((line.udp.port for line in self._all), 0)

    @property
    def own_ports(self) -> frozenset[int]:
        """Return every port that listens."""
        return frozenset(line.udp.port for line in self._all)

    @property
    def wanted_ports(self) -> frozenset[int]:
        """Return every port that is to listen, open or not."""
        return frozenset(self._places.ports) - {0}

    @property
    def buffer_bytes(self) -> int:
        """Return the smallest receive buffer that the system granted."""
        return min((line.udp.buffer_bytes for line in self._all), default=0)

    @property
    def endpoint(self) -> str:
        """Say where everything is heard, for the status line."""
        if not self._places.is_auto:
            (spec,) = self.specs.values()
            return self.endpoint_of(spec)
        ports = sorted(line.udp.port for line in self._listening.values())
        return f"UDP {', '.join(map(str, ports))}"

    def endpoint_of(self, spec: SourceSpec) -> str:
        """Say where one game is heard."""
        if self._places.is_auto and spec.listens:
            port = self.port if self._places.is_port_given else spec.port
            return f"UDP {port}"
        if spec.listens:
            return _endpoint(self._places.bind_host or "*", self.port)
        return _endpoint(*self._places.game_of(spec))

    @property
    def hint(self) -> tuple[str, str]:
        """Return what to say and to do while nothing arrives."""
        if self._places.is_auto:
            return (
                "",
                "Nothing arrives yet: ps-tui doctor says what to set and where.",
            )
        (spec,) = self.specs.values()
        if spec.listens:
            return ("", spec.settings_hint)
        return (f"No answer from {self.endpoint}.", spec.settings_hint)

    @property
    def bound_ports(self) -> list[tuple[int, int]]:
        """Return the ports that listen: as asked for, and as they are."""
        return [(asked, line.udp.port) for asked, line in self._listening.items()]

    def port_of(self, spec: SourceSpec) -> int:
        """Return where a game is to send."""
        return self._places.port_of(spec)

    def labels_on(self, port: int) -> list[str]:
        """Return the games that send to a port."""
        return self._places.labels_on(port)

    def drops_of(self, feed: Feed) -> int | None:
        """Return what the system dropped on the sockets that a feed is heard on."""
        drops = [
            count
            for line in self._all
            if line.gate in feed.sockets
            and (count := line.udp.kernel_drops()) is not None
        ]
        return sum(drops) if drops else None

    async def open(self) -> None:
        """Open what is not open yet.

        Raises NetworkError where nothing at all is open afterwards, or the host of
        a game is unknown.
        """
        for port in self._places.ports:
            if port not in self._listening:
                await self._listen(port)
        for spec in self.specs.values():
            if (
                spec.asking is None
                or spec.name in self.talks
                or not self._places.is_asked(spec)
            ):
                continue
            self._is_call_due = True
            await self._call(spec, spec.asking)
        self._is_call_due = False
        if self.troubles and not self.is_open:
            raise next(iter(self.troubles.values()))

    def tick(self, now_us: int) -> None:
        """Ask the games that are to be asked."""
        for talks in self.talks.values():
            for talk in talks:
                talk.tick(now_us)

    def intercept(self, spec: SourceSpec, host: str, take: Take) -> Take:
        """Return who takes what a game sends to a listening port: its talk first."""
        talk = self._intercepts.get((spec.name, host))
        if talk is None:
            return take
        talk.deliver = take
        return talk.receive

    def drain(self) -> None:
        """Take leave and read what already waits."""
        for talks in self.talks.values():
            for talk in talks:
                if self.is_open:
                    talk.close()
        for line in self._all:
            line.udp.drain()

    def close(self) -> None:
        """Close every socket; safe to call twice."""
        for line in self._all:
            line.udp.close()

    @property
    def _all(self) -> list[Line]:
        return [*self._listening.values(), *self._asking]

    async def _listen(self, port: int) -> None:
        line = self._line(port)
        try:
            await line.udp.listen(self._places.bind_host, port)
        except NetworkError as error:
            self.troubles[port] = error
            return
        self.troubles.pop(port, None)
        line.gate.port = line.udp.port
        self._listening[port] = line

    async def _call(self, spec: SourceSpec, asking: Asking) -> None:
        """Begin the conversations with one game. Raises NetworkError."""
        host, port = self._places.game_of(spec)
        talks: list[Talk] = []
        for make in asking.conversations:
            if asking.own_port is None:
                line = self._line(port, spec)
                send = line.udp.send
                await line.udp.connect(host, port)
                line.gate.port = line.udp.port
                self._asking.append(line)
            elif spec.port in self._listening:
                line = self._listening[spec.port]
                address = (await resolve(host, port, listen=False))[0][1][:2]
                send = partial(_send_to, line.udp, address)
            else:
                continue  # its port is taken; tried again with that
            talk = Talk(
                make(),
                send,
                line.gate.receive,
                endpoint=_endpoint(host, port),
                retry_us=self._retry_us,
                silence_us=self._silence_us,
            )
            talks.append(talk)
            if asking.own_port is None:
                line.udp.receive = talk.receive
            else:
                self._intercepts[spec.name, host_of(address)] = talk
            talk.tick(self._now_us())
        if talks:
            self.talks[spec.name] = talks

    def _line(self, port: int, only: SourceSpec | None = None) -> Line:
        gate = Gate(port, lambda gate, address: self.meet(gate, address), only)
        gate.copies = () if self._copy is None else (self._copy,)
        return Line(gate, UdpSocket(gate.receive, self._now_us))


def _send_to(udp: UdpSocket, address: Address, payload: bytes) -> None:
    udp.send_to(payload, address)


def _endpoint(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _unset(gate: Gate, address: Address | None) -> Route:
    raise AssertionError("the collector sets who is met")
