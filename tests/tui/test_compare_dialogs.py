"""Panels, math channels, layouts and statistics, by keyboard."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from textual import events
from textual.widgets import Input

from ps_tui.domain.channel import WHEELS
from ps_tui.domain.errors import UsageError
from ps_tui.domain.garage import MathChannelDraft, PlotLayoutDraft
from ps_tui.domain.models import Lap, LapKind, LapTrace
from ps_tui.tui.compare.panels import DEFAULT_PANELS, Panel, to_configs
from ps_tui.tui.dialogs.formula import FormulaDialog
from ps_tui.tui.screens.compare import CompareScreen
from tests.support.compared_laps import driven_trace
from tests.support.fake_services import FakeServices
from tests.tui.conftest import Desk, Start

PAIR = ("4", "c", "j", "c", "5")


def services() -> FakeServices:
    fake = FakeServices()
    fake.library.make_trace = driven_trace
    return fake


def panels_of(desk: Desk) -> list[tuple[str, ...]]:
    screen = desk.app.screen_stack[0]
    assert isinstance(screen, CompareScreen)
    return [panel.channels for panel in screen.body.plot.panels]


async def test_a_channel_gets_a_panel_and_loses_it_again(desk_of: Start) -> None:
    async with desk_of(services(), size=(120, 36)) as desk:
        await desk.press(*PAIR, "p")
        assert "Engine speed" in desk.text
        await desk.press("j", "j", "j", "j", "space", "enter")
        assert panels_of(desk)[-1] == ("gear",)
        assert "Gear  A" in desk.text
        await desk.press("p", "j", "j", "j", "space", "enter")
        assert panels_of(desk) == [("speed",), ("throttle", "brake"), ("gear",)]


async def test_two_channels_share_a_panel_with_an_axis_each(desk_of: Start) -> None:
    async with desk_of(services(), size=(120, 36)) as desk:
        await desk.press(*PAIR, "p", "G", "k", "k", "k", "space", "t", "enter")
        shared = panels_of(desk)[-1]
        assert shared[0] == "steering"
        assert len(shared) == 2
        assert "Steering %" in desk.text


async def test_escape_changes_no_panel(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR, "p", "space", "escape")
        assert panels_of(desk) == [panel.channels for panel in DEFAULT_PANELS]


async def test_a_formula_is_checked_while_it_is_typed(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR, "f")
        await desk.type("accel")
        await desk.press("tab")
        await desk.type("speed + sped")
        assert isinstance(desk.app.screen, FormulaDialog)
        lines = desk.text.splitlines()
        row = next(i for i, line in enumerate(lines) if "speed + sped" in line)
        start = lines[row].index("speed + sped")
        marks = lines[row + 1] + lines[row + 2] + lines[row + 3] + lines[row + 4]
        assert "^^^^" in marks
        pointer = next(line for line in lines[row + 1 : row + 6] if "^" in line)
        assert pointer.index("^") == start + len("speed + ")
        await desk.press(*["backspace"] * 7)
        assert "Lap 4:" in desk.text
        assert "^" not in desk.text
        await desk.press("enter")
        (stored,) = desk.fake.workbench.all_channels.values()
        assert (stored.name, stored.formula) == ("accel", "speed")
        assert panels_of(desk)[-1] == ("accel",)


async def test_a_formula_shows_what_it_gives_on_the_lap(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR, "f", "tab")
        await desk.type("speed * 0 + 7")
        assert "Lap 4: 7 to 7, mean 7" in desk.text


async def test_a_taken_name_is_refused_and_nothing_typed_is_lost(
    desk_of: Start,
) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR, "f")
        await desk.type("speed")
        await desk.press("tab")
        await desk.type("rpm / 2")
        await desk.press("enter")
        assert "already a channel" in desk.text
        desk.fake.workbench.next_error = UsageError("Taken.", "Rename it.")
        await desk.press("shift+tab", "end")
        await desk.type("_half")
        await desk.press("enter")
        assert "Taken. Rename it." in desk.text
        assert "rpm / 2" in desk.text
        await desk.press("enter")
        assert desk.fake.workbench.all_channels["math-1"].name == "speed_half"


async def test_a_math_channel_is_edited_deleted_and_brought_back(
    desk_of: Start,
) -> None:
    fake = services()
    await fake.workbench.create_math_channel(
        MathChannelDraft("pace", "speed / 3.6", "m/s")
    )
    async with desk_of(fake, size=(120, 36)) as desk:
        await desk.press(*PAIR, "p", "slash")
        await desk.type("pace")
        await desk.press("enter", "space", "e", "tab", "end")
        await desk.type(" * 2")
        await desk.press("enter", "escape")
        assert fake.workbench.all_channels["math-1"].formula == "speed / 3.6 * 2"
        await desk.press("slash")
        await desk.type("pace")
        await desk.press("enter", "d", "enter")
        assert fake.workbench.all_channels["math-1"].deleted_us is not None
        assert ("pace",) not in panels_of(desk)
        await desk.press("u")
        assert fake.workbench.all_channels["math-1"].deleted_us is None


async def test_a_broken_formula_spoils_only_its_own_panel(desk_of: Start) -> None:
    fake = services()
    await fake.workbench.create_math_channel(MathChannelDraft("bad", "nothing + 1"))
    await fake.workbench.create_math_channel(MathChannelDraft("good", "speed + 1"))
    configs = to_configs([Panel(("bad",)), Panel(("good",))])
    layout = await fake.workbench.create_layout(PlotLayoutDraft("x", configs=configs))
    await fake.workbench.make_default(layout.id)
    async with desk_of(fake, size=(120, 36)) as desk:
        await desk.press(*PAIR)
        assert "bad  — its formula is wrong" in desk.text
        assert "good  A" in desk.text


async def test_layouts_are_saved_starred_loaded_and_deleted(desk_of: Start) -> None:
    fake = services()
    async with desk_of(fake, size=(120, 36)) as desk:
        await desk.press(*PAIR, "L")
        assert "No layout is saved yet." in desk.text
        await desk.press("n")
        await desk.type("Standard")
        await desk.press("enter")
        (layout,) = fake.workbench.all_layouts.values()
        assert layout.configs == to_configs(DEFAULT_PANELS)
        assert "Speed, Throttle & Brake, Steering" in desk.text
        await desk.press("space")
        assert fake.workbench.all_layouts[layout.id].is_default
        assert "★" in desk.text
        await desk.press("escape", "p", "space", "enter")
        assert panels_of(desk) == [("throttle", "brake"), ("steering",)]
        await desk.press("L", "enter")
        assert panels_of(desk) == [panel.channels for panel in DEFAULT_PANELS]
        await desk.press("L", "d")
        assert fake.workbench.all_layouts[layout.id].deleted_us is not None
        await desk.press("u")
        restored = fake.workbench.all_layouts[layout.id]
        assert (restored.deleted_us, restored.is_default) == (None, True)


async def test_a_layout_is_renamed_and_saved_over(desk_of: Start) -> None:
    fake = services()
    await fake.workbench.create_layout(PlotLayoutDraft("Old"))
    async with desk_of(fake) as desk:
        await desk.press(*PAIR, "L", "e", "end")
        await desk.type("er")
        await desk.press("enter", "s")
        layout = fake.workbench.all_layouts["layout-1"]
        assert layout.name == "Older"
        assert layout.configs == to_configs(DEFAULT_PANELS)


async def test_a_huge_paste_is_refused_at_once(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR, "f", "tab")
        formula = desk.app.screen.query_one("#formula", Input)
        desk.app.post_message(events.Paste("1+" * 500_000))
        await desk.settle()
        assert formula.value == ""
        assert "1,000,000 characters are too many" in desk.text
        desk.app.post_message(events.Paste("1+" * 2100))
        await desk.settle()
        assert len(formula.value) == 4200


async def test_a_changed_layout_says_so_until_it_is_saved(desk_of: Start) -> None:
    fake = services()
    configs = to_configs([Panel(("rpm",))], is_over_time=True)
    layout = await fake.workbench.create_layout(
        PlotLayoutDraft("Mine", configs=configs)
    )
    await fake.workbench.make_default(layout.id)
    async with desk_of(fake, size=(120, 36)) as desk:
        await desk.press(*PAIR)
        screen = desk.app.screen_stack[0]
        assert isinstance(screen, CompareScreen)
        assert screen.body.plot.is_over_time
        nav = desk.text.splitlines()[0]
        assert "Mine" in nav
        assert "(modified)" not in nav
        await desk.press("x")
        assert "Mine (modified)" in desk.text.splitlines()[0]
        await desk.press("L", "s", "escape")
        assert "Mine (modified)" not in desk.text
        saved = fake.workbench.all_layouts[layout.id]
        assert saved.configs == [{"channels": ["rpm"], "xAxis": "position"}]
        await desk.press("L", "d", "escape")
        assert "Default (modified)" in desk.text.splitlines()[0]


async def test_the_cursor_keeps_its_place_when_the_axis_becomes_time(
    desk_of: Start,
) -> None:
    async with desk_of(services(), size=(140, 36)) as desk:
        await desk.press(*PAIR, "full_stop")
        screen = desk.app.screen_stack[0]
        assert isinstance(screen, CompareScreen)
        body = screen.body
        assert body.study is not None
        assert body.axis is not None
        place = body.view.cursor
        await desk.press("x")
        assert body.axis.is_over_time
        assert body.view.cursor == pytest.approx(body.axis.x_of(place))
        assert " s " in desk.text.splitlines()[-3]
        before = body.view.cursor
        await desk.press("right", "plus", "left_square_bracket", "enter", "comma")
        assert body.view.cursor != before
        await desk.press("x")
        assert not body.axis.is_over_time


async def test_the_screen_begins_with_the_default_layout(desk_of: Start) -> None:
    fake = services()
    configs = to_configs([Panel(("rpm",))])
    layout = await fake.workbench.create_layout(PlotLayoutDraft("x", configs=configs))
    await fake.workbench.make_default(layout.id)
    async with desk_of(fake) as desk:
        await desk.press(*PAIR)
        assert panels_of(desk) == [("rpm",)]
        assert "Engine speed rpm  A" in desk.text


async def test_statistics_of_the_session(desk_of: Start) -> None:
    async with desk_of(services(), size=(120, 36)) as desk:
        await desk.press("4", "s")
        for words in (
            "Statistics: Qualifying",
            "6 of 9 count",
            "IQR 1.065 s",
            "s per lap (n 6, R² 0.11)",
            "least repeatable",
            "2.50 l, last 2.50, most 2.50",
            "= 6.0 laps",
        ):
            assert words in desk.text, words


async def test_statistics_by_stint_and_driver(desk_of: Start) -> None:
    fake = services()
    for number in (2, 3):
        lap = fake.library.all_laps[f"s-quali-l{number}"]
        fake.library.all_laps[lap.id] = msgspec.structs.replace(lap, driver="Grace")
    pit = fake.library.all_laps["s-quali-l5"]
    fake.library.all_laps[pit.id] = msgspec.structs.replace(pit, kind=LapKind.PIT)
    async with desk_of(fake, size=(120, 40)) as desk:
        await desk.press("4", "s")
        assert "stint 3" in desk.text
        assert "Grace" in desk.text
        assert "Ada Lovelace" in desk.text
        assert desk.text.count("S1 SD") == 2


async def test_statistics_tell_how_the_tyres_change_in_a_stint(desk_of: Start) -> None:
    fake = services()

    def worn_trace(lap: Lap) -> LapTrace:
        trace = driven_trace(lap)
        count = len(trace.columns["received_us"])
        worn = 0.02 * lap.lap_number
        added = {f"tyre_wear_{w}": np.full(count, worn) for w in WHEELS}
        added["tyre_pressure_fl"] = np.full(count, 180.0 + lap.lap_number)
        return LapTrace(lap, {**trace.columns, **added})

    fake.library.make_trace = worn_trace
    async with desk_of(fake, size=(120, 50)) as desk:
        await desk.press("4", "s")
        assert "Tyres, stint 1" in desk.text
        assert desk.text.count("16.0 +2.00") == 4
        assert "188 +1.0" in desk.text
        assert "n 6" in desk.text
        assert "R² 1.00 to 1.00" in desk.text


async def test_statistics_of_many_laps_read_few_frames(desk_of: Start) -> None:
    fake = services()
    read: list[str] = []
    async with desk_of(fake, size=(120, 40)) as desk:
        await desk.press("4")

        def noted(lap: Lap) -> LapTrace:
            read.append(lap.id)
            return driven_trace(lap)

        fake.library.make_trace = noted
        await desk.press("s")
        assert "least repeatable" in desk.text
        assert "2.50 l, last 2.50" in desk.text
    # The newest for the fuel that is left, and one to see that no tyres are sent.
    assert read == ["s-quali-l2", "s-quali-l9"]


async def test_statistics_scroll_where_the_terminal_is_small(desk_of: Start) -> None:
    fake = services()
    for number in (2, 5):
        lap = fake.library.all_laps[f"s-quali-l{number}"]
        fake.library.all_laps[lap.id] = msgspec.structs.replace(lap, driver="Grace")
    async with desk_of(fake, size=(80, 24)) as desk:
        await desk.press("4", "s")
        assert "Fuel left" not in desk.text
        await desk.press("end")
        assert "Fuel left" in desk.text


async def test_statistics_without_laps_that_count(desk_of: Start) -> None:
    fake = services()
    for lap in list(fake.library.all_laps.values()):
        fake.library.all_laps[lap.id] = msgspec.structs.replace(lap, valid=False)
    async with desk_of(fake) as desk:
        await desk.press("4", "s")
        assert "9, none of them counts" in desk.text
