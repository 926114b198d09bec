"""Time of the check tiers on a season: 50 events, 500 sessions, 20,000 laps, 2 GB.

Run as ``python tests/bench/health.py [SCALE]``; a scale of 0.1 makes a tenth of the
laps. Prints JSON: each tier, its limit, the lag of the event loop meanwhile, and the
floors of the same run: SQLite's own quick_check alone, and reading every byte once
for its checksum. CPU seconds tell what a busy machine adds to the wall clock.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import tempfile
import time
import zlib
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from ps_tui.collector.clock import SystemClock
from ps_tui.storage.sqlite import open_store
from ps_tui.storage.sqlite.frames import frame_row
from ps_tui.storage.sqlite.sealing import rows_to_columns
from ps_tui.storage.trace_codec import encode
from tests.support.recordings import CHANNELS, frame_at

EVENTS, SESSIONS, LAPS = 50, 500, 20_000
FRAMES = 5_400
TRACE_BYTES = 105_000
LIMITS_MS = {"start": 50, "full": 2000}
LAG_LIMIT_MS = 20


def fill(path: Path, scale: float) -> None:
    """Write the season straight into the tables."""
    rows = [frame_row(0, 1, frame_at(index))[2:] for index in range(FRAMES)]
    trace = encode(rows_to_columns(rows, CHANNELS))
    padding = bytes(max(TRACE_BYTES - len(trace.data), 0))
    trace = trace._replace(data=trace.data + padding)
    per_session = max(round(LAPS * scale) // SESSIONS, 1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for event in range(EVENTS):
            connection.execute(
                "INSERT INTO events (id, user_n, name, created_us, updated_us)"
                " VALUES (?, 1, ?, ?, 1)",
                (f"e{event}", f"Event {event}", event),
            )
        lap_n = 0
        for session in range(SESSIONS):
            connection.execute(
                "INSERT INTO sessions (n, id, user_n, event_n, name, source, status,"
                " created_us, updated_us) VALUES (?, ?, 1, ?, ?, 'native',"
                " 'completed', ?, 1)",
                (
                    session + 1,
                    f"s{session}",
                    session % EVENTS + 1,
                    f"S{session}",
                    session,
                ),
            )
            for number in range(1, per_session + 1):
                lap_n += 1
                connection.execute(
                    "INSERT INTO laps (n, id, session_n, lap_number, lap_time_ms, kind,"
                    " valid, state, started_us, ended_us, frame_count, created_us)"
                    " VALUES (?, ?, ?, ?, ?, 'flying', 1, 'sealed', ?, ?, ?, 1)",
                    (
                        lap_n,
                        f"l{lap_n}",
                        session + 1,
                        number,
                        90_000 + number,
                        lap_n,
                        lap_n,
                        FRAMES,
                    ),
                )
                own = trace._replace(t0_us=trace.t0_us + lap_n)
                own = own._replace(crc32=own.checksum())
                connection.execute(
                    "INSERT INTO lap_traces VALUES (?, ?, ?, ?, ?, ?, ?)", (lap_n, *own)
                )
            connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def lag_ms(running: asyncio.Task[object]) -> float:
    """Return the 99th percentile of the loop's lag while a task runs."""
    lags = []
    while not running.done():
        due = time.perf_counter() + 0.005
        await asyncio.sleep(0.005)
        lags.append((time.perf_counter() - due) * 1000)
    return sorted(lags)[int(len(lags) * 0.99)] if lags else 0.0


def floors(path: Path) -> dict[str, float]:
    """Return what a full check cannot do without, one after the other, in ms."""
    timed = {}
    uri = f"{path.as_uri()}?mode=ro"
    for name, pages in (("quick_check", 0), ("quick_check_mapped", 1 << 40)):
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.execute(f"PRAGMA mmap_size = {pages}")
            started = time.perf_counter()
            connection.execute("PRAGMA quick_check").fetchall()
            timed[name] = time.perf_counter() - started
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        started = time.perf_counter()
        for (data,) in connection.execute("SELECT data FROM lap_traces"):
            zlib.crc32(data)
        timed["read_and_crc"] = time.perf_counter() - started
    return {f"{name}_ms": round(spent * 1000, 1) for name, spent in timed.items()}


def cpu_s() -> float:
    """Return the CPU time of this process and of those it waited for."""
    times = os.times()
    return sum(times[:4])


async def main(scale: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "season.db"
        store = await open_store(path, SystemClock())
        fill(path, scale)
        tiers = {"start": {"quick": True}, "full": {}}
        results = {}
        for name, options in tiers.items():
            times, lags, cpu, report = [], [], [], None
            for _ in range(3):
                started, before_s = time.perf_counter(), cpu_s()
                task = asyncio.create_task(store.care.check(**options))
                lags.append(await lag_ms(task))
                report = task.result()
                times.append((time.perf_counter() - started) * 1000)
                cpu.append(cpu_s() - before_s)
            assert report is not None
            results[name] = {
                "ours": round(min(times), 1),
                "first": round(times[0], 1),
                "limit": LIMITS_MS[name],
                "unit": "ms",
                "cpu_s": round(min(cpu), 2),
                "loop_lag_p99_ms": round(min(lags), 2),
                "loop_lag_limit_ms": LAG_LIMIT_MS,
                "ok": report.is_ok,
                "slowest": [
                    f"{check.name}: {check.elapsed_ms:.0f} ms"
                    for check in sorted(report.checks, key=lambda c: -c.elapsed_ms)[:4]
                ],
            }
        await store.close()
        size = path.stat().st_size
        line = {
            "name": "health of a season",
            "bytes": size,
            "scale": scale,
            **results,
            "floor": floors(path),
            "load_average": round(os.getloadavg()[0], 1),
        }
    print(json.dumps(line))


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
