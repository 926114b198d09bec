"""Where side files stand: looked at on every start, so it imports next to nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

SUFFIX = ".spill"


def spill_folders(path: Path) -> tuple[Path, ...]:
    """Return where the side files of a database may be, the nearest first.

    The second folder is on another disk where the system's temporary folder is.
    """
    fallback = "/tmp" if os.name == "posix" else str(path.parent)
    temporary = os.environ.get("TMPDIR") or os.environ.get("TEMP") or fallback
    return path.parent, Path(temporary) / "ps-tui-spill"


def spill_files(folders: Sequence[Path], stem: str) -> list[Path]:
    """Return the side files of a database, oldest first."""
    found = [path for folder in folders for path in folder.glob(f"{stem}-*{SUFFIX}")]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)
