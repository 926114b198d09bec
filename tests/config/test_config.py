"""Settings merge in one order, and a wrong one is named with its nearest neighbour."""

from __future__ import annotations

from pathlib import Path

import pytest

from ps_tui.config import Settings, load_settings
from ps_tui.domain.errors import UsageError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('source = "assetto-corsa"\nport = 9000\nfps = 20\n')
    return path


def test_flags_win_over_environment_over_file_over_defaults(file: Path) -> None:
    settings = load_settings(
        {"fps": "60", "port": None},
        environment={"PS_TUI_PORT": "9001", "PS_TUI_FPS": "10"},
        path=file,
    )
    assert settings == Settings(source="assetto-corsa", port=9001, fps=60)


def test_an_unknown_key_names_the_file_and_the_nearest_key(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('sorce = "native"\n')
    with pytest.raises(UsageError, match=r"config\.toml.*'sorce'.*'source'"):
        load_settings({}, environment={}, path=path)


def test_a_bad_value_names_the_variable() -> None:
    with pytest.raises(UsageError, match=r"PS_TUI_PORT.*port"):
        load_settings({}, environment={"PS_TUI_PORT": "high"}, path=None)


def test_invalid_toml_and_a_missing_file_are_told_apart(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("port = ")
    with pytest.raises(UsageError, match="not valid TOML"):
        load_settings({}, environment={}, path=broken)
    with pytest.raises(UsageError, match="no settings file"):
        load_settings({}, environment={}, path=tmp_path / "none.toml")


def test_the_database_is_named_by_variable_or_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('db = "~/of_the_file.db"\n')
    of_file = load_settings({}, environment={}, path=path)
    assert of_file.db == Path.home() / "of_the_file.db"
    of_variable = load_settings({}, environment={"PS_TUI_DB": "a/b.db"}, path=path)
    assert of_variable.db == Path("a/b.db")


def test_a_path_of_another_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("db = 7\n")
    with pytest.raises(UsageError, match=r"config\.toml.*db"):
        load_settings({}, environment={}, path=path)


def test_a_path_from_a_flag_is_taken_as_it_is(tmp_path: Path) -> None:
    settings = load_settings({"db": tmp_path / "a.db"}, environment={}, path=None)
    assert settings.db == tmp_path / "a.db"
