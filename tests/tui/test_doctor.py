"""Why there is no data, a capture that is played, and two games at once."""

from __future__ import annotations

import msgspec

from ps_tui.domain.diagnosis import Finding
from ps_tui.domain.recording import FeedState, ForwardStatus
from ps_tui.tui.glyphs import ASCII, UNICODE
from ps_tui.tui.live_words import waiting_text
from ps_tui.tui.screens.doctor import sign_of, tone_of
from ps_tui.tui.screens.playback import playback_text
from tests.support.fake_services import (
    FakeDoctor,
    FakePlayback,
    FakeServices,
    FakeSources,
)
from tests.support.fixed_data import DIAGNOSIS
from tests.support.live_feed import LiveApp, LiveFeed
from tests.tui.conftest import Start
from tests.tui.test_live import show, text_of


async def test_the_doctor_says_what_is_wrong_and_what_to_set(desk_of: Start) -> None:
    async with desk_of(size=(120, 36)) as desk:
        await desk.press("w")
        assert desk.place == "doctor"
        for words in (
            "✖ PORT HELD  Port 20777 is held by SimHub (pid 4120).",
            "Let SimHub forward to 20778",
            "▲ in the menu",
            "Load a session and go on track.",
            "192.168.0.7 (eth0)",
            "20777 held by SimHub (pid 4120)",
            "12 of 408 B from 192.168.0.2: an Assetto Corsa greeting",
            "asked 14, answered 12",
            "sudo ufw allow",
        ):
            assert words in desk.text, words
        await desk.press("j")
        assert "In the game: UDP Telemetry On, IP 192.168.0.7" in desk.text
        await desk.press("escape")
        assert desk.place == "events"


async def test_the_doctor_looks_again(desk_of: Start) -> None:
    fake = FakeServices()
    fake.doctor = FakeDoctor()
    async with desk_of(fake) as desk:
        await desk.press("w")
        before = fake.doctor.looks
        await desk.press("r")
        assert fake.doctor.looks == before + 1


async def test_whom_packets_go_to_and_what_was_asked_for(desk_of: Start) -> None:
    forwards = (
        ForwardStatus("127.0.0.1:20778", 512, 0),
        ForwardStatus("rig:9000", 0, 0, problem="Nobody knows the host rig."),
    )
    diagnosis = msgspec.structs.replace(DIAGNOSIS, forwards=forwards)
    fake = FakeServices()
    fake.doctor = FakeDoctor(diagnosis)
    async with desk_of(fake, size=(120, 40)) as desk:
        await desk.press("w")
        assert "192.168.0.2:9996 (telemetry)" in desk.text
        assert "to 127.0.0.1:20778: 512 sent, 0 errors" in desk.text
        assert "Nobody knows the host rig." in desk.text


async def test_without_a_doctor_there_is_no_key(desk_of: Start) -> None:
    fake = FakeServices()
    fake.doctor = None
    async with desk_of(fake) as desk:
        await desk.press("w")
        assert desk.place == "events"


async def test_the_palette_finds_the_doctor(desk_of: Start) -> None:
    async with desk_of() as desk:
        names = {
            command.title for command in desk.app.get_system_commands(desk.app.screen)
        }
        assert "Doctor: why is there no data?" in names


def test_every_finding_has_a_sign_and_a_colour() -> None:
    for finding in Finding:
        assert sign_of(finding, UNICODE)
        assert sign_of(finding, ASCII).isascii()
    assert tone_of(Finding.OK) == "success"
    assert tone_of(Finding.MENU) == "warning"
    assert tone_of(Finding.PORT_HELD) == "error"


def test_an_empty_live_screen_names_the_key_of_the_doctor() -> None:
    feed = FakeServices(is_empty=True).live.feed
    assert "w says why" in waiting_text(feed, has_doctor=True)
    assert "w says why" not in waiting_text(feed)


async def test_a_capture_is_paused_sought_and_sped_up_by_keys() -> None:
    services = FakeServices()
    services.playback = FakePlayback()
    async with LiveApp(services).run_test(size=(120, 36)) as pilot:
        screen = await show(pilot)
        services.clock.time_us += 1_000_000
        screen = await show(pilot)
        assert "▶ 1:02 / 5:40  ×1" in text_of(screen, "#heading")
        await pilot.press("space", "comma", "greater_than_sign")
        assert services.playback.is_paused
        assert services.playback.speed == 2.0
        assert "‖ 0:57 / 5:40  ×2" in text_of(screen, "#heading")
        await pilot.press("full_stop", "less_than_sign", "less_than_sign", "space")
        assert "▶ 1:02 / 5:40  ×0.5" in text_of(screen, "#heading")
        services.playback.is_over = True
        await pilot.press("space")
        assert services.playback.position_s == 0.0
        assert not screen.is_frozen


def test_playback_in_plain_characters() -> None:
    playback = FakePlayback()
    assert playback_text(playback, is_ascii=True) == "> 1:02 / 5:40  x1"
    playback.is_over = True
    assert playback_text(playback) == "end 1:02 / 5:40  ×1"


async def test_one_key_shows_the_other_game_and_draws_anew() -> None:
    services = FakeServices()
    services.live.frames.clear()
    services.sources = FakeSources(services.live)
    feed = LiveFeed(services)
    async with LiveApp(services).run_test(size=(120, 36)) as pilot:
        feed.drive(10)
        screen = await show(pilot)
        feed.drive(1)
        screen = await show(pilot)
        assert "s shows another game" in text_of(screen, "#heading")
        await pilot.press("s")
        assert services.live.feed.source == "f1"
        feed.drive(1)
        screen = await show(pilot)
        trace = screen.query_one("#throttle")
        rows = [row.rstrip()[:40].strip() for row in trace.canvas_rows]  # type: ignore[attr-defined]
        assert "f1, s shows another game" in text_of(screen, "#heading")
        assert not any("⠉" in row or "⣀" in row for row in rows)


async def test_one_game_has_no_key_to_change_it() -> None:
    services = FakeServices()
    assert services.live.feed.state is FeedState.LIVE
    async with LiveApp(services).run_test(size=(80, 24)) as pilot:
        screen = await show(pilot)
        assert screen.check_action("source", ()) is False
        assert screen.check_action("seek", (5,)) is False
