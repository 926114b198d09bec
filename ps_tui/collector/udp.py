"""UDP sockets that drain until empty on each wake-up of the event loop.

A ``DatagramProtocol`` is called once per wake-up and datagram, at eight times the
cost; it is the fallback where the loop has no readers (Proactor on Windows).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

from ps_tui.domain.errors import NetworkError

_log = logging.getLogger(__name__)

Address = tuple[Any, ...]
Receive = Callable[[bytes, Address | None, int], None]
"""Takes a datagram, its sender (None on a connected socket) and the time in µs."""

DATAGRAMS_PER_WAKE_UP = 512
"""Bound of one drain, so that a flood leaves the loop time for everything else."""

RECEIVE_BUFFER_BYTES = 8 << 20
_MAX_DATAGRAM = 65_536

_SO_RCVBUFFORCE = 33  # Linux, socket(7): above rmem_max, for privileged processes
_SO_MEMINFO = 55  # Linux, sock_diag: nine u32, the last counts dropped datagrams
_MEMINFO = struct.Struct("9I")


async def resolve(host: str, port: int, *, listen: bool) -> list[tuple[int, Address]]:
    """Return (family, address) pairs of ``host``, one per family.

    Raises NetworkError for a name that nobody knows.
    """
    loop = asyncio.get_running_loop()
    try:
        infos = await loop.getaddrinfo(
            host,
            port,
            type=socket.SOCK_DGRAM,
            flags=socket.AI_PASSIVE if listen else 0,
        )
    except (socket.gaierror, UnicodeError) as error:
        raise NetworkError(
            f"No computer named {host!r} is known.",
            "Check the spelling of --host, or give its IP address.",
        ) from error
    by_family: dict[int, Address] = {}
    for family, _kind, _protocol, _name, address in infos:
        if family in (socket.AF_INET, socket.AF_INET6):
            by_family.setdefault(family, address)
    return list(by_family.items())


class UdpSocket:
    """One or more bound or connected sockets that feed one receiver.

    ``receive`` is called on the event loop for every datagram and must not raise.
    """

    def __init__(self, receive: Receive, now_us: Callable[[], int]) -> None:
        self._receive = receive
        self._now_us = now_us
        self._sockets: list[socket.socket] = []
        self._transports: list[asyncio.DatagramTransport] = []
        self._reading: list[socket.socket] = []
        self._last_drops = 0
        self._is_undecided = False
        self.port = 0
        self.error_count = 0

    @property
    def is_open(self) -> bool:
        return bool(self._sockets)

    @property
    def buffer_bytes(self) -> int:
        """Return the receive buffer that the system granted."""
        return min(
            (
                sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
                for sock in self._sockets
            ),
            default=0,
        )

    async def listen(self, host: str | None, port: int) -> None:
        """Bind ``host``; none, an empty one or ``::`` means every address.

        Raises NetworkError with the holder of a taken port.
        """
        _refuse_bad_port(port)
        if host in (None, "", "*", "::"):
            targets = _every_address(port)
        else:
            targets = await resolve(str(host), port, listen=True)
        for family, address in targets:
            bound = (address[0], self.port or port, *address[2:])
            try:
                self._sockets.append(_bind(family, bound))
            except OSError as error:
                if self._sockets and error.errno in _NO_SUCH_ADDRESS:
                    continue  # localhost resolves to ::1 where IPv6 is switched off
                self.close()
                raise await _explain_bind(error, host, port) from error
            self.port = self._sockets[0].getsockname()[1]
        await self._start_reading()

    async def connect(self, host: str, port: int) -> None:
        """Open an own port that hears only ``host``: one socket per family.

        Raises NetworkError for an unknown host or one without a route.
        """
        _refuse_bad_port(port)
        for family, address in sorted(await resolve(host, port, listen=False)):
            sock = socket.socket(family, socket.SOCK_DGRAM)
            _prepare(sock)
            try:
                sock.connect(address)
            except OSError as error:
                sock.close()
                _log.info("no route to %s: %s", address, error)
                continue
            self._sockets.append(sock)
        if not self._sockets:
            raise NetworkError(
                f"There is no way to {host} from this computer.",
                "Check the network, or give the game's address with --host.",
            )
        self.port = self._sockets[0].getsockname()[1]
        self._is_undecided = len(self._sockets) > 1
        await self._start_reading()

    def send(self, payload: bytes) -> None:
        """Send from every connected socket; what the network refuses is logged."""
        for sock in self._sockets:
            try:
                sock.send(payload)
            except OSError as error:
                _log.debug("not sent: %s", error)

    def kernel_drops(self) -> int | None:
        """Return how many datagrams the system dropped; None where it says not."""
        if not sys.platform.startswith("linux"):
            return None
        try:
            for_each = [
                _MEMINFO.unpack(sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 36))[8]
                for sock in self._sockets
            ]
        except (OSError, struct.error):
            return None
        self._last_drops = max(self._last_drops, sum(for_each))
        return self._last_drops

    def drain(self) -> None:
        """Read what already waits in the system's buffers, bounded."""
        for sock in self._reading:
            for _ in range(_DRAINS_AT_CLOSE):
                if not self._read_ready(sock):
                    break

    def close(self) -> None:
        """Stop reading and close; safe to call twice."""
        if self._reading:
            loop = asyncio.get_running_loop()
            for sock in self._reading:
                loop.remove_reader(sock)
            self._reading = []
        for transport in self._transports:
            transport.close()
        self._transports.clear()
        for sock in self._sockets:
            sock.close()
        self._sockets = []

    async def _start_reading(self) -> None:
        loop = asyncio.get_running_loop()
        for sock in self._sockets:
            try:
                loop.add_reader(sock, self._read_ready, sock)
            except NotImplementedError:
                transport, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self._receive, self._now_us), sock=sock
                )
                self._transports.append(transport)
            else:
                self._reading.append(sock)

    def _read_ready(self, sock: socket.socket) -> bool:
        """Read until the socket is empty or the bound is met; True if it was met."""
        if self._is_undecided:
            self._decide(sock)
        recvfrom, receive, now_us = sock.recvfrom, self._receive, self._now_us
        try:
            for _ in range(DATAGRAMS_PER_WAKE_UP):
                datagram, address = recvfrom(_MAX_DATAGRAM)
                receive(datagram, address, now_us())
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            # The answer "port unreachable" to something sent earlier arrives here
            # (ECONNREFUSED, WSAECONNRESET). It says nothing about the next datagram.
            self.error_count += 1
            _log.debug("receive: %s", error)
        return True

    def _decide(self, sock: socket.socket) -> None:
        """Keep only the family on which the game answers first."""
        try:
            sock.recv(1, socket.MSG_PEEK)
        except OSError:
            return
        self._is_undecided = False
        loop = asyncio.get_running_loop()
        for other in self._sockets:
            if other is not sock:
                loop.remove_reader(other)
                other.close()
        self._sockets = self._reading = [sock]


