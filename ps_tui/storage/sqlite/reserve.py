"""Room kept free for the worst moment: a start on a disk that is full.

SQLite needs a little room beside a database before anybody may even read it, and a
recording has to note its session before its frames can go elsewhere. A small file
holds that room while all is well, and is let go when nothing else is left.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

SUFFIX = "-reserve"
RESERVE_BYTES = 256 * 1024
"""The index of the journal takes 32 KiB, the rows of a session some pages each."""
_NO_ROOM = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMMAP,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_CANTOPEN,
}


def keep_reserve(path: Path) -> None:
    """Take the room where it is not taken yet, as much of it as there is."""
    file = reserve_of(path)
    try:
        size = file.stat().st_size
    except OSError:
        size = 0
    if size >= RESERVE_BYTES:
        return
    # Noise: some file systems store zeros without taking room for them.
    with contextlib.suppress(OSError), file.open("ab", buffering=0) as out:
        file.chmod(0o600)
        while size < RESERVE_BYTES:
            size += out.write(os.urandom(RESERVE_BYTES - size))


def release_reserve(path: Path, error: sqlite3.Error) -> bool:
    """Let the room go where ``error`` is for want of it; say whether there was any."""
    if getattr(error, "sqlite_errorcode", 0) not in _NO_ROOM:
        return False
    try:
        reserve_of(path).unlink()
    except OSError:
        return False
    return True


def reserve_of(path: Path) -> Path:
    """Return the file that holds the room of a database."""
    return path.with_name(path.name + SUFFIX)
