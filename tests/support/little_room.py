"""Too little room: a small file system, and a limit on the size of a file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB, where this process may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    if sys.platform == "win32" or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("needs the right to mount")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("this system lets nobody mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def fill(file: Path, size: int) -> None:
    """Take up to ``size`` bytes of the disk."""
    with file.open("wb", buffering=0) as out:
        for _ in range(size // 4096):
            try:
                out.write(bytes(4096))
            except OSError:
                return


def run_limited(child: Path, path: Path) -> subprocess.CompletedProcess[str]:
    """Run a script on a database whose file may grow by 300 kB only."""
    limit = path.stat().st_size + 300_000
    return subprocess.run(
        [sys.executable, str(child), str(path), str(limit)],
        check=False,
        capture_output=True,
        text=True,
        timeout=40,
    )
