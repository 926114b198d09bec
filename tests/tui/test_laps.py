"""The lap table: sectors with letters, quality, summary, pages, moved lines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import pytest
from textual.widgets import Input

from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.lap_figures import (
    GAME_LINES,
    THIRDS,
    LapFigures,
    least,
    lines_text,
)
from ps_tui.tui.measuring import measure_laps
from ps_tui.tui.widgets.paged_table import PAGE_ROWS, PagedTable
from tests.support.compared_laps import driven_trace
from tests.support.fake_services import FakeServices
from tests.tui.conftest import Desk, Start

SIZES = [(80, 24), (110, 30), (120, 36)]
MANY = 500


def services() -> FakeServices:
    fake = FakeServices()
    fake.library.make_trace = driven_trace
    return fake


def with_many_laps() -> FakeServices:
    """Return a session of many laps with figures, the best near its end."""
    fake = services()
    library = fake.library
    one = library.all_laps["s-quali-l4"]
    for lap_id in [key for key in library.all_laps if key.startswith("s-quali")]:
        del library.all_laps[lap_id]
    for number in range(1, MANY + 1):
        time_ms = 100_000 if number == MANY - 20 else 110_000 + number
        lap = msgspec.structs.replace(
            one, id=f"s-quali-l{number}", lap_number=number, lap_time_ms=time_ms
        )
        library.all_laps[lap.id] = lap
        sectors = (30_000, 30_000, time_ms - 60_000)
        library.figures[lap.id] = (time_ms, LapFigures(GAME_LINES, sectors))
    return fake


def row_of(desk: Desk, lap: int) -> str:
    return next(
        line for line in desk.text.split("\n") if line.lstrip().startswith(f"{lap} ")
    )


@pytest.mark.parametrize("size", SIZES)
async def test_sectors_carry_letters_and_add_up_at_every_size(
    desk_of: Start, size: tuple[int, int]
) -> None:
    fake = services()
    async with desk_of(fake, size=size) as desk:
        await desk.press("4")
        for lap_id in ("s-quali-l3", "s-quali-l4", "s-quali-l5"):
            lap = fake.library.all_laps[lap_id]
            cells = row_of(desk, lap.lap_number).split()
            sectors = [c for c in cells if c[-1] in "PGY" and "." in c]
            assert len(sectors) == 3
            total_ms = sum(round(float(cell[:-1]) * 1000) for cell in sectors)
            assert abs(total_ms - (lap.lap_time_ms or 0)) <= 1
        # An out lap and an invalid one have times, and no letter.
        for number in (1, 6):
            cells = row_of(desk, number).split()
            assert sum(cell.replace(".", "").isdecimal() for cell in cells) >= 3
            assert not any(cell[-1] in "PGY" for cell in cells if "." in cell)
        assert " Q " in desk.text
        assert "Theoretical 1:47." in desk.text
        for word in ("Median", "IQR", "SD", "Trend", "R²"):
            assert word in desk.text
        assert max(map(len, desk.text.split("\n"))) <= size[0]


async def test_letters_stand_without_colour(
    desk_of: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk_of(services(), size=(110, 30)) as desk:
        await desk.press("4")
        assert "P" in row_of(desk, 3)
        minis = next(line for line in desk.text.split("\n") if "in 24 parts" in line)
        letters = minis.split("parts")[1].replace(" ", "").rstrip("│▁▂▃▄▅▆▇█")
        assert len(letters) == 24
        assert set(letters) <= set("PGY")


async def test_the_theoretical_best_is_of_all_laps_that_count(desk_of: Start) -> None:
    fake = services()
    async with desk_of(fake, size=(120, 36)) as desk:
        await desk.press("4")
        library = fake.library
        best: tuple[int | None, ...] = ()
        for lap in await library.laps("s-quali"):
            if lap.counts_as_best:
                best = least(best, library.figures[lap.id][1].sectors_ms)
        total = sum(time_ms or 0 for time_ms in best)
        assert f"Theoretical 1:{(total - 60_000) / 1000:.3f}" in desk.text
        await desk.press("x")
        await desk.type("towed")
        await desk.press("enter")
        assert f"Theoretical 1:{(total - 60_000) / 1000:.3f}" not in desk.text


async def test_a_best_without_sectors_hides_a_slower_theoretical_best(
    desk_of: Start,
) -> None:
    fake = services()
    hand = msgspec.structs.replace(
        fake.library.all_laps["s-quali-l2"],
        id="by-hand",
        lap_number=10,
        lap_time_ms=100_000,
        frame_count=0,
    )
    async with desk_of(fake, size=(120, 36)) as desk:
        await desk.press("4")
        fake.library.all_laps[hand.id], drawn = hand, lines_text(THIRDS)
        fake.library.figures[hand.id] = (hand.lap_time_ms, LapFigures(drawn))
        await desk.press("1", "4")
        assert "Best 1:40.000 in lap 10  Theoretical -:--.---" in desk.text


async def test_lines_are_moved_by_key_and_laps_measured_anew(desk_of: Start) -> None:
    fake = services()
    async with desk_of(fake, size=(110, 30)) as desk:
        await desk.press("4")
        before = row_of(desk, 4)
        await desk.press("L")
        field = desk.app.screen.query_one("#line1", Input)
        assert field.value == "33.33"
        field.value = "70"
        await desk.press("enter")
        assert "between 0 and 1" in desk.text
        field.value = "much"
        await desk.press("enter")
        assert "is no number" in desk.text
        field.value = "25"
        await desk.press("enter")
        assert fake.library.lines["Monza", "GP"] == (0.25, 2 / 3)
        after = row_of(desk, 4)
        assert before != after
        assert after.split()[:2] == before.split()[:2]
        assert "Sectors end at 25.0%" in desk.toasts[-1]


async def test_only_rows_in_view_are_fetched(desk_of: Start) -> None:
    fake = with_many_laps()
    async with desk_of(fake, size=(110, 30)) as desk:
        await desk.press("4")
        table = desk.app.screen.query_one(PagedTable)
        assert table.row_count == MANY
        # The cursor is on the best lap, which is far down.
        assert (
            desk.app.screen.query_one(PagedTable).current_key == f"s-quali-l{MANY - 20}"
        )
        fetched = fake.library.pages_fetched
        assert sum(limit for _, limit in fetched) <= MANY - PAGE_ROWS
        await desk.press("g")
        assert table.current_key == "s-quali-l1"
        assert row_of(desk, 1)
        await desk.press("G")
        assert table.current_key == f"s-quali-l{MANY}"
        assert row_of(desk, MANY)
        await desk.press("pageup", "up", "k", "j", "pagedown", "down")
        assert table.current_key == f"s-quali-l{MANY}"
        # Both bests and letters look at every lap, also at those not in view.
        assert "Best 1:40.000 in lap 480" in desk.text
        assert "30.000Y" in row_of(desk, MANY)


async def test_a_filter_looks_at_every_lap(desk_of: Start) -> None:
    fake = with_many_laps()
    lap = fake.library.all_laps["s-quali-l7"]
    fake.library.all_laps[lap.id] = msgspec.structs.replace(lap, notes="kerb strike")
    async with desk_of(fake, size=(110, 30)) as desk:
        await desk.press("4", "slash")
        await desk.type("kerb")
        await desk.press("enter")
        table = desk.app.screen.query_one(PagedTable)
        assert table.row_count == 1
        assert table.current_key == "s-quali-l7"
        await desk.press("x")
        await desk.type("kerb")
        await desk.press("enter")
        assert fake.library.all_laps["s-quali-l7"].excluded_reason == "kerb"
        await desk.press("escape")
        assert table.row_count == MANY
        await desk.press("slash")
        await desk.type("nothing like it")
        assert "Nothing matches" in desk.text


async def test_a_click_moves_and_a_second_one_chooses(desk_of: Start) -> None:
    async with desk_of(services(), size=(110, 30)) as desk:
        await desk.press("4", "g")
        table = desk.app.screen.query_one(PagedTable)
        await desk.pilot.click(table, offset=(5, 3))
        await desk.settle()
        assert table.cursor_row == 2
        await desk.pilot.click(table, offset=(5, 0))
        await desk.settle()
        assert table.cursor_row == 2


async def test_the_possible_best_of_the_running_lap_is_shown(desk_of: Start) -> None:
    fake = services()
    await fake.control.select("s-quali")
    await fake.control.start()
    async with desk_of(fake, size=(120, 36)) as desk:
        await desk.press("4")
        assert "Possible 1:" in desk.text


async def test_laps_that_cannot_be_read_are_not_read_for_ever() -> None:
    fake = services()
    library = fake.library
    session = library.all_sessions["s-quali"]

    def damaged(lap: object) -> object:
        raise DatabaseError("The trace is damaged.")

    library.make_trace = damaged  # type: ignore[assignment]
    told: list[int] = []

    async def measured() -> None:
        told.append(len(library.figures))

    count = await measure_laps(library, session, measured)
    assert count == told[-1] == len(library.figures)
    assert {made.quality for _time, made in library.figures.values()} == {"D"}
    assert await measure_laps(library, session) == 0


async def test_a_page_that_comes_late_is_not_shown_for_other_rows() -> None:
    asked: list[tuple[int, int]] = []
    gate = asyncio.Event()

    async def slow(offset: int, limit: int) -> Sequence[object]:
        asked.append((offset, limit))
        await gate.wait()
        return ()

    table = PagedTable((), dom_id="records")
    table._count, table._fetch = 200, slow  # type: ignore[assignment]
    table._wanted.add(1)
    load = asyncio.ensure_future(table._load(1))
    await asyncio.sleep(0)
    table._fetch = None
    gate.set()
    await load
    assert asked == [(PAGE_ROWS, PAGE_ROWS)]
    assert table._pages == {}
