"""A capture on the Live screen, steered by keys, through the pipeline of a game."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ps_tui.collector.pcap import Datagram, PcapWriter
from ps_tui.config import Settings
from ps_tui.domain.models import Lap, LapKind
from ps_tui.domain.network_ports import Playback
from ps_tui.domain.ports import Services
from ps_tui.runtime import open_playback
from ps_tui.tui.app import PsApp
from ps_tui.tui.screens.live import LiveScreen
from ps_tui.tui.widgets.key_bar import KeyBar
from ps_tui.tui.widgets.status_line import StatusLine
from tests.support.recording_fakes import until
from tests.support.telemetry import native_frame
from tests.tui.test_live import text_of

START_US = 1_760_000_000_000_000
HZ, SECONDS, LAP_MS = 50, 75, 20_000
SLACK_S = 0.2
"""What may be played between a key and the look at where it led."""


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """Return a capture of three laps of twenty seconds and most of a fourth."""
    path = tmp_path / "drive.pcap"
    source, here = ("192.0.2.10", 5), ("192.0.2.1", 9997)
    with PcapWriter(path) as writer:
        for number in range(SECONDS * HZ):
            payload = native_frame(number, lap_ms=LAP_MS, sequence=number)
            time_us = START_US + number * 1_000_000 // HZ
            writer.write(Datagram(time_us, source, here, payload))
    return path


class Seat:
    """The Live screen, what is played on it, and hands for the keys."""

    def __init__(self, pilot: Pilot[None], services: Services) -> None:
        self.pilot = pilot
        self.services = services

    @property
    def playback(self) -> Playback:
        assert self.services.playback is not None
        return self.services.playback

    @property
    def screen(self) -> LiveScreen:
        screen = self.pilot.app.screen
        assert isinstance(screen, LiveScreen)
        return screen

    @property
    def heading(self) -> str:
        self.screen.tick()
        return text_of(self.screen, "#heading")

    @property
    def keys(self) -> str:
        self.screen.tick()
        return str(self.screen.query_one(KeyBar).render())

    @property
    def drive_s(self) -> float:
        """How far into the drive the frame is that the screen shows."""
        latest = self.services.live.latest
        if latest is None or latest.lap_number is None or latest.lap_time_ms is None:
            return -1.0
        return ((latest.lap_number - 1) * LAP_MS + latest.lap_time_ms) / 1000

    async def laps(self) -> list[Lap]:
        """Return every lap of every session that was recorded of it."""
        library = self.services.library
        return [
            lap
            for session in await library.sessions()
            for lap in await library.laps(session.id)
        ]


def clock_of(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


@contextlib.asynccontextmanager
async def seated(path: Path) -> AsyncIterator[Seat]:
    async with open_playback(Settings(), path) as runtime:

        async def connect() -> Services:
            return runtime.services

        app = PsApp(connect, start_screen="live", fps=0)
        app.animation_level = "none"
        async with app.run_test(size=(120, 36)) as pilot:
            while not isinstance(app.screen, LiveScreen):
                await pilot.pause(0.01)
            seat = Seat(pilot, runtime.services)
            await until(lambda: seat.drive_s >= 0)
            yield seat


async def test_pause_seek_and_speed_by_their_keys(drive: Path) -> None:
    async with seated(drive) as seat:
        await seat.pilot.press("space")
        assert seat.playback.is_paused
        begun_s = seat.playback.position_s
        await seat.pilot.press("full_stop", "full_stop")
        await until(lambda: abs(seat.drive_s - (begun_s + 10)) < SLACK_S)
        assert f"‖ {clock_of(begun_s + 10)} /" in seat.heading
        stood_s = seat.drive_s
        await seat.pilot.press("comma")
        await until(lambda: abs(seat.drive_s - (stood_s - 5)) < SLACK_S)
        await seat.pilot.press("greater_than_sign", "greater_than_sign")
        assert seat.playback.speed == 4.0
        assert "×4" in seat.heading
        await seat.pilot.press("less_than_sign")
        assert seat.playback.speed == 2.0
        before_s = seat.drive_s
        await seat.pilot.press("space")
        await until(lambda: seat.drive_s > before_s + 1)
        assert "▶" in seat.heading


async def test_the_key_bar_says_what_space_does_now(drive: Path) -> None:
    async with seated(drive) as seat:
        for label in ("Play", "Pause", "Play"):
            await seat.pilot.press("space")
            await until(lambda word=label: f"space {word} " in seat.keys)  # type: ignore[misc]
        seat.playback.resume()
        await until(lambda: "space Pause " in seat.keys)
        seat.playback.seek(SECONDS)
        await until(lambda: "space Play " in seat.keys)


async def test_seeking_to_and_fro_over_the_line_makes_no_bogus_lap(
    drive: Path,
) -> None:
    """Back over the line, on over it, twice to the same line, then to the end."""
    async with seated(drive) as seat:
        for seconds, keys in (
            (22, ["comma"]),
            (19, ["full_stop"]),
            (42, ["comma", "full_stop", "comma"]),
        ):
            seat.playback.set_speed(32)
            seat.playback.seek(seconds - 3)
            await until(lambda at=seconds: at <= seat.drive_s)  # type: ignore[misc]
            await seat.pilot.press(*keys)
        seat.playback.seek(0)
        seat.playback.set_speed(64)
        await until(lambda: seat.playback.is_over)
        assert seat.services.live.progress.best_lap_time_ms == LAP_MS
        await seat.services.recording.stop()
        laps = await seat.laps()
    whole = [lap for lap in laps if lap.kind is not LapKind.PARTIAL]
    assert len(whole) >= 3
    assert {lap.lap_time_ms for lap in whole} == {LAP_MS}
    assert {lap.lap_time_ms for lap in laps} <= {LAP_MS, None}


async def test_the_place_is_told_at_once_after_a_seek_back(drive: Path) -> None:
    async with seated(drive) as seat:
        seat.playback.seek(30)
        await until(lambda: seat.drive_s >= 30)
        assert "0:3" in seat.heading
        before_s = seat.drive_s
        await seat.pilot.press("comma")
        await until(lambda: 20 < seat.drive_s < before_s)
        landed_s = seat.drive_s
        await until(lambda: seat.drive_s > landed_s + 1)
        now_s = seat.playback.position_s
        shown = seat.heading.split("▶ ")[1].split(" /")[0]
        assert shown in (clock_of(now_s - 1), clock_of(now_s), clock_of(now_s + 1))


async def test_at_the_end_space_begins_again(drive: Path) -> None:
    async with seated(drive) as seat:
        seat.playback.seek(SECONDS)
        await until(lambda: seat.playback.is_over)
        assert "end 1:1" in seat.heading
        await seat.pilot.press("space")
        await until(lambda: 0 <= seat.drive_s < 10)
        assert not seat.playback.is_over


async def test_the_status_line_says_that_it_is_played_not_recorded(
    drive: Path,
) -> None:
    async with seated(drive) as seat:
        await until(lambda: seat.services.recording.session is not None)
        first = seat.screen.query_one(StatusLine).parts()[0]
        assert first.text.endswith("PLAY drive.pcap")


async def test_a_playback_is_left_without_a_question(drive: Path) -> None:
    async with seated(drive) as seat:
        await until(lambda: seat.services.recording.session is not None)
        await seat.pilot.press("q")
        await until(lambda: seat.pilot.app._exit)
        assert len(seat.pilot.app.screen_stack) == 1
