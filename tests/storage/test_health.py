"""Each check fires on the fault it is for, and a repair clears what it can."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.health import CheckResult, Verdict
from ps_tui.domain.models import SessionDraft
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.sqlite import SqliteStore, health, surroundings
from ps_tui.storage.sqlite.sealing import put_trace, stored_trace
from ps_tui.storage.sqlite.surroundings import has_wal_reset_bug
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
        connection.execute("PRAGMA ignore_check_constraints = ON")
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
        "file header",
        "check constraints",
        "quarantine",
        "wall clock",
        "lap load",
        "fragmentation",
        "newest signals",
        "SQLite version",
        "file place",
        "file mode",
        "free pages",
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
    "check constraints": "UPDATE laps SET kind = 'best', state = 'lost' WHERE n = 2",
    "foreign keys": "INSERT INTO markers (id, session_n, received_us, created_us)"
    " VALUES ('m', 99, 1, 1)",
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


async def test_values_that_cannot_be_become_what_can(
    recorded: SqliteStore, path: Path
) -> None:
    with tampering(path) as connection:
        connection.execute("UPDATE sessions SET status = 'gone', name = ''")
        connection.execute(
            "UPDATE laps SET state = 'lost', lap_time_ms = -5 WHERE n = 2"
        )
        connection.execute("UPDATE laps SET kind = 'best' WHERE n = 3")
        connection.execute("UPDATE lap_traces SET frame_count = 0 WHERE lap_n = 1")
    found = (await failing(recorded))["check constraints"]
    assert (found.count, found.detail) == (4, "in lap_traces, laps, sessions")
    await recorded.care.repair()
    (session,) = await recorded.library.sessions()
    assert (session.name, session.status) == ("? 1", "interrupted")
    laps = await recorded.library.laps(session.id)
    assert [(lap.lap_number, lap.lap_time_ms) for lap in laps] == [
        (2, None),
        (3, 89_997),
    ]
    assert len((await recorded.library.load_trace(laps[0].id)).columns["speed"]) == 60
    assert await failing(recorded, deep=True) == {}


async def test_what_hangs_on_nothing_is_taken_from_every_table(
    recorded: SqliteStore, path: Path
) -> None:
    with tampering(path) as connection:
        connection.executescript(
            """
            INSERT INTO prizes (n, id, event_n, name, created_us, updated_us)
                VALUES (1, 'p', 70, 'cup', 1, 1);
            INSERT INTO event_participants
                (n, id, event_n, user_n, created_us, updated_us)
                VALUES (1, 'e', 70, 1, 1, 1);
            INSERT INTO winners (id, prize_n, participant_n, created_us)
                VALUES ('w', 1, 1, 1);
            UPDATE sessions SET vehicle_n = 12;
            """
        )
    assert set(await failing(recorded)) == {"foreign keys"}
    done = await recorded.care.repair()
    assert [step.problem for step in done.steps] == [""]
    assert await failing(recorded) == {}
    assert len(await recorded.library.sessions()) == 1
    report = await recorded.care.check()
    kept = next(check for check in report.checks if check.name == "quarantine")
    assert (kept.status, kept.count) == (Verdict.OK, 4)
    assert kept.detail == "4 of foreign keys"


async def test_a_damaged_index_is_built_anew(recorded: SqliteStore, path: Path) -> None:
    with tampering(path) as connection:
        # The index misses a change while the schema does not know of it.
        connection.execute("PRAGMA writable_schema = ON")
        entry = "FROM sqlite_master WHERE name = 'laps_best'"
        row = connection.execute(f"SELECT * {entry}").fetchone()
        connection.execute(f"DELETE {entry}")
    with tampering(path) as connection:
        connection.execute("UPDATE laps SET lap_time_ms = 1 WHERE n = 2")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    await recorded.library.events()
    found = await failing(recorded, deep=True)
    assert found["integrity check"].is_repairable
    assert "laps_best" in found["integrity check"].detail
    done = await recorded.care.repair()
    assert done.steps[0].action == "build damaged indexes anew"
    assert await failing(recorded, deep=True) == {}


async def test_room_is_given_back(
    recorded: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tampering(path) as connection:
        connection.execute("CREATE TABLE big (x)")
        connection.execute("INSERT INTO big VALUES (zeroblob(6000000))")
        connection.commit()
        connection.execute("DROP TABLE big")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = size(path)
    await recorded.library.create_session(SessionDraft("for the journal"))
    monkeypatch.setattr(surroundings, "WAL_LIMIT_BYTES", 0)
    planned = await recorded.care.plan_repair()
    assert [step.check for step in planned] == ["free pages", "WAL size"]
    done = await recorded.care.repair()
    assert [step.check for step in done.steps] == ["free pages", "WAL size"]
    assert done.run == ""
    assert size(path) < before - 5_000_000
    assert (await recorded.care.check(deep=True)).is_ok


def size(path: Path) -> int:
    return path.stat().st_size


async def test_a_deep_check_leaves_no_copy_behind(
    recorded: SqliteStore, path: Path
) -> None:
    old = path.with_name(f"{path.stem}-check-1.tmp")
    old.write_bytes(b"left by a process that died")
    os.utime(old, (1, 1))
    assert (await recorded.care.check(deep=True)).is_ok
    assert list(path.parent.glob("*.tmp")) == []


async def test_a_session_of_the_future_and_a_clock_that_was_set(
    recorded: SqliteStore, path: Path
) -> None:
    with tampering(path) as connection:
        connection.execute("UPDATE sessions SET created_us = created_us * 2")
        trace = stored_trace(connection, 2)
        assert trace is not None
        columns = decode(trace)
        stamps = columns["timestamp"]
        assert isinstance(stamps, Exact)
        stamps.values[30:] -= 3_600_000
        put_trace(connection, 2, encode(columns))
    report = await recorded.care.check()
    clock = next(row for row in report.checks if row.name == "wall clock")
    assert (clock.status, clock.count) == (Verdict.WARNING, 2)
    assert "1 sessions are dated in the future" in clock.detail


async def test_frames_that_only_came_late_or_were_played_fast_are_well(
    recorded: SqliteStore, path: Path
) -> None:
    with tampering(path) as connection:
        for lap_n, is_fast in ((1, True), (2, False)):
            trace = stored_trace(connection, lap_n)
            assert trace is not None
            columns = decode(trace)
            received, stamps = columns["received_us"], columns["timestamp"]
            assert isinstance(received, Exact)
            assert isinstance(stamps, Exact)
            if is_fast:
                first = stamps.values[0]
                stamps.values[:] = first + (stamps.values - first) * 20
            else:
                received.values[30:] += 900_000
            put_trace(connection, lap_n, encode(columns))
    report = await recorded.care.check()
    verdicts = {row.name: row.status for row in report.checks}
    assert verdicts["newest signals"] is verdicts["wall clock"] is Verdict.OK


async def test_a_big_database_is_checked_by_a_process_of_its_own(
    recorded: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await recorded.care.check()
    monkeypatch.setattr(health, "BIG_BYTES", 0)
    with tampering(path) as connection:
        connection.execute("UPDATE lap_traces SET crc32 = 1 WHERE lap_n = 2")
    beside = await recorded.care.check()
    assert [row.name for row in beside.checks] == [row.name for row in here.checks]
    assert [row.name for row in beside.checks if row.status is Verdict.ERROR] == [
        "trace checksums"
    ]
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert (await recorded.care.check()).is_damaged
    monkeypatch.setattr(sys, "executable", shutil.which("false") or "/nowhere/python")
    assert (await recorded.care.check()).is_damaged


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
        for key in ("timestamp", "lap_time"):
            clock = columns[key]
            assert isinstance(clock, Exact)
            clock.values[30:] += 900
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


async def test_a_database_whose_disk_is_gone_is_named(
    store: SqliteStore, path: Path
) -> None:
    away = path.parent.with_name("away")
    path.parent.rename(away)
    try:
        for options in ({"quick": True}, {}):
            with pytest.raises(DatabaseError, match="cannot be looked at"):
                await store.care.check(**options)
    finally:
        away.rename(path.parent)
