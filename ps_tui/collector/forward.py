"""Passes packets on: raw as they came, or decoded frames as native messages.

Each target has a connected socket of its own that never blocks. What a target does
not take is counted and forgotten: nothing waits for it.
"""

from __future__ import annotations

import contextlib
import socket

import msgspec

from ps_tui.collector.binding import Address, resolve
from ps_tui.collector.feed import Feed
from ps_tui.decoders.native_encoder import encode_native
from ps_tui.domain.errors import NetworkError, UsageError
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.recording import ForwardStatus

IDENTITY_EVERY = 120
"""Frames between two that name car and track, for listeners that come late."""
_SEND_BUFFER_BYTES = 1 << 20
_NOBODY = "nobody listens there"
_DEAF_FOR = 600
"""So many datagrams without that answer, which may come once a second, and somebody
does listen."""


class Target(msgspec.Struct, frozen=True):
    """Whom to pass on to; ``source`` restricts it to one game."""

    host: str
    port: int
    source: str | None = None
    is_native: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_endpoint(text: str) -> tuple[str, int]:
    """Split ``HOST:PORT`` or ``[IPv6]:PORT``. Raises UsageError."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(
            f"{text!r} is no HOST:PORT.", "Write it like 127.0.0.1:9997 or [::1]:9997."
        )
    return host, int(port)


def parse_target(
    text: str, sources: tuple[str, ...], *, is_native: bool = False
) -> Target:
    """Read ``HOST:PORT`` or ``SOURCE=HOST:PORT``. Raises UsageError."""
    source, equals, endpoint = text.rpartition("=")
    if equals and source not in sources:
        raise UsageError(
            f"There is no source {source!r} to forward.",
            f"Known: {', '.join(sources)}.",
        )
    host, port = parse_endpoint(endpoint)
    return Target(host, port, source or None, is_native)


class Forward:
    """Sends to one target. Its counters are of datagrams."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.sent_count = 0
        self.error_count = 0
        self.problem = "not open yet"
        self._refused_at_count = -_DEAF_FOR
        self._socket: socket.socket | None = None
        self._own_forms: frozenset[Address] = frozenset()
        """The target as a sender, by a socket of its family and by one of both."""

    async def open(self, own_ports: frozenset[int]) -> None:
        """Find the target; an unknown one is named in ``problem``.

        Raises UsageError where the target is a port of our own.
        """
        try:
            family, address = await self._find()
        except NetworkError as error:
            self.problem = error.cause
            return
        self._refuse_own(address, own_ports)
        self.connect(family, address)

    async def check(self, own_ports: frozenset[int]) -> None:
        """Raise UsageError where the target is a port that we are going to open."""
        if self.target.port in own_ports:
            with contextlib.suppress(NetworkError):
                self._refuse_own((await self._find())[1], own_ports)

    async def _find(self) -> tuple[int, Address]:
        return (await resolve(self.target.host, self.target.port, listen=False))[0]

    def _refuse_own(self, address: Address, own_ports: frozenset[int]) -> None:
        if self.target.port in own_ports and is_own_address(str(address[0])):
            raise UsageError(
                f"{self.target} is where ps-tui itself listens: the packets would come "
                "back for ever.",
                "Forward to the port of the other program.",
            )

    def connect(self, family: int, address: Address) -> None:
        """Send to ``address`` from now on."""
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
            sock.connect(address)
        except OSError as error:
            sock.close()
            self.problem = f"no way to it: {error.strerror or error}"
            return
        self._socket = sock
        host, port = str(address[0]), address[1]
        self._own_forms = frozenset({(host, port), (f"::ffff:{host}", port)})
        self.problem = ""

    def pass_on(self, datagram: bytes, sender: Address | None) -> None:
        """Send one datagram, unless its sender is the target. Never raises."""
        sock = self._socket
        if sock is None or (sender is not None and sender[:2] in self._own_forms):
            return
        try:
            sock.send(datagram)
        except OSError as error:
            # What a closed port answered to an earlier datagram ends up here, and
            # this one was not sent: the next try goes out.
            self._note(error)
            try:
                sock.send(datagram)
            except OSError:
                return
        self.sent_count += 1

    def _note(self, error: OSError) -> None:
        self.error_count += 1
        if isinstance(error, ConnectionRefusedError):
            self._refused_at_count = self.sent_count

    @property
    def is_deaf(self) -> bool:
        """Say whether the target's computer answers that nobody listens there."""
        return self.sent_count - self._refused_at_count < _DEAF_FOR

    def status(self) -> ForwardStatus:
        """Return the counters."""
        return ForwardStatus(
            target=str(self.target),
            sent=self.sent_count,
            errors=self.error_count,
            source=self.target.source,
            is_native=self.target.is_native,
            problem=self.problem or (_NOBODY if self.is_deaf else ""),
        )

    def follow(self, other: Forward) -> None:
        """Send to where ``other`` sends, from a socket of our own."""
        if self._socket is None and other._socket is not None:
            self.connect(other._socket.family, other._socket.getpeername())

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class NativeForward:
    """Sends one feed's frames as native messages, from a socket of its own, so that
    the frames of two games arrive as those of two senders."""

    def __init__(self, feed: Feed, way: Forward) -> None:
        self._feed = feed
        self._way = way
        self._sequence = 0
        self._identity: Identity | None = None

    def send(self, frame: Frame) -> None:
        """Encode and send one frame. Never raises."""
        identity = self._feed.stream.identity
        is_due = self._sequence % IDENTITY_EVERY == 0 or identity is not self._identity
        self._identity = identity
        try:
            datagram = encode_native(
                frame,
                self._feed.channels,
                identity if is_due else None,
                sequence=self._sequence & 0xFFFF_FFFF,
            )
        except (ValueError, TypeError, OverflowError):
            self._way.error_count += 1
            return
        self._sequence += 1
        self._way.pass_on(datagram, None)


