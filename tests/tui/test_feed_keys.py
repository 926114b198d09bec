"""What comes beside the car: the laps of every car, and a capture of the packets."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from textual.widgets import Input

from ps_tui.domain.errors import PsError
from ps_tui.domain.frame import CarLap
from ps_tui.domain.lap_board import LapBoard
from ps_tui.domain.recording import CaptureStatus
from ps_tui.tui.dialogs.capture_form import capture_name
from ps_tui.tui.dialogs.lap_board import LapBoardDialog
from tests.support.fake_services import FakeCaptures, FakeServices
from tests.support.fixed_data import NOW_US
from tests.tui.conftest import Desk, Start


def board_of(*laps: CarLap) -> LapBoard:
    board = LapBoard()
    for lap in laps:
        board.note(lap)
    return board


OWN = CarLap(0, 108_092, 4, "Ada", "ks_audi_r8_lms", is_own=True)
OTHER = CarLap(3, 107_211, 5, "Player 02", "ks_ferrari_488_gt3")
NAMELESS = CarLap(7, 109_000, 5)


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 36)])
async def test_the_laps_of_every_car_are_a_key_away(
    desk_of: Start, size: tuple[int, int]
) -> None:
    fake = FakeServices()
    fake.live.board = list(board_of(OWN, OTHER, NAMELESS).rows())
    async with desk_of(fake, size=size, start_screen="live") as desk:
        await desk.press("b")
        lines = desk.text.splitlines()
        (other,) = (line for line in lines if "Player 02" in line)
        (own,) = (line for line in lines if " Ada " in line)
        assert "1:47.211" in other
        assert "1:48.092" in own
        assert "+0.881" in own
        assert lines.index(other) < lines.index(own)
        assert "car 7" in desk.text
        dialog = desk.app.screen
        assert isinstance(dialog, LapBoardDialog)
        quicker = msgspec.structs.replace(OWN, lap_time_ms=106_500, lap_number=5)
        fake.live.board = list(board_of(OTHER, OWN, quicker).rows())
        dialog.look()
        await desk.settle()
        assert "1:46.500" in desk.text
        assert "car 7" not in desk.text
        await desk.press("escape")
        assert not isinstance(desk.app.screen, LapBoardDialog)


async def test_where_no_game_tells_laps_that_is_said(desk_of: Start) -> None:
    async with desk_of(start_screen="live") as desk:
        await desk.press("b")
        assert "No lap of any car was told" in desk.toasts[-1]


@pytest.fixture
def fake() -> FakeServices:
    fake = FakeServices()
    fake.captures = FakeCaptures()
    return fake


def file_field(desk: Desk) -> Input:
    return desk.app.screen.query_one("#file", Input)


async def test_a_capture_is_begun_and_ended_by_a_key(
    desk_of: Start, fake: FakeServices, tmp_path: Path
) -> None:
    assert fake.captures is not None
    async with desk_of(fake, start_screen="live", size=(120, 36)) as desk:
        await desk.press("c")
        assert file_field(desk).value == capture_name(NOW_US)
        file_field(desk).value = str(tmp_path / "evening.pcap")
        await desk.press("enter")
        status = fake.captures.status
        assert status is not None
        assert status.path == str(tmp_path / "evening.pcap")
        assert str(tmp_path) in desk.toasts[-1]
        running = CaptureStatus(status.path, 4321, 9000)
        fake.live.feed = msgspec.structs.replace(fake.live.feed, capture=running)
        screen = desk.app.screen
        screen.refresh_status()  # type: ignore[attr-defined]
        await desk.settle()
        assert "capture 4321" in desk.text
        assert screen.key_label("live.capture", "") == "Stop capture"  # type: ignore[attr-defined]
        await desk.press("c")
        assert fake.captures.status is None
        assert desk.toasts[-1] == f"120 packets in {status.path}."


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("evening.txt", "has to end in .pcap"),
        ("there.pcap", "exists"),
        ("no/evening.pcap", "There is no folder"),
    ],
)
async def test_a_file_that_cannot_be_is_said_in_the_form(
    desk_of: Start, fake: FakeServices, tmp_path: Path, name: str, words: str
) -> None:
    (tmp_path / "there.pcap").touch()
    assert fake.captures is not None
    async with desk_of(fake, start_screen="live") as desk:
        await desk.press("c")
        file_field(desk).value = str(tmp_path / name)
        await desk.press("enter")
        assert words in desk.text.replace("\n", " ")
        assert fake.captures.status is None


async def test_a_capture_that_cannot_begin_says_why(
    desk_of: Start, fake: FakeServices, tmp_path: Path
) -> None:
    assert fake.captures is not None
    fake.captures.faults.next_error = PsError("The disk is full.", "Make room.")
    async with desk_of(fake, start_screen="live") as desk:
        await desk.press("c")
        file_field(desk).value = str(tmp_path / "evening.pcap")
        await desk.press("enter")
        assert "The disk is full. Make room." in desk.text


async def test_packets_that_were_dropped_are_told(
    desk_of: Start, fake: FakeServices
) -> None:
    assert fake.captures is not None
    fake.captures.status = CaptureStatus("a.pcap", 5, 9)
    fake.captures.ended |= {"dropped": 7}
    async with desk_of(fake, start_screen="live") as desk:
        await desk.press("c")
        assert desk.toasts[-1] == "120 packets, 7 dropped, in a.pcap."


async def test_the_palette_finds_both(desk_of: Start, fake: FakeServices) -> None:
    async with desk_of(fake, start_screen="live") as desk:
        commands = desk.app.get_system_commands(desk.app.screen)
        names = {command.title for command in commands}
        assert {"Show the laps of every car", "Write packets to a file"} <= names


async def test_without_sockets_there_is_no_capture(desk_of: Start) -> None:
    async with desk_of(start_screen="live") as desk:
        screen = desk.app.screen
        assert screen.check_action("capture", ()) is False  # type: ignore[attr-defined]
        await desk.press("c")
        assert desk.app.screen is screen
