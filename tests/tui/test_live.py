"""The Live screen with a clock that stands still: ``tick`` is the only time."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen

from ps_tui.domain.laps import LapCompleted
from ps_tui.domain.models import LapKind
from ps_tui.domain.recording import FeedState, LapProgress, LapStored
from ps_tui.tui.car_state import CarState, RaceState
from ps_tui.tui.fuel_watch import Tank
from ps_tui.tui.live_words import (
    clock_text,
    gear_text,
    rounded,
    waiting_text,
    warning_text,
)
from ps_tui.tui.screens.live import LiveScreen
from ps_tui.tui.screens.live_plots import DEFAULT_WINDOW_S
from ps_tui.tui.theme import ANSI, DARK, LIGHT
from ps_tui.tui.widgets.car_block import CarBlock
from ps_tui.tui.widgets.heading import FROZEN_TEXT
from ps_tui.tui.widgets.rows import Rows
from ps_tui.tui.widgets.rpm_bar import LIGHT_COUNT, RpmBar
from ps_tui.tui.widgets.trace_plot import TracePlot
from tests.support.fake_services import FakeServices
from tests.support.live_feed import LiveApp, LiveFeed

SIZES = [(60, 16), (80, 24), (110, 30), (120, 36), (200, 60)]


@pytest.fixture
def services() -> FakeServices:
    services = FakeServices()
    services.live.frames.clear()
    services.control.selected = services.library.all_sessions["s-quali"]
    return services


@pytest.fixture
def feed(services: FakeServices) -> LiveFeed:
    return LiveFeed(services)


def live(pilot: Pilot[None]) -> LiveScreen:
    screen = pilot.app.screen
    assert isinstance(screen, LiveScreen)
    return screen


async def show(pilot: Pilot[None]) -> LiveScreen:
    """Have everything that arrived drawn, the first layout included."""
    screen = live(pilot)
    screen.tick()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    screen.tick()
    await pilot.pause()
    return screen


def rows_of(widget: Rows) -> list[str]:
    width, height = widget.extent
    return [strip.text for strip in widget.render_lines(Region(0, 0, width, height))]


def text_of(screen: LiveScreen, selector: str) -> str:
    return "\n".join(rows_of(screen.query_one(selector, Rows)))


def shown_parts(screen: LiveScreen) -> Iterator[Rows]:
    return (part for part in screen.query(Rows) if part.region)


@pytest.mark.parametrize("look", ["colour", "no colour", "ascii"])
async def test_every_row_fits_at_every_size(
    feed: LiveFeed, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if look == "no colour":
        monkeypatch.setenv("NO_COLOR", "1")
    app = LiveApp(feed.services, ascii_only=look == "ascii")
    async with app.run_test(size=SIZES[0]) as pilot:
        feed.drive(20)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            screen = await show(pilot)
            assert app.size == size
            parts = list(shown_parts(screen))
            assert len(parts) >= 7
            for part in parts:
                assert part.extent == part.region.size
                assert {len(row) for row in rows_of(part)} == {part.extent.width}
                assert part.region in screen.region
                if look == "ascii":
                    text = "".join(rows_of(part))
                    assert text.translate(dict.fromkeys(map(ord, "·—…°"))).isascii()
            assert "GEAR" in text_of(screen, "#gear")


async def test_the_gauges_show_the_newest_frame(feed: LiveFeed) -> None:
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        feed.drive(1)
        latest = msgspec.structs.replace(
            feed.next_frame(), throttle=0.5, brake=1.0, steering=-0.25, gear=-1
        )
        feed.services.live.frames.append(latest)
        feed.services.live.progress = LapProgress(7, 91_234, True, 91_234)
        screen = await show(pilot)
        inputs = text_of(screen, "#inputs")
        assert "50 %" in inputs
        assert "100 %" in inputs
        assert "L 25 %" in inputs
        assert "LAP   7" in text_of(screen, "#lap-times")
        assert "1:31.234  PB" in text_of(screen, "#lap-times")
        assert "Ferrari 488 GT3" in text_of(screen, "#heading")


@pytest.mark.parametrize("size", SIZES[1:])
async def test_words_on_lap_and_fuel_are_whole(
    feed: LiveFeed, size: tuple[int, int]
) -> None:
    async with LiveApp(feed.services).run_test(size=size) as pilot:
        feed.drive(1)
        cut = msgspec.structs.replace(feed.next_frame(), lap_valid=False)
        feed.services.live.frames.append(cut)
        screen = await show(pilot)
        assert "invalid" in text_of(screen, "#lap-times")
        block = screen.query_one(CarBlock)
        full = CarState(tank=Tank(38.5, "l"), laps_left=174.8, burn=0.22)
        block.set_state(full, RaceState())
        if block.region:
            assert "175 laps 0.22/lap" in text_of(screen, "#car")


async def test_what_the_game_does_not_send_is_said_in_words(feed: LiveFeed) -> None:
    feed.services.live.extra.clear()
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        bare = msgspec.structs.replace(
            feed.next_frame(),
            throttle=None,
            rpm=None,
            gear=None,
            lap_time_ms=None,
            lap_number=None,
        )
        feed.services.live.frames.append(bare)
        screen = await show(pilot)
        throttle, _, clutch = text_of(screen, "#inputs").split("\n")[0:9:4]
        assert throttle.endswith("not sent")
        assert clutch.endswith("not sent")
        for part in ("#gear", "#rpm", "#lap-clock", "#rpm-bar", "#throttle"):
            assert "not sent" in text_of(screen, part), part
        assert "not sent" not in text_of(screen, "#brake")


async def test_a_game_that_counts_laps_has_no_lap_yet_on_the_grid(
    feed: LiveFeed,
) -> None:
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        grid = msgspec.structs.replace(feed.next_frame(), lap_time_ms=None)
        feed.services.live.frames.append(grid)
        screen = await show(pilot)
        assert "LAP CLOCK no lap yet" in text_of(screen, "#lap-clock")


async def test_a_frozen_display_stands_while_the_feed_goes_on(feed: LiveFeed) -> None:
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        feed.drive(20)
        screen = await show(pilot)
        before = {part.id: rows_of(part) for part in shown_parts(screen)}
        await pilot.press("space")
        feed.drive(3)
        await show(pilot)
        after = {part.id: rows_of(part) for part in shown_parts(screen)}
        assert FROZEN_TEXT in after.pop("heading")[0]
        before.pop("heading")
        assert after == before
        await pilot.press("space")
        await show(pilot)
        assert FROZEN_TEXT not in text_of(screen, "#heading")
        assert rows_of(screen.query_one("#speed-trace", Rows)) != before["speed-trace"]


async def test_a_resize_during_a_lap_keeps_the_trace(feed: LiveFeed) -> None:
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        feed.drive(20)
        screen = await show(pilot)
        plot = screen.query_one("#speed-trace", TracePlot)
        wide = plot.canvas_rows
        for size in ((80, 24), (61, 17), (200, 60), (120, 36)):
            await pilot.resize_terminal(*size)
            await show(pilot)
            assert "".join(plot.canvas_rows).strip()
        assert plot.canvas_rows == wide


async def test_a_resize_of_a_frozen_display_keeps_the_trace(feed: LiveFeed) -> None:
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        feed.drive(20)
        screen = await show(pilot)
        plot = screen.query_one("#speed-trace", TracePlot)
        wide = plot.canvas_rows
        await pilot.press("space")
        feed.drive(70)
        await pilot.resize_terminal(100, 30)
        await show(pilot)
        await pilot.resize_terminal(120, 36)
        await show(pilot)
        assert plot.canvas_rows == wide


async def test_feeding_bit_by_bit_draws_what_feeding_at_once_draws(
    feed: LiveFeed,
) -> None:
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        feed.drive(2)
        screen = await show(pilot)
        for _ in range(40):
            feed.drive(0.5)
            screen.tick()
        plots = list(screen.query(TracePlot).exclude("#pedals"))
        bit_by_bit = [plot.canvas_rows for plot in plots]
        for plot in plots:
            plot.needs_refill = True
        screen.tick()
        at_once = [plot.canvas_rows for plot in plots]
        assert [rows[1:] for rows in at_once] != [[] for _ in plots]
        for one, other in zip(bit_by_bit, at_once, strict=True):
            assert [row[1:] for row in one] == [row[1:] for row in other]


async def test_the_window_of_the_plots_follows_its_keys(feed: LiveFeed) -> None:
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        feed.drive(70)
        screen = await show(pilot)
        assert f"last {DEFAULT_WINDOW_S} s" in text_of(screen, "#throttle")
        for _ in range(9):
            await pilot.press("right_square_bracket")
        assert screen.window_s == 60
        assert "last 60 s" in text_of(screen, "#throttle")
        for _ in range(9):
            await pilot.press("left_square_bracket")
        assert screen.window_s == 5


async def test_the_speed_scale_grows_with_the_car(feed: LiveFeed) -> None:
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        feed.drive(1)
        slow = msgspec.structs.replace(feed.services.live.frames[-1], speed_kmh=90.0)
        feed.services.live.frames[:] = [slow]
        screen = await show(pilot)
        assert "200│" in text_of(screen, "#speed-trace")
        feed.services.live.frames.append(
            msgspec.structs.replace(
                slow, received_us=slow.received_us + 1, speed_kmh=331
            )
        )
        await show(pilot)
        assert "350│" in text_of(screen, "#speed-trace")


async def test_laps_are_listed_newest_first_and_again_when_one_was_stored(
    feed: LiveFeed,
) -> None:
    services = feed.services
    async with LiveApp(services).run_test(size=(120, 36)) as pilot:
        feed.drive(5)
        screen = await show(pilot)
        rows = text_of(screen, "#laps").split("\n")
        assert rows[1].split() == ["9", "-:--.---", "partial"]
        assert rows[4].split() == ["6", "1:48.018", "flying", "INV"]
        assert rows[6].split() == ["4", "1:47.880", "best", "flying"]
        lap = msgspec.structs.replace(
            (await services.library.laps("s-quali"))[3],
            id="new",
            lap_number=10,
            lap_time_ms=107_500,
        )
        services.library.all_laps["new"] = lap
        done = LapCompleted(10, LapKind.FLYING, True, 0, 1, 107_500)
        screen.receive(LapStored("s-quali", done))
        feed.drive(1)
        await show(pilot)
        rows = text_of(screen, "#laps").split("\n")
        assert rows[1].split() == ["10", "1:47.500", "best", "flying"]
        assert rows[7].split() == ["4", "1:47.880", "+0.380", "flying"]


async def test_with_no_telemetry_the_screen_says_what_happens_and_the_next_key() -> (
    None
):
    services = FakeServices(is_empty=True)
    async with LiveApp(services).run_test(size=(80, 24)) as pilot:
        screen = await show(pilot)
        empty = screen.query_one("#live-empty")
        assert empty.region
        assert not list(shown_parts(screen))
        assert "Listening on 127.0.0.1:9996" in str(empty.render())
        assert "press R" in str(empty.render())


async def test_a_window_too_small_says_so_and_draws_nothing(feed: LiveFeed) -> None:
    async with LiveApp(feed.services).run_test(size=(50, 12)) as pilot:
        screen = await show(pilot)
        feed.drive(3)
        await show(pilot)
        assert not list(shown_parts(screen))
        assert not screen.query_one("#live-empty").region
        await pilot.resize_terminal(80, 24)
        await show(pilot)
        assert "THROTTLE" in text_of(screen, "#pedals")


async def test_the_clock_slows_in_the_background_and_stops_behind_a_screen(
    feed: LiveFeed,
) -> None:
    app = LiveApp(feed.services)
    app.fps = 20
    async with app.run_test(size=(80, 24)) as pilot:
        screen = live(pilot)
        await pilot.pause()
        assert screen.pace_fps == 20
        app.app_focus = False
        assert screen.pace_fps == 10
        app.app_focus = True
        assert screen.pace_fps == 20
        await app.push_screen(Screen())
        await pilot.pause()
        assert screen.pace_fps == 0
        app.pop_screen()
        await pilot.pause()
        assert screen.pace_fps == 20


@pytest.mark.parametrize("state", list(FeedState))
def test_every_state_of_the_feed_has_words(state: FeedState) -> None:
    feed = msgspec.structs.replace(
        FakeServices(is_empty=True).live.feed,
        state=state,
        message="UDP 9997 is held by SimHub.",
        remedy="Press p for another port.",
        age_s=4.2,
    )
    assert len(waiting_text(feed)) > 20
    if state is FeedState.SILENT:
        assert warning_text(feed) == "NO DATA 4 s"
    if state is FeedState.FAILED:
        assert "SimHub" in warning_text(feed)
        assert "another port" in waiting_text(feed)


async def test_every_theme_draws(feed: LiveFeed) -> None:
    app = LiveApp(feed.services)
    async with app.run_test(size=(120, 36)) as pilot:
        for theme in (DARK.name, LIGHT.name, ANSI.name, "ansi-dark"):
            app.theme = theme
            feed.drive(5)
            screen = await show(pilot)
            assert "THROTTLE" in text_of(screen, "#inputs")


async def test_shift_lights_follow_the_limit_of_the_car(feed: LiveFeed) -> None:
    async with LiveApp(feed.services).run_test(size=(80, 24)) as pilot:
        for rpm, limit, lights, word in (
            (7000, None, LIGHT_COUNT, ""),
            (4000, 8000, 0, ""),
            (6800, 8000, 1, ""),
            (7300, 8000, 6, ""),
            (7760, 8000, LIGHT_COUNT, "SHIFT"),
            (9000, 8000, LIGHT_COUNT, "SHIFT"),
        ):
            feed.services.live.identity = msgspec.structs.replace(
                feed.services.live.identity, max_rpm=limit
            )
            frame = msgspec.structs.replace(feed.next_frame(), rpm=float(rpm))
            feed.services.live.frames.append(frame)
            screen = await show(pilot)
            bar = screen.query_one(RpmBar)
            assert bar.lit_count == lights
            assert rows_of(bar)[0].count("██") == lights
            assert ("SHIFT" in rows_of(bar)[0]) is bool(word)


def test_figures_as_they_are_written() -> None:
    assert [gear_text(gear) for gear in (None, -1, 0, 6)] == [None, "R", "N", "6"]
    assert [rounded(value) for value in (None, 0.4, 99.6)] == [None, "0", "100"]
    assert rounded(7243.0, 10) == "7240"
    assert clock_text(None) is None
    assert clock_text(-1) is None
    assert clock_text(83_456) == "1:23.4"
