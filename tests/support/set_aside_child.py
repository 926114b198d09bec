"""Records until no file may grow, goes on into the side file, and is killed there.

Run as ``python set_aside_child.py DATABASE BYTES``. Prints the session, the frames
sent and those in the side file, one line.
"""

from __future__ import annotations

import asyncio
import resource
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from ps_tui.collector.recorder import Pace, Recorder
from ps_tui.domain.recording import FeedCounters
from ps_tui.storage.sqlite import open_store
from tests.support.recording_fakes import until
from tests.support.recordings import ManualClock, begin, frame_at

PACE = Pace(flush_s=0.005, retry_s=0.005, retry_limit_s=0.02, set_aside_after_s=0.0)


async def main(path: Path, limit: int) -> None:
    store = await open_store(path, ManualClock())
    recorder = Recorder(
        store.recording,
        FeedCounters(),
        pace=PACE,
        find_spill=lambda: store.spill,
    )
    recorder.begin(await begin(store))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    sent = 0
    while store.spill.frame_count < 500:
        for _ in range(50):
            recorder.put(frame_at(sent), (), False)
            sent += 1
        await until(lambda: recorder.depth == 0)
    sys.stdout.write(f"{recorder.session_id} {sent} {store.spill.frame_count}\n")
    sys.stdout.flush()
    signal.raise_signal(signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
