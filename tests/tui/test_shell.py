"""The frame of every screen: sizes, colours, status line, start."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import msgspec
import pytest
from textual.events import ScreenResume, ScreenSuspend

from ps_tui.domain.errors import NewerDatabaseError
from ps_tui.domain.ports import Services
from ps_tui.domain.recording import FeedCounters, FeedState, Outage
from ps_tui.tui.app import PsApp
from ps_tui.tui.live_words import warning_text
from ps_tui.tui.screens.base import PsScreen
from ps_tui.tui.theme import THEMES
from ps_tui.tui.widgets.key_bar import KeyBar
from ps_tui.tui.widgets.nav_bar import NavBar
from ps_tui.tui.widgets.status_line import StatusLine
from tests.support.fake_services import FakeServices
from tests.tui.conftest import Start

SIZES = [(60, 16), (80, 24), (110, 30), (120, 36)]
PLACES = ["1", "2", "4", "7"]


async def test_every_place_fits_every_size(desk_of: Start) -> None:
    async with desk_of() as desk:
        for digit in PLACES:
            await desk.press(digit)
            for width, height in SIZES:
                await desk.pilot.resize_terminal(width, height)
                await desk.settle()
                lines = desk.text.splitlines()
                assert len(lines) == height
                assert "idle" in lines[-2]
                assert "R Record" in lines[-1]
                for widget in desk.app.screen.query("*"):
                    if widget.display and widget.region:
                        assert widget.region.right <= width, (widget, width)
                        assert widget.region.bottom <= height, (widget, height)


async def test_what_was_due_on_a_screen_that_is_gone_is_let_be(desk_of: Start) -> None:
    async with desk_of() as desk:
        screen = desk.app.screen
        assert isinstance(screen, PsScreen)
        bar = screen.query_one(KeyBar)
        await bar.remove()
        bar.rebuild()
        done: list[str] = []
        screen.when_drawn(lambda: done.append("drawn"))
        await desk.settle()
        assert done == ["drawn"]


async def test_a_screen_that_is_gone_before_it_stands_ends_in_peace(
    desk_of: Start,
) -> None:
    async with desk_of() as desk:
        screen = desk.app.screen
        await screen.query("*").remove()
        screen.post_message(ScreenSuspend())
        screen.post_message(ScreenResume())
        await desk.settle()
        assert desk.app.is_running


async def test_no_color_keeps_every_word(
    desk_of: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk_of() as desk:
        assert desk.app.no_color
        for digit, words in (("1", "○ idle"), ("4", "★ best"), ("7", "✖ error")):
            await desk.press(digit)
            assert words in desk.text


async def test_every_theme_draws(desk_of: Start) -> None:
    async with desk_of() as desk:
        for theme in THEMES:
            desk.app.theme = theme.name
            await desk.settle()
            assert "Monza weekend" in desk.text


async def test_a_window_that_is_too_small_says_so_and_recovers(
    desk_of: Start,
) -> None:
    async with desk_of() as desk:
        await desk.pilot.resize_terminal(50, 12)
        await desk.settle()
        assert "This window is 50×12; ps-tui needs 60×16." in desk.text
        assert "Monza" not in desk.text
        await desk.pilot.resize_terminal(80, 24)
        await desk.settle()
        assert "Monza weekend" in desk.text


async def test_resizing_keeps_the_cursor_on_its_record(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("j")
        await desk.pilot.resize_terminal(120, 36)
        await desk.settle()
        await desk.press("enter")
        assert desk.app.workspace.event_id == "e-spa"


async def test_first_and_last_row(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("G", "enter")
        assert desk.app.workspace.event_id == "e-ring"
        await desk.press("escape", "g", "l")
        assert desk.app.workspace.event_id == "e-monza"


async def test_status_line_says_the_state_in_words(desk_of: Start) -> None:
    async with desk_of() as desk:
        for state, age_s, words in (
            (FeedState.SILENT, 4.0, "NO DATA 4 s"),
            (FeedState.PAUSED, 1.0, "paused"),
            (FeedState.CONNECTED, 1.0, "in menu"),
            (FeedState.WAITING, None, "waiting on 127.0.0.1:9996"),
            (FeedState.FAILED, None, "FAILED"),
            (FeedState.WATCHING, None, "watching"),
            (FeedState.LIVE, 0.0, "assetto-corsa 60 Hz"),
        ):
            feed = desk.fake.live.feed
            desk.fake.live.feed = msgspec.structs.replace(
                feed, state=state, age_s=age_s
            )
            desk.app.screen.query_one(StatusLine).pull()
            await desk.settle()
            assert words in desk.text.splitlines()[-2]


async def test_losses_stay_on_a_narrow_status_line(desk_of: Start) -> None:
    fake = FakeServices()
    counters = FeedCounters(packets=9, lost=7, rejected=2)
    fake.live.feed = msgspec.structs.replace(fake.live.feed, counters=counters)
    async with desk_of(fake, size=(72, 20)) as desk:
        line = desk.text.splitlines()[-2]
        assert "lost 7" in line
        assert "rejected 2" in line
        assert "queue" not in line


async def test_what_is_not_saved_is_said_with_how_long_that_lasts(
    desk_of: Start,
) -> None:
    fake = FakeServices()
    outage = Outage("The disk is full.", "Make room.", 5, 9000, folder="/elsewhere")
    fake.live.feed = msgspec.structs.replace(
        fake.live.feed, outage=outage, lasts_s=150.0
    )
    async with desk_of(fake, size=(72, 20)) as desk:
        assert "NOT SAVED, to a side file 2 min" in desk.text.splitlines()[-2]
    memory = msgspec.structs.replace(outage, folder="")
    feed = msgspec.structs.replace(fake.live.feed, outage=memory, lasts_s=None)
    assert warning_text(feed) == "NOT SAVED, in memory"


async def test_empty_places_say_the_next_key(desk_of: Start) -> None:
    async with desk_of(FakeServices(is_empty=True)) as desk:
        for digit, words in (
            ("1", "n makes the first one"),
            ("2", "n and enter make one"),
            ("4", "R records"),
        ):
            await desk.press(digit)
            assert words in desk.text


async def test_digits_without_a_place_do_nothing(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("9")
        assert desk.place == "events"


async def test_the_start_screen_is_up_before_the_database() -> None:
    fake, gate = FakeServices(), asyncio.Event()

    async def connect() -> Services:
        await gate.wait()
        return fake.bundle

    app = PsApp(connect, fps=0)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "opening database" in str(app.screen.query_one("#start").render())
        await pilot.press("1", "question_mark", "h")
        gate.set()
        while app.current_mode != "events":
            await pilot.pause()


async def test_a_failed_start_says_why_and_returns_its_code() -> None:
    async def connect() -> Services:
        raise NewerDatabaseError("Made by ps-tui 9.", "Update ps-tui.")

    app = PsApp(connect, fps=0)
    async with app.run_test() as pilot:
        shown = ""
        while "Made by ps-tui 9." not in shown:
            await pilot.pause()
            shown = str(app.screen.query_one("#start").render())
        assert "Update ps-tui." in shown
        await pilot.press("x")
        await pilot.pause()
    assert app.failure is not None
    assert app.failure.exit_code == NewerDatabaseError.exit_code


def test_importing_the_app_loads_nothing_heavy() -> None:
    code = (
        "import sys, ps_tui.tui.app; "
        "print([m for m in ('numpy', 'plotext', 'textual_plotext', 'aiosqlite', "
        "'sqlite3', 'google.protobuf') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


async def test_a_place_that_was_made_ready_is_the_one_that_opens(
    desk_of: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen: list[None] = []
    monkeypatch.setattr("ps_tui.tui.app.gc.freeze", lambda: frozen.append(None))
    async with desk_of(size=(120, 36)) as desk:
        desk.app.make_ready()
        await desk.settle()
        assert desk.place == "events"
        assert len(frozen) == 1
        (made,) = desk.app.get_screen_stack("compare")
        assert not made.is_current
        await desk.press("j", "5")
        assert desk.app.screen is made
        assert "Two to four laps" in desk.text
        desk.app.make_ready()
        await desk.press("1")
        assert desk.place == "events"


async def test_a_theme_restyles_what_stands_and_what_opens_later(
    desk_of: Start,
) -> None:
    async with desk_of(size=(120, 36)) as desk:
        await desk.press("4")
        before = desk.app.screen.background_colors[1]
        desk.app.theme = "purple-sector-light"
        await desk.settle()
        after = desk.app.screen.background_colors[1]
        assert after != before
        await desk.press("5")
        assert desk.app.screen.background_colors[1] == after
        await desk.press("1")
        assert desk.app.screen.background_colors[1] == after


async def test_what_is_open_has_room_beside_the_places(desk_of: Start) -> None:
    name = "Throttle & brake over time"
    async with desk_of(size=(110, 30)) as desk:
        desk.app.screen.query_one(NavBar).set_trail(name)
        await desk.settle()
        row = desk.text.splitlines()[0]
        assert f" {name} " in row
        assert "8 Settings" in row
