"""20 SIGKILLs while recording: committed frames lost, and integrity, as JSON."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from ps_tui.collector.clock import SystemClock
from ps_tui.storage.sqlite import open_store

KILLS = 20
CHILD = Path(__file__).parents[1] / "support" / "recorder_child.py"


def kill_once(path: Path, after_s: float) -> tuple[str, int]:
    """Kill a recorder; return its session and the frames it said are committed."""
    child = subprocess.Popen(
        [sys.executable, str(CHILD), str(path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(after_s)
    child.kill()
    lines = [first, *child.stdout.read().splitlines(keepends=True)]
    child.wait()
    session_id, frames = [line for line in lines if line.endswith("\n")][-1].split()
    return session_id, int(frames)


async def main() -> None:
    rng = random.Random(20)
    lost = damaged = interrupted = frames = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crash.db"
        for _ in range(KILLS):
            session_id, committed = kill_once(path, rng.uniform(0.02, 0.4))
            store = await open_store(path, SystemClock())
            session = await store.library.session(session_id)
            laps = await store.library.laps(session_id)
            stored = 0
            for lap in laps:
                trace = await store.library.load_trace(lap.id)
                stored += len(trace.columns["received_us"])
            report = await store.care.check(deep=True)
            await store.close()
            frames += committed
            lost += max(committed - stored, 0)
            damaged += not report.is_ok
            interrupted += session.status == "interrupted"
    print(
        json.dumps(
            {
                "name": "crash, 20 SIGKILLs",
                "ours": lost,
                "floor": 0,
                "ratio": round(lost / frames, 6),
                "unit": "committed frames lost",
                "frames": frames,
                "reports_with_errors": damaged,
                "sessions_interrupted": interrupted,
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
