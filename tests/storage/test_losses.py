"""What no repair brings back is named, with the backup that still has it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.domain.errors import DamagedDatabaseError
from ps_tui.domain.health import CheckResult, Verdict
from ps_tui.storage.sqlite import SqliteStore, open_store
from ps_tui.storage.sqlite.health import check_database
from tests.support.recordings import ManualClock, begin, record_laps


@pytest.fixture
async def recorded(store: SqliteStore) -> SqliteStore:
    session_id = await begin(store)
    await record_laps(store, session_id, 3, 60)
    await store.recording.finish_recording(session_id)
    return store


def change(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def zero_pages(path: Path) -> None:
    with path.open("rb+") as file:
        for page in range(30, path.stat().st_size // 4096, 5):
            file.seek(page * 4096)
            file.write(bytes(4096))


def empty(path: Path, journal: Path | None) -> None:
    path.write_bytes(b"")
    if journal is not None:
        journal.write_bytes(b"frames")


def sizes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_size for file in folder.glob("*.db*")}


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


async def row(store: SqliteStore, name: str) -> CheckResult:
    report = await store.care.check()
    return next(check for check in report.checks if check.name == name)


async def test_a_dropped_table_is_a_loss_that_a_backup_has(
    recorded: SqliteStore, path: Path, clock: ManualClock
) -> None:
    kept = Path((await recorded.care.backup()).path)
    clock.advance(60)
    change(path, "DROP TABLE lap_traces; DROP INDEX laps_best")
    after = await recorded.care.backup()
    assert not after.is_verified
    schema = await row(recorded, "schema fingerprint")
    assert schema.status is Verdict.ERROR
    assert not schema.is_repairable
    assert "lap_traces" in schema.detail
    assert kept.name in schema.remedy

    before = dump(path)
    with pytest.raises(DamagedDatabaseError) as caught:
        await recorded.care.plan_repair()
    assert "lap_traces is gone" in caught.value.cause
    assert f"db restore {kept.name}" in caught.value.remedy
    assert "3 lap_traces" in caught.value.remedy
    with pytest.raises(DamagedDatabaseError):
        await recorded.care.repair()
    assert dump(path) == before
    await recorded.care.restore(kept)
    assert (await recorded.care.check(deep=True)).is_ok


async def test_a_lost_table_without_a_backup_can_be_made_again(
    recorded: SqliteStore, path: Path
) -> None:
    change(path, "DROP TABLE lap_traces")
    with pytest.raises(DamagedDatabaseError, match="gone") as caught:
        await recorded.care.plan_repair()
    assert "db push" in caught.value.remedy


async def test_a_damaged_file_is_not_repaired(
    recorded: SqliteStore, path: Path
) -> None:
    change(path, "DROP INDEX laps_best; PRAGMA wal_checkpoint(TRUNCATE)")
    zero_pages(path)
    with pytest.raises(DamagedDatabaseError, match="a repair would make it worse"):
        await recorded.care.repair()


@pytest.mark.parametrize("sign", ["a backup", "a journal"])
async def test_an_emptied_file_is_not_taken_for_a_new_one(
    path: Path, clock: ManualClock, sign: str
) -> None:
    store = await open_store(path, clock)
    if sign == "a backup":
        await store.care.backup()
    await store.close()
    wal = path.with_name(path.name + "-wal")
    empty(path, wal if sign == "a journal" else None)
    before = sizes(path.parent)
    with pytest.raises(DamagedDatabaseError) as caught:
        await open_store(path, clock)
    assert "is empty" in caught.value.cause
    assert "db restore" in caught.value.remedy
    report = check_database(path, clock.now_us())
    assert report.is_damaged
    assert [check.name for check in report.checks] == ["file header"]
    assert sizes(path.parent) == before
