"""The demo speaks real datagrams to whoever listens."""

from __future__ import annotations

import asyncio

import pytest

from ps_tui.decoders.native import NativeDecoder
from ps_tui.demo.sender import IDENTITY_EVERY, drive
from ps_tui.domain.errors import NetworkError, UsageError
from ps_tui.domain.frame import Frame

WAIT_S = 20


class Listener(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.datagrams: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.datagrams.put_nowait(data)


async def test_frames_arrive_numbered_and_named() -> None:
    loop = asyncio.get_running_loop()
    transport, listener = await loop.create_datagram_endpoint(
        Listener, local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]
    driving = asyncio.create_task(drive("127.0.0.1", port, pace=20, seed=7))
    decoder = NativeDecoder()
    sequences = []
    identities = []
    async with asyncio.timeout(WAIT_S):
        for index in range(2 * IDENTITY_EVERY + 1):
            datagram = await listener.datagrams.get()
            frame = decoder.decode(datagram, 0)
            assert isinstance(frame, Frame)
            sequences.append(frame.sequence)
            if b"Kestrel Ridge" in datagram:
                identities.append(index)
    driving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await driving
    transport.close()
    await asyncio.sleep(0)
    assert sequences == list(range(1, 2 * IDENTITY_EVERY + 2))
    assert identities == [0, IDENTITY_EVERY, 2 * IDENTITY_EVERY]
    assert decoder.identity is not None
    assert decoder.identity.track == "Kestrel Ridge"
    assert decoder.identity.track_length_m == 3641.0


async def test_nobody_listening_does_not_stop_the_drive() -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]
    transport.close()
    await asyncio.sleep(0)
    driving = asyncio.create_task(drive("127.0.0.1", port, pace=50, seed=1))
    done, _ = await asyncio.wait({driving}, timeout=0.3)
    assert not done
    driving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await driving


async def test_unknown_host() -> None:
    with pytest.raises(NetworkError, match="No computer"):
        await drive("no such host.invalid", 9997)


async def test_a_pace_of_nothing() -> None:
    with pytest.raises(UsageError, match="not above 0"):
        await drive("127.0.0.1", 9997, pace=0)
