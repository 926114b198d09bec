"""What the database survives: goals 6 to 8, 10, 12, 14 and 15.

Run by ``database.py``.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from ps_tui.collector.clock import SystemClock
from ps_tui.domain.errors import StorageFullError
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.sqlite import SqliteStore, open_store
from ps_tui.storage.sqlite.backup import make_backup
from ps_tui.storage.sqlite.connection import BUSY_TIMEOUT_MS, connect_read_only
from ps_tui.storage.sqlite.traces import damaged_traces
from ps_tui.storage.trace_codec import Trace
from tests.bench import crash
from tests.bench.figures import best, tell
from tests.reliability.test_contention import contend
from tests.reliability.test_migration_killed import states_after_kills
from tests.support import power_cut
from tests.support.recordings import begin, frames_of, lap_started, record_laps

LAP = 5400
BATCH = 132


async def kills(folder: Path) -> None:
    """Goal 6: committed frames that 100 SIGKILLs cost."""
    found = await crash.killed(folder / "crash.db", 100)
    tell("6 frames lost to 100 SIGKILLs, of", found.lost, found.frames, 0, "frames")


async def power_cuts(folder: Path) -> None:
    """Goal 7: cuts that leave no clean prefix; the control has to fail."""
    files = power_cut.recorded_files(folder)
    trials = 200
    bad = sum(
        power_cut.bad_trials(folder, files, cut, trials) for cut in power_cut.CUTS
    )
    control = power_cut.bad_trials(folder, files, power_cut.mixed_pages_alone, trials)
    tell(f"7 bad cuts of {4 * trials} / control of {trials}", bad, control, 0, "trials")


async def contention(folder: Path) -> None:
    """Goal 8: transactions refused to two writers, an editor and two readers."""
    ours = await contend(folder / "ours.db", 4)
    plain = await contend(folder / "plain.db", 4, deferred=True)
    refused = ours.refused + ours.refused_reads
    tell("8 refused / of", refused, ours.tried + ours.reads, 0, "transactions")
    name = "8 control: refused with deferred transactions (at least) / of"
    tell(name, plain.refused, plain.tried, 0.5, "transactions")
    name = "8 longest wait of a writer / of the time that it has"
    tell(name, ours.longest_wait_ms, BUSY_TIMEOUT_MS, 1, "ms")


async def backups(folder: Path) -> None:
    """Goal 10: one step of SQLite's backup, and all of a verified one, against cp."""
    path = folder / "backup.db"
    await filled(path, 800)
    copied = folder / "copied.db"
    floor = best(lambda: shutil.copy(path, copied))
    hashed = best(lambda: hashlib.sha256(copied.read_bytes()), 2)

    def step() -> None:
        target = folder / "step.db"
        target.unlink(missing_ok=True)
        with (
            closing(connect_read_only(path)) as origin,
            closing(sqlite3.connect(target)) as copy,
        ):
            copy.execute("PRAGMA synchronous = OFF")
            origin.backup(copy, pages=-1)

    moments = iter(range(1, 100))
    whole = best(lambda: make_backup(path, None, "bench", next(moments)), 3)
    tell("10 one-step backup / cp", best(step) * 1e3, floor * 1e3, 10, "ms")
    name = "10 verified backup, synced / cp and sha256"
    tell(name, whole * 1e3, (floor + hashed) * 1e3, 3, "ms")


async def loaded_backups(folder: Path) -> None:
    """Goal 10: 30 backups while somebody records, and what they cost the writer."""
    path = folder / "loaded.db"
    await filled(path, 80)
    store = await open_store(path, SystemClock())
    session_id = await begin(store)
    await store.recording.write(session_id, RecordingBatch(opened=[lap_started(1, 0)]))
    first = 0

    async def record(until: asyncio.Future[int]) -> float:
        nonlocal first
        times = []
        while not until.done():
            batch = RecordingBatch(frames=frames_of(1, range(first, first + BATCH)))
            started = time.perf_counter()
            await store.recording.write(session_id, batch)
            times.append((time.perf_counter() - started) * 1000)
            first += BATCH
            await asyncio.sleep(0.02)
        return sorted(times)[int(len(times) * 0.99)]

    async def back_up() -> int:
        whole = seen = 0
        for _ in range(30):
            made = await store.care.backup()
            frames = await asyncio.to_thread(taken, made.path)
            whole += made.is_verified and frames % BATCH == 0 and frames >= seen
            seen = frames
        return whole

    idle = await record(asyncio.ensure_future(asyncio.sleep(8, 0)))
    backing = asyncio.ensure_future(back_up())
    busy = await record(backing)
    await store.close()
    tell("10 backups under load: consistent of 30", backing.result(), 30, 1, "copies")
    tell("10 writer p99 with backups / without", busy, idle, 5, "ms")


