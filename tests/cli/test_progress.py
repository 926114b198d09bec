"""A bar for work that takes long, on a terminal only."""

from __future__ import annotations

import io

import pytest

from ps_tui.cli import progress
from ps_tui.cli.progress import work_progress
from ps_tui.domain.progress import teller


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_SHOWN_AFTER_S", -1.0)


def shown(monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO) -> str:
    monkeypatch.setattr("sys.stderr", stderr)
    with work_progress("backup"):
        teller()(0.25)
    return stderr.getvalue()


def test_a_terminal_shows_the_share(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, Terminal())
    assert "backup" in text
    assert "25%" in text
    assert "100%" in text
    assert text.count("\n") == 1


def test_a_pipe_stays_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, io.StringIO()) == ""
