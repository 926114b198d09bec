"""What the database does not take is set aside, and comes home in its order."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from math import isnan, nan
from pathlib import Path

import msgspec
import pytest

from ps_tui.domain.errors import DatabaseError, StorageFullError
from ps_tui.domain.models import LapKind, RecorderInfo, SessionStatus
from ps_tui.domain.recording import RecordingBatch, StoredFrame
from ps_tui.storage.process import own_recorder
from ps_tui.storage.spill import SpillFile, SpillHeader, read_spill
from ps_tui.storage.sqlite import SqliteStore, open_store
from tests.support.recordings import (
    CHANNELS,
    ManualClock,
    begin,
    expected,
    frame_at,
    frames_of,
    lap_completed,
    lap_started,
    record_laps,
    times_of,
)

DEAD = msgspec.structs.replace(own_recorder(), boot_id="another-boot")


def header(recorder: RecorderInfo = DEAD) -> SpillHeader:
    return SpillHeader("s" * 36, "Q", "native", recorder, CHANNELS, {1: 7})


def batch(number: int, first: int, end: int) -> RecordingBatch:
    return RecordingBatch(frames=frames_of(number, range(first, end)))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "near", tmp_path / "far"


def test_batches_come_back_as_they_were(folders: tuple[Path, Path]) -> None:
    frame = msgspec.structs.replace(frame_at(1), extra=(nan, 1.5), speed_kmh=None)
    full = RecordingBatch(
        opened=[lap_started(1, 0)],
        frames=[StoredFrame(1, frame)],
        closed=[lap_completed(1, 0, 60)],
        dropped_frames=3,
    )
    file = SpillFile.create(folders, "x", header())
    file.append(full)
    file.append(batch(1, 2, 9))
    file.close()
    assert (file.batch_count, file.frame_count) == (2, 8)
    spilled = read_spill(file.path)
    assert spilled.is_whole
    assert spilled.header == header()
    first, second = spilled.batches
    (stored,) = first.frames
    assert isnan(stored.frame.extra[0])
    assert msgspec.structs.replace(stored.frame, extra=(1.5,)) == (
        msgspec.structs.replace(frame, extra=(1.5,))
    )
    assert (first.opened, first.closed, first.dropped_frames) == (
        full.opened,
        full.closed,
        3,
    )
    assert second == batch(1, 2, 9)


def test_an_end_cut_off_or_damaged_costs_only_the_end(
    folders: tuple[Path, Path],
) -> None:
    file = SpillFile.create(folders, "x", header())
    lengths = []
    for number in range(5):
        file.append(batch(1, number * 10, number * 10 + 10))
        lengths.append(file.path.stat().st_size)
    file.close()
    content = file.path.read_bytes()
    for length in range(lengths[0], len(content), 97):
        file.path.write_bytes(content[:length])
        found = read_spill(file.path)
        assert len(found.batches) == sum(end <= length for end in lengths)
        assert found.is_whole == (length in lengths)
    flipped = bytearray(content)
    flipped[lengths[2] + 20] ^= 1
    file.path.write_bytes(flipped)
    assert len(read_spill(file.path).batches) == 3
    file.path.write_bytes(b"something else")
    with pytest.raises(DatabaseError, match="no side file"):
        read_spill(file.path)


def test_a_frame_that_no_column_could_hold_costs_itself_only(
    folders: tuple[Path, Path],
) -> None:
    bad = msgspec.structs.replace(frame_at(1), timestamp_ms=1 << 80)
    file = SpillFile.create(folders, "x", header())
    file.append(RecordingBatch(frames=[StoredFrame(1, bad), *frames_of(1, range(3))]))
    file.close()
    (found,) = read_spill(file.path).batches
    assert found.frames == frames_of(1, range(3))


def test_the_next_folder_is_taken_and_at_last_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    blocked, free = tmp_path / "file" / "x", tmp_path / "free"
    file = SpillFile.create((blocked, free), "x", header())
    assert file.path.parent == free
    file.remove()
    assert not list(free.iterdir())
    with pytest.raises(StorageFullError, match="Neither"):
        SpillFile.create((blocked,), "x", header())


async def test_what_was_set_aside_is_drained_in_order(
    store: SqliteStore, path: Path
) -> None:
    session_id = await begin(store)
    assert await store.spill.drain(session_id) == 0
    await store.recording.write(
        session_id,
        RecordingBatch(opened=[lap_started(1, 0)], frames=frames_of(1, range(20))),
    )
    await store.spill.put(session_id, batch(1, 20, 40))
    await store.spill.put(
        session_id,
        RecordingBatch(
            opened=[lap_started(2, 60)],
            frames=[*frames_of(1, range(40, 60)), *frames_of(2, range(60, 80))],
            closed=[lap_completed(1, 0, 60)],
        ),
    )
    assert store.spill.frame_count == 60
    (file,) = path.parent.glob("*.spill")
    assert await store.spill.drain(session_id) == 60
    assert store.spill.frame_count == 0
    assert not list(path.parent.glob("*.spill")), file
    await store.recording.finish_recording(session_id)
    assert await times_of(store, session_id) == expected(80)
    (lap, _) = await store.library.laps(session_id)
    assert (lap.kind, lap.frame_count) == (LapKind.FLYING, 60)


async def test_a_drain_cut_short_goes_on_where_it_was(
    store: SqliteStore, path: Path
) -> None:
    session_id = await begin(store)
    for first in range(0, 60, 20):
        await store.spill.put(session_id, batch(1, first, first + 20))
    write, calls = store.recording.write, 0

    async def failing(*arguments: object, **options: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise StorageFullError("full")
        await write(*arguments, **options)  # type: ignore[arg-type]

    store.recording.write = failing  # type: ignore[method-assign]
    with pytest.raises(StorageFullError):
        await store.spill.drain(session_id)
    await store.spill.put(session_id, batch(1, 60, 80))
    await store.spill.drain(session_id)
    store.recording.write = write  # type: ignore[method-assign]
    await store.recording.finish_recording(session_id)
    assert await times_of(store, session_id) == expected(80)
    with closing(sqlite3.connect(path)) as connection:
        keys = connection.execute("SELECT key FROM store_facts").fetchall()
    assert sorted(keys) == [("plugins",), ("schema",)]


async def test_a_dead_recorders_side_file_is_replayed_at_start(
    path: Path, clock: ManualClock
) -> None:
    store = await open_store(path, clock)
    session_id = await begin(store)
    await record_laps(store, session_id, 1, 60)
    await store.recording.write(
        session_id,
        RecordingBatch(opened=[lap_started(2, 60)], frames=frames_of(2, range(60, 90))),
    )
    await store.spill.put(
        session_id,
        RecordingBatch(
            opened=[lap_started(3, 120)],
            frames=[*frames_of(2, range(90, 120)), *frames_of(3, range(120, 130))],
            closed=[lap_completed(2, 60, 120)],
        ),
    )
    store.spill.close()
    await store._database.close()
    (file,) = path.parent.glob("*.spill")
    kept = file.read_bytes()
    again = await open_store(path, clock)
    assert again.recovered == ()
    assert file.read_bytes() == kept
    await again.close()

    kill(path, file)
    after = await open_store(path, clock)
    try:
        assert after.recovered == ("Practice",)
        assert await times_of(after, session_id) == expected(130)
        session = await after.library.session(session_id)
        assert (session.status, session.frame_count) == (SessionStatus.INTERRUPTED, 130)
        laps = await after.library.laps(session_id)
        assert [lap.kind for lap in laps] == [
            LapKind.FLYING,
            LapKind.FLYING,
            LapKind.PARTIAL,
        ]
        assert not list(path.parent.glob("*.spill"))
        assert (await after.care.check(deep=True)).is_ok
    finally:
        await after.close()


def kill(path: Path, file: Path) -> None:
    """Make database and side file name a recorder of another boot."""
    spilled = read_spill(file)
    spilled.header.recorder = DEAD
    file.unlink()
    copy = SpillFile.create((file.parent,), file.stem, spilled.header)
    for found in spilled.batches:
        copy.append(found)
    copy.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE sessions SET recorder_boot_id = 'another-boot'")
        connection.commit()


async def test_a_side_file_of_a_lost_session_makes_a_rescued_one(
    path: Path, clock: ManualClock
) -> None:
    await (await open_store(path, clock)).close()
    file = SpillFile.create((path.parent,), f"{path.stem}-x", header())
    file.append(batch(4, 0, 30))
    file.close()
    store = await open_store(path, clock)
    try:
        (session,) = await store.library.sessions()
        assert (session.name, session.tags) == ("Q (rescued)", "rescued")
        assert await times_of(store, session.id) == expected(30)
    finally:
        await store.close()
