"""Laps that shall not count, tags, and the export of one lap, by keyboard."""

from __future__ import annotations

from pathlib import Path

import msgspec
from textual.widgets import Input

from ps_tui.domain.errors import DatabaseError
from ps_tui.tui.dialogs.lap_forms import export_name
from tests.support.fake_services import FakeServices
from tests.support.fixed_data import fixed_laps
from tests.tui.conftest import Start

BEST = "s-quali-l4"


async def test_a_lap_is_excluded_with_a_reason_and_counts_again(
    desk_of: Start,
) -> None:
    async with desk_of(size=(120, 36)) as desk:
        laps = desk.fake.library.all_laps
        await desk.press("4")
        assert "x Exclude" in desk.text
        await desk.press("x", "enter")
        assert "Type a reason" in desk.text
        assert laps[BEST].excluded_us is None
        await desk.type("towed by a friend")
        await desk.press("enter")
        assert laps[BEST].excluded_reason == "towed by a friend"
        assert "excl." in desk.text
        assert "towed" in desk.text
        assert "x Count again" in desk.text
        assert "1:47.880 in lap 4" not in desk.text
        await desk.press("x")
        assert laps[BEST].excluded_us is None
        assert "1:47.880 in lap 4" in desk.text


async def test_tags_note_driver_and_stint_are_written(desk_of: Start) -> None:
    async with desk_of(size=(120, 36)) as desk:
        await desk.press("4", "t")
        await desk.type("quali")
        await desk.press("tab")
        await desk.type("new tyres")
        await desk.press("tab")
        await desk.type("Grace")
        await desk.press("tab")
        await desk.type("two")
        await desk.press("enter")
        assert "is no number of a stint" in desk.text
        desk.app.screen.query_one("#stint", Input).value = "2"
        await desk.press("enter")
        lap = desk.fake.library.all_laps[BEST]
        assert (lap.tags, lap.notes, lap.driver, lap.stint) == (
            "quali",
            "new tyres",
            "Grace",
            2,
        )
        assert "quali · new tyres · Grace · stint 2" in desk.text


async def test_a_lap_is_exported_to_the_file_that_is_named(
    desk_of: Start, tmp_path: Path
) -> None:
    async with desk_of() as desk:
        await desk.press("4", "E")
        field = desk.app.screen.query_one("#file", Input)
        assert field.value == "Monza-Ferrari-488-GT3-lap-4-1.47.880.csv"
        for name, words in (
            ("lap.xls", ".parquet"),
            ("nowhere/lap.csv", "There is no folder"),
        ):
            field.value = str(tmp_path / name)
            await desk.press("enter")
            assert words in desk.text
        (tmp_path / "old.csv").write_text("")
        field.value = str(tmp_path / "old.csv")
        await desk.press("enter")
        assert "exists" in desk.text
        field.value = str(tmp_path / "lap.ld")
        desk.fake.library.faults.next_error = DatabaseError("Disk gone.", "Wait.")
        await desk.press("enter")
        assert "Disk gone. Wait." in desk.text
        await desk.press("enter")
        assert desk.fake.exported == [(BEST, tmp_path / "lap.ld")]
        assert "lap.ld" in desk.toasts[-1]


async def test_laps_are_exported_only_where_something_writes_them(
    desk_of: Start,
) -> None:
    fake = FakeServices()
    bundle = msgspec.structs.replace(fake.bundle, export=None)

    async def connect() -> object:
        return bundle

    fake.connect = connect  # type: ignore[method-assign,assignment]
    async with desk_of(fake) as desk:
        await desk.press("4", "E")
        assert "Export lap" not in desk.text


def test_a_suggested_name_works_on_every_system() -> None:
    lap = msgspec.structs.replace(fixed_laps()[0], lap_time_ms=None)
    assert export_name(lap, None) == f"lap-{lap.lap_number}.csv"
