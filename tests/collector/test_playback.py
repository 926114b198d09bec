"""A capture played: pause, seek, speed, and the pipeline of a live game."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ps_tui.collector.pcap import Datagram, PcapWriter
from ps_tui.config import Settings
from ps_tui.domain.errors import UsageError
from ps_tui.domain.network_ports import Playback
from ps_tui.domain.recording import FeedState
from ps_tui.runtime import Runtime, open_playback
from tests.support.recording_fakes import until
from tests.support.telemetry import native_frame

START_US = 1_760_000_000_000_000
STEP_US = 20_000
SECONDS = 60


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """Return a capture of a minute with laps of twenty seconds."""
    path = tmp_path / "drive.pcap"
    source, here = ("192.0.2.10", 5), ("192.0.2.1", 9997)
    with PcapWriter(path) as writer:
        for number in range(SECONDS * 50):
            payload = native_frame(number, lap_ms=20_000, sequence=number)
            time_us = START_US + number * STEP_US
            writer.write(Datagram(time_us, source, here, payload))
    return path


@contextlib.asynccontextmanager
async def playing(path: Path) -> AsyncIterator[tuple[Runtime, Playback]]:
    async with open_playback(Settings(), path) as runtime:
        playback = runtime.services.playback
        assert playback is not None
        yield runtime, playback


def clock_ms(runtime: Runtime) -> int:
    """Return the lap clock plus the laps before: where in the drive the view is."""
    latest = runtime.services.live.latest
    if latest is None or latest.lap_time_ms is None or latest.lap_number is None:
        return -1
    return (latest.lap_number - 1) * 20_000 + latest.lap_time_ms


async def test_it_plays_to_its_end(drive: Path) -> None:
    async with playing(drive) as (runtime, playback):
        assert playback.path == drive
        assert playback.duration_s == pytest.approx(SECONDS - 0.02)
        playback.set_speed(1000)
        assert playback.speed == 64.0
        await until(lambda: playback.is_over)
        status = runtime.services.live.status()
        assert (status.counters.frames, status.counters.lost) == (3000, 0)
        assert playback.position_s == playback.duration_s
        assert runtime.services.live.progress.best_lap_time_ms == 20_000
        await runtime.services.recording.stop()
        (session,) = await runtime.services.library.sessions()
        assert session.frame_count == 3000
        assert session.source == "native"


async def test_a_pause_stands_still_and_stays_live(drive: Path) -> None:
    async with playing(drive) as (runtime, playback):
        await until(lambda: clock_ms(runtime) > 0)
        playback.pause()
        await asyncio.sleep(0.1)
        before, position_s = clock_ms(runtime), playback.position_s
        await asyncio.sleep(0.2)
        assert playback.is_paused
        assert (clock_ms(runtime), playback.position_s) == (before, position_s)
        assert runtime.services.live.status().state is FeedState.LIVE
        playback.resume()
        await until(lambda: clock_ms(runtime) > before)


@pytest.mark.parametrize("position_s", [45.0, 12.5, 0.0, 1e9, -1.0])
async def test_a_seek_shows_the_place_at_once(drive: Path, position_s: float) -> None:
    async with playing(drive) as (runtime, playback):
        playback.set_speed(20)
        await until(lambda: clock_ms(runtime) > 20_000)
        playback.pause()
        playback.seek(position_s)
        wanted_s = min(max(position_s, 0.0), playback.duration_s)
        assert playback.position_s == pytest.approx(wanted_s, abs=0.001)
        await until(lambda: abs(clock_ms(runtime) - wanted_s * 1000) <= 20)
        _, frames = runtime.services.live.frames_since(0)
        received = [frame.received_us for frame in frames]
        assert received == sorted(received)
        assert playback.position_s == pytest.approx(wanted_s, abs=0.05)
        assert runtime.services.live.status().counters.late == 0


async def test_the_end_can_be_left_again(drive: Path) -> None:
    async with playing(drive) as (runtime, playback):
        playback.seek(1e9)
        await until(lambda: playback.is_over)
        playback.resume()
        await until(lambda: 0 <= clock_ms(runtime) < 5000)
        assert not playback.is_over


async def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.pcap"
    PcapWriter(path).close()
    with pytest.raises(UsageError, match="holds no UDP datagram"):
        async with playing(path):
            pass
