"""The table of keys: no clash, nothing bound that does not exist, nothing private."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import ps_tui.tui
from ps_tui.tui.app import PsApp
from ps_tui.tui.dialogs.confirm import ConfirmDialog
from ps_tui.tui.dialogs.layouts import LayoutsDialog
from ps_tui.tui.dialogs.live_maths import LiveMathsDialog
from ps_tui.tui.dialogs.markers import MarkersDialog
from ps_tui.tui.dialogs.panels import PanelsDialog
from ps_tui.tui.dialogs.pick import PickDialog
from ps_tui.tui.dialogs.rows_form import RowsDialog
from ps_tui.tui.dialogs.setup_compare import SetupCompareDialog
from ps_tui.tui.keymap import key_word, keys_of
from ps_tui.tui.keys import KEYS
from ps_tui.tui.screens.base import PsScreen
from ps_tui.tui.screens.commands import CommandsScreen
from ps_tui.tui.screens.compare import CompareScreen
from ps_tui.tui.screens.crew import CrewScreen
from ps_tui.tui.screens.database import DatabaseScreen
from ps_tui.tui.screens.doctor import DoctorScreen
from ps_tui.tui.screens.events import EventsScreen
from ps_tui.tui.screens.garage import GarageScreen
from ps_tui.tui.screens.help import HelpScreen
from ps_tui.tui.screens.laps import LapsScreen
from ps_tui.tui.screens.live import LiveScreen
from ps_tui.tui.screens.sessions import SessionsScreen
from ps_tui.tui.screens.settings import SettingsScreen
from ps_tui.tui.screens.sql import SqlEditor, SqlScreen
from ps_tui.tui.screens.studio import StudioScreen
from ps_tui.tui.widgets.record_table import RecordTable
from ps_tui.tui.widgets.result_pane import ResultPane

OWNERS = {
    "app": PsApp,
    "screen": PsScreen,
    "list": RecordTable,
    "events": EventsScreen,
    "sessions": SessionsScreen,
    "live": LiveScreen,
    "laps": LapsScreen,
    "compare": CompareScreen,
    "panels": PanelsDialog,
    "layouts": LayoutsDialog,
    "live_maths": LiveMathsDialog,
    "markers": MarkersDialog,
    "garage": GarageScreen,
    "pick": PickDialog,
    "studio": StudioScreen,
    "sql": SqlScreen,
    "sql_editor": SqlEditor,
    "rows": RowsDialog,
    "compare_setups": SetupCompareDialog,
    "database": DatabaseScreen,
    "crew": CrewScreen,
    "settings": SettingsScreen,
    "commands": CommandsScreen,
    "result": ResultPane,
    "doctor": DoctorScreen,
    "dialog": ConfirmDialog,
    "confirm": ConfirmDialog,
    "help": HelpScreen,
}


def test_ids_are_unique() -> None:
    counts = Counter(key.id for key in KEYS)
    assert counts.most_common(1)[0][1] == 1


@pytest.mark.parametrize(
    "scope",
    [
        *("events", "crew", "sessions", "live", "laps"),
        *("database", "commands", "settings", "doctor"),
    ],
)
def test_no_key_of_a_place_hides_another(scope: str) -> None:
    rows = keys_of("app", "screen", "list", scope)
    counts = Counter(key for row in rows for key in row.key.split(","))
    assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.id)
def test_every_action_exists(key: object) -> None:
    row = next(one for one in KEYS if one is key)
    action = row.action.split("(")[0]
    assert hasattr(OWNERS[row.scope], f"action_{action}")


@pytest.mark.parametrize("digit", ["9"])
def test_places_that_do_not_exist_have_no_key(digit: str) -> None:
    assert all(digit not in row.key.split(",") for row in KEYS)


def test_keys_are_written_as_people_read_them() -> None:
    assert key_word("question_mark,f1") == "?"
    assert key_word("ctrl+p") == "ctrl+p"


def test_private_names_of_libraries_are_used_in_compat_only() -> None:
    root = Path(ps_tui.tui.__file__).parent
    found = [
        f"{path.name}: {line.strip()}"
        for path in root.rglob("*.py")
        if path.name != "compat.py"
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"(?<!\bself)(?<!\bsuper\(\))\._[a-z]", line)
    ]
    assert found == []
