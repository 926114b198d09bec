"""Moments are marked from every screen, told in lists and charts, and found again."""

from __future__ import annotations

import pytest

from ps_tui.domain.markers import MarkerDraft
from ps_tui.tui.dialogs.markers import MarkersDialog
from ps_tui.tui.screens.compare import CompareScreen
from tests.support.compared_laps import driven_trace
from tests.support.fake_services import FakeServices
from tests.tui.conftest import Desk, Start

PAIR = ("4", "c", "j", "c", "5")


def services() -> FakeServices:
    fake = FakeServices()
    fake.library.make_trace = driven_trace
    return fake


def compare_of(desk: Desk) -> CompareScreen:
    screen = desk.app.screen_stack[0]
    assert isinstance(screen, CompareScreen)
    return screen


@pytest.mark.parametrize("place", ["3", "1", "7"])
async def test_while_recording_m_marks_the_newest_frame(
    desk_of: Start, place: str
) -> None:
    fake = services()
    async with desk_of(fake) as desk:
        await desk.press("R", place, "m")
        (marker,) = fake.library.all_markers.values()
        session = fake.control.session
        assert session is not None
        frame = fake.live.latest
        assert frame is not None
        told = (marker.session_id, marker.received_us, marker.position)
        assert told == (session.id, frame.received_us, frame.normalized_position)
        assert "M lists the markers." in desk.toasts[-1]


async def test_without_a_recording_there_is_no_moment_to_mark(desk_of: Start) -> None:
    fake = services()
    async with desk_of(fake) as desk:
        await desk.press("3", "m")
        assert fake.library.all_markers == {}


async def test_a_lap_is_marked_in_its_table_and_says_so(desk_of: Start) -> None:
    fake = services()
    async with desk_of(fake, size=(120, 36)) as desk:
        await desk.press("4", "m")
        await desk.type("new tyres")
        await desk.press("enter")
        (marker,) = fake.library.all_markers.values()
        assert (marker.note, marker.position) == ("new tyres", 0.0)
        assert "1 marker" in desk.text


async def test_the_cursor_of_compare_is_marked_and_ticked(desk_of: Start) -> None:
    fake = services()
    async with desk_of(fake, size=(120, 36)) as desk:
        await desk.press(*PAIR, "full_stop", "full_stop")
        screen = compare_of(desk)
        place = screen.body.view.cursor
        assert "Mark B, lap" not in desk.text
        await desk.press("m")
        assert "at the cursor" in desk.text
        await desk.type("late")
        await desk.press("enter")
        (marker,) = fake.library.all_markers.values()
        assert marker.lap_id == screen.chosen[1]
        assert marker.position == pytest.approx(place)
        axis = next(line for line in desk.text.splitlines() if "late" in line)
        assert " m late" in axis
        await desk.press("home")
        assert "▴" in desk.text


async def test_markers_are_listed_jumped_to_worded_and_deleted(desk_of: Start) -> None:
    fake = services()
    async with desk_of(fake, size=(120, 36)) as desk:
        await desk.press(*PAIR)
        screen = compare_of(desk)
        lap = fake.library.all_laps[screen.chosen[1]]
        assert screen.body.study is not None
        moment = screen.body.study.moment_at(1, 0.42)
        await fake.library.add_marker(
            MarkerDraft(lap.session_id, moment, lap.id, 0.42, "wide")
        )
        await desk.press("M")
        assert isinstance(desk.app.screen, MarkersDialog)
        assert "42.0 %" in desk.text
        await desk.press("enter")
        assert screen.body.view.cursor == pytest.approx(0.42, abs=1e-3)
        assert "wide" in desk.text
        await desk.press("M", "e", "end")
        await desk.type(" exit")
        await desk.press("enter")
        (marker,) = fake.library.all_markers.values()
        assert marker.note == "wide exit"
        await desk.press("d")
        assert "is deleted" in desk.text
        assert await fake.library.markers(lap.session_id) == []
        await desk.press("u")
        assert len(await fake.library.markers(lap.session_id)) == 1
        await desk.press("d", "escape")
        assert "wide exit" not in desk.text
        await desk.press("u")
        assert len(await fake.library.markers(lap.session_id)) == 1


async def test_a_marker_of_another_lap_opens_its_lap_table(desk_of: Start) -> None:
    fake = services()
    lap = fake.library.all_laps["s-quali-l2"]
    await fake.library.add_marker(MarkerDraft(lap.session_id, lap.started_us, lap.id))
    await fake.library.add_marker(MarkerDraft(lap.session_id, 1))
    async with desk_of(fake, size=(120, 36)) as desk:
        await desk.press(*PAIR, "M", "g", "enter")
        assert "between two laps" in desk.toasts[-1]
        await desk.press("M", "j", "enter")
        assert desk.place == "laps"
        screen = desk.app.screen_stack[0]
        assert getattr(screen, "current_key", None) == lap.id
