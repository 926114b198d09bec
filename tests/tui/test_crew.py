"""People and prizes of an event by keyboard."""

from __future__ import annotations

import pytest

from ps_tui.domain.crew import EventRole, UserRole
from ps_tui.domain.errors import UsageError
from tests.support.fake_services import FakeServices
from tests.tui.conftest import Start


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 36)])
async def test_people_and_prizes_are_seen(
    desk_of: Start, size: tuple[int, int]
) -> None:
    async with desk_of(size=size) as desk:
        if size[0] >= 118:
            assert "Ada (organizer), Ben" in desk.text
            assert "Fastest lap: 1 Ben" in desk.text
        await desk.press("c")
        assert desk.place == "crew"
        assert "organizer" in desk.text
        assert "1 Ben" in desk.text
        await desk.press("escape")
        assert desk.place == "events"


async def test_a_person_is_added_with_a_role(desk_of: Start) -> None:
    async with desk_of(FakeServices()) as desk:
        crew = desk.fake.crew
        await desk.press("j", "c")
        assert "n adds a person" in desk.text
        await desk.press("n")
        await desk.type("Cleo")
        await desk.press("tab", *"boss", "enter")
        assert "'boss' is no role: type admin, organizer" in desk.text
        await desk.press("ctrl+u", *"viewer", "enter")
        made = crew.all_participants["p-new-2"]
        assert (made.name, made.role, made.event_id) == (
            "Cleo",
            EventRole.VIEWER,
            "e-spa",
        )
        crew.next_error = UsageError("Cleo is at this event already.", "Change it.")
        await desk.press("n", *"Cleo", "enter")
        assert "Cleo is at this event already. Change it." in desk.text


async def test_role_and_person_are_changed(desk_of: Start) -> None:
    async with desk_of() as desk:
        crew = desk.fake.crew
        await desk.press("c", "enter")
        assert "Ada is here as" in desk.text
        await desk.press("G", "enter")
        assert crew.all_participants["p-ada"].role is EventRole.VIEWER
        await desk.press("e", "tab", "tab", *"admin", "enter")
        assert crew.all_users["u-ada"].role is UserRole.ADMIN


async def test_winners_are_marked_in_their_order(desk_of: Start) -> None:
    async with desk_of() as desk:
        prizes = desk.fake.crew.all_prizes
        await desk.press("c", "p")
        await desk.type("Cup")
        await desk.press("enter")
        assert "not won yet" in desk.text
        await desk.press("enter", "j", "space", "g", "space", "enter")
        cup = prizes["z-new-1"]
        assert [(win.place, win.name) for win in cup.winners] == [
            (1, "Ben"),
            (2, "Ada"),
        ]
        assert "1 Ben, 2 Ada" in desk.text
        await desk.press("enter", "space", "enter")
        assert [win.name for win in prizes["z-new-1"].winners] == ["Ada"]
        await desk.press("enter", "g", "space", "G", "enter")
        assert prizes["z-new-1"].winners == ()


async def test_a_winner_stays_and_others_go_and_come_back(desk_of: Start) -> None:
    async with desk_of() as desk:
        people = desk.fake.crew.all_participants
        await desk.press("c", "j", "d", "enter")
        assert "Ben has won “Fastest lap”." in desk.text
        await desk.press("escape", "g", "d", "enter")
        assert people["p-ada"].deleted_us is not None
        await desk.press("u")
        assert people["p-ada"].deleted_us is None
