"""Keeps a person's own settings, data and environment out of every test.

Properties are checked without a clock: a busy machine is no reason to fail. Their
examples are the same in each run; ``--hypothesis-profile wide`` looks for new ones.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "patient",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "wide", settings.get_profile("patient"), derandomize=False, max_examples=3_000
)
settings.load_profile("patient")


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


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """Take the log file away that a start has opened."""
    yield
    log = logging.getLogger("ps_tui")
    log.propagate = True
    for handler in list(log.handlers):
        log.removeHandler(handler)
        handler.close()
