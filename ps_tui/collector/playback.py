"""A capture played on the Live screen: the same pipeline as live, with pause, seek
and speed."""

from __future__ import annotations

import asyncio
import logging
import time
from bisect import bisect_left
from pathlib import Path

from ps_tui.collector.collector import Collector
from ps_tui.collector.importing import Inlet
from ps_tui.collector.pcap import Datagram, PcapReader
from ps_tui.domain.errors import UsageError

_log = logging.getLogger(__name__)

SLOWEST, FASTEST = 0.1, 64.0
RUN_UP_US = 10_000_000
"""Played at once before the place that was sought, so that identities are known and
the traces are not empty."""
_TICK_S = 0.25
_REST_S = 0.005
_BURST = 256


class PlaybackClock:
    """The time within the capture; it stands while nothing plays."""

    def __init__(self) -> None:
        self._base_us = 0
        self._since = time.monotonic()
        self._speed = 0.0

    def now_us(self) -> int:
        """Return microseconds since 1970 UTC, as they were."""
        return self._base_us + int((time.monotonic() - self._since) * 1e6 * self._speed)

    def set(self, now_us: int, speed: float) -> None:
        """Stand at ``now_us`` and go on at ``speed``; 0 stands still."""
        self._base_us = now_us
        self._since = time.monotonic()
        self._speed = speed


class CapturePlayback:
    """Implements ``Playback``. The whole capture is kept in memory."""

    def __init__(
        self, path: Path, datagrams: list[Datagram], clock: PlaybackClock
    ) -> None:
        self.path = path
        self._clock = clock
        self._datagrams = datagrams
        self._times_us = [datagram.time_us for datagram in datagrams]
        self._first_us, self._last_us = self._times_us[0], self._times_us[-1]
        self._index = 0
        self._speed = 1.0
        self._is_paused = False
        self._sought_us: int | None = None
        self._wake = asyncio.Event()
        self._closing = False
        clock.set(self._first_us, 0.0)

    @property
    def position_s(self) -> float:
        """Return seconds from the begin of the capture."""
        sought_us = self._sought_us
        now_us = self._clock.now_us() if sought_us is None else sought_us
        return (min(max(now_us, self._first_us), self._last_us) - self._first_us) / 1e6

    @property
    def duration_s(self) -> float:
        """Return the length of the capture in seconds."""
        return (self._last_us - self._first_us) / 1e6

    @property
    def speed(self) -> float:
        """Return how many times faster than recorded it plays."""
        return self._speed

    @property
    def is_paused(self) -> bool:
        return self._is_paused

    @property
    def is_over(self) -> bool:
        """Say whether everything is played."""
        return self._index >= len(self._datagrams) and self._sought_us is None

    def pause(self) -> None:
        """Stand still."""
        self._is_paused = True
        self._clock.set(self._clock.now_us(), 0.0)

    def resume(self) -> None:
        """Go on; from the begin where the end was reached."""
        if self.is_over:
            self.seek(0.0)
        self._is_paused = False
        self._run_clock(self._clock.now_us())
        self._wake.set()

    def seek(self, position_s: float) -> None:
        """Go on at ``position_s``, within the capture."""
        bounded_s = min(max(position_s, 0.0), self.duration_s)
        self._sought_us = self._first_us + int(bounded_s * 1e6)
        self._wake.set()

    def set_speed(self, speed: float) -> None:
        """Play at ``speed`` times the recorded pace, 0.1 to 64."""
        self._speed = min(max(speed, SLOWEST), FASTEST)
        self._run_clock(self._clock.now_us())
        self._wake.set()

    def close(self) -> None:
        """End :meth:`run`."""
        self._closing = True
        self._wake.set()

    async def run(self, collector: Collector) -> None:
        """Play into ``collector``, which is not started, until closed."""
        inlet = Inlet(collector)
        self._run_clock(self._first_us)
        tick_at = 0.0
        while not self._closing:
            try:
                if self._sought_us is not None:
                    await self._jump(collector, inlet, self._sought_us)
                await self._play_due(inlet, self._clock.now_us())
                if time.monotonic() >= tick_at:
                    tick_at = time.monotonic() + _TICK_S
                    collector.tick()
            except Exception:
                _log.exception("the playback failed")
            await self._rest()

    async def _jump(self, collector: Collector, inlet: Inlet, sought_us: int) -> None:
        """Forget what was played and make a run-up to the place that was sought.

        Until it is done the place is the one that was sought, so that a further key
        counts from there.
        """
        for feed in collector.selection.feeds:
            feed.recording.release()
        await collector.recording.settle()
        for feed in collector.selection.feeds:
            feed.stream.cut("moved in the capture", is_new_session=True)
            feed.stream.restart()
            feed.live.restart()
        self._index = bisect_left(self._times_us, sought_us - RUN_UP_US)
        self._clock.set(sought_us, 0.0)
        await self._play_due(inlet, sought_us)
        if self._sought_us == sought_us:
            self._sought_us = None
        self._run_clock(sought_us)

    async def _play_due(self, inlet: Inlet, now_us: int) -> None:
        datagrams, count = self._datagrams, len(self._datagrams)
        while self._index < count and self._times_us[self._index] <= now_us:
            datagram = datagrams[self._index]
            inlet.put(datagram, datagram.time_us)
            self._index += 1
            if self._index % _BURST == 0:
                await asyncio.sleep(0)
        if self._index >= count:
            self._clock.set(min(now_us, self._last_us), 0.0)

    async def _rest(self) -> None:
        """Wait for the next datagram, or for a key."""
        rest_s = _TICK_S
        if not self._is_paused and not self.is_over:
            ahead_us = self._times_us[self._index] - self._clock.now_us()
            rest_s = min(max(ahead_us / 1e6 / self._speed, _REST_S), _TICK_S)
        try:
            async with asyncio.timeout(rest_s):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    def _run_clock(self, now_us: int) -> None:
        is_still = self._is_paused or self.is_over
        self._clock.set(now_us, 0.0 if is_still else self._speed)


def load(path: Path) -> list[Datagram]:
    """Return the datagrams of a capture, in the order of their times.

    Raises UsageError where there are none; see PcapReader for the others.
    """
    datagrams = sorted(PcapReader(path), key=lambda datagram: datagram.time_us)
    if not datagrams:
        raise UsageError(f"{path} holds no UDP datagram.", "Give another capture.")
    return datagrams
