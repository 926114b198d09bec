"""Clears the way for a restore where the file itself cannot be written any more."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from ps_tui.domain.errors import DatabaseBusyError
from ps_tui.storage.durable import sync_file
from ps_tui.storage.locks import lock_holders

_SIDES = ("", "-wal", "-shm")


def set_aside(path: Path, now_us: int) -> Path:
    """Move a damaged database with its side files away; return where it is now.

    A journal beside another file would be taken for its own, so that all go together.
    Raises DatabaseBusyError while another process has the file open.
    """
    holders = lock_holders(path, skip=os.getpid())
    if holders:
        who = ", ".join(f"{holder.name} (pid {holder.pid})" for holder in holders)
        raise DatabaseBusyError(f"{path} is open in {who}.", "Close it, then restore.")
    stamp = datetime.fromtimestamp(now_us / 1e6, UTC).strftime("%Y%m%d-%H%M%S-%f")
    aside = path.with_name(f"{path.stem}-damaged-{stamp}{path.suffix}")
    for side in _SIDES:
        part = path.with_name(path.name + side)
        if part.exists():
            part.rename(aside.with_name(aside.name + side))
    return aside


def put_copy(path: Path, copy: Path) -> None:
    """Make ``copy`` the database where there is none: no journal, no open window."""
    part = path.with_name(path.name + ".part")
    shutil.copyfile(copy, part)
    sync_file(part)
    part.replace(path)
