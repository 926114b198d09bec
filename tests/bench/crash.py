"""SIGKILLs while recording: committed frames lost, and integrity, as JSON.

Run as ``python tests/bench/crash.py [KILLS]``; 20 without a number.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from ps_tui.collector.clock import SystemClock
from ps_tui.storage.sqlite import open_store

KILLS = 20
CHILD = Path(__file__).parents[1] / "support" / "recorder_child.py"


def kill_once(path: Path, after_s: float) -> tuple[str, int]:
    """Kill a recorder; return its session and the frames it said are committed."""
    command = [sys.executable, str(CHILD), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(after_s)
        child.kill()
        lines = [first, *child.stdout.read().splitlines(keepends=True)]
    session_id, frames = [line for line in lines if line.endswith("\n")][-1].split()
    return session_id, int(frames)


class Killed(NamedTuple):
    """What kills of a recorder cost."""

    frames: int
    lost: int
    damaged: int
    interrupted: int


async def killed(path: Path, kills: int) -> Killed:
    """Kill recorders of one database, each at a moment of its own."""
    rng = random.Random(20)
    lost = damaged = interrupted = frames = 0
    for _ in range(kills):
        session_id, committed = kill_once(path, rng.uniform(0.02, 0.4))
        store = await open_store(path, SystemClock())
        session = await store.library.session(session_id)
        laps = await store.library.laps(session_id)
        stored = 0
        for lap in laps:
            trace = await store.library.load_trace(lap.id)
            stored += len(trace.columns["received_us"])
        report = await store.care.check()
        await store.close()
        frames += committed
        lost += max(committed - stored, 0)
        damaged += not report.is_ok
        interrupted += session.status == "interrupted"
    return Killed(frames, lost, damaged, interrupted)


async def main(kills: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = await killed(Path(folder) / "crash.db", kills)
    line = {
        "name": f"crash, {kills} SIGKILLs",
        "ours": found.lost,
        "floor": 0,
        "ratio": round(found.lost / found.frames, 6),
        "unit": "committed frames lost",
        "frames": found.frames,
        "reports_with_errors": found.damaged,
        "sessions_interrupted": found.interrupted,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else KILLS))
