"""How fast and how small the database is: goals 1 to 5, 9, 11, 13, 16 and 18.

Run by ``database.py``.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from ps_tui.collector.clock import SystemClock
from ps_tui.domain.recording import RecordingBatch, StoredFrame
from ps_tui.storage.sqlite import SqliteStore, open_store
from ps_tui.storage.sqlite.drift import find_drift
from ps_tui.storage.sqlite.frames import FRAME_COLUMNS, frame_row
from ps_tui.storage.sqlite.migrate import migrate
from ps_tui.storage.sqlite.sealing import rows_to_columns
from ps_tui.storage.sqlite.traces import damaged_traces
from ps_tui.storage.trace_codec import encode
from tests.bench.figures import best, middle, skip, tell
from tests.support.drifts import DRIFTS, drift_into
from tests.support.recordings import (
    CHANNELS,
    begin,
    frame_at,
    frames_of,
    lap_completed,
    lap_started,
    record_laps,
)

ROOT = Path(__file__).parents[2]
PEER = ROOT / "tests" / "support" / "sqlalchemy_peer.py"
INSTALL_PEER = (
    "python3 -m venv /tmp/peer && /tmp/peer/bin/pip install sqlalchemy[asyncio]"
    " alembic aiosqlite && export PS_TUI_PEER_PYTHON=/tmp/peer/bin/python"
)
LAP = 5400
_CLUSTERED = (
    "CREATE TABLE rows (lap_n INTEGER, {columns}, PRIMARY KEY (lap_n, row))"
    " WITHOUT ROWID"
)
_COLUMNS = ["row", *FRAME_COLUMNS.replace("\n", " ").split(", ")]


def peer_python() -> str | None:
    """Return a Python that has SQLAlchemy and Alembic."""
    python = os.environ.get("PS_TUI_PEER_PYTHON", sys.executable)
    code = "import aiosqlite, alembic, sqlalchemy.ext.asyncio"
    done = subprocess.run([python, "-c", code], check=False, capture_output=True)
    return None if done.returncode else python


def run_peer(python: str, verb: str, *arguments: Path) -> list[float]:
    """Run one verb of the peer; return the numbers it prints."""
    command = [python, str(PEER), verb, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return [float(word) for word in done.stdout.split()]


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


_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"
_TIMED = "import time; t = time.perf_counter(); {code}; print(time.perf_counter() - t)"
_OURS = """
import asyncio, sys
from pathlib import Path
from ps_tui.collector.clock import SystemClock
from ps_tui.storage.sqlite import open_store
async def main():
    store = await open_store(Path(sys.argv[1]), SystemClock())
    await store.library.events()
    await store.close()
asyncio.run(main())
"""
_BARE = """
import asyncio, sqlite3, sys
async def main():
    connection = sqlite3.connect(sys.argv[1])
    connection.execute("SELECT * FROM events").fetchall()
    connection.close()
asyncio.run(main())
"""
_PEER = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, "tests/support")
from sqlalchemy_peer import list_events
asyncio.run(list_events(*map(Path, sys.argv[1:3])))
"""


def timed(python: str, code: str, *arguments: Path) -> float:
    """Return the seconds that code takes in a new process, its imports included."""
    text = _TIMED.format(code=f"exec({code!r})")
    command = [python, "-c", text, *map(str, arguments)]
    # Both with compiled modules, as whoever starts a program twice has them.
    env = {key: os.environ[key] for key in os.environ if key != _UNCOMPILED}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True)
    return float(done.stdout)


async def opening(folder: Path) -> None:
    """Goal 2: a database that is up to date, from the first import to its events."""
    path = folder / "open.db"
    await (await open_store(path, SystemClock())).close()
    ours = min(timed(sys.executable, _OURS, path) for _ in range(5))
    bare = min(timed(sys.executable, _BARE, path) for _ in range(5))
    tell("2 open and list / asyncio and sqlite3 alone", ours * 1e3, bare * 1e3, 6, "ms")
    python = peer_python()
    if python is None:
        skip("2 open and list / SQLAlchemy and Alembic", INSTALL_PEER)
        return
    peer, models = folder / "peer.db", folder / "alembic"
    shutil.copy(path, peer)
    run_peer(python, "prepare", peer, models)
    theirs = min(timed(python, _PEER, peer, models) for _ in range(5))
    name = "2 open and list / SQLAlchemy and Alembic"
    tell(name, ours * 1e3, theirs * 1e3, 0.2, "ms")


