"""Every flipped bit of a lap is found, in the file and in the journal."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.health import Verdict
from ps_tui.storage.sqlite import SqliteStore, open_store
from ps_tui.storage.sqlite.traces import damaged_traces
from tests.support.recordings import ManualClock, begin, record_laps

FLIPS = 20
CHUNK = 64


async def record(store: SqliteStore) -> str:
    session_id = await begin(store)
    await record_laps(store, session_id, 8, 600)
    await store.recording.finish_recording(session_id)
    return session_id


def lap_bytes(path: Path, content: bytes, rng: random.Random) -> list[int]:
    """Return places of ``content`` that belong to stored laps."""
    with closing(sqlite3.connect(path)) as connection:
        blobs = [row[0] for row in connection.execute("SELECT data FROM lap_traces")]
    places: list[int] = []
    while len(places) < FLIPS:
        blob = rng.choice(blobs)
        start = rng.randrange(len(blob) - CHUNK)
        found = content.rfind(blob[start : start + CHUNK])
        if found >= 0:
            places.append(found + rng.randrange(CHUNK))
    return places


def flip(file: Path, place: int, bit: int) -> None:
    with file.open("rb+") as opened:
        opened.seek(place)
        (value,) = opened.read(1)
        opened.seek(place)
        opened.write(bytes([value ^ 1 << bit]))


def found_by_quick_check(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]


async def test_flips_in_the_file(path: Path, clock: ManualClock) -> None:
    store = await open_store(path, clock)
    await record(store)
    await store.close()
    rng = random.Random(5)
    places = lap_bytes(path, read(path), rng)
    found = by_sqlite = 0
    for place in places:
        bit = rng.randrange(8)
        flip(path, place, bit)
        with closing(sqlite3.connect(path)) as connection:
            found += bool(damaged_traces(connection))
        by_sqlite += found_by_quick_check(path)
        flip(path, place, bit)
    assert found == FLIPS
    assert by_sqlite <= FLIPS // 5
    store = await open_store(path, clock)
    assert (await store.care.check(deep=True)).is_ok
    await store.close()


async def test_flips_in_the_journal_of_an_open_database(
    store: SqliteStore, path: Path
) -> None:
    keeper = sqlite3.connect(path)  # the journal stays as long as this reads
    keeper.execute("BEGIN")
    keeper.execute("SELECT count(*) FROM laps").fetchall()
    await record(store)
    wal = path.with_name(path.name + "-wal")
    rng = random.Random(6)
    found = 0
    for place in lap_bytes(path, read(wal), rng):
        flip(wal, place, place % 8)
        found += (await store.care.check()).is_damaged
        flip(wal, place, place % 8)
    keeper.close()
    assert found == FLIPS
    assert (await store.care.check()).is_ok


def read(path: Path) -> bytes:
    return path.read_bytes()


@pytest.mark.parametrize("which", [0.3, 0.5, 0.8])
async def test_a_zeroed_page_costs_a_lap_or_two(
    path: Path, clock: ManualClock, which: float
) -> None:
    store = await open_store(path, clock)
    session_id = await record(store)
    await store.close()
    content = bytearray(read(path))
    rng = random.Random(round(which * 10))
    (place, *_) = lap_bytes(path, content, rng)
    page = place // 4096
    content[page * 4096 : page * 4096 + 4096] = bytes(4096)
    write(path, content)
    store = await open_store(path, clock)
    try:
        assert (await store.care.check()).is_damaged
        readable = 0
        for lap in await store.library.laps(session_id):
            with contextlib.suppress(DatabaseError):
                await store.library.load_trace(lap.id)
                readable += 1
        assert readable >= 6
        archive = path.with_name("rescued.zip")
        report = await store.content.export_all(archive)
        assert report.traces == readable
        assert len(report.unreadable) == 8 - readable
        new = await open_store(path.with_name("new.db"), clock)
        try:
            assert (await new.content.import_all(archive)).traces == readable
            wrong = {
                check.name
                for check in (await new.care.check()).checks
                if check.status is Verdict.ERROR
            }
            assert wrong <= {"laps without frames"}
        finally:
            await new.close()
    finally:
        await store.close()


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
