"""Settings by keyboard: kept in the file, in force at once where that is said."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ps_tui.config import Settings
from ps_tui.domain.errors import UsageError
from ps_tui.settings_file import SettingsFile
from ps_tui.tui import measures
from ps_tui.tui.keys import KEYS
from ps_tui.tui.screens.live import LiveScreen
from ps_tui.tui.settings_rows import PLACES, SETTINGS, clash, remappable
from ps_tui.tui.theme import CONTRAST
from tests.support.fake_services import FakeServices
from tests.support.recording_fakes import until
from tests.tui.conftest import Desk, Start


@pytest.fixture(autouse=True)
def _as_stored() -> Iterator[None]:
    yield
    measures.use()


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    path = tmp_path / "config.toml"
    path.write_text("# mine\nfps = 20\n", "utf-8")
    choices = {"source": ("auto", "f1", "forza")}
    return SettingsFile({}, path=path, environment={}, choices=choices)


def kept(file: SettingsFile) -> dict[str, object]:
    return tomllib.loads(file.path.read_text("utf-8"))


async def open_setting(desk: Desk, key: str) -> None:
    """Put the cursor on a setting and press enter."""
    index = [setting.key for setting in SETTINGS].index(key)
    await desk.press("8", "g", *["j"] * index, "enter")


def test_every_setting_has_a_row() -> None:
    assert {setting.key for setting in SETTINGS} == set(Settings.__struct_fields__)


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 36)])
async def test_values_stand_with_where_they_come_from(
    desk_of: Start, file: SettingsFile, size: tuple[int, int]
) -> None:
    file.environment = {"PS_TUI_PORT": "9000"}
    async with desk_of(size=size, settings_file=file) as desk:
        await desk.press("8")
        assert desk.place == "settings"
        assert "8 Sett" in desk.text
        assert "PS_TUI_PORT" in desk.text
        await desk.press("slash", *"frames/s")
        assert "20" in desk.text
        assert "file" in desk.text


async def test_a_choice_is_kept_and_the_comment_stays(
    desk_of: Start, file: SettingsFile
) -> None:
    async with desk_of(settings_file=file) as desk:
        await open_setting(desk, "source")
        await desk.press("j", "enter")
        assert kept(file) == {"fps": 20, "source": "f1"}
        assert file.path.read_text("utf-8").startswith("# mine\n")
        assert "from the next start; r starts anew" in desk.toasts[-1]
        await desk.press("d")
        assert kept(file) == {"fps": 20}


async def test_theme_and_signs_change_at_once(
    desk_of: Start, file: SettingsFile
) -> None:
    async with desk_of(settings_file=file) as desk:
        await open_setting(desk, "theme")
        await desk.press("j", "j", "enter")
        assert desk.app.theme == CONTRAST.name == kept(file)["theme"]
        await open_setting(desk, "ascii")
        await desk.press("j", "enter")
        assert desk.app.workspace.glyphs.recording == "*"
        assert desk.app.ascii_only


async def test_units_change_on_screens_that_were_open(
    desk_of: Start, file: SettingsFile
) -> None:
    async with desk_of(size=(120, 36), settings_file=file) as desk:
        await desk.press("3", "4")
        assert "mph" not in desk.text
        await open_setting(desk, "speed_unit")
        await desk.press("j", "enter")
        assert kept(file)["speed_unit"] == "mph"
        await desk.press("3")
        await until(lambda: isinstance(desk.app.screen, LiveScreen))
        desk.app.screen.tick()  # type: ignore[attr-defined]
        await desk.settle()
        assert "SPEED mph" in desk.text
        await desk.press("4")
        assert "speed mph" in desk.text
        frames = desk.fake.live.frames
        assert frames[-1].speed_kmh is not None


async def test_nonsense_is_refused_with_its_cause(
    desk_of: Start, file: SettingsFile
) -> None:
    async with desk_of(settings_file=file) as desk:
        await open_setting(desk, "port")
        await desk.type("70000")
        await desk.press("enter")
        assert "`int` <= 65535" in desk.text
        await desk.press("ctrl+u", *"high", "enter")
        assert "got `str`" in " ".join(desk.text.split())
        await desk.press("ctrl+u", *"20778", "enter")
        assert kept(file)["port"] == 20778


async def test_what_a_flag_says_is_not_hidden(desk_of: Start, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    file = SettingsFile({"source": "f1"}, path=path, environment={})
    async with desk_of(settings_file=file) as desk:
        await open_setting(desk, "source")
        await desk.press("ctrl+u", *"forza", "enter")
        assert "--source says what source is" in " ".join(desk.text.split())
        assert not path.exists()


async def test_what_could_not_start_is_refused(desk_of: Start, tmp_path: Path) -> None:
    def refuse(settings: Settings) -> None:
        if settings.forward:
            raise UsageError(f"{settings.forward[0]} has no port.", "Write HOST:PORT.")

    path = tmp_path / "config.toml"
    file = SettingsFile({}, path=path, environment={}, check=refuse)
    async with desk_of(settings_file=file) as desk:
        await open_setting(desk, "forward")
        await desk.type("10.0.0.2")
        await desk.press("enter")
        assert "10.0.0.2 has no port. Write HOST:PORT." in desk.text
        assert not path.exists()


async def test_a_key_is_given_and_taken_back(
    desk_of: Start, file: SettingsFile
) -> None:
    async with desk_of(settings_file=file) as desk:
        await open_setting(desk, "keys")
        await desk.press("slash", *"app.events", "enter", "enter")
        assert "Show the events." in desk.text
        await desk.press("3")
        assert "3 is “Show the car as it is now” (app.live)." in desk.text
        await desk.press("f6")
        assert kept(file)["keys"] == {"app.events": "f6"}
        await desk.press("escape", "escape")
        assert "f6 Events" in desk.text
        await desk.press("f6")
        assert desk.place == "events"
        await desk.press("8", "1")
        assert desk.place == "settings"
        await desk.press("enter", "slash", *"app.events", "enter", "enter", "delete")
        assert "keys" not in kept(file)
        await desk.press("escape", "escape", "1")
        assert desk.place == "events"


def test_every_action_can_get_a_free_key_and_no_taken_one() -> None:
    ids = {row.id for row in remappable()}
    assert "app.quit" not in ids
    assert {row.scope for row in KEYS} >= PLACES
    for row in remappable():
        assert clash(row.id, "f12", {}) is None
        assert clash(row.id, "ctrl+q", {}) is not None
    freed = clash("events.new", "e", {"events.edit": "f2"})
    assert freed is None
    taken = clash("events.new", "e", {})
    assert taken is not None
    assert taken.id == "events.edit"


async def test_starting_anew_asks_while_recording(
    desk_of: Start, file: SettingsFile
) -> None:
    fake = FakeServices()
    async with desk_of(fake, settings_file=file) as desk:
        await fake.control.select("s-quali")
        await fake.control.start()
        await desk.press("8", "r")
        assert "Stop recording and start anew?" in desk.text
        await desk.press("enter")
        assert fake.control.session is None
        assert desk.app.wants_restart
