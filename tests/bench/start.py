"""How long a person waits: first paint of the screens, and the shortest command.

Prints JSON: our median, the peer's of the same run, and the ratio. Runs alternate,
so that a slow moment of the machine meets both.

    python tests/bench/start.py [--runs N]
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

EMPTY_APP = """
from textual.app import App
from textual.widgets import Static

class Empty(App):
    def compose(self):
        yield Static("first paint")

Empty().run()
"""

SCRIPT = str(Path(sys.executable).with_name("ps-tui"))


def first_paint_s(command: list[str], marker: bytes) -> float:
    """Return the seconds from start until ``marker`` is on the terminal."""
    started = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        os.execv(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    seen = b""
    try:
        while marker not in seen:
            seen += os.read(terminal, 65536)
        return time.perf_counter() - started
    finally:
        os.kill(pid, signal.SIGKILL)
        os.close(terminal)
        os.waitpid(pid, 0)


def run_s(command: list[str]) -> float:
    """Return the seconds that a command takes."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def report(name: str, ours: list[float], peer: list[float], limit: float) -> None:
    """Print one comparison."""
    figures = {
        "name": name,
        "unit": "s, median",
        "ours": round(statistics.median(ours), 4),
        "peer": round(statistics.median(peer), 4),
        "ratio": round(statistics.median(ours) / statistics.median(peer), 3),
        "goal": limit,
        "runs": len(ours),
    }
    print(json.dumps(figures))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY_APP)
        ours: list[float] = []
        peer: list[float] = []
        for number in range(runs + 1):
            database = f"{folder}/{number}.db"
            screens = [SCRIPT, "--db", database, "--port", "0"]
            times = (
                first_paint_s(screens, b"PURPLE SECTOR"),
                first_paint_s([sys.executable, str(empty)], b"first paint"),
            )
            if number:  # the first pair fills the caches of both
                ours.append(times[0])
                peer.append(times[1])
        report("first paint against an empty Textual app", ours, peer, 1.4)

        ours, peer = [], []
        for number in range(2 * runs + 1):
            times = (
                run_s([SCRIPT, "--version"]),
                run_s([sys.executable, "-c", "import click"]),
            )
            if number:
                ours.append(times[0])
                peer.append(times[1])
        report("ps-tui --version against import click", ours, peer, 1.5)


if __name__ == "__main__":
    main()