_DRAINS_AT_CLOSE = 64
_NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


class _Datagrams(asyncio.DatagramProtocol):
    """The fallback for loops without readers."""

    def __init__(self, receive: Receive, now_us: Callable[[], int]) -> None:
        self._receive = receive
        self._now_us = now_us

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._receive(data, addr, self._now_us())

    def error_received(self, exc: Exception) -> None:
        _log.debug("receive: %s", exc)


def _refuse_bad_port(port: int) -> None:
    if not 0 <= port <= 65_535:
        raise NetworkError(f"{port} is no UDP port.", "Choose one between 1 and 65535.")


def _every_address(port: int) -> list[tuple[int, Address]]:
    if socket.has_dualstack_ipv6():
        return [(socket.AF_INET6, ("::", port, 0, 0))]
    return [(socket.AF_INET, ("0.0.0.0", port))]


def _prepare(sock: socket.socket) -> None:
    """Make ``sock`` non-blocking with the largest buffer that the system grants."""
    sock.setblocking(False)
    size = RECEIVE_BUFFER_BYTES
    while size >= 64 << 10:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
            break
        except OSError:  # macOS refuses what is over its limit instead of capping
            size //= 2
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)


def _bind(family: int, address: Address) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            is_wildcard = address[0] == "::"
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not is_wildcard)
        _prepare(sock)
        sock.bind(address)
    except BaseException:
        sock.close()
        raise
    return sock


async def _explain_bind(error: OSError, host: str | None, port: int) -> NetworkError:
    if error.errno == errno.EADDRINUSE:
        holder = await asyncio.to_thread(_holder, port)
        return NetworkError(
            f"UDP port {port} is held by {holder}.",
            "Close it, choose another with --port, or let it forward the packets.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return NetworkError(
            f"This user may not listen on UDP port {port}.",
            "Choose a port from 1024 upward with --port.",
        )
    if error.errno in _NO_SUCH_ADDRESS:
        return NetworkError(
            f"{host} is no address of this computer.",
            "Leave --host out to listen on every address.",
        )
    return NetworkError(
        f"Cannot listen on UDP port {port}: {error.strerror or error}.",
        "Choose another with --port.",
    )


def _holder(port: int) -> str:
    """Name the program behind a taken port, as far as this user may know."""
    import psutil  # 20 ms that only this message needs

    try:
        for connection in psutil.net_connections("udp"):
            if connection.laddr and connection.laddr.port == port and connection.pid:
                name = psutil.Process(connection.pid).name()
                return f"{name} (pid {connection.pid})"
    except (psutil.Error, OSError):
        pass  # without privileges some systems tell nothing
    return "another program"
