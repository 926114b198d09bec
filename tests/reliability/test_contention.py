"""Windows, commands and backups at once: nobody is refused, nothing is torn."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from ps_tui.domain.models import EventDraft, LapNotes
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.sqlite import SqliteStore, open_store
from tests.reliability.test_crash import committed, start_child
from tests.support.contending_child import ROLES
from tests.support.recordings import (
    ManualClock,
    begin,
    frames_of,
    lap_started,
    record_laps,
)

ROOT = Path(__file__).parents[2]
CONTENDER = ROOT / "tests" / "support" / "contending_child.py"
OPEN = """
import asyncio, sys
from pathlib import Path
from ps_tui.storage.sqlite import open_store
from tests.support.recordings import ManualClock
async def main():
    store = await open_store(Path(sys.argv[1]), ManualClock())
    await store.library.events()
    await store.close()
sys.stdin.readline()
asyncio.run(main())
"""


async def race(path: Path) -> list[int | None]:
    """Let 8 processes make one database; return how each ended."""
    pipe = asyncio.subprocess.PIPE
    children = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", OPEN, str(path), stdin=pipe, cwd=ROOT
        )
        for _ in range(8)
    ]
    await asyncio.gather(*(child.communicate(b"\n") for child in children))
    return [child.returncode for child in children]


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_eight_processes_make_one_database_ten_times(tmp_path: Path) -> None:
    for number in range(10):
        assert await race(tmp_path / f"{number}.db") == [0] * 8


class Contention(NamedTuple):
    """What became of the transactions that write, and of the reads."""

    tried: int
    refused: int
    reads: int
    refused_reads: int
    longest_wait_ms: int


async def contend(path: Path, seconds: float, *, deferred: bool = False) -> Contention:
    """Let 2 writers, an editor and 2 readers at a database."""
    store = await open_store(path, ManualClock())
    await store.library.create_event(EventDraft("Monza"))
    session_id = await begin(store)
    await record_laps(store, session_id, 1, 60)
    await store.close()
    pipe = asyncio.subprocess.PIPE
    way = ["deferred"] if deferred else []
    children = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, str(CONTENDER), str(path), role, str(seconds), *way),
            stdin=pipe,
            stdout=pipe,
        )
        for role in ROLES
    ]
    for child in children:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"ready\n"
    ended = await asyncio.gather(*(child.communicate(b"\n") for child in children))
    counts = [tuple(map(int, out.split())) for out, _ in ended]
    named = list(zip(ROLES, counts, strict=True))
    writers = [count for role, count in named if role != "reader"]
    readers = [count for role, count in named if role == "reader"]
    tried, refused, waits = zip(*writers, strict=True)
    reads, refused_reads, _ = zip(*readers, strict=True)
    return Contention(
        sum(tried), sum(refused), sum(reads), sum(refused_reads), max(waits)
    )


async def test_nobody_is_refused(path: Path) -> None:
    found = await contend(path, 1)
    assert found.tried > 10
    assert found.reads > 10
    assert found.refused == found.refused_reads == 0


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_nobody_is_refused_for_long(tmp_path: Path) -> None:
    found = await contend(tmp_path / "ours.db", 15)
    assert found.tried > 100
    assert found.refused == found.refused_reads == 0
    plain = await contend(tmp_path / "plain.db", 5, deferred=True)
    assert plain.refused > 0


async def test_a_recorder_two_editors_and_two_readers(
    path: Path, clock: ManualClock
) -> None:
    child = await start_child(path)
    stores: list[SqliteStore] = []
    try:
        session_id, _ = await committed(child, 480)
        stores += [await open_store(path, clock) for _ in range(4)]

        async def edit(store: SqliteStore, number: int) -> None:
            event = await store.library.create_event(EventDraft(f"E{number}"))
            for turn in range(10):
                draft = EventDraft(f"E{number} {turn}")
                await store.library.edit_event(event.id, draft)
                (lap, *_) = await store.library.laps(session_id)
                await store.library.note_lap(lap.id, LapNotes(notes=f"{turn}"))

        async def read(store: SqliteStore) -> None:
            for _ in range(20):
                for lap in (await store.library.laps(session_id))[:3]:
                    trace = await store.library.load_trace(lap.id)
                    assert len(trace.columns["speed"]) == lap.frame_count

        await asyncio.gather(
            edit(stores[0], 0), edit(stores[1], 1), read(stores[2]), read(stores[3])
        )
        assert child.returncode is None
    finally:
        child.kill()
        await child.wait()
        for store in stores:
            await store.close()


async def backups_under_load(path: Path, clock: ManualClock, count: int) -> None:
    """Back up while another process records; each copy holds whole batches."""
    child = await start_child(path)
    try:
        await committed(child, 240)
        store = await open_store(path, clock)
        try:
            seen = 0
            for _ in range(count):
                clock.advance(1)
                backup = await store.care.backup()
                frames = frames_in(backup.path)
                assert backup.is_verified
                assert frames % 15 == 0
                assert frames >= seen
                seen = frames
        finally:
            await store.close()
        assert child.returncode is None
    finally:
        child.kill()
        await child.wait()


def frames_in(copy: str) -> int:
    with closing(sqlite3.connect(copy)) as connection:
        (count,) = connection.execute("SELECT sum(frame_count) FROM laps").fetchone()
    return int(count)


async def test_backups_while_somebody_records(path: Path, clock: ManualClock) -> None:
    await backups_under_load(path, clock, 4)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_thirty_backups_while_somebody_records(
    path: Path, clock: ManualClock
) -> None:
    await backups_under_load(path, clock, 30)


async def test_a_restore_while_windows_are_open(path: Path, clock: ManualClock) -> None:
    store = await open_store(path, clock)
    session_id = await begin(store)
    await record_laps(store, session_id, 2, 60)
    await store.recording.finish_recording(session_id)
    backup = await store.care.backup()
    other = await open_store(path, clock)
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, str(CONTENDER), str(path), "reader", "2"),
        stdin=pipe,
        stdout=pipe,
    )
    try:
        assert child.stdout is not None
        await child.stdout.readline()
        reading = asyncio.create_task(child.communicate(b"\n"))
        for turn in range(5):
            clock.advance(1)
            await other.library.create_event(EventDraft(f"Not in the backup {turn}"))
            await store.care.restore(Path(backup.path))
            assert await other.library.events() == []
            (lap, *_) = await other.library.laps(session_id)
            trace = await other.library.load_trace(lap.id)
            assert len(trace.columns["speed"]) == 60
        out, _ = await reading
        done, refused, _ = map(int, out.split())
        assert done > 5
        assert refused == 0
        assert (await store.care.check(deep=True)).is_ok
    finally:
        await other.close()
        await store.close()


@pytest.mark.parametrize("seconds", [0.5, pytest.param(3.0, marks=pytest.mark.slow)])
async def test_a_foreign_lock_is_waited_out(
    store: SqliteStore, path: Path, seconds: float
) -> None:
    session_id = await begin(store)
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            held.set()
            release.wait(seconds)
            connection.execute("ROLLBACK")

    holder = asyncio.create_task(asyncio.to_thread(hold))
    await asyncio.to_thread(held.wait)
    await store.recording.write(
        session_id,
        RecordingBatch(opened=[lap_started(1, 0)], frames=frames_of(1, range(30))),
    )
    await holder
    assert (await store.library.session(session_id)).frame_count == 30
