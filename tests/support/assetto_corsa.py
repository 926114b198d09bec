"""A stand-in for the UDP server inside Assetto Corsa, on a loopback port.

It keeps the game's habits that matter: silence until asked, one subscriber to the
car and one to the laps, each with its own handshake, a stream that stops when the
session changes, no answer while none is loaded.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.packets import handshake_reply

Address = tuple[str, int]


def captured_payloads(path: Path) -> list[bytes]:
    """Return the UDP payloads of a gzipped classic pcap with IPv4 over Ethernet."""
    data = gzip.decompress(path.read_bytes())
    payloads = []
    offset = 24
    while offset < len(data):
        (length,) = struct.unpack_from("<I", data, offset + 8)
        payloads.append(data[offset + 16 + 42 : offset + 16 + length])
        offset += 16 + length
    return payloads


class AssettoCorsaServer(asyncio.DatagramProtocol):
    """Answers handshakes and streams ``packets`` to whoever subscribes to the car.

    ``laps`` go to whoever subscribes to laps, each once so many packets are sent; the
    stream waits for that subscriber. With ``knows_laps`` false there is none.

    ``pace_s`` waits between packets; 0 sends as fast as a reader on the same
    machine keeps up: bursts of ``burst`` packets, a turn of the loop in between.
    ``ignored_handshakes`` go unanswered at first, as in the game's menus.
    ``session_break_after`` packets the stream stops until the client has shaken
    hands and subscribed anew; then it goes on where it stopped.
    """

    def __init__(
        self,
        packets: Sequence[bytes] = (),
        *,
        laps: Mapping[int, Sequence[bytes]] | None = None,
        knows_laps: bool = True,
        reply: bytes | None = None,
        pace_s: float = 0.0,
        burst: int = 16,
        ignored_handshakes: int = 0,
        session_break_after: int | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.packets = list(packets)
        self.laps = laps or {}
        self.knows_laps = knows_laps
        self.reply = handshake_reply() if reply is None else reply
        self.pace_s = pace_s
        self.burst = burst
        self.ignored_handshakes = ignored_handshakes
        self.session_break_after = session_break_after
        self.host = host
        self.port = 0
        self.operations: list[int] = []
        """Every operation received, in order, the ignored ones too."""
        self.sent_count = 0
        self.subscriber: Address | None = None
        self.lap_subscriber: Address | None = None
        self.shaken = asyncio.Event()
        """A handshake was answered (again)."""
        self.subscribed = asyncio.Event()
        self.laps_subscribed = asyncio.Event()
        self.finished = asyncio.Event()
        """All packets are sent."""
        self.broken_off = asyncio.Event()
        """The stream stopped at ``session_break_after``."""
        self.dismissed = asyncio.Event()
        """Every client has taken leave."""
        self._transport: asyncio.DatagramTransport | None = None
        self._stream: asyncio.Task[None] | None = None
        self._known_clients: set[Address] = set()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(self.host, 0)
        )
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._end_stream()
        if self._transport is not None:
            self._transport.close()
            await asyncio.sleep(0)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if len(data) != 12:
            return
        _, _, operation = struct.unpack("<iii", data)
        self.operations.append(operation)
        if operation == 0:
            self._shake_hands(addr)
        elif operation == 1:
            self._subscribe(addr)
        elif operation == 2:
            self._subscribe_to_laps(addr)
        elif operation == 3:
            self._dismiss(addr)

    def error_received(self, exc: Exception) -> None:
        """A client that has gone is no matter: the game sends on regardless."""

    def send(self, packet: bytes) -> None:
        """Send one packet to the subscriber now."""
        assert self._transport is not None
        assert self.subscriber is not None, "nobody has subscribed"
        self._transport.sendto(packet, self.subscriber)
        self.sent_count += 1

    def send_lap(self, packet: bytes) -> None:
        """Send the lap of a car to whoever asked for laps, if anybody did."""
        if self._transport is not None and self.lap_subscriber is not None:
            self._transport.sendto(packet, self.lap_subscriber)

    async def change_session(self) -> None:
        """Stop the stream and forget the client, as a new session does."""
        await self._end_stream()
        self._forget_clients()

    def _shake_hands(self, client: Address) -> None:
        if self.ignored_handshakes > 0:
            self.ignored_handshakes -= 1
            return
        assert self._transport is not None
        self._known_clients.add(client)
        self._transport.sendto(self.reply, client)
        self.shaken.set()

    def _subscribe(self, client: Address) -> None:
        if client not in self._known_clients:
            return
        self.subscriber = client
        self.subscribed.set()
        self._begin_stream()

    def _subscribe_to_laps(self, client: Address) -> None:
        if self.knows_laps and client in self._known_clients:
            self.lap_subscriber = client
            self.laps_subscribed.set()
            self._begin_stream()

    def _begin_stream(self) -> None:
        waits = self.laps and self.knows_laps and self.lap_subscriber is None
        if self.subscriber is None or waits:
            return
        if self._stream is None or self._stream.done():
            self._stream = asyncio.get_running_loop().create_task(self._send_all())

    def _dismiss(self, client: Address) -> None:
        self._known_clients.discard(client)
        if client == self.lap_subscriber:
            self.lap_subscriber = None
        if client == self.subscriber:
            self.subscriber = None
            if self._stream is not None:
                self._stream.cancel()
        if not self._known_clients:
            self._forget_clients()
            self.dismissed.set()

    def _forget_clients(self) -> None:
        self._known_clients.clear()
        self.subscriber = self.lap_subscriber = None
        self.subscribed.clear()
        self.laps_subscribed.clear()
        self.shaken.clear()

    async def _send_all(self) -> None:
        while self.sent_count < len(self.packets):
            if self.sent_count == self.session_break_after:
                self.session_break_after = None
                self._forget_clients()
                self.broken_off.set()
                return
            for lap in self.laps.get(self.sent_count, ()):
                self.send_lap(lap)
            self.send(self.packets[self.sent_count])
            if self.pace_s > 0:
                await asyncio.sleep(self.pace_s)
            elif self.sent_count % self.burst == 0:
                await asyncio.sleep(0.001)
        self.finished.set()

    async def _end_stream(self) -> None:
        if self._stream is not None:
            self._stream.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._stream
            self._stream = None


@contextlib.asynccontextmanager
async def silent_port() -> AsyncIterator[Address]:
    """Hold a loopback port that swallows everything: a PC without the game."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname")
    finally:
        transport.close()
        await asyncio.sleep(0)
