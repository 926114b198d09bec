"""The garage by keyboard: cars, parts, setups, and what a session was driven with."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from ps_tui.domain.errors import DatabaseBusyError
from ps_tui.domain.garage import Parameter
from tests.support.fake_services import FakeServices
from tests.tui.conftest import Desk, Start


async def retype(desk: Desk, text: str) -> None:
    """Replace what is in the focused field."""
    field = desk.app.focused
    assert isinstance(field, Input)
    field.value = ""
    await desk.type(text)


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (110, 30), (120, 36)])
async def test_the_tree_shows_what_each_car_has(
    desk_of: Start, size: tuple[int, int]
) -> None:
    async with desk_of(size=size) as desk:
        await desk.press("6")
        assert desk.place == "garage"
        assert "Ferrari 488 GT3" in desk.text
        assert "├ Sprint" in desk.text
        assert "└ Wet" in desk.text
        await desk.press("down", "down")
        if size[1] >= 24:
            assert "Brake bias" in desk.text


async def test_a_car_with_parts_and_setup_by_keyboard(desk_of: Start) -> None:
    async with desk_of(FakeServices(is_empty=True)) as desk:
        garage = desk.fake.garage
        await desk.press("6")
        assert "n makes the first one" in desk.text
        await desk.press("n")
        await desk.type("Merlin GT")
        await desk.press("tab")
        await desk.type("gt4, rain")
        await desk.press("enter")
        assert garage.all_vehicles["v-new-1"].tags == ("gt4", "rain")
        await desk.press("p")
        await desk.type("Sprint")
        await desk.press("enter")
        assert "Parts of Sprint" in desk.text
        await desk.type("Gearbox")
        await desk.press("tab")
        await desk.type("short")
        await desk.press("down")
        await desk.press("shift+tab")
        await desk.type("Seat")
        await desk.press("enter")
        assert garage.all_configurations["c-new-2"].parts == {
            "Gearbox": "short",
            "Seat": "",
        }
        await desk.press("s")
        await desk.type("Rain")
        await desk.press("tab")
        await desk.type("sprint")
        await desk.press("enter")
        assert "Setup Rain" in desk.text
        await desk.type("Wing")
        await desk.press("tab")
        await desk.type("7,5")
        await desk.press("tab")
        await desk.type("deg")
        await desk.press("enter")
        setup = garage.all_setups["u-new-3"]
        assert setup.configuration_id == "c-new-2"
        assert setup.parameters == (Parameter("Wing", 7.5, "deg"),)
        assert "1 value, for Sprint" in desk.text


async def test_rows_are_changed_removed_and_never_doubled(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("6", "down", "enter")
        await retype(desk, "Fuel tank")
        await desk.press("enter")
        assert "'Fuel tank' stands here twice." in desk.text
        await desk.press("up")
        await retype(desk, "")
        await desk.press("tab", "enter")
        assert "Type a part, or empty the row." in desk.text
        await desk.press("tab")
        await retype(desk, "")
        desk.fake.garage.next_error = DatabaseBusyError("Locked.", "Wait.")
        await desk.press("enter")
        assert "Locked. Wait." in desk.text
        await desk.press("enter")
        parts = desk.fake.garage.all_configurations["c-sprint"].parts
        assert list(parts) == ["Fuel tank", "Brake discs"]


async def test_two_setups_are_compared(desk_of: Start) -> None:
    async with desk_of(size=(110, 30)) as desk:
        await desk.press("6", "down", "down", "c")
        assert "Compare Dry with" in desk.text
        await desk.press("enter")
        assert "Dry and Wet" in desk.text
        assert "7 differences, 1 the same" in desk.text
        assert "+2.7" in desk.text
        assert "only right" in desk.text
        assert "Pads" not in desk.text.split("differences")[1]
        await desk.press("a")
        assert "Pads" in desk.text.split("differences")[1]
        await desk.press("escape")
        assert desk.place == "garage"


async def test_delete_undo_copy_edit_and_fold(desk_of: Start) -> None:
    async with desk_of() as desk:
        garage = desk.fake.garage
        await desk.press("6", "d")
        assert "1 parts list and 2 setups; its sessions stay" in desk.text
        await desk.press("enter")
        assert garage.all_vehicles["v-ferrari"].deleted_us is not None
        await desk.press("u", "g")
        assert garage.all_vehicles["v-ferrari"].deleted_us is None
        await desk.press("down", "down", "y")
        assert garage.all_setups["u-new-1"].name == "Dry copy"
        await desk.press("e")
        await retype(desk, "Quali")
        await desk.press("enter")
        copy = garage.all_setups["u-new-1"]
        assert copy.name == "Quali"
        assert copy.parameters == garage.all_setups["u-dry"].parameters
        assert copy.configuration_id == "c-sprint"
        await desk.press("g", "enter")
        assert (
            "Sprint" not in desk.text.split("Porsche")[0].split("Ferrari", 1)[1][:200]
        )
        assert "Unfold" in desk.text
        await desk.press("enter")
        assert "├ Sprint" in desk.text


async def test_a_session_is_driven_with_a_setup(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("2", "v")
        assert "Race was driven with" in desk.text
        await desk.press("slash")
        await desk.type("wet")
        await desk.press("enter", "enter")
        assert desk.fake.garage.assigned == {
            "s-race": ("v-ferrari", "c-sprint", "u-wet")
        }
        await desk.press("v", "enter")
        assert desk.fake.garage.assigned["s-race"] == (None, None, None)


async def test_a_filter_in_a_chooser_is_left_with_escape(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("2", "v", "slash")
        await desk.type("zzz")
        assert "Nothing matches" in desk.text
        await desk.press("escape")
        assert "Porsche 911 GT3 R, Base" in desk.text
        await desk.press("escape")
        assert desk.fake.garage.assigned == {}
