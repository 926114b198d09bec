"""No room and a foreign lock are named, and nothing is half written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.domain.errors import DatabaseBusyError, StorageFullError
from ps_tui.domain.models import EventDraft
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.sqlite import SqliteStore
from tests.support.recordings import begin, frames_of, lap_started


async def pragma(store: SqliteStore, text: str) -> None:
    await store._database.on_writer(
        lambda connection: connection.execute(f"PRAGMA {text}").fetchall()
    )


async def fill(store: SqliteStore, session_id: str) -> int:
    """Record until there is no room; return how many frames were committed."""
    for first in range(0, 100_000, 200):
        batch = RecordingBatch(frames=frames_of(1, range(first, first + 200)))
        try:
            await store.recording.write(session_id, batch)
        except StorageFullError:
            return first
    pytest.fail("the database was never full")


async def test_a_full_disk_keeps_whole_batches_and_goes_on_with_room(
    store: SqliteStore,
) -> None:
    session_id = await begin(store)
    await store.recording.write(session_id, RecordingBatch(opened=[lap_started(1, 0)]))
    await pragma(store, "max_page_count = 60")
    written = await fill(store, session_id)
    batch = RecordingBatch(frames=frames_of(1, range(written, written + 200)))
    with pytest.raises(StorageFullError) as caught:
        await store.recording.write(session_id, batch)
    assert caught.value.remedy
    assert (await store.library.session(session_id)).frame_count == written

    await pragma(store, "max_page_count = 1000000")
    await store.recording.write(session_id, batch)
    await store.recording.finish_recording(session_id)
    (lap,) = await store.library.laps(session_id)
    trace = await store.library.load_trace(lap.id)
    assert trace.columns["timestamp"].tolist() == [
        stored.frame.timestamp_ms for stored in frames_of(1, range(written + 200))
    ]
    assert (await store.care.check(deep=True)).is_ok


async def test_a_foreign_lock_is_named_and_the_batch_can_be_written_later(
    store: SqliteStore, path: Path
) -> None:
    session_id = await begin(store)
    await pragma(store, "busy_timeout = 20")
    batch = RecordingBatch(opened=[lap_started(1, 0)], frames=frames_of(1, range(9)))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError) as caught:
            await store.recording.write(session_id, batch)
        assert str(path) in caught.value.cause
        with pytest.raises(DatabaseBusyError):
            await store.library.create_event(EventDraft("Monza"))
        assert await store.library.events() == []
        connection.execute("ROLLBACK")
    await store.recording.write(session_id, batch)
    assert (await store.library.session(session_id)).frame_count == 9
