"""The program on a real terminal: it draws, obeys keys and signals, and tidies up."""

from __future__ import annotations

import os
import signal
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import environment, free_udp_port, ps_tui_json

pty = pytest.importorskip("pty", reason="no pseudo terminals on this system")
fcntl = pytest.importorskip("fcntl")
select = pytest.importorskip("select")
termios = pytest.importorskip("termios")

ALTERNATE_SCREEN_LEFT = b"\x1b[?1049l"
CURSOR_SHOWN = b"\x1b[?25h"
PATIENCE_S = 40


class Terminal:
    """``ps-tui`` on a pseudo terminal of 80 columns and 24 rows."""

    def __init__(self, *arguments: str) -> None:
        self.seen = b""
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            os.environ.update(environment() | {"TERM": "xterm-256color"})
            os.environ.pop("COLUMNS")  # the terminal knows
            os.execv(sys.executable, [sys.executable, "-m", "ps_tui", *arguments])
        size = struct.pack("HHHH", 24, 80, 0, 0)
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, size)

    def wait_for(self, text: str) -> None:
        """Read until ``text`` was painted after the last call."""
        deadline = time.monotonic() + PATIENCE_S
        painted = b""
        while text.encode() not in painted:
            assert time.monotonic() < deadline, f"no {text!r} in {painted[-3000:]!r}"
            painted += self._read()

    def press(self, keys: str) -> None:
        os.write(self._file, keys.encode())

    def wait_for_end(self) -> int:
        """Read to the end and return the exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self._read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                while self._read():
                    pass
                return os.waitstatus_to_exitcode(status)
        raise AssertionError("still running")

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._file)

    def _read(self) -> bytes:
        if not select.select([self._file], [], [], 0.1)[0]:
            return b""
        try:
            data = os.read(self._file, 65536)
        except OSError:  # the other end has closed
            return b""
        self.seen += data
        return data


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "crew.db"


@pytest.fixture
def terminal(database: Path) -> Iterator[Terminal]:
    port = str(free_udp_port())
    made = Terminal("--db", str(database), "--source", "native", "--port", port)
    try:
        yield made
    finally:
        made.close()


def test_an_event_is_made_by_keys_and_q_leaves_a_tidy_terminal(
    terminal: Terminal, database: Path
) -> None:
    terminal.wait_for("No events yet")
    terminal.press("n")
    terminal.wait_for("New event")
    terminal.press("Track day\r")
    terminal.wait_for("draft")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert ALTERNATE_SCREEN_LEFT in terminal.seen
    assert CURSOR_SHOWN in terminal.seen
    assert b"Traceback" not in terminal.seen
    (event,) = ps_tui_json("--db", database, "events", "list", "--json")
    assert event["name"] == "Track day"


def test_sigterm_while_recording_closes_session_and_terminal(
    terminal: Terminal, database: Path
) -> None:
    terminal.wait_for("No events yet")
    terminal.press("R")
    terminal.wait_for("REC")
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.wait_for_end() == 143
    assert ALTERNATE_SCREEN_LEFT in terminal.seen
    (session,) = ps_tui_json("--db", database, "sessions", "list", "--json")
    assert session["status"] == "completed"


@pytest.mark.parametrize("key", ["x", "\x03", "\x11"], ids=["x", "ctrl+c", "ctrl+q"])
def test_a_file_that_is_no_database_is_answered_on_the_screen(
    tmp_path: Path, key: str
) -> None:
    path = tmp_path / "letter.db"
    path.write_bytes(b"Dear crew, " * 900)
    terminal = Terminal("--db", str(path))
    try:
        terminal.wait_for("cannot start")
        terminal.wait_for("any key leaves")
        terminal.press(key)
        assert terminal.wait_for_end() == 3
        assert b"letter.db" in terminal.seen
    finally:
        terminal.close()
    assert path.read_bytes() == b"Dear crew, " * 900
