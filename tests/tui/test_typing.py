"""Keys that follow each other faster than a screen is made."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.widgets import Input

from ps_tui.tui.ordered_keys import OrderedKeys
from tests.support.recording_fakes import until
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


async def test_an_event_a_session_and_a_recording_in_one_breath(desk_of: Start) -> None:
    async with desk_of(size=(80, 24)) as desk:
        await send(desk, "nRace day\n\nn\nR")
        control = desk.fake.control
        await until(lambda: control.session is not None)
        assert control.session is not None
        library = desk.fake.library
        (event,) = [one for one in await library.events() if one.name == "Race day"]
        (session,) = await library.sessions(event.id)
        assert control.session.id == session.id


async def test_leaving_at_once_waits_for_no_other_key(
    desk_of: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OrderedKeys, "PATIENCE_S", 1_000.0)
    async with desk_of(size=(80, 24)) as desk:
        never = asyncio.Event()
        desk.app.screen.run_worker(never.wait(), group="load")
        for key in ("j", "k", "ctrl+q"):
            desk.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(lambda: not desk.app.is_running)


async def test_a_paste_waits_for_the_field_too(desk_of: Start) -> None:
    async with desk_of(size=(110, 30)) as desk:
        await desk.press("4")
        desk.app.post_message(events.Key("t", "t"))
        desk.app.post_message(events.Paste("pasted"))
        await send(desk, "!")
        assert desk.app.screen.query(Input).first().value == "pasted!"
