"""Who has a database open, told with what the database itself says of its recorder."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from ps_tui.domain.upkeep import LockHolder
from ps_tui.storage.locks import lock_holders
from ps_tui.storage.sqlite.connection import connect_read_only
from ps_tui.storage.sqlite.recovery import active_recorder


def holders(path: Path, now_us: int, *, skip: int | None = None) -> list[LockHolder]:
    """Return who has a database open; of the recorder, that it records."""
    found = lock_holders(path, skip=skip)
    try:
        with closing(connect_read_only(path)) as connection:
            active = active_recorder(connection, now_us)
    except sqlite3.Error:
        return found  # missing, damaged or locked: what the kernel knows is enough
    pid = active.recorder.pid if active else None
    return [
        msgspec.structs.replace(holder, activity="recording")
        if holder.pid == pid
        else holder
        for holder in found
    ]
