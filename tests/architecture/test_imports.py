"""Start-up is a feature: what may and may not be loaded by then."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "aiosqlite",
    "google.protobuf",
    "numpy",
    "plotext",
    "psutil",
    "rich",
    "sqlite3",
    "textual",
}


def _loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys, json; print(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_command_line_loads_click_and_little_else() -> None:
    loaded = _loaded_by("import ps_tui.cli")
    assert "click" in loaded
    assert loaded & (HEAVY | {"asyncio", "msgspec"}) == set()


def test_first_screen_loads_textual_but_no_storage_and_no_charts() -> None:
    loaded = _loaded_by("import ps_tui.tui.app")
    assert "textual" in loaded
    assert loaded & (HEAVY - {"textual", "rich"}) == set()


@pytest.mark.parametrize("verb", ["collect", "db", "events", "laps", "sessions"])
def test_verbs_load_no_screens(verb: str) -> None:
    loaded = _loaded_by(f"import ps_tui.cli.{verb}")
    assert loaded & {"textual", "numpy", "plotext"} == set()
