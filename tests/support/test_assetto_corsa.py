"""The stand-in keeps the game's habits, or tests of the client prove nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from ps_tui.decoders.assetto_corsa import AssettoCorsaDecoder, Operation, request
from ps_tui.domain.frame import Identity
from tests.support.assetto_corsa import AssettoCorsaServer, silent_port
from tests.support.packets import car_info, handshake_reply

PACKETS = [car_info(lap_time_ms=index) for index in range(100)]
WAIT_S = 10


class Client(asyncio.DatagramProtocol):
    """Asks, and queues the answers."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[bytes] = asyncio.Queue()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.answers.put_nowait(data)

    def ask(self, operation: Operation) -> None:
        assert self.transport is not None
        self.transport.sendto(request(operation))

    async def answer(self) -> bytes:
        return await asyncio.wait_for(self.answers.get(), WAIT_S)

    async def shake_hands_and_subscribe(self) -> None:
        self.ask(Operation.HANDSHAKE)
        assert len(await self.answer()) == 408
        self.ask(Operation.SUBSCRIBE_UPDATE)


@asynccontextmanager
async def connected(host: str, port: int) -> AsyncIterator[Client]:
    loop = asyncio.get_running_loop()
    transport, client = await loop.create_datagram_endpoint(
        Client, remote_addr=(host, port)
    )
    try:
        yield client
    finally:
        transport.close()
        await asyncio.sleep(0)


async def test_handshake_then_every_packet_in_order() -> None:
    reply = handshake_reply("abarth500", "Someone", "imola", "gp")
    async with (
        AssettoCorsaServer(PACKETS, reply=reply) as game,
        connected(game.host, game.port) as client,
    ):
        client.ask(Operation.HANDSHAKE)
        identity = AssettoCorsaDecoder().decode(await client.answer(), 0)
        assert identity == Identity("abarth500", "Someone", "imola", "gp")
        client.ask(Operation.SUBSCRIBE_UPDATE)
        assert [await client.answer() for _ in PACKETS] == PACKETS
        await asyncio.wait_for(game.finished.wait(), WAIT_S)
        client.ask(Operation.DISMISS)
        await asyncio.wait_for(game.dismissed.wait(), WAIT_S)
        assert game.operations == [0, 1, 3]
        assert game.subscriber is None


async def test_nothing_comes_without_a_handshake() -> None:
    async with (
        AssettoCorsaServer(PACKETS) as game,
        connected(game.host, game.port) as client,
    ):
        client.ask(Operation.SUBSCRIBE_UPDATE)
        client.ask(Operation.HANDSHAKE)
        assert len(await client.answer()) == 408
        assert game.sent_count == 0


async def test_first_handshakes_may_be_ignored() -> None:
    async with (
        AssettoCorsaServer(PACKETS, ignored_handshakes=2) as game,
        connected(game.host, game.port) as client,
    ):
        for _ in range(3):
            client.ask(Operation.HANDSHAKE)
        assert len(await client.answer()) == 408
        assert game.operations == [0, 0, 0]
        assert client.answers.empty()


async def test_session_break_asks_for_a_new_handshake() -> None:
    async with (
        AssettoCorsaServer(PACKETS, session_break_after=40) as game,
        connected(game.host, game.port) as client,
    ):
        await client.shake_hands_and_subscribe()
        before = [await client.answer() for _ in range(40)]
        await asyncio.wait_for(game.broken_off.wait(), WAIT_S)
        client.ask(Operation.SUBSCRIBE_UPDATE)
        await client.shake_hands_and_subscribe()
        after = [await client.answer() for _ in range(60)]
        assert before + after == PACKETS


async def test_session_change_by_hand_and_single_packets() -> None:
    async with AssettoCorsaServer() as game, connected(game.host, game.port) as client:
        await client.shake_hands_and_subscribe()
        await asyncio.wait_for(game.subscribed.wait(), WAIT_S)
        game.send(PACKETS[7])
        assert await client.answer() == PACKETS[7]
        await game.change_session()
        with pytest.raises(AssertionError, match="nobody has subscribed"):
            game.send(PACKETS[8])


async def test_silent_port_swallows() -> None:
    async with silent_port() as (host, port), connected(host, port) as client:
        client.ask(Operation.HANDSHAKE)
        await asyncio.sleep(0.02)
        assert client.answers.empty()
