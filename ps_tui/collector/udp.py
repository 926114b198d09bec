"""UDP sockets that drain until empty on each wake-up of the event loop.

A ``DatagramProtocol`` is called once per wake-up and datagram, at eight times the
cost; it is the fallback where the loop has no readers (Proactor on Windows).
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
import sys
from collections.abc import Callable

from ps_tui.collector.binding import (
    NO_SUCH_ADDRESS,
    Address,
    bind,
    every_address,
    explain_bind,
    prepare,
    refuse_bad_port,
    resolve,
)
from ps_tui.domain.errors import NetworkError

_log = logging.getLogger(__name__)

Receive = Callable[[bytes, Address | None, int], None]
"""Takes a datagram, its sender (None on a connected socket) and the time in µs."""

DATAGRAMS_PER_WAKE_UP = 512
"""Bound of one drain, so that a flood leaves the loop time for everything else."""

_MAX_DATAGRAM = 65_536

_SO_MEMINFO = 55  # Linux, sock_diag: nine u32, the last counts dropped datagrams
_MEMINFO = struct.Struct("9I")


class UdpSocket:
    """One or more bound or connected sockets that feed one receiver.

    ``receive`` is called on the event loop for every datagram and must not raise.
    """

    def __init__(self, receive: Receive, now_us: Callable[[], int]) -> None:
        self.receive = receive
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
        refuse_bad_port(port)
        if host in (None, "", "*", "::"):
            targets = every_address(port)
        else:
            targets = await resolve(str(host), port, listen=True)
        for family, address in targets:
            bound = (address[0], self.port or port, *address[2:])
            try:
                self._sockets.append(bind(family, bound))
            except OSError as error:
                if error.errno in NO_SUCH_ADDRESS and address[0] == "::":
                    targets.append((socket.AF_INET, ("0.0.0.0", port)))
                    continue
                if error.errno in NO_SUCH_ADDRESS and (
                    self._sockets or (family == socket.AF_INET6 and len(targets) > 1)
                ):
                    continue  # localhost resolves to ::1 where IPv6 is switched off
                self.close()
                raise await explain_bind(error, host, port) from error
            self.port = self._sockets[0].getsockname()[1]
        await self._start_reading()

    async def connect(self, host: str, port: int) -> None:
        """Open an own port that hears only ``host``: one socket per family.

        Raises NetworkError for an unknown host or one without a route.
        """
        refuse_bad_port(port)
        for family, address in sorted(await resolve(host, port, listen=False)):
            sock = socket.socket(family, socket.SOCK_DGRAM)
            prepare(sock)
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

    def send_to(self, payload: bytes, address: Address) -> None:
        """Send from the bound port; what the network refuses is logged.

        ``address`` is of the family of a socket, or an IPv4 one for a socket of both.
        """
        for sock in self._sockets:
            target = address
            if sock.family == socket.AF_INET6 and ":" not in address[0]:
                target = (f"::ffff:{address[0]}", address[1])
            elif sock.family == socket.AF_INET and ":" in address[0]:
                continue
            try:
                sock.sendto(payload, target)
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
                    lambda: _Datagrams(self.receive, self._now_us), sock=sock
                )
                self._transports.append(transport)
            else:
                self._reading.append(sock)

    def _read_ready(self, sock: socket.socket) -> bool:
        """Read until the socket is empty or the bound is met; True if it was met."""
        if self._is_undecided:
            self._decide(sock)
        recvfrom, now_us = sock.recvfrom, self._now_us
        is_empty = False
        # Read all, then take all: the time of reception does not wait for the work
        # on the datagram before, and either loop finds its code in the cache.
        arrived: list[tuple[bytes, Address, int]] = []
        try:
            for _ in range(DATAGRAMS_PER_WAKE_UP):
                datagram, address = recvfrom(_MAX_DATAGRAM)
                arrived.append((datagram, address, now_us()))
        except (BlockingIOError, InterruptedError):
            is_empty = True
        except OSError as error:
            # The answer "port unreachable" to something sent earlier arrives here
            # (ECONNREFUSED, WSAECONNRESET). It says nothing about the next datagram.
            self.error_count += 1
            _log.debug("receive: %s", error)
        receive = self.receive
        for datagram, address, received_us in arrived:
            receive(datagram, address, received_us)
        return not is_empty

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


class _Datagrams(asyncio.DatagramProtocol):
    """The fallback for loops without readers."""

    def __init__(self, receive: Receive, now_us: Callable[[], int]) -> None:
        self._receive = receive
        self._now_us = now_us

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._receive(data, addr, self._now_us())

    def error_received(self, exc: Exception) -> None:
        _log.debug("receive: %s", exc)
