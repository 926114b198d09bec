"""A repair can be taken back: a dump is then what it was before, line by line."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.domain.errors import NotFoundError, UsageError
from ps_tui.storage.sqlite import SqliteStore
from tests.support.recordings import begin, record_laps

FAULTS = {
    "laps without a session": "DELETE FROM sessions",
    "a trace without a lap": "DELETE FROM laps WHERE lap_number = 2",
    "a session of no event": "UPDATE sessions SET event_n = 99",
    "a wrong count": "UPDATE laps SET frame_count = 7 WHERE n = 1",
    "a damaged trace": "UPDATE lap_traces SET crc32 = 1 WHERE lap_n = 2",
    "frames of no lap": "INSERT INTO telemetry_frames (row, lap_n, received_us,"
    " timestamp_ms, rpm, extra) VALUES (999, 99, 1, 1, 0.1, x'0102')",
    "a dead recorder": "UPDATE sessions SET status = 'recording', recorder_pid = 1,"
    " recorder_boot_id = 'an older one'; UPDATE laps SET state = 'open' WHERE n = 3;"
    " INSERT INTO telemetry_frames (row, lap_n, received_us, timestamp_ms)"
    " VALUES (1000, 3, 1780000009000000, 1780000009000)",
    "values that cannot be": "PRAGMA ignore_check_constraints = ON;"
    " UPDATE sessions SET status = 'gone', name = '';"
    " UPDATE laps SET state = 'lost', lap_time_ms = -5 WHERE n = 2",
    "a missing index": "DROP INDEX laps_best",
    "rows of no vehicle": "INSERT INTO vehicle_setups (id, vehicle_n, name, created_us,"
    " updated_us) VALUES ('x', 77, 'wet', 1, 1)",
    "everybody gone": "DELETE FROM users",
}
KEPT = ("quarantine", "audit")


def content(path: Path) -> list[str]:
    """Return a dump of all but what says what was done."""
    with closing(sqlite3.connect(path)) as connection:
        return [
            line
            for line in connection.iterdump()
            if not any(f'INSERT INTO "{table}"' in line for table in KEPT)
        ]


@pytest.mark.parametrize("name", FAULTS)
async def test_a_repair_is_undone(store: SqliteStore, path: Path, name: str) -> None:
    session_id = await begin(store)
    await record_laps(store, session_id, 3, 60)
    await store.recording.finish_recording(session_id)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FAULTS[name])
    before = content(path)
    done = await store.care.repair()
    assert done.run
    assert [step.problem for step in done.steps if step.problem] == []
    assert content(path) != before
    assert await store.care.undo_repair(done.run) > 0
    assert content(path) == before
    with pytest.raises(NotFoundError, match="no repair"):
        await store.care.undo_repair(done.run)
    assert (await store.care.repair()).steps
    assert (await store.care.check(deep=True)).is_ok


async def test_a_place_that_was_taken_since_is_not_overwritten(
    store: SqliteStore, path: Path
) -> None:
    session_id = await begin(store)
    await record_laps(store, session_id, 2, 60)
    await store.recording.finish_recording(session_id)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("UPDATE laps SET session_n = 50 WHERE n = 2")
    done = await store.care.repair()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO laps (n, id, session_n, lap_number, started_us, created_us)"
            " VALUES (9, 'new', 50, 2, 1, 1)"
        )
        connection.commit()
    before = content(path)
    with pytest.raises(UsageError, match="cannot come back"):
        await store.care.undo_repair(done.run)
    assert content(path) == before
