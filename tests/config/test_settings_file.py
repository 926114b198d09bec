"""One setting changed in the file: the rest stays, nonsense never gets in."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ps_tui.config import Settings
from ps_tui.domain.errors import UsageError
from ps_tui.settings_file import SettingsFile, edited

WRITTEN = """# My rig
port = 9996  # behind the wall

forward = [
    "10.0.0.2:9996",
    "10.0.0.3:9996",
]
[keys]
# the wheel has this button
"app.health" = "f5"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(WRITTEN, "utf-8")
    return path


def settings_file(path: Path, **environment: str) -> SettingsFile:
    return SettingsFile({}, path=path, environment=environment)


def test_what_is_not_changed_stays_as_it_was_typed(path: Path) -> None:
    file = settings_file(path)
    saved = file.save({"port": 20777, "theme": "purple-sector-light"})
    assert (saved.port, saved.theme) == (20777, "purple-sector-light")
    text = path.read_text("utf-8")
    assert text == WRITTEN.replace("9996  #", "20777  #").replace(
        "[keys]", 'theme = "purple-sector-light"\n[keys]'
    )
    assert saved == file.current == settings_file(path).current


def test_a_list_over_several_lines_is_replaced_whole(path: Path) -> None:
    saved = settings_file(path).save({"forward": ("127.0.0.1:1",)})
    assert saved.forward == ("127.0.0.1:1",)
    assert 'forward = ["127.0.0.1:1"]\n[keys]' in path.read_text("utf-8")


def test_keys_are_one_table_and_none_is_the_default(path: Path) -> None:
    file = settings_file(path)
    saved = file.save({"keys": {"app.health": "f6", "live.freeze": "p"}, "port": None})
    assert saved.keys == {"app.health": "f6", "live.freeze": "p"}
    assert saved.port is None
    assert "# the wheel has this button" in path.read_text("utf-8")
    assert file.save({"keys": {}}).keys == {}
    assert "keys" not in tomllib.loads(path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"port": 70000}, "port"),
        ({"fps": 0}, "fps"),
        ({"speed_unit": "knots"}, "speed_unit"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_what_is_not_valid_is_refused_with_the_file_untouched(
    path: Path, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        settings_file(path).save(changes)
    assert path.read_text("utf-8") == WRITTEN
    assert [one.name for one in path.parent.iterdir()] == ["config.toml"]


def test_a_check_of_the_whole_is_asked_before_writing(path: Path) -> None:
    def refuse(settings: Settings) -> None:
        raise UsageError(f"There is no source {settings.source!r}.")

    file = SettingsFile({}, path=path, environment={}, check=refuse)
    with pytest.raises(UsageError, match="no source 'f2'"):
        file.save({"source": "f2"})
    assert path.read_text("utf-8") == WRITTEN


def test_flags_and_variables_are_named_and_not_hidden(path: Path) -> None:
    file = SettingsFile({"host": "rig"}, path=path, environment={"PS_TUI_FPS": "20"})
    origins = {key: file.origin(key) for key in ("host", "fps", "port", "theme")}
    assert origins == {
        "host": "--host",
        "fps": "PS_TUI_FPS",
        "port": "file",
        "theme": "default",
    }
    with pytest.raises(UsageError, match="PS_TUI_FPS says what fps is"):
        file.save({"fps": 60})


def test_a_file_is_made_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    saved = SettingsFile({}, path=path, environment={}).save(
        {"keys": {"app.leave": "f10"}, "backup_copy_to": tmp_path}
    )
    assert saved.backup_copy_to == tmp_path
    assert path.read_text("utf-8").startswith("backup_copy_to = ")
    assert saved.keys == {"app.leave": "f10"}


def test_a_file_that_broke_meanwhile_is_left_alone(path: Path) -> None:
    file = settings_file(path)
    path.write_text("port = \n", "utf-8")
    with pytest.raises(UsageError, match="not valid TOML"):
        file.save({"fps": 20})
    assert path.read_text("utf-8") == "port = \n"


def test_a_failed_write_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UsageError, match="No space left"):
        settings_file(path).save({"fps": 20})
    assert path.read_text("utf-8") == WRITTEN
    assert [one.name for one in path.parent.iterdir()] == ["config.toml"]


@settings(max_examples=50, deadline=None)
@given(
    value=st.text() | st.integers(-(2**62), 2**62) | st.booleans(),
    keys=st.dictionaries(st.text(min_size=1), st.text(), min_size=1),
)
def test_any_value_comes_back(value: object, keys: dict[str, str]) -> None:
    before = tomllib.loads(WRITTEN)
    after = tomllib.loads(edited(WRITTEN, {"theme": value, "keys": keys}))
    assert after == before | {"theme": value, "keys": keys}
