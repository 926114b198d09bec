"""Captures through the pipeline without a socket: as fast as it goes, or as played.

The clock is the capture's own, so that laps, sessions and what is stored have the
times at which they were driven.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from ps_tui.collector.collector import Collector
from ps_tui.collector.pcap import Datagram, PcapReader
from ps_tui.collector.replay import count_datagrams
from ps_tui.collector.routing import Gate
from ps_tui.collector.sessions import busy_error
from ps_tui.domain.errors import UsageError

TICK_US = 250_000
_BURST = 256
_PROGRESS_EVERY = 4096
_FULL_QUEUE_WAIT_S = 0.005

Progress = Callable[[int, int | None], None]
"""Takes the datagrams read, and how many there are where that is known."""


class CaptureClock:
    """Stands where the capture is; before its begin it is the time of day."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._position_us: int | None = None

    def now_us(self) -> int:
        """Return microseconds since 1970 UTC."""
        return self._now_us() if self._position_us is None else self._position_us

    def advance(self, time_us: int) -> int:
        """Go to ``time_us``, never back; return where the clock is now."""
        self._position_us = max(self._position_us or 0, time_us)
        return self._position_us


class Inlet:
    """Hands datagrams of a capture to a collector that has no socket open."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._gates: dict[int, Gate] = {}

    def put(self, datagram: Datagram, received_us: int) -> None:
        """Take a datagram as if it had come to the port that it was sent to."""
        port = datagram.destination[1]
        gate = self._gates.get(port)
        if gate is None:
            gate = self._gates[port] = Gate(port, self._collector.router.meet)
        gate.receive(datagram.payload, datagram.source, received_us)


async def import_capture(
    path: Path,
    collector: Collector,
    clock: CaptureClock,
    *,
    on_progress: Progress | None = None,
) -> PcapReader:
    """Put a whole capture through ``collector``, which is not started, and stop it.

    Returns the reader, which has counted what the capture holds. Raises UsageError
    for a file that is no capture or holds no datagram, RecorderBusyError where
    another process records, and what the database raises.
    """
    total = await asyncio.to_thread(count_datagrams, path)
    if total == 0:
        raise UsageError(f"{path} holds no UDP datagram.", "Give another capture.")
    other = await collector.recording.refresh_other()
    if other is not None:
        raise busy_error(other)
    collector.origin = path.name
    collector.router.confirmations = 1  # a file may hold a single packet
    for feed in collector.selection.feeds:
        feed.live.endpoint = path.name
        feed.live.start()
    inlet, reader = Inlet(collector), PcapReader(path)
    count, tick_us = 0, 0
    try:
        for datagram in reader:
            now_us = clock.advance(datagram.time_us)
            inlet.put(datagram, now_us)
            count += 1
            if now_us >= tick_us:
                tick_us = now_us + TICK_US
                collector.tick()
            if count % _BURST == 0:
                await _let_it_write(collector)
            if on_progress is not None and count % _PROGRESS_EVERY == 0:
                on_progress(count, total)
    finally:
        await collector.stop()
    if on_progress is not None:
        on_progress(count, count)
    return reader


async def _let_it_write(collector: Collector) -> None:
    """Give the recorder its turn, and wait while its queue is half full."""
    await asyncio.sleep(0)
    while True:
        waits = [feed.live.queue() for feed in collector.selection.feeds]
        if all(2 * depth <= capacity for depth, capacity in waits):
            return
        await asyncio.sleep(_FULL_QUEUE_WAIT_S)
