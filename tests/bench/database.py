"""The goals of the database, each beside its floor from the same run, as JSON lines.

Run as ``python tests/bench/database.py [NAME …]``; without names every goal runs.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from ps_tui.collector.clock import SystemClock
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.sqlite import SqliteStore, open_store
from ps_tui.storage.sqlite.backup import make_backup
from ps_tui.storage.sqlite.drift import find_drift
from ps_tui.storage.sqlite.frames import FRAME_COLUMNS, frame_row
from ps_tui.storage.sqlite.migrate import migrate
from ps_tui.storage.sqlite.plugin_sets import merge
from ps_tui.storage.sqlite.sealing import rows_to_columns
from ps_tui.storage.sqlite.traces import damaged_traces
from ps_tui.storage.trace_codec import Trace, encode
from tests.support import power_cut
from tests.support.recordings import (
    CHANNELS,
    begin,
    frame_at,
    frames_of,
    lap_completed,
    lap_started,
    record_laps,
)

LAP = 5400
_CLUSTERED = (
    "CREATE TABLE rows (lap_n INTEGER, {columns}, PRIMARY KEY (lap_n, row))"
    " WITHOUT ROWID"
)
_COLUMNS = ["row", *FRAME_COLUMNS.replace("\n", " ").split(", ")]


def tell(goal: str, ours: float, floor: float, limit: float, unit: str) -> None:
    """Print one goal: ``ratio`` is ours by floor, ``limit`` what it may be."""
    ratio = ours / floor if floor else ours
    line = {
        "goal": goal,
        "ours": round(ours, 4),
        "floor": round(floor, 4),
        "ratio": round(ratio, 4),
        "limit": limit,
        "unit": unit,
    }
    print(json.dumps(line), flush=True)


def best(work: Callable[[], object], rounds: int = 5) -> float:
    """Return the shortest time of a call, in seconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def clustered(path: Path) -> sqlite3.Connection:
    """Return a database of plain rows in the order of laps: the peer."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(_CLUSTERED.format(columns=", ".join(_COLUMNS)))
    return connection


def put_rows(connection: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" for _ in range(len(_COLUMNS) + 1))
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        f"INSERT INTO rows VALUES ({marks})",
        ((row[1], row[0], *row[2:]) for row in rows),
    )
    connection.execute("COMMIT")


async def writer_rate(folder: Path) -> None:
    """Goal 1: frames a second through the store, batches of 330."""
    batches = [frames_of(1, range(n, n + 330)) for n in range(0, 330 * 30, 330)]
    store = await open_store(folder / "writer.db", SystemClock())
    session_id = await begin(store)
    await store.recording.write(session_id, RecordingBatch(opened=[lap_started(1, 0)]))
    started = time.perf_counter()
    for frames in batches:
        await store.recording.write(session_id, RecordingBatch(frames=frames))
    ours = 330 * len(batches) / (time.perf_counter() - started)
    await store.close()
    rows = [
        [frame_row(n * 330 + k, 1, stored.frame) for k, stored in enumerate(frames)]
        for n, frames in enumerate(batches)
    ]
    with closing(clustered(folder / "floor.db")) as floor_db:
        floor_db.execute("PRAGMA synchronous = FULL")
        started = time.perf_counter()
        for batch in rows:
            put_rows(floor_db, batch)
        floor = 330 * len(batches) / (time.perf_counter() - started)
    tell("1 writer rate / executemany (at least)", ours, floor, 0.6, "frames/s")


async def opening(folder: Path) -> None:
    """Goal 2: opening an up-to-date database, in a process of its own."""
    path = folder / "open.db"
    await (await open_store(path, SystemClock())).close()
    code = (
        "import time; t=time.perf_counter()\n"
        "import asyncio, sys\nfrom pathlib import Path\n"
        "from ps_tui.storage.sqlite import open_store\n"
        "from tests.support.recordings import ManualClock\n"
        "async def main():\n"
        "    s = await open_store(Path(sys.argv[1]), ManualClock())\n"
        "    await s.library.events(); await s.close()\n"
        "asyncio.run(main()); print(time.perf_counter() - t)"
    )
    bare = (
        "import time; t=time.perf_counter()\nimport asyncio, sqlite3, sys\n"
        "async def main():\n    c = sqlite3.connect(sys.argv[1])\n"
        "    c.execute('SELECT * FROM events').fetchall(); c.close()\n"
        "asyncio.run(main()); print(time.perf_counter() - t)"
    )
    root = Path(__file__).parents[2]

    def run(text: str) -> float:
        command = [sys.executable, "-c", text, str(path)]
        done = subprocess.run(command, cwd=root, capture_output=True, check=True)
        return float(done.stdout)

    tell(
        "2 first list from a cold start / asyncio and sqlite3 alone",
        min(run(code) for _ in range(5)) * 1000,
        min(run(bare) for _ in range(5)) * 1000,
        6,
        "ms",
    )


async def traces(folder: Path) -> None:
    """Goals 3, 4, 11 and 16: laps as traces beside laps as rows."""
    store = await open_store(folder / "traces.db", SystemClock())
    session_id = await begin(store)
    await record_laps(store, session_id, 10, LAP)
    await store.recording.finish_recording(session_id)
    (lap, *_) = await store.library.laps(session_id)
    times = []
    for _ in range(10):
        started = time.perf_counter()
        await store.library.load_trace(lap.id)
        times.append(time.perf_counter() - started)
    await store.close()
    rows_db = clustered(folder / "rows.db")
    for number in range(10):
        first = number * LAP
        put_rows(
            rows_db,
            [frame_row(n, number, frame_at(n)) for n in range(first, first + LAP)],
        )
    rows_db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    query = "SELECT * FROM rows WHERE lap_n = 3"
    floor = best(lambda: rows_db.execute(query).fetchall(), 10)
    tell("3 lap load / row fetchall", min(times) * 1000, floor * 1000, 0.15, "ms")
    with closing(sqlite3.connect(folder / "traces.db")) as ours_db:
        (size,) = ours_db.execute("SELECT sum(length(data)) FROM lap_traces").fetchone()
        rows_size = (folder / "rows.db").stat().st_size
        tell("4 disk / clustered rows", size, rows_size, 0.25, "bytes")
        ours = best(
            lambda: (
                ours_db.execute("PRAGMA quick_check").fetchall(),
                damaged_traces(ours_db),
            )
        )
        floor = best(lambda: rows_db.execute("PRAGMA quick_check").fetchall())
        tell("11 full check / quick_check of rows", ours * 1e3, floor * 1e3, 0.1, "ms")
        ours_db.execute("PRAGMA foreign_keys = ON")
        started = time.perf_counter()
        ours_db.execute("DELETE FROM sessions")
        ours_db.commit()
        ours = time.perf_counter() - started
        started = time.perf_counter()
        rows_db.execute("DELETE FROM rows WHERE row >= 0")
        floor = time.perf_counter() - started
    rows_db.close()
    tell("16 delete of a session / rows", ours * 1000, floor * 1000, 0.1, "ms")


async def written(folder: Path) -> None:
    """Goal 5: bytes written for 22 cars at 4 commits a second, journal included."""
    cars, laps = 22, 1
    own = folder / "own.db"
    connection = sqlite3.connect(own, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    migrate(connection, 1)
    connection.execute("PRAGMA foreign_keys = OFF")
    peer = clustered(folder / "peer.db")
    insert = (
        f"INSERT INTO telemetry_frames (row, lap_n, {FRAME_COLUMNS})"
        f" VALUES ({', '.join('?' for _ in range(15))})"
    )
    seconds = 20
    ours = floor = 0
    row = 0
    for tick in range(seconds * 4 * laps):
        rows = []
        for step in range(15):
            for car in range(cars):
                row += 1
                rows.append(frame_row(row, car, frame_at(tick * 15 + step)))
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(insert, rows)
        connection.execute("COMMIT")
        put_rows(peer, rows)
        ours += _flushed(connection, own)
        floor += _flushed(peer, folder / "peer.db")
    connection.execute("BEGIN IMMEDIATE")
    for car in range(cars):
        query = f"SELECT {FRAME_COLUMNS} FROM telemetry_frames WHERE lap_n = ?"
        lap_rows = connection.execute(query, (car,)).fetchall()
        trace = encode(rows_to_columns(lap_rows, CHANNELS))
        connection.execute(
            "INSERT INTO lap_traces VALUES (?, ?, ?, ?, ?, ?, ?)", (car, *trace)
        )
    connection.execute("DELETE FROM telemetry_frames")
    connection.execute("COMMIT")
    ours += _flushed(connection, own)
    connection.close()
    peer.close()
    tell("5 written / clustered rows", ours / row, floor / row, 0.35, "bytes a frame")


def _flushed(connection: sqlite3.Connection, path: Path) -> int:
    """Return the journal's growth once 1,000 pages are in it, and empty it."""
    wal = path.with_name(path.name + "-wal")
    size = wal.stat().st_size
    if size < 4_000_000:
        return 0
    # What is in the journal is written again into the file.
    (_, _, moved) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return size + max(moved, size // 4120) * 4096


async def power_cuts(folder: Path) -> None:
    """Goal 7: cuts that leave no clean prefix; the control has to fail."""
    files = power_cut.recorded_files(folder)
    trials = 50
    bad = sum(
        power_cut.bad_trials(folder, files, cut, trials) for cut in power_cut.CUTS
    )
    control = power_cut.bad_trials(folder, files, power_cut.mixed_pages_alone, trials)
    tell(f"7 bad cuts of {4 * trials} / control of {trials}", bad, control, 0, "trials")


async def backups(folder: Path) -> None:
    """Goal 10: one verified backup against cp."""
    path = folder / "backup.db"
    await (await open_store(path, SystemClock())).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        noise = random.Random(10).randbytes(250_000)
        for lap in range(800):
            trace = Trace(LAP, 1, "[]", lap, 0, noise)
            trace = trace._replace(crc32=trace.checksum())
            connection.execute(
                "INSERT INTO lap_traces VALUES (?, ?, ?, ?, ?, ?, ?)", (lap, *trace)
            )
        connection.commit()
    floor = best(lambda: shutil.copy(path, folder / "copied.db"))
    moments = iter(range(1, 100))
    ours = best(lambda: make_backup(path, None, "bench", next(moments)), 2)
    tell("10 verified backup / cp", ours * 1000, floor * 1000, 10, "ms")


async def flips(folder: Path) -> None:
    """Goal 12: flipped bits found by our check, and by quick_check alone."""
    store = await open_store(folder / "flips.db", SystemClock())
    session_id = await begin(store)
    await record_laps(store, session_id, 8, 600)
    await store.recording.finish_recording(session_id)
    await store.close()
    path = folder / "flips.db"
    rng = random.Random(12)
    with closing(sqlite3.connect(path)) as connection:
        blobs = [row[0] for row in connection.execute("SELECT data FROM lap_traces")]
    content = path.read_bytes()
    ours = by_sqlite = tried = 0
    while tried < 20:
        blob = rng.choice(blobs)
        start = rng.randrange(len(blob) - 64)
        place = content.rfind(blob[start : start + 64])
        if place < 0:
            continue
        changed = bytearray(content)
        changed[place + rng.randrange(64)] ^= 1 << rng.randrange(8)
        path.write_bytes(changed)
        with closing(sqlite3.connect(path)) as connection:
            ours += bool(damaged_traces(connection))
            verdict = connection.execute("PRAGMA quick_check").fetchall()
            by_sqlite += verdict != [("ok",)]
        tried += 1
    tell("12 flips found of 20 / by quick_check", ours, by_sqlite, 20, "flips")


async def drifts(folder: Path) -> None:
    """Goal 13: time to compare a schema with the migrations."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, 1)
        merge(connection, 1)
        floor = best(
            lambda: connection.execute("SELECT sql FROM sqlite_master").fetchall()
        )
        ours = best(lambda: find_drift(connection))
    tell("13 drift / reading sqlite_master", ours * 1000, floor * 1000, 39, "ms")


async def seeds(folder: Path) -> None:
    """Goal 18: three seeds, one hash."""
    store: SqliteStore = await open_store(folder / "seed.db", SystemClock())
    reports = [await store.content.seed() for _ in range(3)]
    await store.close()
    changed = sum(report.inserted + report.updated for report in reports[1:])
    hashes = len({report.sha256 for report in reports})
    tell("18 rows changed by seeds 2 and 3; hashes", changed, hashes, 0, "rows")


async def lag(folder: Path) -> None:
    """Goal 9: lag of the event loop, recording 1,320 frames a second, and idle."""
    store = await open_store(folder / "lag.db", SystemClock())
    session_id = await begin(store)
    await store.recording.write(session_id, RecordingBatch(opened=[lap_started(1, 0)]))
    batches = [frames_of(1, range(n, n + 330)) for n in range(0, 330 * 12, 330)]

    async def record() -> None:
        for frames in batches:
            await store.recording.write(session_id, RecordingBatch(frames=frames))
            await asyncio.sleep(0.25)

    async def idle() -> None:
        await asyncio.sleep(3)

    results = []
    for work in (record, idle):
        task = asyncio.create_task(work())
        lags = []
        while not task.done():
            due = time.perf_counter() + 0.005
            await asyncio.sleep(0.005)
            lags.append((time.perf_counter() - due) * 1000)
        results.append(sorted(lags)[int(len(lags) * 0.99)])
    await store.recording.write(
        session_id, RecordingBatch(closed=[lap_completed(1, 0, 330 * 12)])
    )
    await store.close()
    tell("9 loop lag p99 recording / idle", results[0], results[1], 3, "ms")


GOALS = {
    "writer": writer_rate,
    "open": opening,
    "traces": traces,
    "written": written,
    "cuts": power_cuts,
    "lag": lag,
    "backup": backups,
    "flips": flips,
    "drift": drifts,
    "seed": seeds,
}


def main(names: list[str]) -> None:
    for name in names or GOALS:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(GOALS[name](Path(folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