class Forwards:
    """Every target of a collector."""

    def __init__(self, targets: tuple[Target, ...]) -> None:
        self._raw = [Forward(target) for target in targets if not target.is_native]
        self._native = [Forward(target) for target in targets if target.is_native]
        self._twins: list[tuple[Forward, Forward]] = []

    async def check(self, own_ports: frozenset[int]) -> None:
        """Raise UsageError for a target that is a port of our own, open or not yet."""
        for forward in (*self._raw, *self._native):
            await forward.check(own_ports)

    async def open(self, own_ports: frozenset[int]) -> None:
        """Find the targets that are not found yet. Raises UsageError for own ports."""
        for forward in (*self._raw, *self._native):
            if forward.problem:
                await forward.open(own_ports)
        for owner, twin in self._twins:
            twin.follow(owner)

    @property
    def is_complete(self) -> bool:
        """Say whether every target is found."""
        return not any(each.problem for each in (*self._raw, *self._native))

    def passes_of(self, source: str | None) -> tuple[Forward, ...]:
        """Return who gets the packets of a source; ``None`` is one not known."""
        return tuple(
            forward for forward in self._raw if forward.target.source in (None, source)
        )

    def attach(self, feed: Feed) -> None:
        """Send the frames of a feed to the native targets that want them."""
        senders = []
        for forward in self._native:
            if forward.target.source in (None, feed.source):
                twin = Forward(forward.target)
                twin.follow(forward)
                self._twins.append((forward, twin))
                senders.append(NativeForward(feed, twin).send)
        if not senders:
            return

        def send_all(frame: Frame) -> None:
            for send in senders:
                send(frame)

        feed.stream.tap = senders[0] if len(senders) == 1 else send_all

    def status(self) -> tuple[ForwardStatus, ...]:
        """Return the counters of every target."""
        native = []
        for forward in self._native:
            twins = [twin for owner, twin in self._twins if owner is forward]
            native.append(
                msgspec.structs.replace(
                    forward.status(),
                    sent=sum(twin.sent_count for twin in twins),
                    errors=sum(twin.error_count for twin in twins),
                    problem=forward.problem
                    or (_NOBODY if any(twin.is_deaf for twin in twins) else ""),
                )
            )
        return (*(forward.status() for forward in self._raw), *native)

    def close(self) -> None:
        twins = (twin for _, twin in self._twins)
        for forward in (*self._raw, *self._native, *twins):
            forward.close()


def is_own_address(host: str) -> bool:
    """Say whether an IP address is one of this computer."""
    import psutil  # 20 ms that only forwarding needs

    if host in ("0.0.0.0", "::", "::1") or host.startswith("127."):
        return True
    return any(
        host == address.address.partition("%")[0]
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
    )
