"""A repair can be taken back: what it moved away returns, byte for byte."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.domain.errors import NotFoundError
from ps_tui.storage.sqlite import SqliteStore
from tests.support.recordings import begin, record_laps

TABLES = ("sessions", "laps", "lap_traces", "telemetry_frames")
FAULTS = {
    "laps without a session": "DELETE FROM sessions",
    "a trace without a lap": "DELETE FROM laps WHERE lap_number = 2",
    "a session of no event": "UPDATE sessions SET event_n = 99",
    "a wrong count": "UPDATE laps SET frame_count = 7 WHERE n = 1",
    "a damaged trace": "UPDATE lap_traces SET crc32 = 1 WHERE lap_n = 2",
    "frames of no lap": "INSERT INTO telemetry_frames (row, lap_n, received_us,"
    " timestamp_ms, extra) VALUES (999, 99, 1, 1, x'0102')",
}


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: sorted(connection.execute(f"SELECT * FROM {table}").fetchall())
            for table in TABLES
        }


@pytest.mark.parametrize("name", FAULTS)
async def test_a_repair_is_undone(store: SqliteStore, path: Path, name: str) -> None:
    session_id = await begin(store)
    await record_laps(store, session_id, 3, 60)
    await store.recording.finish_recording(session_id)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(FAULTS[name])
        connection.commit()
    before = content(path)
    done = await store.care.repair()
    assert done.run
    assert content(path) != before
    assert await store.care.undo_repair(done.run) > 0
    assert content(path) == before
    with pytest.raises(NotFoundError, match="no repair"):
        await store.care.undo_repair(done.run)
    assert (await store.care.repair()).steps
    assert (await store.care.check(deep=True)).is_ok
