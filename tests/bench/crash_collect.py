"""What a SIGKILL of ``ps-tui collect`` costs: seconds of frames missing at 60 Hz.

Prints JSON. The floor of the same run is what one flush interval may hold back.

    python tests/bench/crash_collect.py [--kills N]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from ps_tui.collector.clock import SystemClock
from ps_tui.collector.recorder import Pace
from ps_tui.storage.sqlite import open_store
from ps_tui.wire.telemetry_pb2 import TelemetryFrame
from tests.support.command import free_udp_port, running

RATE_HZ = 60
LAP_MS = 90_000
GOAL_S = 0.5


def drive_and_kill(path: Path, drive_s: float) -> int:
    """Record for a while, kill the recorder; return the last timestamp sent, ms."""
    port = free_udp_port()
    arguments = ("--db", path, "collect", "--source", "native", "--port", str(port))
    with (
        running(*arguments, "--session", "To be killed") as recorder,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        started = time.time()
        sent_ms = 0
        while (elapsed := time.time() - started) < drive_s:
            sent_ms = int(time.time() * 1000)
            lap_time = int(elapsed * 1000)
            frame = TelemetryFrame(
                timestamp=sent_ms,
                speed=150,
                throttle=1,
                gear=4,
                rpm=6000,
                normalized_position=lap_time / LAP_MS,
                lap_number=1,
                lap_time=lap_time,
            )
            sender.sendto(frame.SerializeToString(), ("127.0.0.1", port))
            time.sleep(1 / RATE_HZ)
        recorder.kill()
        recorder.wait()
    return sent_ms


async def last_stored(path: Path) -> tuple[int, bool, str]:
    """Return the newest stored timestamp, whether all is well, and the status."""
    store = await open_store(path, SystemClock())
    (session,) = await store.library.sessions()
    newest = 0
    for lap in await store.library.laps(session.id):
        trace = await store.library.load_trace(lap.id)
        newest = max(newest, *trace.columns["timestamp"].tolist())
    report = await store.care.check(deep=True)
    await store.close()
    return newest, report.is_ok, session.status.value


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    kills = parser.parse_args().kills
    rng = random.Random(1)
    missing_s, well, interrupted = [], 0, 0
    for _ in range(kills):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "crash.db"
            sent_ms = drive_and_kill(path, rng.uniform(1.0, 2.5))
            stored_ms, is_well, status = asyncio.run(last_stored(path))
            missing_s.append((sent_ms - stored_ms) / 1000)
            well += is_well
            interrupted += status == "interrupted"
    figures = {
        "name": "SIGKILL of collect at 60 Hz",
        "unit": "s of frames missing",
        "ours_worst": max(missing_s),
        "ours_median": round(statistics.median(missing_s), 3),
        "floor": Pace().flush_s,
        "ratio": round(max(missing_s) / Pace().flush_s, 2),
        "goal_s": GOAL_S,
        "kills": kills,
        "healthy_afterwards": well,
        "marked_interrupted": interrupted,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