def taken(copy: str) -> int:
    """Count the frames of a copy.

    It stays: to delete 30 MB keeps a device busy that is told of each free block.
    """
    with closing(sqlite3.connect(copy)) as connection:
        query = "SELECT count(*) FROM telemetry_frames"
        (frames,) = connection.execute(query).fetchone()
    return int(frames)


async def filled(path: Path, laps: int) -> None:
    """Make a database with laps of 250 kB each."""
    await (await open_store(path, SystemClock())).close()
    noise = random.Random(10).randbytes(250_000)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "INSERT INTO sessions (n, id, user_n, name, source, created_us, updated_us)"
            " VALUES (1, 's', 1, 'Q', 'native', 1, 1)"
        )
        for lap in range(1, laps + 1):
            connection.execute(
                "INSERT INTO laps (n, id, session_n, lap_number, started_us,"
                " created_us, state, frame_count)"
                " VALUES (?, ?, 1, ?, 1, 1, 'sealed', ?)",
                (lap, f"l{lap}", lap, LAP),
            )
            trace = Trace(LAP, 1, "[]", lap, 0, noise)
            trace = trace._replace(crc32=trace.checksum())
            connection.execute(
                "INSERT INTO lap_traces VALUES (?, ?, ?, ?, ?, ?, ?)", (lap, *trace)
            )
        connection.commit()


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


async def migrations(folder: Path) -> None:
    """Goal 14: half-applied states after 30 migrations that were killed."""
    states = states_after_kills(folder, tuple(range(2, 62, 2)))
    tell("14 half states of 30 killed migrations", states.count(-1), 30, 0, "states")


async def blocked(folder: Path) -> None:
    """Goal 15: frames lost over a lock held for 3 s elsewhere, and a full disk."""
    store = await open_store(folder / "blocked.db", SystemClock())
    session_id = await begin(store)
    await store.recording.write(session_id, RecordingBatch(opened=[lap_started(1, 0)]))
    held = threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            held.set()
            time.sleep(3)

    holder = asyncio.create_task(asyncio.to_thread(hold))
    await asyncio.to_thread(held.wait)
    sent = 0
    for _ in range(20):
        await put(store, session_id, sent)
        sent += BATCH
    await holder
    stored = (await store.library.session(session_id)).frame_count
    tell("15 frames lost over a lock of 3 s, of", sent - stored, sent, 0, "frames")
    await limit_pages(store, 200)
    refused = 0
    for _ in range(400):
        try:
            await put(store, session_id, sent)
        except StorageFullError:
            refused += 1
            await limit_pages(store, 1_000_000)
            await put(store, session_id, sent)
        sent += BATCH
    stored = (await store.library.session(session_id)).frame_count
    await store.close()
    assert refused
    tell("15 frames lost over a full disk, of", sent - stored, sent, 0, "frames")


async def put(store: SqliteStore, session_id: str, first: int) -> None:
    batch = RecordingBatch(frames=frames_of(1, range(first, first + BATCH)))
    await store.recording.write(session_id, batch)


async def limit_pages(store: SqliteStore, pages: int) -> None:
    await store._database.on_writer(
        lambda connection: connection.execute(
            f"PRAGMA max_page_count = {pages}"
        ).fetchall()
    )


GOALS = {
    "kills": kills,
    "cuts": power_cuts,
    "contention": contention,
    "backup": backups,
    "load": loaded_backups,
    "flips": flips,
    "migrations": migrations,
    "blocked": blocked,
}
