"""Records until the system lets no file grow beyond a limit, then says so.

Run as ``python limited_child.py DATABASE BYTES``. Prints the session and the frames
committed, one line; everything else would be a traceback.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from ps_tui.domain.errors import StorageFullError
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.sqlite import open_store
from tests.support.recordings import ManualClock, begin, frames_of, lap_started


async def main(path: Path, limit: int) -> None:
    store = await open_store(path, ManualClock())
    session_id = await begin(store)
    await store.recording.write(session_id, RecordingBatch(opened=[lap_started(1, 0)]))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    frames = 0
    with contextlib.suppress(StorageFullError):
        while True:
            batch = RecordingBatch(frames=frames_of(1, range(frames, frames + 50)))
            await store.recording.write(session_id, batch)
            frames += 50
    sys.stdout.write(f"{session_id} {frames}\n")
    sys.stdout.flush()
    # As a killed process leaves it: there is no room for a tidy end.
    signal.raise_signal(signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
