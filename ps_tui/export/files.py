"""Laps of a library into files, while the event loop goes on.

Writing happens on a thread; the frames of each lap are asked of the library on the
loop, one lap at a time. A file appears under its name when it is whole.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from ps_tui.domain.errors import PsError
from ps_tui.domain.models import Event, Lap, LapTrace
from ps_tui.domain.ports import Library
from ps_tui.export.formats import LapWriter
from ps_tui.export.own_channels import OwnChannels
from ps_tui.export.selection import LapSelection, Outing

OnLap = Callable[[int, int], None]


async def export_laps(
    library: Library,
    found: tuple[Event | None, Sequence[Outing]],
    writer: LapWriter,
    target: Path | BinaryIO,
    *,
    on_lap: OnLap | None = None,
    own: OwnChannels | None = None,
) -> list[Path]:
    """Write what ``selection.find_…`` found; return the files that were written.

    ``own`` are math channels to write too. An open stream takes the main file alone.
    ``on_lap`` is told, on the writing
    thread, how many laps of how many are done. Raises PsError where a file cannot be
    written, and what the library raises.
    """
    event, outings = found
    with _Loader(library) as loader:
        laps = LapSelection(outings, loader.load, event=event, on_lap=on_lap, own=own)
        return await asyncio.to_thread(_write, laps, writer, target)


class _Loader:
    """Loads frames on the event loop for a thread that waits for them."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._loop = asyncio.get_running_loop()
        self._is_over = threading.Event()

    def __enter__(self) -> _Loader:
        return self

    def __exit__(self, *error: object) -> None:
        # The thread of a cancelled export ends at its next lap.
        self._is_over.set()

    def load(self, lap: Lap) -> LapTrace:
        if self._is_over.is_set():
            raise PsError("The export was cancelled.")
        asked: Coroutine[Any, Any, LapTrace] = self._library.load_trace(lap.id)
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result()


def _write(
    laps: LapSelection, writer: LapWriter, target: Path | BinaryIO
) -> list[Path]:
    if not isinstance(target, Path):
        writer.write_laps(laps, target)
        target.flush()
        return []
    try:
        return _write_files(laps, writer, target)
    except OSError as error:
        raise PsError(
            f"{error.filename or target} cannot be written: {error.strerror}.",
            "Choose another place with -o.",
        ) from error


def _write_files(laps: LapSelection, writer: LapWriter, target: Path) -> list[Path]:
    if target.exists() and not target.is_file():
        # A pipe or a device has no name to put in place afterwards.
        with target.open("wb") as file:
            writer.write_laps(laps, file)
        return [target]
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as file:
            beside = writer.write_laps(laps, file)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    written = [target]
    for suffix, content in beside.items():
        companion = target.with_suffix(suffix)
        companion.write_bytes(content)
        written.append(companion)
    return written
