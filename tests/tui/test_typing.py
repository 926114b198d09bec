"""Keys that follow each other faster than a screen is made."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from tests.tui.conftest import Desk, Start

KEYS = {" ": "space", ",": "comma", "\t": "tab", "\n": "enter"}


async def send(desk: Desk, text: str) -> None:
    """Have keys arrive at once, as a quick hand over a slow line does."""
    for sign in text:
        key = KEYS.get(sign, sign)
        desk.app.post_message(events.Key(key, sign if sign.isprintable() else None))
    await desk.settle()


async def test_nothing_typed_into_a_form_is_lost_or_misplaced(desk_of: Start) -> None:
    async with desk_of(size=(110, 30)) as desk:
        await desk.press("4")
        await send(desk, "tquali, new\tbraked late\tBob\t12")
        fields = [field.value for field in desk.app.screen.query(Input)]
        assert fields == ["quali, new", "braked late", "Bob", "12"]
        await send(desk, "\n")
        lap = desk.fake.library.all_laps["s-quali-l4"]
        assert (lap.tags, lap.notes, lap.driver) == ("quali, new", "braked late", "Bob")
        assert lap.stint == 12


async def test_keys_behind_one_for_another_place_are_for_that_place(
    desk_of: Start,
) -> None:
    async with desk_of(size=(110, 30)) as desk:
        await send(desk, "4cjc5")
        assert desk.place == "compare"
        assert desk.app.workspace.compared.ids == ["s-quali-l4", "s-quali-l5"]


async def test_a_paste_waits_for_the_field_too(desk_of: Start) -> None:
    async with desk_of(size=(110, 30)) as desk:
        await desk.press("4")
        desk.app.post_message(events.Key("t", "t"))
        desk.app.post_message(events.Paste("pasted"))
        await send(desk, "!")
        assert desk.app.screen.query(Input).first().value == "pasted!"
