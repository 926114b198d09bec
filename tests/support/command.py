"""Runs ``ps-tui`` as a person would, in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TIMEOUT_S = 40


def environment() -> dict[str, str]:
    """Return the environment of a child: no colour, unbuffered output."""
    return os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "COLUMNS": "100"}


def ps_tui(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "ps_tui", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env=environment(),
    )


def ps_tui_json(*arguments: str | Path) -> Any:
    """Run one command that must succeed and return the JSON that it prints."""
    done = ps_tui(*arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def running(
    *arguments: str | Path, ready: str = "Recording"
) -> Iterator[subprocess.Popen[str]]:
    """Start a command, wait for ``ready`` on its stderr, kill it at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "ps_tui", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        try:
            assert process.stderr is not None
            seen: list[str] = []
            while not seen or ready not in seen[-1]:
                line = process.stderr.readline()
                assert line, f"ended before it was ready: {''.join(seen)}"
                seen.append(line)
            yield process
        finally:
            process.kill()


def free_udp_port() -> int:
    """Return a port that nothing is bound to at this moment."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::", 0))
        port: int = probe.getsockname()[1]
        return port
