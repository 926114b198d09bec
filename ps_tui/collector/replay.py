"""Sends a capture's datagrams again, at their recorded pace or faster."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from ps_tui.collector.binding import Address, resolve
from ps_tui.collector.pcap import Datagram, PcapReader
from ps_tui.domain.errors import NetworkError, UsageError

_BURST = 32
_REST_S = 0.001
"""At full speed a listener on this machine needs rests to drain its socket: UDP
accepts every datagram here and drops it there."""
_BUFFER_FULL = frozenset({errno.ENOBUFS, getattr(errno, "WSAENOBUFS", errno.ENOBUFS)})
_FULL_BUFFER_WAIT_S = 0.0005
_PROGRESS_EVERY_S = 0.1
_SEND_BUFFER_BYTES = 1 << 20
_COUNTED_BYTES = 32 << 20

Progress = Callable[[int, int | None], None]
"""Takes the datagrams sent, and how many there are where that is known."""


async def replay(
    path: Path,
    host: str,
    port: int,
    *,
    speed: float = 1.0,
    loop: bool = False,
    on_progress: Progress | None = None,
) -> int:
    """Send the UDP payloads of a capture to ``host`` and return how many.

    ``speed`` multiplies the recorded pace, 0 sends as fast as the system accepts.
    With ``loop`` it begins anew at the end, until cancelled. ``on_progress`` is
    called ten times a second and at the end. Raises UsageError, NotFoundError or
    PsError for the file, NetworkError for the host.
    """
    total = await asyncio.to_thread(count_datagrams, path)
    if total == 0:
        raise UsageError(f"{path} holds no UDP datagram.", "Give another capture.")
    async with sending_to(host, port, speed, total, on_progress) as sending:
        await sending.send_all(PcapReader(path))
        while loop:
            await sending.begin_anew()
            await sending.send_all(PcapReader(path))
    return sending.progress.count


@asynccontextmanager
async def sending_to(
    host: str, port: int, speed: float, total: int | None, tell: Progress | None
) -> AsyncIterator[Sending]:
    """Open a way to ``host``. Raises UsageError for the speed, NetworkError."""
    if speed < 0:
        raise UsageError(f"A speed of {speed:g} is below 0.", "Give 0 or more.")
    family, address = (await resolve(host, port, listen=False))[0]
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        with contextlib.suppress(OSError):
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        progress = _Progress(total, tell)
        yield Sending(sender, address, speed, progress)
        progress.report()


def count_datagrams(path: Path) -> int | None:
    """Return how many datagrams a capture holds, ``None`` for one too long to ask."""
    reader = PcapReader(path)
    if path.is_file() and path.stat().st_size > _COUNTED_BYTES:
        return None
    return sum(1 for _ in reader)


class _Progress:
    """What has gone, told ten times a second at most."""

    def __init__(self, total: int | None, tell: Progress | None) -> None:
        self.count = 0
        self.total = total
        self._tell = tell
        self._clock = asyncio.get_running_loop().time
        self._next_report = self._clock() + _PROGRESS_EVERY_S

    def report_when_due(self) -> None:
        if self._tell is not None and self._clock() >= self._next_report:
            self.report()

    def report(self) -> None:
        self._next_report = self._clock() + _PROGRESS_EVERY_S
        if self._tell is not None:
            self._tell(self.count, self.total)


class Sending:
    """Puts the datagrams of a drive on a socket, each when it is due."""

    def __init__(
        self, sender: socket.socket, address: Address, speed: float, progress: _Progress
    ) -> None:
        self._sender = sender
        self._address = address
        self._speed = speed
        self.progress = progress
        self._clock = asyncio.get_running_loop().time
        self._started: float | None = None
        self._first_us = 0

    async def begin_anew(self) -> None:
        """Take what follows as another drive, of which nobody knows the end."""
        self.progress.total = None
        self._started = None
        await asyncio.sleep(0)

    async def send_all(self, drive: Iterable[Datagram]) -> None:
        """Send a drive, or the next part of it. Raises NetworkError."""
        for datagram in drive:
            if self._started is None:
                self._started, self._first_us = self._clock(), datagram.time_us
            if self._speed > 0:
                ahead_us = datagram.time_us - self._first_us
                due = self._started + ahead_us / 1e6 / self._speed
                await self._wait_until(due)
            await self._send(datagram.payload)
            self.progress.count += 1
            if self.progress.count % _BURST == 0:
                await asyncio.sleep(0 if self._speed > 0 else _REST_S)
            self.progress.report_when_due()

    async def _wait_until(self, due: float) -> None:
        # Pauses of minutes exist in captures: progress is told within them too.
        while (wait := due - self._clock()) > 0:
            await asyncio.sleep(min(wait, _PROGRESS_EVERY_S))
            self.progress.report_when_due()

    async def _send(self, payload: bytes) -> None:
        """Hand one datagram to the system, waiting while its buffer is full."""
        while True:
            try:
                self._sender.sendto(payload, self._address)
            except (BlockingIOError, InterruptedError):
                await asyncio.sleep(_FULL_BUFFER_WAIT_S)
            except OSError as error:
                if error.errno in _BUFFER_FULL:
                    await asyncio.sleep(_FULL_BUFFER_WAIT_S)
                    continue
                raise NetworkError(
                    f"Sending failed: {error.strerror or error}.",
                    "Check the address and the network connection.",
                ) from error
            else:
                return
