"""Files that are there again after a power cut."""

from __future__ import annotations

import contextlib
import io
import os
import time
from pathlib import Path

from ps_tui.domain.progress import Listener

_PIECE_BYTES = 1 << 20
_MOST_PIECES = 256
_SYNCED_WRITES = getattr(os, "O_DSYNC", 0)
"""Nought where a system has no such thing, as Windows."""


def sync_file(path: Path, tell: Listener = lambda share: None) -> None:
    """Bring a file that was just written to the device, a piece at a time.

    A large file synced in one go keeps the device busy, and each commit of a
    recording on it waits as long. So the device has a rest between two pieces, for
    as long as the last one took. ``tell`` hears which share is done. Raises OSError.
    """
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0) | _SYNCED_WRITES)
    with io.FileIO(descriptor, "rb+") as file:
        if _SYNCED_WRITES:
            size = os.fstat(descriptor).st_size
            buffer = memoryview(bytearray(max(_PIECE_BYTES, size // _MOST_PIECES)))
            done = 0
            while count := file.readinto(buffer):
                started = time.monotonic()
                # The same bytes once more: what makes just these be written out.
                file.seek(done)
                done += file.write(buffer[:count])
                tell(done / size)
                time.sleep(time.monotonic() - started)
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last, where folders can be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
