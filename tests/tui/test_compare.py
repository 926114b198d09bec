"""The Compare screen: which laps, what is read at the cursor, what was lost where."""

from __future__ import annotations

import msgspec
import pytest

from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.models import LapTrace
from ps_tui.tui.compare.shelf import quickest_laps
from ps_tui.tui.screens.compare import CompareScreen
from ps_tui.tui.widgets.compare_body import CompareBody
from tests.support.compared_laps import driven_trace, world_less_trace
from tests.support.fake_services import FakeServices
from tests.tui.conftest import Desk, Start

PAIR = ("4", "c", "j", "c", "5")
"""Laps: the cursor is on lap 4, the best; lap 5 is the row below."""


def services() -> FakeServices:
    fake = FakeServices()
    fake.library.make_trace = driven_trace
    return fake


def body_of(desk: Desk) -> CompareBody:
    assert isinstance(desk.app.screen, CompareScreen)
    return desk.app.screen.body


def panel_row(desk: Desk, title: str) -> str:
    return next(line for line in desk.text.splitlines() if title in line)


async def test_without_laps_the_screen_says_how_to_add_some(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press("5")
        assert "c adds the selected one" in desk.text
        await desk.press("4", "c")
        assert desk.toasts[-1].startswith("Lap 4 (1:47.880) is A.")
        await desk.press("5")
        assert "Lap 4 (1:47.880) is here" in desk.text


async def test_without_any_lap_b_says_so(desk_of: Start) -> None:
    async with desk_of(FakeServices(is_empty=True)) as desk:
        await desk.press("5", "b")
        assert "No lap counts yet" in desk.toasts[-1]


async def test_b_takes_the_two_quickest_laps(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press("5", "b")
        assert desk.app.workspace.compared.ids == ["s-quali-l4", "s-quali-l8"]
        assert "A ━━━━ Lap 4 1:47.880 reference" in desk.text


async def test_a_quick_lap_is_added_of_the_same_track_only() -> None:
    library = services().library
    here = await library.session("s-quali")
    mine = [lap.id for lap in await library.laps(here.id)]
    elsewhere = await quickest_laps(library, [here.id], mine, 1)
    assert elsewhere
    for lap in await quickest_laps(library, [here.id], mine, 1, here):
        session = await library.session(lap.session_id)
        assert (session.track, session.layout) == (here.track, here.layout)
    strange = msgspec.structs.replace(here, track="Imola")
    assert await quickest_laps(library, [here.id], mine, 1, strange) == []


@pytest.mark.parametrize("size", [(80, 24), (110, 30), (120, 36)])
async def test_two_laps_over_each_other(desk_of: Start, size: tuple[int, int]) -> None:
    async with desk_of(services(), size=size) as desk:
        await desk.press(*PAIR)
        assert "A ━━━━ Lap 4 1:47.880 reference" in desk.text
        assert "B ━━   Lap 5 1:48.273 +0.393" in desk.text
        for title in ("Speed km/h", "Throttle % ↑", "Brake % ↓", "Delta s"):
            assert title in desk.text
        assert "T1" in desk.text
        assert "loss s" in desk.text
        assert ("1 more need a taller window" in desk.text) is (size == (80, 24))
        body = body_of(desk)
        assert body.study is not None
        assert body.study.lap_count == 2


async def test_the_delta_at_the_line_is_the_difference_of_the_times(
    desk_of: Start,
) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR, "end")
        assert "B +0.393" in panel_row(desk, "Delta s")
        await desk.press("home")
        assert "B +0.000" in panel_row(desk, "Delta s")


async def test_the_cursor_reads_every_lap(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR, "home")
        body = body_of(desk)
        assert body.view.cursor == 0.0
        for _ in range(3):
            await desk.press("shift+right")
        study, place = body.study, body.view.cursor
        assert study is not None
        own, other = (
            f"{value:.0f}" for value in study.read("speed", (place, place)) if value
        )
        assert f"A {own}" in panel_row(desk, "Speed km/h")
        assert f"B {other}" in panel_row(desk, "Speed km/h")
        await desk.press("right")
        step = body.view.cursor - place
        assert 0 < step < 0.02
        await desk.press("left")
        assert body.view.cursor == pytest.approx(place)


async def test_a_cursor_move_draws_no_panel_anew(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR)
        before = body_of(desk).chart.picture
        await desk.press("right", "shift+left", "home", "end")
        assert body_of(desk).chart.picture is before


async def test_enter_looks_at_the_worst_loss(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR)
        body = body_of(desk)
        row = body.table.current
        assert row is not None
        assert row.loss_ms is not None
        assert row.loss_ms == max(r.loss_ms or 0 for r in body.table.rows)
        assert f"{row.part.name}: B loses {row.loss_ms / 1000:.3f} s" in desk.text
        await desk.press("enter")
        assert body.view.start <= row.part.start
        assert body.view.end >= row.part.end
        assert body.view.span < 0.5
        assert row.part.start <= body.view.cursor <= row.part.end
        await desk.press("0")
        assert body.view.is_whole


async def test_rows_add_up_to_the_difference(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR)
        for _ in range(3):
            rows = body_of(desk).table.rows
            assert sum(row.loss_ms or 0 for row in rows) == pytest.approx(393, abs=10)
            await desk.press("t")


async def test_zoom_pan_and_corners(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR, "home", "full_stop")
        body = body_of(desk)
        assert body.study is not None
        corners = [corner.apex for corner in body.study.corners]
        assert body.view.cursor == corners[0]
        await desk.press("full_stop", "full_stop", "comma")
        assert body.view.cursor == corners[1]
        await desk.press("plus", "plus")
        assert body.view.span == pytest.approx(1 / 1.5**2)
        start = body.view.start
        await desk.press("right_square_bracket")
        assert body.view.start == pytest.approx(start + body.view.span / 2)
        await desk.press("minus", "minus", "minus")
        assert body.view.is_whole


async def test_four_laps_of_two_sessions_and_events(desk_of: Start) -> None:
    async with desk_of(services(), size=(120, 36)) as desk:
        desk.app.workspace.compared.ids = [
            "s-quali-l4",
            "s-practice-l4",
            "s-loose-l2",
            "s-quali-l5",
        ]
        await desk.press("5")
        for words in ("Qualifying", "Practice", "2026-10-30 Imola"):
            assert words in desk.text
        assert "Not one track: Monza and Imola. Diff" in desk.text
        assert "▸B" in desk.text
        await desk.press("v", "v")
        assert "▸D" in desk.text
        assert "D loses" in desk.text
        await desk.press("r")
        assert desk.app.workspace.compared.ids[0] == "s-quali-l5"
        await desk.press("4", "G", "c")
        assert "4 laps are compared already" in desk.toasts[-1]


async def test_taking_a_lap_out_can_be_undone(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR, "c")
        assert desk.app.workspace.compared.ids == ["s-quali-l4"]
        assert "one more makes a comparison" in desk.text
        await desk.press("u")
        assert len(desk.app.workspace.compared.ids) == 2
        assert "B ━━   Lap 5" in desk.text
        await desk.press("C", "u")
        assert len(desk.app.workspace.compared.ids) == 2


async def test_c_on_laps_takes_a_lap_out_again(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press("4", "c", "c")
        assert desk.app.workspace.compared.ids == []
        await desk.press("c", "j", "r")
        assert desk.app.workspace.compared.ids == ["s-quali-l5", "s-quali-l4"]


async def test_a_deleted_lap_leaves_the_comparison(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR, "4", "d", "enter", "5")
        assert desk.app.workspace.compared.ids == ["s-quali-l4"]


async def test_the_map_shows_gains_and_losses_and_pedals(desk_of: Start) -> None:
    async with desk_of(services(), size=(120, 36)) as desk:
        await desk.press(*PAIR)
        assert "Track  B + slower  - faster than A" in desk.text
        marks = {mark.text for mark in body_of(desk).map.marks}
        assert any(mark.endswith("+") for mark in marks)
        assert "◉" in desk.text
        await desk.press("o")
        assert "Pedals of B  Throttle Brake Coast" in desk.text
        assert {mark.text for mark in body_of(desk).map.marks} >= {"T", "B"}


async def test_a_narrow_window_shows_the_map_in_place_of_the_table(
    desk_of: Start,
) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR)
        assert "loss s" in desk.text
        await desk.press("o")
        assert "Track  B" in desk.text
        assert "loss s" not in desk.text
        await desk.press("o", "o")
        assert "loss s" in desk.text


async def test_without_positions_the_map_says_so(desk_of: Start) -> None:
    fake = services()
    fake.library.make_trace = world_less_trace
    async with desk_of(fake, size=(120, 36)) as desk:
        await desk.press(*PAIR)
        assert "This game sends no world positions." in desk.text


async def test_a_lap_without_places_is_refused_in_words(desk_of: Start) -> None:
    def unplaced(lap: object) -> LapTrace:
        trace = driven_trace(lap)  # type: ignore[arg-type]
        kept = {"received_us", "timestamp", "throttle", "lap_time"}
        columns = {key: trace.columns[key] for key in kept}
        return LapTrace(trace.lap, columns)

    fake = services()
    fake.library.make_trace = unplaced
    async with desk_of(fake) as desk:
        await desk.press(*PAIR)
        assert "does not say where on the track it was driven" in desk.text


async def test_a_damaged_trace_is_told(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press("4", "c", "j", "c")
        desk.fake.library.faults.next_error = DatabaseError("Damaged.", "Press h.")
        await desk.press("5")
        assert "Damaged." in "\n".join(desk.toasts) + desk.text


async def test_coming_back_reads_no_trace_twice(desk_of: Start) -> None:
    async with desk_of(services()) as desk:
        await desk.press(*PAIR)
        loaded = len(desk.fake.library.traces_loaded)
        view = body_of(desk).view
        await desk.press("1", "5")
        assert len(desk.fake.library.traces_loaded) == loaded
        assert body_of(desk).view == view


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (99, 29), (110, 30), (200, 60)])
async def test_every_size_draws_whole_lines(
    desk_of: Start, size: tuple[int, int]
) -> None:
    async with desk_of(services(), size=(120, 36)) as desk:
        await desk.press(*PAIR)
        await desk.pilot.resize_terminal(*size)
        await desk.settle()
        lines = desk.text.splitlines()
        assert len(lines) == size[1]
        assert "Delta s" in desk.text
        for widget in desk.app.screen.query("*"):
            if widget.display and widget.region:
                assert widget.region.right <= size[0], widget
                assert widget.region.bottom <= size[1], widget


async def test_no_color_tells_laps_apart_by_letters_and_dashes(
    desk_of: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk_of(services(), size=(120, 36)) as desk:
        await desk.press(*PAIR)
        assert "A ━━━━ Lap 4" in desk.text
        assert "B ━━   Lap 5" in desk.text
        assert "T6+" in desk.text or "+" in desk.text
