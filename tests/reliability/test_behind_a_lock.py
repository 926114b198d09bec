"""Two windows, a command and a backup at once, while somebody holds the write lock."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from ps_tui.collector.clock import SystemClock
from ps_tui.config import Settings
from ps_tui.domain.models import EventDraft
from ps_tui.domain.recording import Alert, Notice
from ps_tui.runtime import RecordInto, open_runtime
from ps_tui.storage.sqlite import open_store
from tests.support.command import free_udp_port, ps_tui
from tests.support.recording_fakes import until
from tests.support.send_native import sending

LONGEST_S = 4.5


@pytest.mark.parametrize("is_long", [False, pytest.param(True, marks=pytest.mark.slow)])
async def test_two_windows_a_command_and_a_backup_behind_a_lock(
    path: Path, is_long: bool
) -> None:
    port, notices = free_udp_port(), list[Notice]()
    settings = Settings(db=path, source="native", port=port)
    into = RecordInto("Test day", None, notices.append)
    async with open_runtime(settings, keep_trying=False, into=into) as runtime:
        live, recording = runtime.services.live, runtime.services.recording
        window = await open_store(path, SystemClock())
        try:
            async with sending(port, 0.001):
                await until(lambda: recording.session)
                async with locked(path) as lock:
                    work = asyncio.gather(
                        window.library.create_event(EventDraft("Other window")),
                        runtime.services.library.create_event(EventDraft("This one")),
                        asyncio.to_thread(command, path, "events", "new", "Command"),
                        window.care.backup(),
                    )
                    before = live.status().counters.frames
                    await until(lambda: live.status().counters.frames > before + 200)
                    assert not lock.is_over
                    if not is_long:
                        lock.end.set()
                await work
        finally:
            await window.close()
        stopped = await recording.stop()
        counters = live.status().counters
        assert stopped is not None
        assert counters.dropped == counters.unrecorded == 0
        assert stopped.frame_count == counters.frames
        events = await runtime.services.library.events()
    names = {"Test day", "Other window", "This one", "Command"}
    assert {event.name for event in events} == names
    assert [one for one in notices if isinstance(one, Alert)] == []


def command(path: Path, *arguments: str) -> None:
    done = ps_tui("--db", path, *arguments)
    assert done.returncode == 0, done.stderr


class Lock:
    """The write lock of a database, held by a thread until ``end`` or its limit."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.held, self.end = threading.Event(), threading.Event()
        self.is_over = False

    def hold(self) -> None:
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("PRAGMA busy_timeout = 5000")
            connection.execute("BEGIN IMMEDIATE")
            self.held.set()
            self.end.wait(LONGEST_S)
            self.is_over = True
            connection.execute("ROLLBACK")


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[Lock]:
    lock = Lock(path)
    holder = asyncio.create_task(asyncio.to_thread(lock.hold))
    await asyncio.to_thread(lock.held.wait)
    try:
        yield lock
    finally:
        await holder
