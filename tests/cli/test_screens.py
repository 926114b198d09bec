"""The screens where nobody can press a key."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.command import TIMEOUT_S, environment


def test_a_start_that_fails_without_a_terminal_says_why_and_ends(
    tmp_path: Path,
) -> None:
    path = tmp_path / "letter.pcap"
    path.write_text("Dear crew")
    done = subprocess.run(
        [sys.executable, "-m", "ps_tui", "--play", str(path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        env=environment(),
    )
    assert done.returncode == 2
    assert "letter.pcap is no packet capture." in done.stderr.splitlines()[-2]
    assert "→ Give a .pcap" in done.stderr.splitlines()[-1]
