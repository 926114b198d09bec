"""Which processes have a database open, and what each is doing with it.

Looks at names and at the kernel's lists only: opening the file here would drop the
locks that this process may hold.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ps_tui.domain.upkeep import LockHolder

if TYPE_CHECKING:
    import psutil

_WRITE_BYTE, _CHECKPOINT_BYTE, _READ_BYTES = 120, 121, range(123, 128)
"""Locked bytes of the ``-shm`` file (sqlite.org/walformat.html, section 2.3.1)."""

_SIDES = ("", "-wal", "-shm")


def lock_holders(path: Path, *, skip: int | None = None) -> list[LockHolder]:
    """Return the processes that hold ``path``; ``skip`` leaves one out."""
    import psutil

    names = {str(path.with_name(path.name + side)) for side in _SIDES}
    real = {os.path.realpath(name) for name in names}
    activity = _activities(path)
    found = []
    for process in psutil.process_iter():
        if process.pid == skip:
            continue
        try:
            if process.pid not in activity and not _has_open(process, real):
                continue
            with process.oneshot():
                found.append(
                    LockHolder(
                        process.pid,
                        process.name(),
                        " ".join(process.cmdline()),
                        int(process.create_time() * 1_000_000),
                        activity.get(process.pid, "open"),
                    )
                )
        except (psutil.Error, OSError):
            continue
    return sorted(found, key=lambda holder: holder.since_us or 0)


def _has_open(process: psutil.Process, real: set[str]) -> bool:
    if sys.platform == "linux":
        # Quicker than psutil by far, which also looks at the kind of each file.
        try:
            links = Path(f"/proc/{process.pid}/fd").iterdir()
            return any(str(link.readlink()) in real for link in links)
        except OSError:
            return False
    return any(os.path.realpath(file.path) in real for file in process.open_files())


def _activities(path: Path) -> dict[int, str]:
    """Return what the locks in /proc/locks mean; empty where there is none."""
    try:
        inode = path.with_name(path.name + "-shm").stat().st_ino
        lines = Path("/proc/locks").read_text("ascii").splitlines()
    except OSError:
        return {}
    found: dict[int, str] = {}
    for line in lines:
        fields = line.replace("->", "").split()
        if len(fields) < 8 or fields[5].rpartition(":")[2] != str(inode):
            continue
        pid, first = int(fields[4]), fields[6]
        last = first if fields[7] == "EOF" else fields[7]
        doing = _meaning(range(int(first), int(last) + 1))
        ranks = ("open", "reading", "writing", "checkpointing")
        known = found.get(pid, "open")
        found[pid] = max(known, doing, key=ranks.index)
    return found


def _meaning(locked: range) -> str:
    if _CHECKPOINT_BYTE in locked:
        return "checkpointing"
    if _WRITE_BYTE in locked:
        return "writing"
    return "reading" if set(locked) & set(_READ_BYTES) else "open"
