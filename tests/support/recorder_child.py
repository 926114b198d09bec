"""A recorder to be killed: tells on stdout how many frames are committed.

Run as ``python recorder_child.py DATABASE [ROUND]``. It records laps of 240 frames
through the store, sealing each, until it dies. Each line holds the session's id and
the frames whose commit has returned.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from ps_tui.collector.clock import SystemClock
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.sqlite import open_store
from tests.support.recordings import begin, frames_of, lap_completed, lap_started

LAP_FRAMES = 240
BATCH_FRAMES = 15


async def main(path: Path) -> None:
    store = await open_store(path, SystemClock())
    session_id = await begin(store, "To be killed")
    frame = 0
    while True:
        number, place = frame // LAP_FRAMES + 1, frame % LAP_FRAMES
        batch = RecordingBatch(
            opened=[lap_started(number, frame)] if place == 0 else [],
            frames=frames_of(number, range(frame, frame + BATCH_FRAMES)),
        )
        frame += BATCH_FRAMES
        if frame % LAP_FRAMES == 0:
            batch.closed = [lap_completed(number, frame - LAP_FRAMES, frame)]
        await store.recording.write(session_id, batch)
        sys.stdout.write(f"{session_id} {frame}\n")
        sys.stdout.flush()
        if batch.closed:
            await store.recording.seal_lap(session_id, number)
        await asyncio.sleep(0)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