async def traces(folder: Path) -> None:
    """Goals 3, 4, 11 and 16: laps as traces beside laps as rows."""
    store = await open_store(folder / "traces.db", SystemClock())
    session_id = await begin(store)
    await record_laps(store, session_id, 10, LAP)
    await store.recording.finish_recording(session_id)
    (lap, *_) = await store.library.laps(session_id)
    rows_db = clustered(folder / "rows.db")
    for number in range(10):
        first = number * LAP
        put_rows(
            rows_db,
            [frame_row(n, number, frame_at(n)) for n in range(first, first + LAP)],
        )
    rows_db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    query = "SELECT * FROM rows WHERE lap_n = 3"
    pairs = []
    for _ in range(15):
        # One after the other, so that both meet the same machine.
        started = time.perf_counter()
        await store.library.load_trace(lap.id)
        between = time.perf_counter()
        rows_db.execute(query).fetchall()
        pairs.append((between - started, time.perf_counter() - between))
    await store.close()
    ours, floor = middle(pairs)
    tell("3 lap load / row fetchall", ours * 1000, floor * 1000, 0.15, "ms")
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
        ours = best(lambda: undone(ours_db, "DELETE FROM sessions"))
    floor = best(lambda: undone(rows_db, "DELETE FROM rows WHERE row >= 0"))
    rows_db.close()
    tell("16 delete of a session / rows", ours * 1000, floor * 1000, 0.1, "ms")


def undone(connection: sqlite3.Connection, change: str) -> None:
    connection.execute("BEGIN")
    connection.execute(change)
    connection.execute("ROLLBACK")


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


async def drifts(folder: Path) -> None:
    """Goal 13: drifts found of seventeen, and the time of one comparison."""
    path = folder / "drift.db"
    await (await open_store(path, SystemClock())).close()
    found, times, changed = 0, [], []
    for number, script in enumerate(DRIFTS.values()):
        changed.append(folder / f"drift{number}.db")
        shutil.copy(path, changed[-1])
        with closing(sqlite3.connect(changed[-1], isolation_level=None)) as connection:
            drift_into(connection, script)
        with closing(sqlite3.connect(changed[-1])) as connection:
            times.append(best(lambda c=connection: find_drift(c)))  # type: ignore[misc]
            found += bool(find_drift(connection))
    python = peer_python()
    if python is None:
        tell("13 drifts found / of", found, len(DRIFTS), 1, "drifts")
        skip("13 drifts / alembic", INSTALL_PEER)
        return
    theirs, theirs_s = run_peer(python, "drift", path, folder, *changed)
    tell("13 drifts found of 17 / by alembic", found, theirs, 17, "drifts")
    tell("13 time of one / alembic", min(times) * 1e3, theirs_s * 1e3, 0.1, "ms")


async def seeds(folder: Path) -> None:
    """Goal 18: three seeds, one hash."""
    store: SqliteStore = await open_store(folder / "seed.db", SystemClock())
    reports = [await store.content.seed() for _ in range(3)]
    await store.close()
    changed = sum(report.inserted + report.updated for report in reports[1:])
    hashes = len({report.sha256 for report in reports})
    tell("18 rows changed by seeds 2 and 3; hashes", changed, hashes, 0, "rows")


LAG_ROUNDS = 5


async def lag(folder: Path) -> None:
    """Goal 9: lag of the event loop, recording 1,320 frames a second, and idle."""
    store = await open_store(folder / "lag.db", SystemClock())
    session_id = await begin(store)
    await store.recording.write(session_id, RecordingBatch(opened=[lap_started(1, 0)]))
    firsts = iter(range(0, 330 * 12 * LAG_ROUNDS, 330))

    async def record(batches: list[list[StoredFrame]]) -> None:
        for frames in batches:
            await store.recording.write(session_id, RecordingBatch(frames=frames))
            await asyncio.sleep(0.25)

    recording: list[float] = []
    idle: list[float] = []
    # In turn, so that both meet the same machine.
    for _ in range(LAG_ROUNDS):
        batches = [frames_of(1, range(n, n + 330)) for n in islice(firsts, 12)]
        for lags, work in ((recording, record(batches)), (idle, asyncio.sleep(3))):
            task = asyncio.ensure_future(work)
            while not task.done():
                due = time.perf_counter() + 0.005
                await asyncio.sleep(0.005)
                lags.append((time.perf_counter() - due) * 1000)
    results = [sorted(lags)[int(len(lags) * 0.99)] for lags in (recording, idle)]
    await store.recording.write(
        session_id,
        RecordingBatch(closed=[lap_completed(1, 0, 330 * 12 * LAG_ROUNDS)]),
    )
    await store.close()
    tell("9 loop lag p99 recording / idle", results[0], results[1], 3, "ms")


GOALS = {
    "writer": writer_rate,
    "open": opening,
    "traces": traces,
    "written": written,
    "lag": lag,
    "drift": drifts,
    "seed": seeds,
}
