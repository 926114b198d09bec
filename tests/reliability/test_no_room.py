"""File-size limits and small disks: what is committed stays, what follows waits."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.domain.errors import StorageFullError
from ps_tui.domain.models import SessionDraft
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.sqlite import open_store
from ps_tui.storage.sqlite.reserve import reserve_of
from ps_tui.storage.sqlite.spilling import SqliteSpill
from tests.support.little_room import fill, run_limited
from tests.support.recordings import (
    ManualClock,
    begin,
    expected,
    frames_of,
    lap_started,
    times_of,
)

CHILD = Path(__file__).parents[1] / "support" / "limited_child.py"


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
async def test_a_file_size_limit_costs_no_committed_frame(
    path: Path, clock: ManualClock
) -> None:
    await (await open_store(path, clock)).close()
    done = run_limited(CHILD, path)
    assert done.stdout, done.stderr
    session_id, frames = done.stdout.split()
    store = await open_store(path, clock)
    try:
        times = await times_of(store, session_id)
        assert times[: int(frames)] == expected(int(frames))
        assert int(frames) > 100
        assert (await store.care.check(deep=True)).is_ok
    finally:
        await store.close()


async def test_a_full_disk_spills_elsewhere_and_comes_home(
    small_disk: Path, tmp_path: Path, clock: ManualClock
) -> None:
    store = await open_store(small_disk / "crew.db", clock)
    ballast = small_disk / "ballast"
    try:
        session_id = await begin(store)
        spill = SqliteSpill(
            store._database, store.recording, (small_disk, tmp_path / "other")
        )
        await store.recording.write(
            session_id, RecordingBatch(opened=[lap_started(1, 0)])
        )
        fill(ballast, 700_000)
        frames = 0
        while True:
            batch = RecordingBatch(frames=frames_of(1, range(frames, frames + 100)))
            try:
                await store.recording.write(session_id, batch)
            except StorageFullError:
                break
            frames += 100
        fill(small_disk / "rest", 4_000_000)
        for first in range(frames, frames + 500, 100):
            await spill.put(
                session_id,
                RecordingBatch(frames=frames_of(1, range(first, first + 100))),
            )
        assert list((tmp_path / "other").glob("*.spill"))
        with pytest.raises(StorageFullError):
            await spill.drain(session_id)
        assert await times_of(store, session_id) == []
        ballast.unlink()
        (small_disk / "rest").unlink()
        assert await spill.drain(session_id) == 500
        await store.recording.finish_recording(session_id)
        assert await times_of(store, session_id) == expected(frames + 500)
        assert (await store.care.check(deep=True)).is_ok
    finally:
        await store.close()


async def test_a_start_without_room_shows_what_is_there(
    small_disk: Path, clock: ManualClock
) -> None:
    path = small_disk / "crew.db"
    store = await open_store(path, clock)
    session = await store.library.create_session(SessionDraft("Q"))
    await store.close()
    with closing(sqlite3.connect(path)) as dead:
        # Open, as that of a window that was killed: its journal takes the room.
        dead.execute("UPDATE sessions SET status = 'recording'")
        dead.commit()
        fill(small_disk / "ballast", 4_000_000)
        store = await open_store(path, clock)
        assert (await store.library.session(session.id)).status == "recording"
        assert store.recovered == ()
        await store.close()
        (small_disk / "ballast").unlink()
        store = await open_store(path, clock)
        assert store.recovered == ("Q",)
        await store.close()


async def test_a_disk_without_one_free_byte_can_be_read_and_recorded_onto(
    small_disk: Path, clock: ManualClock
) -> None:
    path = small_disk / "crew.db"
    store = await open_store(path, clock)
    await store.library.create_session(SessionDraft("Q"))
    await store.close()
    fill(small_disk / "ballast", 4_000_000)
    store = await open_store(path, clock)
    assert [session.name for session in await store.library.sessions()] == ["Q"]
    assert (await store.care.check()).is_ok
    session_id = await begin(store)
    await store.recording.write(
        session_id, RecordingBatch(opened=[lap_started(1, 0)], frames=frames_of(1, [0]))
    )
    assert (await store.library.session(session_id)).frame_count == 1
    await store.close()
    # The room is kept for the next start again.
    assert not shutil.disk_usage(small_disk).free
    store = await open_store(path, clock)
    assert len(await store.library.sessions()) == 2
    await store.close()


async def test_a_full_disk_without_a_reserve_is_named(
    small_disk: Path, clock: ManualClock
) -> None:
    path = small_disk / "crew.db"
    await (await open_store(path, clock)).close()
    reserve_of(path).unlink()
    fill(small_disk / "ballast", 4_000_000)
    with pytest.raises(StorageFullError, match="no room left beside"):
        await open_store(path, clock)
