"""The recorder over real failing disks: every frame is in the database in the end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from ps_tui.collector.clock import SystemClock
from ps_tui.collector.recorder import Pace, Recorder
from ps_tui.domain.models import SessionStatus
from ps_tui.domain.recording import FeedCounters
from ps_tui.storage.sqlite import SqliteStore, open_store
from tests.reliability.test_full_and_locked import pragma
from tests.support.little_room import fill, run_limited
from tests.support.recording_fakes import until
from tests.support.recordings import ManualClock, begin, expected, frame_at, times_of

CHILD = Path(__file__).parents[1] / "support" / "set_aside_child.py"
PACE = Pace(
    flush_s=0.005,
    retry_s=0.005,
    retry_limit_s=0.02,
    set_aside_after_s=0.0,
    stop_limit_s=0.2,
)
moves_open_files = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows lets nobody move an open file"
)


class Drive:
    """A recorder that is fed frame by frame."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.counters = FeedCounters()
        self.recorder = Recorder(
            store.recording,
            self.counters,
            pace=PACE,
            find_spill=lambda: store.spill,
        )
        self.sent = 0

    def send(self, count: int) -> None:
        for _ in range(count):
            self.recorder.put(frame_at(self.sent), (), False)
            self.sent += 1

    async def commit(self, count: int) -> None:
        self.send(count)
        await until(lambda: self.recorder.depth == 0 and not self.recorder.outage)

    async def set_aside(self, count: int) -> str:
        """Send until that many frames wait in the side file; return its folder."""
        goal = self.store.spill.frame_count + count
        while self.store.spill.frame_count < goal:
            self.send(100)
            await until(lambda: self.recorder.depth == 0)
            await asyncio.sleep(0)
        await until(lambda: self.recorder.outage and self.recorder.outage.folder)
        assert self.recorder.outage is not None
        assert self.recorder.outage.room > 1000
        return self.recorder.outage.folder

    async def end(self) -> None:
        """Wait until all is well again, stop, and look for every frame."""
        await until(lambda: not self.recorder.outage)
        await self.commit(50)
        await self.recorder.stop()
        assert self.counters.dropped == 0
        session_id = self.recorder.session_id
        assert await times_of(self.store, session_id) == expected(self.sent)
        session = await self.store.library.session(session_id)
        assert session.status is SessionStatus.COMPLETED
        assert (await self.store.care.check(deep=True)).is_ok


@asynccontextmanager
async def driving(path: Path) -> AsyncIterator[Drive]:
    store = await open_store(path, SystemClock())
    try:
        drive = Drive(store)
        drive.recorder.begin(await begin(store))
        await drive.commit(100)
        yield drive
    finally:
        await store.close()


async def test_a_database_at_its_page_limit(path: Path) -> None:
    async with driving(path) as drive:
        await pragma(drive.store, "max_page_count = 60")
        assert await drive.set_aside(500) == str(path.parent)
        await drive.set_aside(500)
        await pragma(drive.store, "max_page_count = 1000000")
        await drive.end()
        assert not list(path.parent.glob("*.spill"))


async def test_a_database_that_may_no_longer_be_written(path: Path) -> None:
    async with driving(path) as drive:
        await pragma(drive.store, "query_only = ON")
        await drive.set_aside(300)
        assert drive.recorder.outage is not None
        assert "read-only" in drive.recorder.outage.cause
        await pragma(drive.store, "query_only = OFF")
        await drive.end()


async def test_a_full_disk(small_disk: Path) -> None:
    async with driving(small_disk / "crew.db") as drive:
        ballast = small_disk / "ballast"
        fill(ballast, 4_000_000)
        folder = await drive.set_aside(1000)
        assert folder != str(small_disk)
        ballast.unlink()
        await drive.end()


@moves_open_files
async def test_a_folder_that_goes_and_comes_back(path: Path) -> None:
    away = path.parent.with_name("away")
    async with driving(path) as drive:
        path.parent.rename(away)
        try:
            folder = await drive.set_aside(300)
            assert not path.parent.exists()
            assert folder != str(path.parent)
            assert drive.recorder.outage is not None
            assert "is gone" in drive.recorder.outage.cause
        finally:
            away.rename(path.parent)
        await drive.end()


@moves_open_files
async def test_a_file_that_was_deleted_is_not_written_unseen(path: Path) -> None:
    store = await open_store(path, SystemClock())
    drive = Drive(store)
    drive.recorder.begin(await begin(store))
    await drive.commit(100)
    for file in path.parent.iterdir():
        file.unlink()
    await drive.set_aside(200)
    drive.recorder._task.cancel()  # type: ignore[union-attr]
    store.spill.close()
    await store._database.close()
    (side_file,) = path.parent.glob("*.spill")
    assert side_file.stat().st_size > 200 * 100


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs permission bits")
async def test_a_folder_without_permission(path: Path) -> None:
    async with driving(path) as drive:
        with forbidden(path):
            drive.send(300)
            await until(lambda: drive.recorder.depth == 0)
        await drive.end()


@contextmanager
def forbidden(path: Path) -> Iterator[None]:
    """Take the right to read and write a file and its folder."""
    path.chmod(0o400)
    path.parent.chmod(0o000)
    try:
        if os.access(path.parent, os.W_OK):
            pytest.skip("this user may write everywhere")
        yield
    finally:
        path.parent.chmod(0o700)
        path.chmod(0o600)


async def test_a_stop_without_room_is_made_good_at_the_end(path: Path) -> None:
    store = await open_store(path, SystemClock())
    drive = Drive(store)
    drive.recorder.begin(await begin(store))
    await drive.commit(100)
    await pragma(store, "query_only = ON")
    await drive.set_aside(200)
    with pytest.raises(Exception, match="frames are kept in"):
        await drive.recorder.stop()
    await pragma(store, "query_only = OFF")
    await store.close()
    store = await open_store(path, SystemClock())
    try:
        (session,) = await store.library.sessions()
        assert session.status is SessionStatus.COMPLETED
        assert await times_of(store, session.id) == expected(drive.sent)
        assert not list(path.parent.glob("*.spill"))
    finally:
        await store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
async def test_a_recorder_killed_while_frames_are_aside(
    path: Path, clock: ManualClock
) -> None:
    await (await open_store(path, clock)).close()
    done = run_limited(CHILD, path)
    assert done.returncode == -signal.SIGKILL, done.stderr
    session_id, sent, aside = done.stdout.split()
    assert int(aside) >= 500
    store = await open_store(path, clock)
    try:
        assert store.recovered
        assert await times_of(store, session_id) == expected(int(sent))
        session = await store.library.session(session_id)
        assert session.status is SessionStatus.INTERRUPTED
        assert (await store.care.check(deep=True)).is_ok
    finally:
        await store.close()
