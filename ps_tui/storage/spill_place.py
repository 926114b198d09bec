"""Where side files stand: looked at on every start, so it imports next to nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

SUFFIX = ".spill"


def spill_folders(path: Path, side_folder: Path | None = None) -> tuple[Path, ...]:
    """Return where the side files of a database may be, the nearest first.

    Beside the database, in ``side_folder``, which may be on another disk, and in the
    system's temporary folder.
    """
    fallback = "/tmp" if os.name == "posix" else str(path.parent)
    temporary = os.environ.get("TMPDIR") or os.environ.get("TEMP") or fallback
    own = str(os.getuid()) if hasattr(os, "getuid") else ""
    folders = (path.parent, side_folder, Path(temporary) / f"ps-tui-spill{own}")
    return tuple(dict.fromkeys(folder for folder in folders if folder))


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
