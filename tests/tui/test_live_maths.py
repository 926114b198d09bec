"""Math channels on the Live screen, by keyboard, with a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest
from textual.geometry import Region
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from ps_tui.domain.errors import PsError
from ps_tui.domain.garage import MathChannel, MathChannelDraft
from ps_tui.domain.recording import FeedState
from ps_tui.tui.live_maths import LiveChoice, channel_name, figure
from ps_tui.tui.screens.live import LiveScreen
from ps_tui.tui.widgets.rows import Rows
from ps_tui.tui.workspace import Workspace
from tests.support.fake_services import OTHER_RECORDER, FakeServices
from tests.support.live_feed import LiveApp, LiveFeed
from tests.tui.conftest import Start

FORMULAS = (
    ("top_speed", "max(speed)", "km/h"),
    ("accel", "derivative(smooth(speed, 0.5)) / 3.6", "m/s²"),
    ("heat", "brake_temperature_fl", "°C"),
)


@pytest.fixture
async def feed() -> LiveFeed:
    services = FakeServices()
    services.live.frames.clear()
    for draft in FORMULAS:
        await services.workbench.create_math_channel(MathChannelDraft(*draft))
    return LiveFeed(services)


class Live:
    """A Live screen that is told when time has passed."""

    def __init__(self, pilot: Pilot[None], feed: LiveFeed) -> None:
        self.pilot = pilot
        self.feed = feed

    @property
    def screen(self) -> LiveScreen:
        screen = self.pilot.app.screen_stack[0]
        assert isinstance(screen, LiveScreen)
        return screen

    async def drive(self, seconds: float = 1.0) -> None:
        """Let so much of the lap arrive, have it worked out and drawn."""
        self.feed.drive(seconds)
        await self.show()

    async def show(self) -> None:
        for _ in range(2):
            self.screen.tick()
            await self._settled()
            await self.pilot.pause()

    async def _settled(self) -> None:
        # A newer look at what is typed ends the one before it.
        with suppress(WorkerCancelled):
            await self.pilot.app.workers.wait_for_complete()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self._settled()
            await self.pilot.pause()

    def part(self, selector: str) -> list[str]:
        """Return the rows of a part, none where it has no place."""
        part = self.screen.query_one(selector, Rows)
        if not part.region:
            return []
        strips = part.render_lines(Region(0, 0, *part.extent))
        return [strip.text.rstrip() for strip in strips]


@asynccontextmanager
async def live(
    feed: LiveFeed,
    size: tuple[int, int] = (120, 36),
    *,
    workspace: Workspace | None = None,
    ascii_only: bool = False,
) -> AsyncIterator[Live]:
    app = LiveApp(feed.services, workspace=workspace, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        screen = Live(pilot, feed)
        await screen.drive(20)
        yield screen


@pytest.mark.parametrize("size", [(110, 30), (120, 36)])
async def test_chosen_channels_are_read_out_and_one_is_drawn(
    feed: LiveFeed, size: tuple[int, int]
) -> None:
    async with live(feed, size) as shown:
        assert shown.part("#maths") == []
        await shown.press("p", "space", "j", "space", "t", "j", "space", "enter")
        await shown.drive()
        top, accel, heat = shown.part("#maths")
        speeds = [frame.speed_kmh or 0.0 for frame in feed.services.live.frames]
        assert top.split() == ["top_speed", f"{max(speeds):.1f}", "km/h"]
        assert accel.startswith("accel")
        assert accel.endswith("m/s²")
        assert heat.startswith("heat      no brake temperature FL")
        title, *canvas = shown.part("#math-trace")
        assert title.startswith("─ accel m/s²  ")
        assert any("⠀" < sign <= "⣿" for sign in "".join(canvas))
        assert shown.part("#steering-trace") == []
        assert len(shown.part("#throttle")) >= 3


async def test_a_small_window_has_room_for_the_trace_alone(feed: LiveFeed) -> None:
    async with live(feed, (80, 24)) as shown:
        await shown.press("p", "space", "t", "enter")
        await shown.drive()
        assert shown.part("#maths") == []
        assert shown.part("#math-trace")[0].startswith("─ top_speed km/h  ")
        assert shown.part("#speed-trace") == []
        assert shown.part("#pedals") != []


async def test_the_trace_takes_the_place_of_each_plot_and_then_of_none(
    feed: LiveFeed,
) -> None:
    async with live(feed) as shown:
        for name in ("steering-trace", "speed-trace", "throttle", "brake"):
            await shown.press("p", "t", "enter")
            await shown.show()
            assert shown.part(f"#{name}") == []
            assert shown.part("#math-trace") != []
        await shown.press("p", "t", "enter")
        await shown.show()
        assert shown.part("#math-trace") == []
        assert shown.part("#brake") != []


async def test_a_trace_without_values_says_which_channel_is_missing(
    feed: LiveFeed,
) -> None:
    async with live(feed, ascii_only=True) as shown:
        await shown.press("p", "G", "t", "enter")
        await shown.drive()
        title = shown.part("#math-trace")[0]
        assert title == "| heat  -  no brake temperature FL from this game"[:48]
        await shown.press("p")
        strips = shown.pilot.app.screen._compositor.render_strips()
        text = "\n".join("".join(one.text for one in line) for line in strips)
        assert "no brake temperature" in text
        assert "= max(speed)" in text
        assert "steering" in text


async def test_further_channels_of_the_game_are_read(feed: LiveFeed) -> None:
    services = feed.services
    services.extra_channels = ("fuel", "brake_temperature_fl")
    async with live(feed) as shown:
        await shown.press("p", "G", "space", "enter")
        hot = msgspec.structs.replace(feed.next_frame(), extra=(10.0, 512.0))
        services.live.frames.append(hot)
        services.clock.time_us = hot.received_us
        await shown.show()
        assert shown.part("#maths") == ["heat     512.0 °C"]


async def test_what_another_window_records_is_read_as_that_game_sends_it(
    feed: LiveFeed,
) -> None:
    services = feed.services
    asked: list[str] = []

    def channels(source: str) -> tuple[str, ...]:
        asked.append(source)
        return ()

    bundle = msgspec.structs.replace(services.bundle, extra_channels=channels)
    session = services.library.all_sessions["s-race"]
    services.library.all_sessions["s-other"] = msgspec.structs.replace(
        session, id="s-other", source="f1"
    )
    services.control.other = OTHER_RECORDER
    services.live.feed = msgspec.structs.replace(
        services.live.feed, state=FeedState.WATCHING
    )
    async with live(feed) as shown:
        shown.screen.services = bundle
        await shown.press("p", "space", "enter")
        await shown.drive()
        assert asked == ["f1"]


async def test_the_choice_outlives_the_screen_and_follows_the_formula(
    feed: LiveFeed,
) -> None:
    workspace = Workspace()
    async with live(feed, workspace=workspace) as shown:
        await shown.press("p", "space", "j", "space", "t", "enter")
    workbench = feed.services.workbench
    await workbench.edit_math_channel(
        "math-1", MathChannelDraft("slowest", "min(speed)", "km/h")
    )
    await workbench.delete_math_channel("math-2")
    async with live(feed, workspace=workspace) as shown:
        (line,) = shown.part("#maths")
        assert line.split()[0] == "slowest"
        assert shown.part("#math-trace") == []
        assert workspace.live_maths == LiveChoice(("math-1",))


async def test_escape_changes_nothing(feed: LiveFeed) -> None:
    async with live(feed) as shown:
        await shown.press("p", "space", "t", "escape")
        await shown.drive()
        assert shown.part("#maths") == []
        assert shown.part("#steering-trace") != []


async def test_a_formula_is_made_on_live(feed: LiveFeed) -> None:
    feed.services.workbench.all_channels.clear()
    async with live(feed) as shown:
        await shown.press("p", "n")
        for text, key in (("twice", "tab"), ("speed * 2", "enter")):
            field = shown.pilot.app.focused
            assert field is not None
            field.insert_text_at_cursor(text)  # type: ignore[attr-defined]
            await shown.press(key)
        await shown.press("enter")
        await shown.drive()
        assert shown.part("#maths")[0].startswith("twice")


async def test_a_frozen_display_keeps_its_values(feed: LiveFeed) -> None:
    async with live(feed) as shown:
        await shown.press("p", "j", "space", "t", "enter")
        await shown.drive()
        await shown.press("space")
        before = shown.part("#maths"), shown.part("#math-trace")
        await shown.drive(3)
        assert (shown.part("#maths"), shown.part("#math-trace")) == before
        await shown.press("right_square_bracket")
        assert shown.screen.window_s == 20
        await shown.show()
        assert shown.part("#maths") == before[0]
        assert shown.part("#math-trace") != before[1]


async def test_another_game_begins_anew(feed: LiveFeed) -> None:
    live_view = feed.services.live
    async with live(feed) as shown:
        await shown.press("p", "space", "enter")
        await shown.drive()
        live_view.feed = msgspec.structs.replace(live_view.feed, stream=1)
        slow = msgspec.structs.replace(feed.next_frame(), speed_kmh=12.0)
        live_view.frames = [slow]
        feed.services.clock.time_us = slow.received_us + 1_000_000
        await shown.show()
        live_view.frames = [slow, msgspec.structs.replace(slow, speed_kmh=13.0)]
        feed.services.clock.time_us += 200_000
        await shown.show()
        assert "13.00" in shown.part("#maths")[0]


async def test_more_than_four_are_not_read_out(feed: LiveFeed) -> None:
    for index in range(2):
        draft = MathChannelDraft(f"more_{index}", "speed")
        await feed.services.workbench.create_math_channel(draft)
    async with live(feed) as shown:
        await shown.press("p", *("space", "j") * 5, "enter")
        await shown.drive()
        assert len(shown.part("#maths")) == 4


async def test_the_palette_and_the_help_know_the_key(desk_of: Start) -> None:
    async with desk_of(size=(120, 50), start_screen="live") as desk:
        await desk.press("question_mark")
        assert "Choose math channels to show." in desk.text
        await desk.press("escape", "ctrl+p")
        await desk.type("Choose math channels")
        while "Choose math channels to show" not in desk.text:
            await desk.pilot.pause(0.01)


async def test_without_a_workbench_there_is_no_key(feed: LiveFeed) -> None:
    async with live(feed) as shown:
        screen = shown.screen
        assert screen.check_action("maths", ())
        screen.services = msgspec.structs.replace(feed.services.bundle, workbench=None)
        assert not screen.check_action("maths", ())
        screen.action_maths()
        assert shown.pilot.app.screen is screen


async def test_a_failing_database_is_said_and_the_display_goes_on(
    feed: LiveFeed,
) -> None:
    async def failing() -> list[MathChannel]:
        raise PsError("Disk gone.", "Plug it in.")

    async with live(feed) as shown:
        feed.services.workbench.math_channels = failing  # type: ignore[method-assign,assignment]
        shown.screen.reload()
        await shown.pilot.pause()
        await shown.drive()
        notes = [note.message for note in shown.pilot.app._notifications]
        assert "Disk gone.\nPlug it in." in notes
        assert shown.part("#throttle") != []


def test_a_choice_is_marked_drawn_and_kept_to_what_is_there() -> None:
    choice = LiveChoice().marked("a").marked("b").drawn("c")
    assert choice == LiveChoice(("a", "b"), "c", "steering-trace")
    assert choice.ids == ("a", "b", "c")
    assert choice.marked("a").read == ("b",)
    assert choice.drawn("b").traced == "b"
    assert choice.among([]) == LiveChoice()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0.000"),
        (-1.23456, "-1.235"),
        (12.3456, "12.35"),
        (276.04, "276.0"),
        (12_345.6, "12346"),
        (123_456_789.0, "1.23e+08"),
        (0.00012, "0.00012"),
    ],
)
def test_values_have_about_four_digits(value: float | None, text: str) -> None:
    assert figure(value) == text


def test_channels_are_named_within_a_sentence() -> None:
    assert channel_name("brake_temperature_fl") == "brake temperature FL"
    assert channel_name("ers_charge") == "ERS charge"
    assert channel_name("unknown") == "unknown"
