"""Another file put in the place of the open one: recording goes on into that."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.collector.clock import SystemClock
from ps_tui.domain.errors import NotADatabaseError
from ps_tui.domain.models import SessionDraft
from ps_tui.storage.sqlite import SqliteStore, open_store
from ps_tui.storage.sqlite.backup import list_backups
from tests.reliability.test_set_aside import driving, moves_open_files
from tests.support.recording_fakes import until
from tests.support.recordings import expected, times_of

pytestmark = moves_open_files


async def database_of(path: Path, session: str) -> Path:
    """Return a database with one session, to be moved over another."""
    store = await open_store(path, SystemClock())
    await store.library.create_session(SessionDraft(session))
    await store.close()
    return path


def put_in_place(file: Path, path: Path) -> None:
    file.replace(path)


async def open_and_replaced(path: Path, other: Path) -> SqliteStore:
    """Return the store of a file in whose place ``other`` is put meanwhile."""
    store = await open_store(path, SystemClock())
    await store.library.create_session(SessionDraft("Old"))
    put_in_place(other, path)
    return store


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def read(path: Path) -> bytes:
    return path.read_bytes()


async def test_a_recorder_goes_on_in_the_new_file(path: Path, tmp_path: Path) -> None:
    other = await database_of(tmp_path / "other.db", "Q")
    async with driving(path) as drive:
        before = drive.sent
        put_in_place(other, path)
        await drive.commit(100)
        await drive.recorder.stop()
        store, session_id = drive.store, drive.recorder.session_id
        sessions = {each.name: each for each in await store.library.sessions()}
        assert sorted(sessions) == ["Practice (rescued)", "Q"]
        assert sessions["Practice (rescued)"].id == session_id
        assert await times_of(store, session_id) == expected(drive.sent)[before:]
        assert (await store.care.check(deep=True)).is_ok
        assert drive.counters.dropped == 0
    # What was committed into the file that has no name any more.
    (kept,) = [each for each in list_backups(path) if each.reason == "replaced"]
    assert kept.is_verified
    with closing(sqlite3.connect(kept.path)) as copy:
        (count,) = copy.execute("SELECT count(*) FROM telemetry_frames").fetchone()
    assert count == before


async def test_an_older_copy_of_the_same_file(path: Path, tmp_path: Path) -> None:
    async with driving(path) as drive:
        copy = Path((await drive.store.care.backup()).path)
        before = drive.sent
        await drive.commit(100)
        put_in_place(Path(shutil.copy(copy, tmp_path)), path)
        await drive.commit(100)
        await drive.recorder.stop()
        (session,) = await drive.store.library.sessions()
        assert session.id == drive.recorder.session_id
        times = expected(before) + expected(drive.sent)[before + 100 :]
        assert await times_of(drive.store, session.id) == times
        assert (await drive.store.care.check(deep=True)).is_ok


async def test_a_window_that_only_looks_shows_the_new_file(
    path: Path, tmp_path: Path
) -> None:
    store = await open_and_replaced(path, await database_of(tmp_path / "q.db", "Q"))
    assert [each.name for each in await store.library.sessions()] == ["Q"]
    await store.close()


async def test_a_file_of_something_else_is_left_alone(
    path: Path, tmp_path: Path
) -> None:
    aside, text = tmp_path / "aside.db", b"no database " * 200
    async with driving(path) as drive:
        put_in_place(path, aside)
        write(path, text)
        await drive.set_aside(200)
        outage = drive.recorder.outage
        assert outage is not None
        assert "is not a Purple Sector database" in outage.cause
        with pytest.raises(NotADatabaseError):
            await drive.store.library.sessions()
        assert read(path) == text
        put_in_place(aside, path)
        await until(lambda: not drive.recorder.outage)
        await drive.recorder.stop()
        times = await times_of(drive.store, drive.recorder.session_id)
        assert times == expected(drive.sent)
        assert (await drive.store.care.check(deep=True)).is_ok


async def test_a_journal_is_not_left_beside_another_file(
    path: Path, tmp_path: Path
) -> None:
    store = await open_and_replaced(path, await database_of(tmp_path / "q.db", "Q"))
    await store.close()
    store = await open_store(path, SystemClock())
    assert [each.name for each in await store.library.sessions()] == ["Q"]
    assert (await store.care.check(deep=True)).is_ok
    await store.close()
