"""The studio by keyboard: tables, rows, references, corrections, SQL."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from textual.widgets import Input

from ps_tui.domain.errors import GoneError, UsageError
from ps_tui.domain.studio import View
from ps_tui.tui.screens.sql import SqlEditor
from ps_tui.tui.studio_rows import one_line, shown, value_lines
from tests.tui.conftest import Desk, Start


async def retype(desk: Desk, text: str) -> None:
    """Replace what is in the focused field."""
    field = desk.app.focused
    assert isinstance(field, Input)
    field.value = ""
    await desk.type(text)


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (110, 30), (120, 36)])
async def test_tables_rows_and_a_row(desk_of: Start, size: tuple[int, int]) -> None:
    async with desk_of(size=size) as desk:
        await desk.press("7", "t")
        assert desk.place == "studio"
        assert "sessions" in desk.text
        await desk.press("enter")
        assert "sessions  1-2 of 2" in desk.text
        assert "Practice" in desk.text
        await desk.press("enter")
        assert "sessions, row 1" in desk.text
        assert "laps" in desk.text
        await desk.press("escape", "escape", "escape")
        assert desk.place == "database"


async def test_references_are_followed_both_ways(desk_of: Start) -> None:
    async with desk_of(size=(110, 30)) as desk:
        await desk.press("7", "t", "down", "enter", "enter")
        assert "laps, row 1" in desk.text
        await desk.press("down", "down")
        assert "> sessions Qualifying" in desk.text
        await desk.press("enter")
        assert "sessions, row 2" in desk.text
        await desk.press("G", "enter")
        assert desk.fake.studio.views[-1] == ("laps", View(where=("session_n", 2)), 0)
        assert "session_n = 2" in desk.text
        await desk.press("escape", "escape")
        assert "laps, row 1" in desk.text


async def test_pages_columns_filter_and_order(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("7", "t", "down", "enter")
        total = len(desk.fake.studio.shown["laps"])
        assert f"laps  1-100 of {total}" in desk.text
        await desk.press("right_square_bracket")
        assert "laps  101-200" in desk.text
        await desk.press("left_square_bracket", "left_square_bracket")
        assert "laps  1-100" in desk.text
        assert "session_n" in desk.text.splitlines()[2]
        await desk.press("right", "right")
        assert "2 columns to the left" in desk.text
        assert "session_n" not in desk.text.splitlines()[2]
        await desk.press("left", "o", "slash")
        await desk.type("kind")
        await desk.press("enter", "enter")
        assert desk.fake.studio.views[-1][1].sort == "kind"
        assert "by kind, rising" in desk.text
        await desk.press("o", "enter")
        assert "by kind, falling" in desk.text
        await desk.press("slash")
        await desk.type("flying")
        await desk.press("enter")
        assert desk.fake.studio.views[-1][1].filter == "flying"
        assert "filter flying" in desk.text
        await desk.press("slash", "escape")
        assert "filter flying" in desk.text


async def test_the_key_bar_shows_what_works(desk_of: Start) -> None:
    async with desk_of(size=(140, 36)) as desk:

        def bar() -> str:
            return desk.text.splitlines()[-1]

        await desk.press("7", "t")
        assert "Filter" in bar()
        await desk.press("enter")  # two sessions: one page
        assert "Filter" in bar()
        assert "Next page" not in bar()
        await desk.press("escape", "down", "enter")
        assert "Next page" in bar()
        await desk.press("enter", "f")
        assert "Next page" in bar()
        assert "Filter" not in bar()


async def test_frames_of_a_lap(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("7", "t", "down", "enter", "enter", "f")
        assert "frames  1-100 of" in desk.text
        assert "throttle" in desk.text
        await desk.press("escape")
        assert "laps, row 1" in desk.text


async def test_a_value_is_corrected_and_undone(desk_of: Start) -> None:
    async with desk_of() as desk:
        studio = desk.fake.studio
        await desk.press("7", "t", "enter", "enter", "e")
        assert studio.updates == []
        await desk.press("down", "down", "e")
        assert "sessions.name" in desk.text
        await retype(desk, "Warm-up")
        studio.next_error = UsageError("name was changed meanwhile.", "Look again.")
        await desk.press("enter")
        assert "changed meanwhile" in desk.text
        await desk.press("enter")
        assert studio.updates == [("sessions", 1, {"name": "Warm-up"})]
        assert "Warm-up" in desk.text
        await desk.press("u")
        assert studio.updates[-1] == ("sessions", 1, {"name": "Practice"})
        await desk.press("down", "down", "e")
        await retype(desk, "null")
        await desk.press("enter")
        assert studio.updates[-1] == ("sessions", 1, {"tags": None})


async def test_sql_runs_pages_and_says_what_is_wrong(desk_of: Start) -> None:
    async with desk_of(size=(120, 36)) as desk:
        await desk.press("7", "t", "s")
        assert desk.place == "sql"
        editor = desk.app.screen.query_one(SqlEditor)
        editor.text = "DELETE FROM laps"
        await desk.press("enter")
        assert "Only reading is allowed." in desk.text
        desk.fake.studio.next_error = GoneError("lap", "7")
        await desk.press("enter")
        assert "The lap 7 is no longer there." in desk.text
        assert "Asking" not in desk.text
        editor.text = "SELECT * FROM laps"
        await desk.press("enter")
        assert desk.fake.studio.asked[-1][0] == "SELECT * FROM laps"
        assert "1-200, more with ]" in desk.text
        assert "SEARCH laps USING INDEX" in desk.text
        await desk.press("tab", "right_square_bracket", "right_square_bracket")
        assert "401-450" in desk.text
        await desk.press("right_square_bracket")
        assert desk.fake.studio.asked[-1][2] == 400
        await desk.press("escape", "ctrl+t")
        assert "SCAN laps" in desk.text
        await desk.press("ctrl+j")
        assert "\n" in editor.text
        await desk.press("escape")
        assert desk.place == "studio"


async def test_escape_stops_a_query(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("7", "t", "s")
        desk.fake.studio.gate = asyncio.Event()
        await desk.pilot.press("enter")
        await desk.pilot.pause()
        assert "esc stops it" in desk.text
        await desk.press("escape")
        assert "Stopped." in desk.text
        assert desk.place == "sql"


async def test_frames_of_chosen_laps_are_asked(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("7", "t", "s", "ctrl+l")
        assert "Frames of Qualifying" in desk.text
        await desk.press("space", "space", "enter")
        assert "frames of 2 laps" in desk.text
        await desk.press("enter")
        assert len(desk.fake.studio.asked[-1][1]) == 2


@pytest.mark.parametrize("name", ["out.csv", "out.json"])
async def test_a_result_becomes_a_file(
    desk_of: Start, tmp_path: Path, name: str
) -> None:
    async with desk_of() as desk:
        await desk.press("7", "t", "s", "enter", "ctrl+s")
        await retype(desk, "out.txt")
        await desk.press("enter")
        assert "something.csv" in desk.text
        path = tmp_path / name
        await retype(desk, str(path))
        await desk.press("enter")
        assert "450 rows" in desk.toasts[-1]
        text = path.read_text("utf-8")
        if name.endswith("json"):
            assert json.loads(text)[1]["lap"] == "Lap 2"
        else:
            assert text.splitlines()[:2] == [
                "n,lap,seconds",
                "1,Lap 1,108.02285714285713",
            ]
        await desk.press("ctrl+s")
        await retype(desk, str(path))
        await desk.press("enter")
        assert "there already" in desk.text


async def test_a_result_that_is_cut_short_says_so(
    desk_of: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ps_tui.tui.screens.sql.MOST_EXPORTED", 300)
    async with desk_of() as desk:
        await desk.press("7", "t", "s", "enter", "ctrl+s")
        await retype(desk, str(tmp_path / "out.csv"))
        await desk.press("enter")
        assert "300 rows" in desk.toasts[-1]
        assert "the rest is left out" in desk.toasts[-1]


def test_values_are_written_in_plain_characters() -> None:
    assert one_line("a\x1b[31m\nb") == "a·[31m·b"
    assert shown(None).text == "null"
    assert shown(0.1).text == "0.1"
    assert shown(1 / 3).text == "0.333333"
    laid_out = [line[0][0] for line in value_lines("tags", '{"a": [1]}')]
    assert laid_out == ["tags", "{", '  "a": [', "    1", "  ]", "}"]
    assert [line[0][0] for line in value_lines("x", "{no json")] == ["x", "{no json"]
