"""Where side files stand: looked at on every start, so it imports next to nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from ps_tui.config import data_path

SUFFIX = ".spill"


def spill_folders(path: Path) -> tuple[Path, ...]:
    """Return where the side files of a database may be, the nearest first.

    Beside the database, in the user's data folder, which may be on another disk, and
    in the system's temporary folder.
    """
    fallback = "/tmp" if os.name == "posix" else str(path.parent)
    temporary = os.environ.get("TMPDIR") or os.environ.get("TEMP") or fallback
    own = str(os.getuid()) if hasattr(os, "getuid") else ""
    folders = (path.parent, data_path(), Path(temporary) / f"ps-tui-spill{own}")
    return tuple(dict.fromkeys(folders))


def spill_files(folders: Sequence[Path], stem: str) -> list[Path]:
    """Return the side files of a database, oldest first.

    Of two of one name only the longer: the other was being carried elsewhere.
    """
    found: dict[str, tuple[int, int, Path]] = {}
    for folder in folders:
        for path in folder.glob(f"*{SUFFIX}"):
            if not path.name.startswith(f"{stem}-"):
                continue
            with contextlib.suppress(OSError):  # another process brought it home
                stat = path.stat()
                row = stat.st_size, stat.st_mtime_ns, path
                found[path.name] = max(found.get(path.name, row), row)
    return [path for _, _, path in sorted(found.values(), key=lambda row: row[1])]
