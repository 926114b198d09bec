"""Copies are whole and verified, and one can be put back while the file is open."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ps_tui.collector.clock import SystemClock
from ps_tui.domain.errors import (
    DatabaseError,
    NewerDatabaseError,
    NotADatabaseError,
    RecorderBusyError,
    UsageError,
)
from ps_tui.domain.health import Backup, Verdict
from ps_tui.domain.models import EventDraft, SessionStatus
from ps_tui.storage.sqlite import SqliteStore, open_store, second_folder
from ps_tui.storage.sqlite.backup import make_backup
from ps_tui.storage.sqlite.identity import LATEST_REVISION
from tests.support.recordings import ManualClock, begin, record_laps


@pytest.fixture
async def recorded(store: SqliteStore) -> SqliteStore:
    session_id = await begin(store)
    await record_laps(store, session_id, 2, 60)
    await store.recording.finish_recording(session_id)
    return store


def read(copy: str, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(copy)) as connection:
        return connection.execute(query).fetchall()


def put(path: str, content: bytes) -> None:
    Path(path).write_bytes(content)


def content_of(path: str) -> bytes:
    return Path(path).read_bytes()


async def test_copies_of_one_microsecond_have_names_of_their_own(
    store: SqliteStore, path: Path
) -> None:
    with ThreadPoolExecutor(4) as pool:
        copies = list(pool.map(lambda _: make_backup(path, None, "now", 5), range(8)))
    assert len({copy.path for copy in copies}) == 8
    assert all(copy.is_verified for copy in copies)
    suffixes = {entry.suffix for entry in (path.parent / "backups").iterdir()}
    assert suffixes == {".db", ".json"}


def assert_private(backup: Backup, folder: Path) -> None:
    copy = Path(backup.path)
    assert backup.sha256 == hashlib.sha256(copy.read_bytes()).hexdigest()
    names = {entry.name for entry in folder.iterdir()}
    assert names == {copy.name, copy.name + ".json"}
    if sys.platform != "win32":
        assert copy.stat().st_mode & 0o777 == 0o600


def make_wrong_sources(copy: str, folder: Path) -> dict[Path, type[DatabaseError]]:
    """Return files that must not be restored, and how each is refused."""
    content = content_of(copy)
    changed, newer = folder / "changed.db", folder / "newer.db"
    foreign, text = folder / "foreign.db", folder / "text.db"
    changed.write_bytes(content[:-4096] + bytes(4096))
    (folder / "changed.db.json").write_bytes(content_of(copy + ".json"))
    newer.write_bytes(content)
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE t (x)")
    text.write_text("hello " * 1000)
    return {
        folder / "missing.db": DatabaseError,
        changed: DatabaseError,
        newer: NewerDatabaseError,
        foreign: NotADatabaseError,
        text: NotADatabaseError,
    }


async def test_a_backup_is_one_verified_private_file(
    recorded: SqliteStore, path: Path
) -> None:
    backup = await recorded.care.backup(reason="for the test")
    assert (backup.session_count, backup.lap_count) == (1, 2)
    assert_private(backup, path.parent / "backups")
    manifest = json.loads(content_of(backup.path + ".json"))
    assert manifest["verified"] is True
    assert manifest["reason"] == "for the test"
    assert manifest["counts"]["lap_traces"] == 2
    assert read(backup.path, "PRAGMA journal_mode") == [("delete",)]
    assert await recorded.care.backups() == [backup]


async def test_backups_are_listed_newest_first(
    recorded: SqliteStore, clock: ManualClock
) -> None:
    first = await recorded.care.backup()
    second = await recorded.care.backup()
    clock.advance(1)
    third = await recorded.care.backup()
    assert len({first.path, second.path, third.path}) == 3
    assert (await recorded.care.backups())[0] == third


async def test_a_backup_goes_where_it_is_sent_and_overwrites_nothing(
    recorded: SqliteStore, path: Path, tmp_path: Path
) -> None:
    target = tmp_path / "stick" / "copy.db"
    assert (await recorded.care.backup(target)).path == str(target)
    for taken in (target, path):
        with pytest.raises(UsageError, match="exists already"):
            await recorded.care.backup(taken)
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseError):
        await recorded.care.backup(tmp_path / "file" / "copy.db")


async def test_a_backup_while_recording_is_whole(store: SqliteStore) -> None:
    session_id = await begin(store)
    await record_laps(store, session_id, 1, 60)
    backup = await store.care.backup()
    assert read(backup.path, "SELECT count(*) FROM lap_traces") == [(1,)]
    with pytest.raises(RecorderBusyError, match="Stop the recording"):
        await store.care.restore(Path(backup.path))
    with pytest.raises(RecorderBusyError, match="Stop the recording"):
        await store.care.reset()
    await store.recording.finish_recording(session_id)
    await store.care.restore(Path(backup.path))
    (session,) = await store.library.sessions()
    assert session.status is SessionStatus.INTERRUPTED


async def test_a_restore_reaches_every_open_window(
    recorded: SqliteStore, path: Path, clock: ManualClock
) -> None:
    backup = await recorded.care.backup()
    window = await open_store(path, clock)
    try:
        (session,) = await recorded.library.sessions()
        await recorded.library.delete_session(session.id)
        await recorded.library.create_event(EventDraft("made later"))
        safety = await recorded.care.restore(Path(backup.path))
        for store in (recorded, window):
            assert [entry.id for entry in await store.library.sessions()] == [
                session.id
            ]
            assert await store.library.events() == []
            assert len(await store.library.laps(session.id)) == 2
        assert safety.reason == "before restore"
        assert read(safety.path, "SELECT name FROM events") == [("made later",)]
        assert (await recorded.care.check(deep=True)).is_ok
        assert read(str(path), "PRAGMA journal_mode") == [("wal",)]
    finally:
        await window.close()


async def test_a_restore_of_something_else_is_refused(
    recorded: SqliteStore, path: Path, tmp_path: Path
) -> None:
    backup = await recorded.care.backup()
    for source, error in make_wrong_sources(backup.path, tmp_path).items():
        with pytest.raises(error) as caught:
            await recorded.care.restore(source)
        assert "backup" in caught.value.remedy
        assert "--db" not in caught.value.remedy
    assert len(await recorded.library.sessions()) == 1
    assert len(await recorded.care.backups()) == 1


async def test_a_reset_empties_the_database_after_a_backup(
    recorded: SqliteStore, path: Path
) -> None:
    await recorded.library.create_event(EventDraft("Monza"))
    backup = await recorded.care.reset()
    assert await recorded.library.events() == []
    assert await recorded.library.sessions() == []
    assert read(str(path), "SELECT count(*) FROM lap_traces") == [(0,)]
    assert read(str(path), "SELECT count(*) FROM users") == [(1,)]
    assert (await recorded.care.check(deep=True)).is_ok
    assert (backup.session_count, backup.reason) == (1, "before reset")
    await recorded.care.restore(Path(backup.path))
    assert len(await recorded.library.sessions()) == 1


async def test_a_damaged_database_can_still_be_restored_over(
    recorded: SqliteStore, path: Path
) -> None:
    backup = await recorded.care.backup()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'sessions'"
        ).fetchone()
    with path.open("rb+") as file:
        file.seek((page - 1) * 4096)
        file.write(bytes(4096))
    assert (await recorded.care.check()).is_damaged
    with pytest.raises(DatabaseError, match="damaged"):
        await recorded.care.backup()
    await recorded.care.restore(Path(backup.path))
    assert (await recorded.care.check(deep=True)).is_ok
    assert len(await recorded.library.sessions()) == 1


async def test_a_damaged_database_opens_to_be_checked(
    recorded: SqliteStore, path: Path, clock: ManualClock
) -> None:
    await recorded.close()
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'sessions_recording'"
        ).fetchone()
    with path.open("rb+") as file:
        file.seek((page - 1) * 4096)
        file.write(bytes(4096))
        file.seek(3 * 4096)
        file.write(bytes(4096))
    store = await open_store(path, clock)
    try:
        assert (await store.care.check()).is_damaged
    finally:
        await store.close()


async def test_an_automatic_backup_is_made_only_of_what_has_changed(
    recorded: SqliteStore, clock: ManualClock
) -> None:
    first = await recorded.care.auto_backup("session end")
    assert first is not None
    assert (first.reason, first.is_verified) == ("session end", True)
    assert await recorded.care.auto_backup("15 minutes") is None
    await recorded.library.create_event(EventDraft("Monza"))
    clock.advance(1)
    assert await recorded.care.auto_backup("15 minutes") is not None


async def test_automatic_backups_are_thinned_out_and_pinned_ones_stay(
    recorded: SqliteStore, clock: ManualClock
) -> None:
    pinned = await recorded.care.backup()
    name = Path(Path(pinned.path).name)
    assert (await recorded.care.pin_backup(name)).is_pinned
    for number in range(14):
        clock.advance(60)
        await recorded.library.create_event(EventDraft(f"E{number}"))
        assert await recorded.care.auto_backup("15 minutes") is not None
    copies = await recorded.care.backups()
    assert len(copies) == 8 + 1
    assert [copy.is_pinned for copy in copies] == [False] * 8 + [True]
    await recorded.care.pin_backup(name, pinned=False)
    clock.advance(60)
    await recorded.library.create_event(EventDraft("last"))
    await recorded.care.auto_backup("15 minutes")
    assert name.name not in {Path(b.path).name for b in await recorded.care.backups()}
    folder = Path(pinned.path).parent
    assert len(list(folder.iterdir())) == 2 * len(await recorded.care.backups())


async def test_two_databases_in_a_folder_do_not_see_each_others_backups(
    recorded: SqliteStore, path: Path, clock: ManualClock
) -> None:
    await recorded.care.backup()
    other = await open_store(path.with_name("other.db"), clock)
    try:
        assert await other.care.backups() == []
        await other.care.backup()
        assert len(await other.care.backups()) == 1
        assert len(await recorded.care.backups()) == 1
    finally:
        await other.close()


async def test_a_backup_is_verified_and_restored_by_name(
    recorded: SqliteStore,
) -> None:
    made = await recorded.care.backup()
    name = Path(Path(made.path).stem)
    assert await recorded.care.verify_backup(name) == made
    put(made.path, content_of(made.path)[:-1] + b"\xff")
    with pytest.raises(DatabaseError, match="checksum is wrong"):
        await recorded.care.verify_backup(name)
    with pytest.raises(DatabaseError, match="checksum is wrong"):
        await recorded.care.restore(name)


async def test_a_second_folder_gets_each_copy_and_may_vanish(
    path: Path, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = tmp_path / "stick"
    store = await open_store(path, clock, copy_folder=stick)
    try:
        missing = await store.care.backup()
        assert missing.copied_to is None
        assert "stick" in missing.copy_problem
        assert not stick.exists()
        stick.mkdir()
        copied = await store.care.backup()
        assert copied.copied_to == str(stick / Path(copied.path).name)
        assert copied.copy_problem == (
            f"{stick} is on the same disk, and would be lost with it."
        )
        assert content_of(copied.copied_to) == content_of(copied.path)
        assert sorted(entry.name for entry in stick.iterdir()) == [
            Path(copied.path).name,
            Path(copied.path).name + ".json",
        ]
        monkeypatch.setattr(second_folder, "_disk", lambda file: file.parent)
        assert (await store.care.backup()).copy_problem == ""
        shutil.rmtree(stick)
        stick.touch()
        assert (await store.care.backup()).copy_problem
        assert len(await store.care.backups()) == 4
        restored = await store.care.restore(Path(copied.path))
        assert restored.reason == "before restore"
    finally:
        await store.close()


async def test_a_damaged_lap_is_copied_and_the_copy_not_called_verified(
    recorded: SqliteStore, path: Path
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE lap_traces SET crc32 = 1 WHERE lap_n = 1")
        connection.commit()
    made = await recorded.care.backup()
    assert not made.is_verified
    with pytest.raises(DatabaseError, match="1 laps have a wrong checksum"):
        await recorded.care.verify_backup(Path(made.path))
    assert (await recorded.care.restore(Path(made.path))).reason == "before restore"


async def test_a_value_that_cannot_be_is_copied_and_the_copy_not_called_verified(
    store: SqliteStore, path: Path
) -> None:
    await store.library.create_event(EventDraft("Monza"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE events SET status = 'lost'")
        connection.commit()
    assert not (await store.care.backup()).is_verified
    await store.care.repair()
    assert (await store.care.backup()).is_verified


async def test_a_timer_makes_no_second_copy_of_the_same(
    recorded: SqliteStore, path: Path, clock: ManualClock
) -> None:
    assert await recorded.care.backup_if_changed("timer")
    again = await open_store(path, clock)
    try:
        # The clock of the tests is not that of the files.
        age(path, clock.us / 1e6 - 100)
        assert await again.care.backup_if_changed("timer") is None
        await again.library.create_event(EventDraft("Monza"))
        clock.advance(1)
        await recorded.library.create_event(EventDraft("Spa"))
        assert await again.care.backup_if_changed("timer")
    finally:
        await again.close()
    assert len(await recorded.care.backups()) == 2


async def test_a_timer_that_opens_the_file_for_itself_makes_no_second_copy(
    path: Path,
) -> None:
    clock = SystemClock()
    made = []
    for _ in range(3):
        store = await open_store(path, clock)
        made.append(await store.care.backup_if_changed("timer"))
        await store.close()
    # The first start tidies its journal up after the copy, which counts as a write.
    assert made[0] is not None
    assert made[2] is None


def age(path: Path, moment: float) -> None:
    for side in path.parent.glob(f"{path.name}*"):
        os.utime(side, (moment, moment))


async def test_a_copy_without_a_table_is_not_put_in_place(
    recorded: SqliteStore, path: Path
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE markers")
    made = await recorded.care.backup()
    with pytest.raises(DatabaseError, match="markers"):
        await recorded.care.restore(Path(made.path))


async def test_a_copy_of_an_older_revision_is_verified(
    recorded: SqliteStore, path: Path, clock: ManualClock
) -> None:
    await recorded.schema.rollback()
    made = await recorded.care.backup()
    assert made.is_verified
    assert made.revision == LATEST_REVISION - 1
    await recorded.care.restore(Path(made.path))
    assert (await recorded.care.check(deep=True)).is_ok


async def test_a_folder_of_backups_that_may_not_be_read_is_not_called_empty(
    recorded: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path((await recorded.care.backup()).path).parent
    scandir = os.scandir

    def refuse(place: Path) -> Any:
        if Path(place) == folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(place))
        return scandir(place)

    def refuse_list(place: Path) -> list[str]:
        with refuse(place) as entries:
            return [entry.name for entry in entries]

    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(os, "listdir", refuse_list)
    with pytest.raises(DatabaseError, match="Permission denied"):
        await recorded.care.backups()
    report = await recorded.care.check()
    (age,) = [check for check in report.checks if check.name == "backup age"]
    assert (age.status, age.count) == (Verdict.WARNING, 1)
    assert "Permission denied" in age.detail


async def test_no_folder_is_made_where_the_database_was(
    recorded: SqliteStore, path: Path
) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))
    try:
        assert await recorded.care.auto_backup("session end") is None
        assert not path.parent.is_dir()
    finally:
        path.parent.with_name("elsewhere").rename(path.parent)
