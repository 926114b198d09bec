"""Keeps a person's own settings, data and environment out of every test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    home: Path = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("PS_TUI_") and name != "PS_TUI_CAPTURES":
                patch.delenv(name)
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(home))
        patch.setenv("HOME", str(home))
        patch.setenv("APPDATA", str(home))
        patch.setenv("LOCALAPPDATA", str(home))
        patch.delenv("NO_COLOR", raising=False)
        yield
