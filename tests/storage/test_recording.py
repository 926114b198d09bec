"""From batches to sealed laps: nothing lost, nothing spliced, one recorder."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest

from ps_tui.domain.channel import FRAME_CHANNELS
from ps_tui.domain.errors import (
    DatabaseError,
    NotFoundError,
    RecorderBusyError,
)
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.laps import LapRevised
from ps_tui.domain.models import Lap, LapKind, SessionDraft, SessionStatus
from ps_tui.domain.recording import RecordingBatch, StoredFrame
from ps_tui.storage.process import own_recorder
from ps_tui.storage.sqlite import SqliteStore, open_store
from tests.support.recordings import (
    CHANNELS,
    START_US,
    ManualClock,
    begin,
    frame_at,
    frames_of,
    lap_completed,
    lap_started,
    record_laps,
)


async def received(store: SqliteStore, lap: Lap) -> list[int]:
    trace = await store.library.load_trace(lap.id)
    return [int(us) for us in trace.columns["received_us"].tolist()]


def tail_count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute("SELECT count(*) FROM telemetry_frames").fetchone()
        return int(row[0])


async def test_a_session_begins_with_the_first_frame_that_waited(
    store: SqliteStore, clock: ManualClock
) -> None:
    session = await store.library.create_session(SessionDraft("Short"))
    clock.advance(2)
    first_us = frame_at(3).received_us
    await store.recording.begin_recording(
        session.id, own_recorder(), CHANNELS, first_us
    )
    await store.recording.write(
        session.id, RecordingBatch(frames=frames_of(1, range(3, 9)))
    )
    await store.recording.finish_recording(session.id)
    session = await store.library.session(session.id)
    assert session.started_us == first_us
    assert session.ended_us == frame_at(8).received_us


async def test_a_lap_is_recorded_sealed_and_read_back(
    store: SqliteStore, path: Path
) -> None:
    session_id = await begin(store)
    await record_laps(store, session_id, lap_count=2, frame_count=300)
    await store.recording.finish_recording(session_id)
    assert tail_count(path) == 0
    first, second = await store.library.laps(session_id)
    assert (first.lap_number, first.kind, first.valid) == (1, LapKind.FLYING, True)
    assert (first.frame_count, second.frame_count) == (300, 300)
    session = await store.library.session(session_id)
    assert session.status is SessionStatus.COMPLETED
    assert (session.lap_count, session.frame_count) == (2, 600)
    assert session.best_lap_time_ms == 89_998

    columns = (await store.library.load_trace(first.id)).columns
    frame_keys = [channel.key for channel in FRAME_CHANNELS]
    assert list(columns)[:11] == ["received_us", *frame_keys]
    assert {"in_pit", "lap_valid", "clutch", "fuel", "g_lateral"} <= set(columns)
    assert "last_lap_time" not in columns
    frames = [frame_at(index) for index in range(300)]
    assert columns["timestamp"].tolist() == [frame.timestamp_ms for frame in frames]
    assert columns["gear"].tolist() == [frame.gear for frame in frames]
    speed = np.array([frame.speed_kmh for frame in frames], dtype=np.float32)
    assert np.array_equal(np.asarray(columns["speed"]), speed)
    fuel = np.array([frame.extra[1] for frame in frames], dtype=np.float32)
    assert np.array_equal(np.asarray(columns["fuel"]), fuel)
    assert first.top_speed_kmh == pytest.approx(float(speed.max()))


async def test_rows_read_the_same_before_and_after_sealing(store: SqliteStore) -> None:
    session_id = await begin(store)
    batch = RecordingBatch(
        opened=[lap_started(1, 0)],
        frames=frames_of(1, range(50)),
        closed=[lap_completed(1, 0, 50)],
    )
    await store.recording.write(session_id, batch)
    (lap,) = await store.library.laps(session_id)
    before = (await store.library.load_trace(lap.id)).columns
    await store.recording.seal_lap(session_id, 1)
    after = (await store.library.load_trace(lap.id)).columns
    assert list(before) == list(after)
    for key in before:
        one, two = np.asarray(before[key]), np.asarray(after[key])
        assert one.dtype == two.dtype
        assert one.tobytes() == two.tobytes()


async def test_channels_that_the_game_lacks_are_nan(store: SqliteStore) -> None:
    session_id = await begin(store)
    batch = RecordingBatch(
        opened=[lap_started(1, 0)],
        frames=[StoredFrame(1, Frame(START_US, 5)), StoredFrame(1, frame_at(1))],
        closed=[lap_completed(1, 0, 2)],
    )
    await store.recording.write(session_id, batch)
    await store.recording.seal_lap(session_id, 1)
    (lap,) = await store.library.laps(session_id)
    columns = (await store.library.load_trace(lap.id)).columns
    assert np.isnan(columns["speed"][0])
    assert np.isnan(columns["gear"][0])
    assert columns["gear"][1] == 3


async def test_frames_behind_the_line_move_to_the_next_lap(store: SqliteStore) -> None:
    session_id = await begin(store)
    await store.recording.write(
        session_id,
        RecordingBatch(opened=[lap_started(1, 0)], frames=frames_of(1, range(110))),
    )
    await store.recording.write(
        session_id,
        RecordingBatch(
            opened=[lap_started(2, 100)],
            frames=frames_of(2, range(110, 150)),
            closed=[lap_completed(1, 0, 100)],
        ),
    )
    await store.recording.seal_lap(session_id, 1)
    await store.recording.finish_recording(session_id)
    first, second = await store.library.laps(session_id)
    assert (first.frame_count, second.frame_count) == (100, 50)
    assert (await received(store, second))[0] == frame_at(100).received_us
    assert (second.kind, second.reason) == (LapKind.PARTIAL, "recording ended")
    assert second.ended_us == frame_at(149).received_us


async def test_late_frames_of_a_sealed_lap_are_kept(
    store: SqliteStore, path: Path
) -> None:
    session_id = await begin(store)
    await store.recording.write(
        session_id,
        RecordingBatch(
            opened=[lap_started(1, 0)],
            frames=frames_of(1, range(0, 40, 2)),
            closed=[lap_completed(1, 0, 40)],
        ),
    )
    await store.recording.seal_lap(session_id, 1)
    await store.recording.write(
        session_id, RecordingBatch(frames=frames_of(1, range(1, 40, 2)))
    )
    (lap,) = await store.library.laps(session_id)
    assert lap.frame_count == 40
    expected = [frame_at(index).received_us for index in range(40)]
    assert await received(store, lap) == expected
    await store.recording.finish_recording(session_id)
    assert tail_count(path) == 0
    assert await received(store, lap) == expected
    assert (await store.care.check(deep=True)).is_ok


async def test_late_packets_are_sorted_in_when_a_lap_is_sealed(
    store: SqliteStore,
) -> None:
    session_id = await begin(store)
    order = [0, 1, 3, 4, 2, 5]
    frames = [
        StoredFrame(
            1,
            msgspec.structs.replace(
                frame_at(index), received_us=frame_at(place).received_us
            ),
        )
        for place, index in enumerate(order)
    ]
    batch = RecordingBatch(
        opened=[lap_started(1, 0)], frames=frames, closed=[lap_completed(1, 0, 6)]
    )
    await store.recording.write(session_id, batch)
    await store.recording.seal_lap(session_id, 1)
    (lap,) = await store.library.laps(session_id)
    trace = await store.library.load_trace(lap.id)
    driven = [frame_at(index).timestamp_ms for index in range(6)]
    assert trace.columns["timestamp"].tolist() == driven
    assert (await store.care.check(deep=True)).is_ok


async def test_a_revised_time_and_the_identity_are_stored(store: SqliteStore) -> None:
    session_id = await begin(store)
    await record_laps(store, session_id, 1, 10)
    identity = Identity(car="Abarth 500", track="Monza")
    await store.recording.write(
        session_id,
        RecordingBatch(
            revised=[LapRevised(1, 88_123)], identity=identity, dropped_frames=3
        ),
    )
    await store.recording.write(
        session_id, RecordingBatch(identity=Identity(car="Lotus"))
    )
    (lap,) = await store.library.laps(session_id)
    assert (lap.lap_time_ms, lap.is_official) == (88_123, True)
    session = await store.library.session(session_id)
    assert (session.car, session.track) == ("Lotus", "Monza")
    assert session.dropped_frames == 3


async def test_a_bad_value_costs_its_own_frame_only(
    store: SqliteStore, path: Path
) -> None:
    session_id = await begin(store)
    good = frame_at(0)
    bad = [
        msgspec.structs.replace(good, sequence=2**63),
        msgspec.structs.replace(good, gear=2.5),
        msgspec.structs.replace(good, speed_kmh="fast"),
    ]
    odd = [
        msgspec.structs.replace(good, speed_kmh=float("nan")),
        msgspec.structs.replace(good, rpm=float("inf"), extra=(1e300,)),
    ]
    frames = [StoredFrame(1, frame) for frame in (good, *bad, *odd)]
    batch = RecordingBatch(
        opened=[lap_started(1, 0)],
        frames=frames,
        closed=[lap_completed(1, 0, 9, lap_time_ms=-5)],
    )
    await store.recording.write(session_id, batch)
    await store.recording.seal_lap(session_id, 1)
    (lap,) = await store.library.laps(session_id)
    assert (lap.frame_count, lap.lap_time_ms) == (3, None)
    with closing(sqlite3.connect(path)) as connection:
        (kept,) = connection.execute("SELECT count(*) FROM quarantine").fetchone()
    assert kept == len(bad)


async def test_a_batch_is_stored_whole_or_not_at_all(
    store: SqliteStore, path: Path
) -> None:
    session_id = await begin(store)
    await record_laps(store, session_id, 1, 10)
    batch = RecordingBatch(
        opened=[lap_started(2, 10)],
        frames=frames_of(2, range(10, 20)),
        closed=[msgspec.structs.replace(lap_completed(2, 10, 20), ended_us=2**70)],
    )
    with pytest.raises(OverflowError):
        await store.recording.write(session_id, batch)
    assert tail_count(path) == 0
    batch.closed = [lap_completed(2, 10, 20)]
    await store.recording.write(session_id, batch)
    assert [lap.frame_count for lap in await store.library.laps(session_id)] == [10, 10]


async def test_a_cancelled_write_is_carried_out_whole(store: SqliteStore) -> None:
    session_id = await begin(store)
    batch = RecordingBatch(opened=[lap_started(1, 0)], frames=frames_of(1, range(2000)))
    task = asyncio.create_task(store.recording.write(session_id, batch))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.recording.write(
        session_id, RecordingBatch(frames=frames_of(1, range(2000, 2010)))
    )
    assert (await store.library.session(session_id)).frame_count == 2010


async def test_a_session_recorded_twice_keeps_both_sets_of_laps(
    store: SqliteStore,
) -> None:
    session_id = await begin(store)
    await record_laps(store, session_id, 2, 10)
    await store.recording.finish_recording(session_id)
    await store.recording.begin_recording(session_id, own_recorder(), ("fuel",))
    await record_laps(store, session_id, 2, 20)
    await store.recording.write(
        session_id, RecordingBatch(revised=[LapRevised(1, 70_000)])
    )
    await store.recording.finish_recording(session_id)
    laps = await store.library.laps(session_id)
    assert [lap.lap_number for lap in laps] == [1, 2, 3, 4]
    assert [lap.frame_count for lap in laps] == [10, 10, 20, 20]
    assert [lap.lap_time_ms for lap in laps] == [89_999, 89_998, 70_000, 89_998]


async def test_frames_of_a_lap_that_was_never_announced_are_kept(
    store: SqliteStore,
) -> None:
    session_id = await begin(store)
    await store.recording.write(
        session_id, RecordingBatch(frames=frames_of(7, range(5)))
    )
    await store.recording.finish_recording(session_id)
    (lap,) = await store.library.laps(session_id)
    assert (lap.lap_number, lap.frame_count) == (7, 5)
    assert lap.kind is LapKind.PARTIAL


async def test_only_one_recorder_at_a_time(
    store: SqliteStore, path: Path, clock: ManualClock
) -> None:
    session_id = await begin(store, "Race")
    other = await store.library.create_session(SessionDraft("Other"))
    window = await open_store(path, clock)
    try:
        with pytest.raises(RecorderBusyError, match=r"“Race”") as caught:
            await window.recording.begin_recording(other.id, own_recorder(), ())
        assert str(own_recorder().pid) in caught.value.cause
        active = await window.recording.active_recorder()
        assert active is not None
        assert (active.session_id, active.is_own) == (session_id, True)
        with pytest.raises(DatabaseError, match="not being recorded"):
            await window.recording.write(session_id, RecordingBatch())
        assert window.recovered == ()
    finally:
        await window.close()
    await store.recording.finish_recording(session_id)
    assert await store.recording.active_recorder() is None
    await store.recording.begin_recording(other.id, own_recorder(), ())


async def test_two_sessions_may_begin_at_the_same_moment(store: SqliteStore) -> None:
    sessions = [await store.library.create_session(SessionDraft(n)) for n in "abc"]
    await asyncio.gather(
        *(
            store.recording.begin_recording(one.id, own_recorder(), CHANNELS)
            for one in sessions
        )
    )
    claimed = set(store.recording.claimed_session_ids)
    assert claimed == {session.id for session in sessions}


async def test_two_sessions_are_recorded_at_once_and_never_mixed(
    store: SqliteStore,
) -> None:
    ids = [await begin(store, name) for name in ("Race", "Rally")]
    for first in range(0, 100, 10):
        for session_id in ids:
            stored = frames_of(1, range(first, first + 10))
            batch = RecordingBatch(frames=stored)
            await store.recording.write(session_id, batch)
    await store.recording.finish_recording(ids[0])
    last = RecordingBatch(frames=frames_of(1, range(100, 110)))
    await store.recording.write(ids[1], last)
    with pytest.raises(DatabaseError, match="not being recorded"):
        await store.recording.write(ids[0], last)
    await store.recording.finish_recording(ids[1])
    for session_id, count in zip(ids, (100, 110), strict=True):
        (lap,) = await store.library.laps(session_id)
        trace = await store.library.load_trace(lap.id)
        assert trace.columns["received_us"].tolist() == [
            frame_at(index).received_us for index in range(count)
        ]
    assert (await store.care.check(deep=True)).is_ok


async def test_closing_the_store_ends_every_recording(
    store: SqliteStore, path: Path, clock: ManualClock
) -> None:
    ids = [await begin(store, name) for name in ("Race", "Rally")]
    await store.close()
    again = await open_store(path, clock)
    try:
        statuses = {(await again.library.session(id_)).status for id_ in ids}
    finally:
        await again.close()
    assert statuses == {SessionStatus.COMPLETED}


async def test_beginning_again_in_one_process_goes_on(store: SqliteStore) -> None:
    session_id = await begin(store)
    first = RecordingBatch(opened=[lap_started(1, 0)], frames=frames_of(1, range(5)))
    await store.recording.write(session_id, first)
    await store.recording.begin_recording(session_id, own_recorder(), CHANNELS)
    await store.recording.write(
        session_id, RecordingBatch(frames=frames_of(1, range(5, 9)))
    )
    assert (await store.library.session(session_id)).frame_count == 9


async def test_a_recorder_that_was_replaced_is_told(
    store: SqliteStore, path: Path
) -> None:
    session_id = await begin(store)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE sessions SET recorder_pid = 1")
        connection.commit()
    with pytest.raises(RecorderBusyError, match="no longer recorded from here"):
        await store.recording.write(
            session_id, RecordingBatch(frames=frames_of(1, range(5)))
        )
    assert tail_count(path) == 0


async def test_a_deleted_or_unknown_session_cannot_be_recorded(
    store: SqliteStore,
) -> None:
    session = await store.library.create_session(SessionDraft("Q"))
    await store.library.delete_session(session.id)
    for wrong in (session.id, "0" * 36):
        with pytest.raises(NotFoundError):
            await store.recording.begin_recording(wrong, own_recorder(), ())
    with pytest.raises(NotFoundError, match="no lap 3"):
        await store.recording.seal_lap(session.id, 3)


async def test_a_watcher_reads_along(
    store: SqliteStore, path: Path, clock: ManualClock
) -> None:
    session_id = await begin(store)
    window = await open_store(path, clock)
    try:
        assert await window.recording.tail(session_id, -1) == (0, [])
        await store.recording.write(
            session_id,
            RecordingBatch(opened=[lap_started(1, 0)], frames=frames_of(1, range(9))),
        )
        row, frames = await window.recording.tail(session_id, 0, limit=5)
        assert [frame.sequence for frame in frames] == [0, 1, 2, 3, 4]
        assert frames[3].speed_kmh == frame_at(3).speed_kmh
        row, frames = await window.recording.tail(session_id, row)
        assert [frame.sequence for frame in frames] == [5, 6, 7, 8]
        newest, frames = await window.recording.tail(session_id, -1)
        assert (newest, [frame.sequence for frame in frames]) == (row, [8])
        # Sealing empties the tail; the rows that follow still count upwards.
        await store.recording.write(
            session_id, RecordingBatch(closed=[lap_completed(1, 0, 9)])
        )
        await store.recording.seal_lap(session_id, 1)
        await store.recording.write(
            session_id,
            RecordingBatch(
                opened=[lap_started(2, 9)], frames=frames_of(2, range(9, 11))
            ),
        )
        _, frames = await window.recording.tail(session_id, row)
        assert [frame.sequence for frame in frames] == [9, 10]
    finally:
        await window.close()


async def test_closing_ends_a_recording(path: Path, clock: ManualClock) -> None:
    store = await open_store(path, clock)
    session_id = await begin(store)
    await store.recording.write(
        session_id,
        RecordingBatch(opened=[lap_started(1, 0)], frames=frames_of(1, range(5))),
    )
    await store.close()
    store = await open_store(path, clock)
    try:
        assert (await store.library.session(session_id)).status == "completed"
        assert len(await store.library.laps(session_id)) == 1
    finally:
        await store.close()


async def test_a_lap_without_frames_leaves_nothing(store: SqliteStore) -> None:
    session_id = await begin(store)
    await store.recording.write(session_id, RecordingBatch(opened=[lap_started(1, 0)]))
    await store.recording.finish_recording(session_id)
    assert await store.library.laps(session_id) == []
    assert (await store.care.check()).is_ok
