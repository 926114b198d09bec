"""Captured datagrams sent again, on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ps_tui.collector.pcap import Datagram, PcapWriter
from ps_tui.collector.replay import replay
from ps_tui.domain.errors import NetworkError, NotFoundError, UsageError

ENDS = (("192.0.2.1", 9996), ("192.0.2.2", 50_000))
WAIT_S = 10


class Listener(asyncio.DatagramProtocol):
    """Keeps what arrives, with the loop's time."""

    def __init__(self) -> None:
        self.port = 0
        self.payloads: list[bytes] = []
        self.times_s: list[float] = []
        self._arrived = asyncio.Event()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.payloads.append(data)
        self.times_s.append(asyncio.get_running_loop().time())
        self._arrived.set()

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(WAIT_S):
            while len(self.payloads) < count:
                self._arrived.clear()
                await self._arrived.wait()


@asynccontextmanager
async def listening(host: str = "127.0.0.1") -> AsyncIterator[Listener]:
    loop = asyncio.get_running_loop()
    try:
        transport, listener = await loop.create_datagram_endpoint(
            Listener, local_addr=(host, 0)
        )
    except OSError:
        pytest.skip(f"no {host} on this machine")
    try:
        listener.port = transport.get_extra_info("sockname")[1]
        yield listener
    finally:
        transport.close()
        await asyncio.sleep(0)


def written(path: Path, times_us: list[int]) -> list[bytes]:
    payloads = [b"datagram %d" % index for index in range(len(times_us))]
    with PcapWriter(path) as writer:
        for time_us, payload in zip(times_us, payloads, strict=True):
            writer.write(Datagram(time_us, *ENDS, payload))
    return payloads


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "drive.pcap"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
async def test_every_payload_arrives_in_order(path: Path, host: str) -> None:
    payloads = written(path, list(range(0, 1000, 5)))
    bound = "127.0.0.1" if host == "localhost" else host
    progress: list[tuple[int, int | None]] = []
    async with listening(bound) as listener:
        if host == "localhost":
            host = bound
        sent = await replay(
            path,
            host,
            listener.port,
            speed=0,
            on_progress=lambda count, total: progress.append((count, total)),
        )
        await listener.wait_for(len(payloads))
    assert sent == len(payloads)
    assert listener.payloads == payloads
    assert progress[-1] == (len(payloads), len(payloads))


async def test_pace_is_the_recorded_one_times_speed(path: Path) -> None:
    written(path, [0, 400_000, 800_000])
    async with listening() as listener:
        await replay(path, "127.0.0.1", listener.port, speed=8)
        await listener.wait_for(3)
    # Never early; how late a loaded machine sends is not judged.
    assert listener.times_s[2] - listener.times_s[0] >= 0.09


async def test_times_that_step_back_do_not_stop_it(path: Path) -> None:
    payloads = written(path, [900_000_000, 0, 900_001_000])
    async with listening() as listener:
        await replay(path, "127.0.0.1", listener.port, speed=1)
        await listener.wait_for(3)
    assert listener.payloads == payloads


async def test_loop_goes_on_until_cancelled(path: Path) -> None:
    payloads = written(path, [0, 10])
    async with listening() as listener:
        running = asyncio.create_task(
            replay(path, "127.0.0.1", listener.port, speed=0, loop=True)
        )
        await listener.wait_for(10)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert listener.payloads[:10] == payloads * 5


async def test_the_event_loop_gets_its_turns(path: Path) -> None:
    written(path, [0] * 500)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count())
    async with listening() as listener:
        await replay(path, "127.0.0.1", listener.port, speed=0)
    counting.cancel()
    assert turns > 10


async def test_nobody_listening_is_no_error(path: Path) -> None:
    payloads = written(path, [0, 10, 20, 30])
    async with listening() as listener:
        port = listener.port
    assert await replay(path, "127.0.0.1", port, speed=0) == len(payloads)


async def test_unknown_host(path: Path) -> None:
    written(path, [0])
    with pytest.raises(NetworkError) as raised:
        await replay(path, "no such host.invalid", 9997)
    assert raised.value.remedy


@pytest.mark.parametrize("speed", [-1.0, -0.001])
async def test_negative_speed(path: Path, speed: float) -> None:
    written(path, [0])
    with pytest.raises(UsageError, match="below 0"):
        await replay(path, "127.0.0.1", 9997, speed=speed)


async def test_captures_without_datagrams(path: Path, tmp_path: Path) -> None:
    written(path, [])
    with pytest.raises(UsageError, match="holds no UDP datagram"):
        await replay(path, "127.0.0.1", 9997)
    with pytest.raises(NotFoundError):
        await replay(tmp_path / "none.pcap", "127.0.0.1", 9997)
