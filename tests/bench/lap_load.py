"""Time to load a lap of 5,400 frames as arrays, against `fetchall` of its rows."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from ps_tui.collector.clock import SystemClock
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.sqlite import open_store
from ps_tui.storage.sqlite.frames import FRAME_COLUMNS
from tests.support.recordings import begin, frames_of, lap_completed, lap_started

FRAMES = 5400
ROUNDS = 30


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lap.db"
        store = await open_store(path, SystemClock())
        session_id = await begin(store)
        await store.recording.write(
            session_id,
            RecordingBatch(
                opened=[lap_started(1, 0)],
                frames=frames_of(1, range(FRAMES)),
                closed=[lap_completed(1, 0, FRAMES)],
            ),
        )
        connection = sqlite3.connect(path)
        query = f"SELECT {FRAME_COLUMNS} FROM telemetry_frames ORDER BY row"
        floors = [
            _timed(lambda: connection.execute(query).fetchall()) for _ in range(ROUNDS)
        ]
        assert len(connection.execute(query).fetchall()) == FRAMES
        connection.close()
        await store.recording.finish_recording(session_id)
        (lap,) = await store.library.laps(session_id)
        ours = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            trace = await store.library.load_trace(lap.id)
            ours.append(time.perf_counter() - started)
        assert len(trace.columns["speed"]) == FRAMES
        await store.close()
    print(
        json.dumps(
            {
                "name": "lap load, 5400 frames",
                "ours": round(min(ours) * 1000, 3),
                "floor": round(min(floors) * 1000, 3),
                "ratio": round(min(ours) / min(floors), 3),
                "unit": "ms",
                "limit": 0.2,
            }
        )
    )


def _timed(work) -> float:  # type: ignore[no-untyped-def]
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    asyncio.run(main())
