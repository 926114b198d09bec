"""A backup put in place, and a database emptied: only after a word was typed."""

from __future__ import annotations

import pytest

from ps_tui.domain.errors import RecorderBusyError
from tests.tui.conftest import Start


@pytest.mark.parametrize(
    ("key", "word", "replaced_by"),
    [
        ("o", "restore", "monza-2026-11-07.db"),
        ("X", "reset", "nothing"),
    ],
)
async def test_a_word_is_typed_before_everything_is_replaced(
    desk_of: Start, key: str, word: str, replaced_by: str
) -> None:
    async with desk_of() as desk:
        care = desk.fake.care
        await desk.press("7", key, "enter")
        assert f"Type {word}: it " in desk.text
        assert care.replaced_by == []
        await desk.type(word)
        care.faults.next_error = RecorderBusyError("Race records.", "Press R first.")
        await desk.press("enter")
        assert "Race records. Press R first." in desk.text
        care.replaced_by.clear()
        await desk.press("enter")
        assert care.replaced_by == [replaced_by]
        assert any("What was there before is in now.db." in x for x in desk.toasts)


async def test_escape_replaces_nothing(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("7", "X")
        await desk.type("reset")
        await desk.press("escape")
        assert desk.fake.care.replaced_by == []
