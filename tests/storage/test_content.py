"""Free queries, seeds, and rows that go for good."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.domain.errors import NotFoundError, RecorderBusyError, UsageError
from ps_tui.domain.frame import Identity
from ps_tui.domain.models import EventDraft, SessionDraft
from ps_tui.domain.upkeep import DemoDrive
from ps_tui.storage.sqlite import SqliteStore
from tests.support.recordings import (
    CHANNELS,
    ManualClock,
    begin,
    frame_at,
    lap_completed,
    record_laps,
)

DRIVE = DemoDrive(
    Identity(car="Merlin", driver="Demo", track="Park"),
    CHANNELS,
    [
        (
            lap_completed(n, 60 * n, 60 * n + 60),
            [frame_at(60 * n + k) for k in range(60)],
        )
        for n in (1, 2)
    ],
)


@pytest.fixture
async def recorded(store: SqliteStore) -> SqliteStore:
    session_id = await begin(store)
    await record_laps(store, session_id, 3, 60)
    await store.recording.finish_recording(session_id)
    return store


async def lap_ids(store: SqliteStore) -> list[str]:
    (session, *_) = await store.library.sessions()
    return [lap.id for lap in await store.library.laps(session.id)]


async def test_a_query_gives_rows_and_its_plan(recorded: SqliteStore) -> None:
    found = await recorded.content.query("SELECT lap_number, valid FROM laps")
    assert found.columns == ["lap_number", "valid"]
    assert sorted(found.rows) == [[1, 1], [2, 1], [3, 1]]
    assert found.plan
    cut = await recorded.content.query("SELECT * FROM lap_traces", limit=2)
    assert (len(cut.rows), cut.is_truncated) == (2, True)
    assert "bytes" in cut.rows[0][-1]


async def test_the_frames_of_chosen_laps_are_a_table(recorded: SqliteStore) -> None:
    laps = await lap_ids(recorded)
    found = await recorded.content.query(
        "SELECT lap, count(*), max(speed) > 100, min(fuel) IS NOT NULL FROM frames"
        " GROUP BY lap",
        laps=laps[1:],
    )
    assert found.rows == [[2, 60, 1, 1], [3, 60, 1, 1]]
    with pytest.raises(UsageError, match="no such table: frames") as caught:
        await recorded.content.query("SELECT * FROM frames")
    assert "--lap" in caught.value.remedy


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM laps",
        "CREATE TABLE x (y)",
        "ATTACH '/tmp/other.db' AS other",
        "UPDATE laps SET valid = 0 RETURNING n",
        "SELECT nonsense",
        "BEGIN",
        "SELECT 1; SELECT 2",
        "PRAGMA user_version = 7",
    ],
)
async def test_a_query_that_writes_is_refused(recorded: SqliteStore, sql: str) -> None:
    with pytest.raises(UsageError) as caught:
        await recorded.content.query(sql)
    assert caught.value.remedy
    assert len(await lap_ids(recorded)) == 3
    assert (await recorded.care.info()).revision != 7


async def test_a_query_that_takes_long_is_stopped(recorded: SqliteStore) -> None:
    endless = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
        " SELECT max(x) FROM n"
    )
    with pytest.raises(UsageError, match="took longer") as caught:
        await recorded.content.query(endless, timeout_s=0.05)
    assert "--timeout" in caught.value.remedy


async def test_a_seed_is_the_same_three_times(store: SqliteStore) -> None:
    reports = [await store.content.seed(DRIVE) for _ in range(3)]
    assert len({report.sha256 for report in reports}) == 1
    assert reports[0].inserted > 10
    for report in reports[1:]:
        assert (report.inserted, report.updated) == (0, 0)
        assert report.unchanged == reports[0].inserted
    (session,) = await store.library.sessions()
    assert (session.name, session.lap_count) == ("Demo laps", 2)
    assert session.vehicle_id is not None
    (lap, _) = await store.library.laps(session.id)
    assert len((await store.library.load_trace(lap.id)).columns["speed"]) == 60
    assert (await store.care.check(deep=True)).is_ok
    assert [car.name for car in await store.garage.vehicles()] == ["Merlin GT 4.0"]


async def test_a_seed_keeps_roles_and_puts_the_rest_right(
    store: SqliteStore, path: Path
) -> None:
    before = await store.content.seed()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE users SET role = 'admin' WHERE email LIKE 'demo@%'")
        connection.execute("UPDATE events SET location = 'Elsewhere'")
        connection.commit()
    report = await store.content.seed()
    assert (report.inserted, report.updated) == (0, 1)
    assert report.unchanged == before.inserted - 1
    with closing(sqlite3.connect(path)) as connection:
        roles = connection.execute("SELECT role FROM users WHERE email LIKE 'demo@%'")
        assert roles.fetchall() == [("admin",)]
    assert (await store.library.events())[0].location == "Merlin Park"


async def test_two_databases_get_the_same_ids(
    store: SqliteStore, tmp_path: Path, clock: ManualClock
) -> None:
    from ps_tui.storage.sqlite import open_store

    await store.content.seed(DRIVE)
    other = await open_store(tmp_path / "other.db", clock)
    try:
        await other.content.seed(DRIVE)
        for query in ("SELECT id FROM laps", "SELECT id FROM vehicles"):
            mine, theirs = [await one.content.query(query) for one in (store, other)]
            assert mine.rows == theirs.rows
    finally:
        await other.close()


async def test_a_purge_takes_what_was_deleted_long_ago(
    recorded: SqliteStore, clock: ManualClock
) -> None:
    (session,) = await recorded.library.sessions()
    laps = await recorded.library.laps(session.id)
    await recorded.library.delete_lap(laps[0].id)
    clock.advance(40 * 86_400)
    await recorded.library.delete_lap(laps[1].id)
    planned = await recorded.content.purge(30, dry_run=True)
    assert (planned.rows, planned.backup) == ({"laps": 1}, None)
    done = await recorded.content.purge(30)
    assert done.rows == {"laps": 1}
    assert done.backup is not None
    left = await recorded.library.laps(session.id, deleted=True)
    assert [lap.id for lap in left] == [laps[1].id]
    assert (await recorded.content.purge(30)).rows == {}
    assert (await recorded.care.check(deep=True)).is_ok


async def test_a_purged_event_takes_everything_beneath_it(
    recorded: SqliteStore, path: Path, clock: ManualClock
) -> None:
    event = await recorded.library.create_event(EventDraft("Monza"))
    (session,) = await recorded.library.sessions()
    await recorded.library.edit_session(session.id, SessionDraft("Q", event.id))
    await recorded.content.seed()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """
            INSERT INTO winners (id, prize_n, participant_n, created_us)
                SELECT 'w', prizes.n, p.n, 1 FROM prizes, event_participants AS p
                LIMIT 1;
            """
        )
    for found in await recorded.library.events():
        await recorded.library.delete_event(found.id)
    clock.advance(10)
    done = await recorded.content.purge(0)
    assert done.rows == {"laps": 3, "sessions": 1, "events": 2}
    for table in ("laps", "lap_traces", "sessions", "events", "prizes", "winners"):
        found_rows = await recorded.content.query(f"SELECT * FROM {table}")
        assert found_rows.rows == []
    assert (await recorded.care.check(deep=True)).is_ok


async def test_a_won_prize_stays_with_its_winner(
    store: SqliteStore, path: Path, clock: ManualClock
) -> None:
    await store.content.seed()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript(
            """
            INSERT INTO winners (id, prize_n, participant_n, created_us)
                SELECT 'w', prizes.n, p.n, 1 FROM prizes, event_participants AS p
                LIMIT 1;
            UPDATE prizes SET deleted_us = 1;
            """
        )
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("DELETE FROM prizes")
    clock.advance(1)
    assert (await store.content.purge(0)).rows == {}


async def test_a_vacuum_gives_room_back(recorded: SqliteStore) -> None:
    (session,) = await recorded.library.sessions()
    await recorded.library.delete_session(session.id)
    running = await begin(recorded, "running")
    with pytest.raises(RecorderBusyError):
        await recorded.content.vacuum(full=True)
    await recorded.content.vacuum()
    await recorded.recording.finish_recording(running)
    done = await recorded.content.vacuum(full=True)
    assert done.after_bytes > 0
    assert (await recorded.care.check(deep=True)).is_ok


async def test_what_a_repair_took_away_is_listed(
    recorded: SqliteStore, path: Path
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE lap_traces SET crc32 = 1 WHERE lap_n = 2")
        connection.commit()
    done = await recorded.care.repair()
    found = await recorded.content.quarantine(done.run)
    assert [entry.table for entry in found] == ["laps", "lap_traces"]
    assert found[0].row["lap_number"] == 2
    assert found[1].blob_bytes > 0
    with pytest.raises(NotFoundError, match="no repair other"):
        await recorded.content.quarantine("other")
