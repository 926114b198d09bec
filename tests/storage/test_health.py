"""Each check fires on the fault it is for, and a repair clears what it can."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ps_tui.domain.health import CheckResult, Verdict
from ps_tui.domain.models import SessionDraft
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.sqlite import SqliteStore
from ps_tui.storage.sqlite.health import has_wal_reset_bug
from ps_tui.storage.sqlite.sealing import put_trace, stored_trace
from ps_tui.storage.trace_codec import Exact, decode, encode
from tests.support.recordings import (
    begin,
    frames_of,
    lap_started,
    record_laps,
)


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """Change a database as somebody does who knows no better."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        yield connection
        connection.commit()


def zero_pages(path: Path, step: int) -> None:
    """Zero every ``step``-th page behind the first two."""
    with path.open("rb+") as file:
        for page in range(2, path.stat().st_size // 4096, step):
            file.seek(page * 4096)
            file.write(bytes(4096))


async def failing(store: SqliteStore, *, deep: bool = False) -> dict[str, CheckResult]:
    report = await store.care.check(deep=deep)
    return {
        check.name: check for check in report.checks if check.status is Verdict.ERROR
    }


@pytest.fixture
async def recorded(store: SqliteStore) -> SqliteStore:
    session_id = await begin(store)
    await record_laps(store, session_id, 3, 60)
    await store.recording.finish_recording(session_id)
    return store


async def test_a_fresh_database_is_healthy(store: SqliteStore) -> None:
    report = await store.care.check(deep=True)
    assert report.verdict is Verdict.OK
    names = [check.name for check in report.checks]
    assert names == list(dict.fromkeys(names))
    assert {
        "orphaned sessions",
        "orphaned laps",
        "invalid references",
        "schema fingerprint",
        "foreign keys",
        "quick check",
        "integrity check",
        "trace checksums",
        "laps without frames",
        "frames out of order",
        "duplicate lap numbers",
        "sessions stuck in recording",
        "WAL size",
        "free disk",
        "backup age",
    } <= set(names)


async def test_a_database_that_is_being_recorded_into_is_healthy(
    store: SqliteStore,
) -> None:
    session_id = await begin(store)
    await record_laps(store, session_id, 2, 30)
    await store.recording.write(
        session_id,
        RecordingBatch(opened=[lap_started(3, 60)], frames=frames_of(3, range(60, 70))),
    )
    report = await store.care.check(deep=True)
    assert report.is_ok
    assert await store.care.plan_repair() == []
    backup_age = next(check for check in report.checks if check.name == "backup age")
    assert backup_age.status is Verdict.WARNING


FAULTS = {
    "orphaned sessions": "UPDATE sessions SET event_n = 99",
    "orphaned laps": "DELETE FROM sessions",
    "invalid references": "DELETE FROM laps WHERE lap_number = 2",
    "laps without frames": "DELETE FROM lap_traces WHERE lap_n = 2",
    "frame counts": "UPDATE laps SET frame_count = 7 WHERE n = 1",
    "schema fingerprint": "DROP INDEX laps_best",
    "sessions stuck in recording": "UPDATE sessions SET status = 'recording'",
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_found_and_repaired(
    recorded: SqliteStore, path: Path, name: str
) -> None:
    with tampering(path) as connection:
        connection.execute(FAULTS[name])
    report = await recorded.care.check()
    found = await failing(recorded)
    assert name in found
    assert found[name].count > 0
    assert found[name].remedy
    assert not report.is_damaged

    planned = await recorded.care.plan_repair()
    assert name in {step.check for step in planned}
    assert name in await failing(recorded)
    done = await recorded.care.repair()
    assert {step.check for step in planned} <= {step.check for step in done.steps}
    assert done.backup is not None
    assert done.backup in [backup.path for backup in await recorded.care.backups()]
    assert await failing(recorded, deep=True) == {}
    assert (await recorded.care.repair()).steps == []


async def test_what_a_repair_removes_goes_to_quarantine(
    recorded: SqliteStore, path: Path
) -> None:
    with tampering(path) as connection:
        connection.execute("DELETE FROM sessions")
        blobs = connection.execute("SELECT data FROM lap_traces ORDER BY lap_n")
        expected = [data for (data,) in blobs.fetchall()]
    await recorded.care.repair()
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT table_name, check_name, blob FROM quarantine ORDER BY n"
        ).fetchall()
    assert {row[1] for row in rows} == {"orphaned laps"}
    assert sum(row[0] == "laps" for row in rows) == 3
    assert [row[2] for row in rows if row[0] == "lap_traces"] == expected


async def test_an_orphaned_session_keeps_its_laps(
    recorded: SqliteStore, path: Path
) -> None:
    with tampering(path) as connection:
        connection.execute("UPDATE sessions SET event_n = 99")
    await recorded.care.repair()
    (session,) = await recorded.library.sessions()
    assert (session.event_id, session.lap_count) == (None, 3)


async def test_what_belongs_to_nobody_goes_to_the_local_user(
    recorded: SqliteStore, path: Path
) -> None:
    with tampering(path) as connection:
        connection.execute("DELETE FROM users")
    assert {"invalid references", "foreign keys"} <= set(await failing(recorded))
    await recorded.care.repair()
    assert await failing(recorded) == {}
    assert len(await recorded.library.sessions()) == 1


async def test_flipped_bits_of_a_trace_are_found_and_never_repaired(
    recorded: SqliteStore, path: Path
) -> None:
    with tampering(path) as connection:
        (data,) = connection.execute(
            "SELECT data FROM lap_traces WHERE lap_n = 2"
        ).fetchone()
        changed = bytearray(data)
        changed[len(changed) // 2] ^= 1
        connection.execute(
            "UPDATE lap_traces SET data = ? WHERE lap_n = 2", (bytes(changed),)
        )
    report = await recorded.care.check()
    assert report.is_damaged
    assert (await failing(recorded))["trace checksums"].count == 1
    await recorded.care.repair()
    assert await failing(recorded, deep=True) == {}
    (session,) = await recorded.library.sessions()
    laps = await recorded.library.laps(session.id)
    assert [lap.lap_number for lap in laps] == [1, 3]
    with closing(sqlite3.connect(path)) as connection:
        kept = connection.execute(
            "SELECT blob FROM quarantine WHERE table_name = 'lap_traces'"
        ).fetchall()
    assert kept == [(bytes(changed),)]


async def test_frames_out_of_order_are_found_and_sorted(
    recorded: SqliteStore, path: Path
) -> None:
    with tampering(path) as connection:
        trace = stored_trace(connection, 1)
        assert trace is not None
        columns = decode(trace)
        for key, column in columns.items():
            if isinstance(column, Exact):
                order = list(range(60))
                order[10], order[20] = order[20], order[10]
                columns[key] = column.take(order)  # type: ignore[arg-type]
        put_trace(connection, 1, encode(columns))
    assert set(await failing(recorded)) == {"frames out of order"}
    await recorded.care.repair()
    assert await failing(recorded) == {}


async def test_duplicate_lap_numbers_are_found_and_the_longest_kept(
    recorded: SqliteStore, path: Path
) -> None:
    with tampering(path) as connection:
        (sql,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'laps'"
        ).fetchone()
        loose = sql.replace("UNIQUE (session_n, lap_number)", "CHECK (1)")
        connection.execute("ALTER TABLE laps RENAME TO strict_laps")
        connection.execute(loose)
        connection.execute("INSERT INTO laps SELECT * FROM strict_laps")
        connection.execute("UPDATE laps SET lap_number = 1, frame_count = n + 50")
    found = await failing(recorded)
    assert found["duplicate lap numbers"].count == 2
    assert not found["schema fingerprint"].is_repairable
    await recorded.care.repair()
    (session,) = await recorded.library.sessions()
    (lap,) = await recorded.library.laps(session.id)
    assert lap.frame_count == 60
    assert "duplicate lap numbers" not in await failing(recorded)


@pytest.mark.parametrize("step", [1, 3, 7])
async def test_a_zeroed_page_gets_a_report_and_no_crash(
    recorded: SqliteStore, path: Path, step: int
) -> None:
    with tampering(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    zero_pages(path, step)
    report = await recorded.care.check(deep=True)
    assert report.is_damaged
    assert not report.is_ok
    assert all(check.name for check in report.checks)


async def test_an_object_of_somebody_else_is_a_warning(
    recorded: SqliteStore, path: Path
) -> None:
    with tampering(path) as connection:
        connection.execute("CREATE VIEW mine AS SELECT * FROM laps")
    report = await recorded.care.check()
    schema = next(row for row in report.checks if row.name == "schema fingerprint")
    assert schema.status is Verdict.WARNING
    assert "mine" in schema.detail
    assert report.is_ok


async def test_a_repair_leaves_a_running_recording_alone(
    recorded: SqliteStore, path: Path
) -> None:
    session = await recorded.library.create_session(SessionDraft("broken"))
    session_id = await begin(recorded, "running")
    await recorded.recording.write(
        session_id,
        RecordingBatch(opened=[lap_started(1, 0)], frames=frames_of(1, range(9))),
    )
    with tampering(path) as connection:
        connection.execute(
            "UPDATE sessions SET event_n = 99 WHERE id = ?", (session.id,)
        )
    await recorded.care.repair()
    assert await failing(recorded) == {}
    await recorded.recording.write(
        session_id, RecordingBatch(frames=frames_of(1, range(9, 12)))
    )
    assert (await recorded.library.session(session_id)).frame_count == 12


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ((3, 6, 0), False),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 50, 4), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_versions_with_the_wal_reset_fault(
    version: tuple[int, int, int], expected: bool
) -> None:
    assert has_wal_reset_bug(version) is expected


async def test_a_quick_check_sees_what_takes_no_time_to_see(
    recorded: SqliteStore, path: Path
) -> None:
    quick = await recorded.care.check(quick=True)
    assert quick.is_ok
    full = {check.name for check in (await recorded.care.check()).checks}
    names = {check.name for check in quick.checks}
    assert names < full
    assert "quick check" not in names
    with tampering(path) as connection:
        connection.execute("DROP INDEX laps_best")
        connection.execute("DELETE FROM sessions")
    found = {
        check.name
        for check in (await recorded.care.check(quick=True)).checks
        if check.status is Verdict.ERROR
    }
    assert found == {"schema fingerprint", "orphaned laps"}


async def test_odd_signals_are_flagged_and_kept(
    recorded: SqliteStore, path: Path
) -> None:
    with tampering(path) as connection:
        trace = stored_trace(connection, 2)
        assert trace is not None
        columns = decode(trace)
        throttle, received = columns["throttle"], columns["received_us"]
        assert not isinstance(throttle, Exact)
        assert isinstance(received, Exact)
        throttle[5] = 40.0
        received.values[30:] += 900_000
        put_trace(connection, 2, encode(columns))
    report = await recorded.care.check()
    signals = next(row for row in report.checks if row.name == "newest signals")
    assert (signals.status, signals.count) == (Verdict.WARNING, 1)
    assert signals.detail == "gaps in 1, values out of range in 1"
    assert report.is_ok
    assert await recorded.care.plan_repair() == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
async def test_a_file_that_others_may_write_is_a_warning(
    recorded: SqliteStore, path: Path
) -> None:
    await asyncio.to_thread(path.chmod, 0o666)
    report = await recorded.care.check(quick=True)
    mode = next(row for row in report.checks if row.name == "file mode")
    assert (mode.status, mode.detail) == (Verdict.WARNING, "666")
    assert "chmod" in mode.remedy
